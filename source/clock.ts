/** Milliseconds since 1970 that never step: read off the wall once, then advanced by the monotonic clock. */
export type Clock = {now(): number};

/**
 * A clock that a change of the machine's time cannot move: order, ages and time-outs stay true when somebody sets the wall clock.
 * `notBeforeMs` keeps it ahead of the newest recorded moment, should the wall have been set back between two starts.
 */
export const createClock = ({notBeforeMs = 0}: {notBeforeMs?: number} = {}): Clock => {
	const startMs = Math.max(Date.now(), notBeforeMs);
	const origin = performance.now();
	return {now: () => Math.floor(startMs + (performance.now() - origin))};
};
