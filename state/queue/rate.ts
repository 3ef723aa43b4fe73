/**
 * A token bucket, filled evenly. `tokens` may be below zero: a waiter reserves its token before it exists, and those who come after wait
 * behind it, so service is first come, first served without a queue.
 */
export type TokenBucket = {readonly tokens: number; readonly atMs: number};

export type RateLimit = {readonly perMinute: number; readonly burst: number};

const refilled = ({tokens, atMs}: TokenBucket, {perMinute, burst}: RateLimit, nowMs: number): number =>
	Math.min(burst, tokens + (Math.max(0, nowMs - atMs) * perMinute) / 60_000);

export const fullBucket = ({burst}: RateLimit, nowMs: number): TokenBucket => ({tokens: burst, atMs: nowMs});

/** How long from now until a token taken now would be there; 0 when one is. */
export const retryAfterMs = (bucket: TokenBucket, limit: RateLimit, nowMs: number): number => {
	const missing = 1 - refilled(bucket, limit, nowMs);
	return missing <= 0 ? 0 : Math.ceil((missing * 60_000) / limit.perMinute);
};

/** The bucket after one token was taken, or reserved where none is left. */
export const takeToken = (bucket: TokenBucket, limit: RateLimit, nowMs: number): TokenBucket => ({
	tokens: refilled(bucket, limit, nowMs) - 1,
	atMs: Math.max(nowMs, bucket.atMs),
});
