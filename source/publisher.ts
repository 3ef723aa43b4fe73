import type {Fact} from '../state/fact.js';
import type {Recorded} from './store-port.js';

/** Hears durable facts, in order. Must not throw; an empty batch means that something else about the coordinator changed. */
export type FactListener = (facts: readonly Recorded[]) => void;

const recentFacts = 2000;

/** Tells every listener every fact in one order, also when a listener causes new ones. */
export const createPublisher = ({apply}: {apply: (facts: readonly Fact[]) => void}) => {
	const listeners = new Set<FactListener>();
	const recent: Recorded[] = [];
	const outbox: Array<readonly Recorded[]> = [];
	let isPublishing = false;

	const drain = (): void => {
		for (let batch = outbox.shift(); batch; batch = outbox.shift()) {
			apply(batch.map(({fact}) => fact));
			recent.push(...batch);
			recent.splice(0, Math.max(0, recent.length - recentFacts));
			for (const listener of [...listeners]) {
				listener(batch);
			}
		}
	};

	return {
		recent: (): readonly Recorded[] => recent,
		subscribe(listener: FactListener): () => void {
			listeners.add(listener);
			return () => {
				listeners.delete(listener);
			};
		},
		/** Older facts, read from disk after the start, for those who look back. */
		precede(older: readonly Recorded[]): void {
			const firstSeq = recent[0]?.seq ?? Number.POSITIVE_INFINITY;
			const unheard = older.filter(({seq}) => seq < firstSeq);
			recent.unshift(...unheard.slice(Math.max(0, unheard.length + recent.length - recentFacts)));
		},
		publish(batch: readonly Recorded[]): void {
			outbox.push(batch);
			if (isPublishing) {
				return;
			}

			isPublishing = true;
			try {
				drain();
			} finally {
				isPublishing = false;
			}
		},
	};
};
