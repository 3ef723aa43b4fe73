import type {Log} from '../log.js';

/** Who hears of something. One that throws is logged, and the others hear it all the same. */
export type Listeners<T> = {
	/** Returns how to stop listening. */
	add(listener: (told: T) => void): () => void;
	tell(told: T): void;
};

/** `what` names in the log what they hear of. */
export const createListeners = <T>({log, what}: {readonly log: Log; readonly what: string}): Listeners<T> => {
	const listeners = new Set<(told: T) => void>();
	return {
		add(listener) {
			// A function of its own, so that a listener that was added twice hears twice and leaves once.
			const own = (told: T) => listener(told);
			listeners.add(own);
			return () => {
				listeners.delete(own);
			};
		},
		tell(told) {
			for (const listener of listeners) {
				try {
					listener(told);
				} catch (error) {
					log(`A listener to ${what} threw.`, error);
				}
			}
		},
	};
};
