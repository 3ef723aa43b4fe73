import {Unreachable} from './failure.js';

const firstPauseMs = 200;
const longestPauseMs = 5000;

/** Resolves after so long, or as soon as the signal aborts. */
export const pause = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
	new Promise(resolve => {
		const finish = (): void => {
			clearTimeout(timer);
			signal?.removeEventListener('abort', finish);
			resolve();
		};
		const timer = setTimeout(finish, ms);
		signal?.addEventListener('abort', finish);
	});

/**
 * Tries until there is an answer: a coordinator that went away (it is restarted, say) is sought again with growing pauses. One that never
 * was there is told at once, unless `isExpected` says that there has to be one. Rejects with the signal's reason when it aborts.
 */
export const persist = async <Result>(
	attempt: () => Promise<Result>,
	{isExpected, signal}: {readonly isExpected: boolean; readonly signal: AbortSignal},
): Promise<Result> => {
	let wasReached = isExpected;
	for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
		try {
			return await attempt();
		} catch (error) {
			signal.throwIfAborted();
			if (!(error instanceof Unreachable) || !(wasReached || error.wasReached)) {
				throw error;
			}

			wasReached = true;
		}

		await pause(pauseMs, signal);
		signal.throwIfAborted();
	}
};
