import {limitsOf} from '../safety/limits-of-state.js';
import type {State} from '../state.js';
import {fullBucket, type RateLimit, retryAfterMs, type TokenBucket, takeToken} from './rate.js';

const perMinute = (limit: number): RateLimit | undefined => (limit === 0 ? undefined : {perMinute: limit, burst: limit});

/** The buckets a start takes a token from: the one of all agents, and the agent's own. */
const bucketsOf = ({limits}: State, agent: string): ReadonlyArray<readonly [key: string, rate: RateLimit | undefined]> => [
	['starts', perMinute(limits.startsPerMinute)],
	[`starts:${agent}`, perMinute(limits.startsPerMinutePerAgent)],
];

const bucketOf = ({buckets}: State, key: string, rate: RateLimit, nowMs: number): TokenBucket => buckets[key] ?? fullBucket(rate, nowMs);

/** Takes what a start costs. Called by `apply` alone. */
export const takeStart = (state: State, agent: string, atMs: number): void => {
	for (const [key, rate] of bucketsOf(state, agent)) {
		if (rate) {
			state.buckets[key] = takeToken(bucketOf(state, key, rate, atMs), rate, atMs);
		}
	}
};

/** How long from now until a run of this agent may start by the rates alone; 0 when it may. */
export const startRetryAfterMs = (state: State, agent: string, nowMs: number): number =>
	Math.max(0, ...bucketsOf(state, agent).map(([key, rate]) => (rate ? retryAfterMs(bucketOf(state, key, rate, nowMs), rate, nowMs) : 0)));

/** The key of the bucket that a tree's retries take from. */
export const retryBucketKey = (rootId: string): string => `retries:${rootId}`;

const retryRate = (state: State, rootId: string): RateLimit => {
	const {retriesPerTreePerHour} = limitsOf(state, {rootId});
	return {perMinute: retriesPerTreePerHour / 60, burst: retriesPerTreePerHour};
};

/** Whether the tree may retry once more now. */
export const mayRetry = (state: State, rootId: string, nowMs: number): boolean => {
	const rate = retryRate(state, rootId);
	return rate.burst > 0 && retryAfterMs(bucketOf(state, retryBucketKey(rootId), rate, nowMs), rate, nowMs) === 0;
};

/** Takes what a retry costs its tree. Called by `apply` alone. */
export const takeRetry = (state: State, rootId: string, atMs: number): void => {
	const rate = retryRate(state, rootId);
	const key = retryBucketKey(rootId);
	state.buckets[key] = takeToken(bucketOf(state, key, rate, atMs), rate, atMs);
};

/** When the next start that only the rates hold back may happen. */
export const nextRateMs = (state: State, nowMs: number): readonly number[] => {
	if (state.index.ready.size === 0) {
		return [];
	}

	const waits = Object.keys(state.agents).map(agent => startRetryAfterMs(state, agent, nowMs));
	return waits.filter(waitMs => waitMs > 0).map(waitMs => nowMs + waitMs);
};
