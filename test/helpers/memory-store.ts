import type {FactStore} from '../../source/store-port.js';
import type {Fact} from '../../state/fact.js';

/** A store that keeps facts in memory and takes a turn of the event loop for it, as a disk would. `fail` makes it refuse until it is mended. */
export const createMemoryStore = () => {
	const kept: Array<{readonly seq: number; readonly fact: Fact}> = [];
	const listeners = new Set<(failure: Error | undefined) => void>();
	let seq = 0;
	let failure: Error | undefined;
	const store: FactStore = {
		async append(facts) {
			await new Promise<void>(resolve => {
				setImmediate(resolve);
			});
			if (failure) {
				throw failure;
			}

			seq += 1;
			kept.push(...facts.map(fact => ({seq, fact})));
			return seq;
		},
		async *read(afterSeq) {
			yield* kept.filter(recorded => recorded.seq > afterSeq);
		},
		get seq() {
			return seq;
		},
		get failure() {
			return failure;
		},
		onFailure(listener) {
			listeners.add(listener);
			return () => {
				listeners.delete(listener);
			};
		},
		async compact() {},
		async close() {},
	};
	return {
		store,
		kept,
		fail(error: Error) {
			failure = error;
			for (const listener of listeners) {
				listener(error);
			}
		},
		mend() {
			failure = undefined;
			for (const listener of listeners) {
				listener(undefined);
			}
		},
	};
};
