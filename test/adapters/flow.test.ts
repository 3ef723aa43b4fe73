import fc from 'fast-check';
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {createFlow} from '../../source/launcher/flow.js';

beforeEach(() => {
	vi.useFakeTimers();
});

afterEach(() => {
	vi.useRealTimers();
});

/** A pty that always has something to read, a chunk every tenth of a millisecond, and keeps account of pauses. */
const createFlood = ({pendingBytes = () => 0, chunkBytes = 4095}: {pendingBytes?: () => number; chunkBytes?: number} = {}) => {
	let pausedAtMs: number | undefined;
	const pauses: number[] = [];
	let readBytes = 0;
	const flow = createFlow({
		pendingBytes,
		pause() {
			pausedAtMs = performance.now();
		},
		resume() {
			if (pausedAtMs !== undefined) {
				pauses.push(performance.now() - pausedAtMs);
				pausedAtMs = undefined;
			}
		},
	});

	return {
		flow,
		pauses,
		isPaused: () => pausedAtMs !== undefined,
		readBytes: () => readBytes,
		run(milliseconds: number) {
			for (let passed = 0; passed < milliseconds; passed += 1) {
				for (let chunk = 0; chunk < 10 && pausedAtMs === undefined; chunk += 1) {
					readBytes += chunkBytes;
					flow.took(chunkBytes);
				}

				vi.advanceTimersByTime(1);
			}
		},
	};
};

const megabyte = 1024 * 1024;

describe('an unwatched pty', () => {
	test('is held to 2 MB a second, in pauses of 50 ms at most', () => {
		const flood = createFlood();
		flood.run(10_000);
		expect(flood.readBytes()).toBeGreaterThan(19 * megabyte);
		expect(flood.readBytes()).toBeLessThan(21 * megabyte);
		expect(flood.pauses.length).toBeGreaterThan(100);
		expect(Math.max(...flood.pauses)).toBeLessThanOrEqual(50);
	});

	test('never waits while it stays below that', () => {
		const flood = createFlood({chunkBytes: 150});
		flood.run(5000);
		expect(flood.pauses).toEqual([]);
		expect(flood.readBytes()).toBe(5000 * 10 * 150);
	});
});

describe('a watched pty', () => {
	test('is not held at all, and a pause ends when somebody begins to look', () => {
		const flood = createFlood();
		flood.run(1000);
		while (!flood.isPaused()) {
			flood.run(1);
		}

		flood.flow.setWatched(true);
		expect(flood.isPaused()).toBe(false);
		const before = flood.pauses.length;
		flood.run(1000);
		expect(flood.pauses.length).toBe(before);
	});

	test('owes nothing for what it wrote while it was watched', () => {
		const flood = createFlood();
		flood.flow.setWatched(true);
		flood.run(5000);
		flood.flow.setWatched(false);
		const before = flood.readBytes();
		flood.run(5000);
		expect(flood.readBytes() - before).toBeGreaterThan(9 * megabyte);
	});
});

describe('a screen that falls behind', () => {
	test('stops the reading at 512 KB, and lets it go on below 128 KB', () => {
		let pending = 0;
		const flood = createFlood({pendingBytes: () => pending});
		flood.flow.setWatched(true);
		pending = 512 * 1024 + 1;
		flood.run(1);
		expect(flood.isPaused()).toBe(true);
		pending = 200 * 1024;
		flood.flow.parsed();
		expect(flood.isPaused()).toBe(true);
		pending = 100 * 1024;
		flood.flow.parsed();
		expect(flood.isPaused()).toBe(false);
	});

	test('never stops it for more than 50 ms at a time', () => {
		const flood = createFlood({pendingBytes: () => 10 * megabyte});
		flood.run(2000);
		expect(Math.max(...flood.pauses)).toBeLessThanOrEqual(50);
		// One chunk between two pauses: a screen that never catches up bounds what is read.
		expect(flood.readBytes()).toBeLessThan(60 * 4095);
	});
});

test('a pty whose child has gone is never paused', () => {
	const steps = fc.array(
		fc.oneof(fc.record({bytes: fc.integer({min: 1, max: 65_536})}), fc.record({waitMs: fc.integer({min: 0, max: 60})})),
		{
			maxLength: 60,
		},
	);
	fc.assert(
		fc.property(steps, steps, fc.nat(2 * megabyte), (before, after, pending) => {
			let isPaused = false;
			const flow = createFlow({
				pendingBytes: () => pending,
				pause() {
					isPaused = true;
				},
				resume() {
					isPaused = false;
				},
			});
			const take = (step: (typeof before)[number]) => {
				if ('bytes' in step) {
					flow.took(step.bytes);
				} else {
					vi.advanceTimersByTime(step.waitMs);
				}
			};

			before.forEach(take);
			flow.end();
			expect(isPaused).toBe(false);
			for (const step of after) {
				take(step);
				expect(isPaused).toBe(false);
			}
		}),
	);
});
