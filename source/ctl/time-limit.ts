import {exitCodes} from '../errors.js';
import {CtlFailure} from './failure.js';

const longestTimerMs = 2 ** 31 - 1;

/** Tells a wait whose own time is over. */
export const timedOut = (what: string, seconds: number): CtlFailure =>
	new CtlFailure('TIMED_OUT', `${what} within ${seconds} s.`, {
		hint: 'Nothing was changed by waiting.',
		exitCode: exitCodes.timedOut,
	});

/** Disposing of it lets go of its timer. */
export type TimeLimit = Disposable & {readonly signal: AbortSignal};

/** A signal that aborts with `failure` when the time is over, or with the outer one; `undefined` seconds never do. */
export const timeLimit = (seconds: number | undefined, outer: AbortSignal, failure: (seconds: number) => Error): TimeLimit => {
	const limit = new AbortController();
	const follow = (): void => limit.abort(outer.reason);
	outer.addEventListener('abort', follow);
	if (outer.aborted) {
		follow();
	}

	const timer =
		seconds === undefined ? undefined : setTimeout(() => limit.abort(failure(seconds)), Math.min(longestTimerMs, seconds * 1000));
	return {
		signal: limit.signal,
		[Symbol.dispose](): void {
			clearTimeout(timer);
			outer.removeEventListener('abort', follow);
		},
	};
};
