import {ExpectedError} from '../errors.js';
import type {AttemptKey} from '../launcher-port.js';

/** Remembers the newest attempt of every run, so that each is taken once and none comes back. */
export type Generations = {
	/** Notes an attempt that is known from elsewhere. */
	note(attempt: AttemptKey): void;
	/** True for a new attempt; false for one that was taken before. Throws for one that a newer attempt has replaced. */
	take(attempt: AttemptKey): boolean;
};

export const createGenerations = (): Generations => {
	const newest = new Map<string, number>();
	return {
		note({runId, generation}) {
			newest.set(runId, Math.max(generation, newest.get(runId) ?? generation));
		},
		take({runId, generation}) {
			const known = newest.get(runId) ?? -1;
			if (generation < known) {
				throw new ExpectedError(`Could not start attempt ${generation} of ${runId}: STALE_GENERATION, attempt ${known} came after it.`, {
					hint: 'Nothing is lost: the newer attempt is the one that counts.',
				});
			}

			newest.set(runId, generation);
			return generation > known;
		},
	};
};
