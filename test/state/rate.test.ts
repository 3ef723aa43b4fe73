import fc from 'fast-check';
import {expect, test} from 'vitest';
import {fullBucket, retryAfterMs, takeToken} from '../../state/queue/rate.js';
import {defaultRetry, noRetry, retryWaitMs} from '../../state/run/retry.js';

const limit = {perMinute: 60, burst: 3};

test('a burst is let through, then one a second; each waiter is told its own turn', () => {
	let bucket = fullBucket(limit, 0);
	const waits = Array.from({length: 6}, () => {
		const waitMs = retryAfterMs(bucket, limit, 0);
		bucket = takeToken(bucket, limit, 0);
		return waitMs;
	});
	expect(waits).toEqual([0, 0, 0, 1000, 2000, 3000]);
});

test('over any stretch of time no more calls pass than the rate and the burst allow', () => {
	fc.assert(
		fc.property(fc.array(fc.nat(3000), {minLength: 1, maxLength: 200}), gapsMs => {
			let bucket = fullBucket(limit, 0);
			let nowMs = 0;
			let passed = 0;
			for (const gapMs of gapsMs) {
				nowMs += gapMs;
				if (retryAfterMs(bucket, limit, nowMs) === 0) {
					bucket = takeToken(bucket, limit, nowMs);
					passed += 1;
				}
			}

			expect(passed).toBeLessThanOrEqual(limit.burst + Math.floor((nowMs * limit.perMinute) / 60_000) + 1);
		}),
	);
});

test('a clock that steps back gives no tokens and takes none', () => {
	const bucket = takeToken(fullBucket(limit, 10_000), limit, 10_000);
	expect(retryAfterMs(bucket, limit, 5000)).toBe(0);
	expect(takeToken(bucket, limit, 5000).tokens).toBe(1);
});

test('a failed run is tried at once, after 30 s, after 2 min, and then given up (Q8)', () => {
	expect([1, 2, 3, 4].map(failures => retryWaitMs(defaultRetry, failures, 0.5))).toEqual([0, 30_000, 120_000, undefined]);
	expect(retryWaitMs(defaultRetry, 2, 0)).toBe(24_000);
	expect(retryWaitMs(noRetry, 1, 0.5)).toBeUndefined();
});
