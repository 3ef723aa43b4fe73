import type {Fact} from '../state/fact.js';
import type {FactStore} from './store-port.js';

/** What became true while nothing could be kept. */
export type UnkeptFacts = {
	add(facts: readonly Fact[]): void;
	/** Keeps them now that the store takes facts again: before all that follows, or a replay would not find them. */
	keep(): void;
};

/** Remembers facts that a failing store could not take. Should it fail once more, they wait for the next time. */
export const createUnkeptFacts = ({store}: {readonly store: FactStore}): UnkeptFacts => {
	let unkept: readonly Fact[] = [];
	return {
		add(facts) {
			unkept = [...unkept, ...facts];
		},
		keep() {
			const facts = unkept;
			unkept = [];
			if (facts.length > 0) {
				store.append(facts).catch(() => {
					unkept = [...facts, ...unkept];
				});
			}
		},
	};
};
