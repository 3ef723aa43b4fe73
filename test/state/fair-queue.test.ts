import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {ageingMs, createFairQueue, type FairQueue, type FairReady, laneWeights} from '../../state/queue/fair-queue.js';
import {type Lane, lanes} from '../../state/queue/lane.js';
import type {Gate} from '../../state/queue/root-queue.js';

const open: Gate = {allowsGroup: () => true, allowsRoot: () => true};

let order = 0;
const ready = (lane: Lane, {rootId = 'root', group = 'shell', isRetry = false, isFirst = false, sinceMs = 0} = {}): FairReady => {
	order += 1;
	return {id: `run_${order}`, lane, rootId, group, order, sinceMs, isRetry, isFirst};
};

const serveNext = (queue: FairQueue, gate = open, nowMs = 0): FairReady | undefined => {
	const run = queue.next(gate, nowMs);
	if (run) {
		queue.serve(run.id);
	}

	return run;
};

const serveMany = (queue: FairQueue, count: number, gate = open): readonly FairReady[] =>
	Array.from({length: count}, () => serveNext(queue, gate)).filter(run => run !== undefined);

const rollBack = (queue: FairQueue, run: FairReady | undefined): void => {
	if (run) {
		queue.refund(run);
		queue.add(run);
	}
};

const fill = (queue: FairQueue, runs: readonly FairReady[]): void => {
	for (const run of runs) {
		queue.add(run);
	}
};

describe('lanes (Q2)', () => {
	test('while all lanes have work, each gets exactly its weight', () => {
		const queue = createFairQueue();
		fill(queue, Array.from({length: 3000}, () => lanes.map(lane => ready(lane))).flat());
		const served = serveMany(queue, 3000);
		for (const lane of lanes) {
			const share = served.filter(run => run.lane === lane).length / served.length;
			expect(share).toBeCloseTo(laneWeights[lane] / 15, 2);
		}
	});

	test('under constant urgent load a low run waits at most 16 slots', () => {
		const queue = createFairQueue();
		fill(
			queue,
			Array.from({length: 40}, () => ready('urgent')),
		);
		serveMany(queue, 20);
		const low = ready('low');
		queue.add(low);
		const waited = serveMany(queue, 16, open).findIndex(run => run.id === low.id);
		expect(waited).toBeGreaterThanOrEqual(0);
	});

	test('a lane that was empty gets no credit for it', () => {
		const queue = createFairQueue();
		fill(
			queue,
			Array.from({length: 200}, () => ready('urgent')),
		);
		serveMany(queue, 100);
		fill(
			queue,
			Array.from({length: 100}, () => ready('low')),
		);
		const served = serveMany(queue, 30);
		expect(served.filter(run => run.lane === 'low').length).toBeLessThanOrEqual(4);
	});

	test('the oldest run is served among four claims once it is old, whatever its lane', () => {
		const queue = createFairQueue();
		const old = ready('low');
		queue.add(old);
		fill(
			queue,
			Array.from({length: 100}, () => ready('urgent', {sinceMs: ageingMs})),
		);
		const served = Array.from({length: 4}, () => serveNext(queue, open, ageingMs));
		expect(served.map(run => run?.id)).toContain(old.id);
	});
});

describe('fairness inside a lane', () => {
	test('nine small trees are done as soon as if the large one had asked for as little', () => {
		const queue = createFairQueue();
		fill(
			queue,
			Array.from({length: 5000}, () => ready('normal', {rootId: 'large'})),
		);
		for (let root = 0; root < 9; root += 1) {
			fill(
				queue,
				Array.from({length: 50}, () => ready('normal', {rootId: `small-${root}`})),
			);
		}

		const served = serveMany(queue, 500);
		expect(served.filter(run => run.rootId !== 'large')).toHaveLength(450);
	});

	test('within one tree, first come is first served', () => {
		const queue = createFairQueue();
		const runs = Array.from({length: 20}, () => ready('normal'));
		fill(queue, runs);
		expect(serveMany(queue, 20).map(run => run.id)).toEqual(runs.map(run => run.id));
	});

	test('a storm of retries takes at most one slot in five from new work', () => {
		const queue = createFairQueue();
		fill(
			queue,
			Array.from({length: 1000}, () => ready('normal', {isRetry: true, rootId: 'poison'})),
		);
		fill(
			queue,
			Array.from({length: 100}, () => ready('normal', {rootId: 'new'})),
		);
		const served = serveMany(queue, 100);
		expect(served.filter(run => run.isRetry).length).toBeLessThanOrEqual(20);
	});
});

test('what the gate blocks is passed over and keeps its place', () => {
	const queue = createFairQueue();
	const [blocked, blockedTree, free] = [ready('urgent', {group: 'codex'}), ready('urgent', {rootId: 'full'}), ready('low')];
	fill(queue, [blocked, blockedTree, free]);
	const gate: Gate = {allowsGroup: group => group !== 'codex', allowsRoot: root => root !== 'full'};
	expect(serveNext(queue, gate)?.id).toBe(free.id);
	expect(serveNext(queue, gate)).toBeUndefined();
	expect(serveMany(queue, 2).map(run => run.id)).toEqual([blocked.id, blockedTree.id]);
});

test('whatever is added, removed and served in any order: nobody is lost, doubled or served after removal', () => {
	const step = fc.oneof(
		fc.record({
			do: fc.constant('add' as const),
			lane: fc.constantFrom(...lanes),
			root: fc.nat(3),
			group: fc.nat(1),
			isRetry: fc.boolean(),
			isFirst: fc.boolean(),
		}),
		fc.record({do: fc.constant('serve' as const)}),
		fc.record({do: fc.constant('rollback' as const)}),
		fc.record({do: fc.constant('remove' as const), at: fc.nat()}),
		fc.record({do: fc.constant('return' as const), at: fc.nat()}),
	);
	fc.assert(
		fc.property(fc.array(step, {maxLength: 200}), steps => {
			const queue = createFairQueue();
			const waiting = new Map<string, FairReady>();
			for (const one of steps) {
				const chosen = one.do === 'remove' || one.do === 'return' ? [...waiting.values()][one.at % Math.max(1, waiting.size)] : undefined;
				if (one.do === 'add') {
					const run = ready(one.lane, {
						rootId: `root-${one.root}`,
						group: `agent-${one.group}`,
						isRetry: one.isRetry,
						isFirst: one.isFirst,
					});
					queue.add(run);
					waiting.set(run.id, run);
				} else if (one.do === 'serve') {
					const run = serveNext(queue);
					expect(run === undefined).toBe(waiting.size === 0);
					expect(run === undefined || waiting.delete(run.id)).toBe(true);
				} else if (one.do === 'rollback') {
					rollBack(queue, serveNext(queue));
				} else if (chosen) {
					queue.remove(chosen.id);
					if (one.do === 'return') {
						queue.add({...chosen});
					} else {
						waiting.delete(chosen.id);
					}
				}

				expect(queue.size).toBe(waiting.size);
				expect(lanes.reduce((sum, lane) => sum + queue.sizeOf(lane), 0)).toBe(waiting.size);
			}

			expect(new Set(serveMany(queue, waiting.size).map(run => run.id))).toEqual(new Set(waiting.keys()));
			expect(serveNext(queue)).toBeUndefined();
		}),
	);
});
