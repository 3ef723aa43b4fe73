/** When a failed attempt is tried again, and when it is given up. */
export type RetryPolicy = {
	/** Waits before the second, third, … attempt; there are as many retries as waits. */
	readonly waitsMs: readonly number[];
	/** How far a wait may stray from its value, either way, as a share of it. */
	readonly jitter: number;
	/** How often losing the machine is forgiven; counted apart from failing. */
	readonly lostCap: number;
};

/** At once, after 30 s, after 2 min; then the run is a dead letter. */
export const defaultRetry: RetryPolicy = {waitsMs: [0, 30_000, 120_000], jitter: 0.2, lostCap: 5};

/** No retry: what a command line gets, since running it twice may not be what its author meant. */
export const noRetry: RetryPolicy = {waitsMs: [], jitter: 0, lostCap: 5};

/**
 * How long to wait before the next attempt after `failures` failed ones; `undefined` when the run is to be given up. `random` is in
 * [0, 1) and comes from outside.
 */
export const retryWaitMs = ({waitsMs, jitter}: RetryPolicy, failures: number, random: number): number | undefined => {
	const waitMs = waitsMs[failures - 1];
	return waitMs === undefined ? undefined : Math.round(waitMs * (1 + jitter * (2 * random - 1)));
};
