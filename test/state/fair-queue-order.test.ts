import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {createFairQueue, type FairReady} from '../../state/queue/fair-queue.js';
import type {Gate} from '../../state/queue/root-queue.js';
import {createSource, drain, fill, idsOf, nowMs, runOf, serveNext, shapes} from '../helpers/fair-runs.js';

describe('order', () => {
	test('of one root, lane, class and kind, runs are served by order of arrival, in whatever order they came back', () => {
		fc.assert(
			fc.property(fc.array(fc.nat(1000), {maxLength: 120}), fc.array(fc.boolean(), {maxLength: 200}), (orders, steps) => {
				const runs = [...new Set(orders)].map(order =>
					runOf({lane: 'normal', root: 0, group: 0, isRetry: false, isFirst: false, age: 0}, order),
				);
				const queue = createFairQueue();
				const waiting = new Set<FairReady>();
				const least = (): FairReady | undefined => [...waiting].sort((a, b) => a.order - b.order)[0];
				const unadded = [...runs];
				for (const isServe of steps) {
					const run = isServe ? serveNext(queue) : unadded.shift();
					if (isServe) {
						expect(run).toBe(least());
						waiting.delete(run!);
					} else if (run) {
						queue.add(run);
						waiting.add(run);
					}
				}

				expect(drain(queue)).toEqual([...waiting].sort((a, b) => a.order - b.order));
			}),
		);
	});

	test('what is put first goes before every lane, in the order in which it was put, as far as the gate allows', () => {
		fc.assert(
			fc.property(shapes, fc.nat(2), fc.nat(4), (all, blockedGroup, fullRoot) => {
				const runs = all.map(runOf);
				const gate: Gate = {allowsGroup: group => group !== `agent-${blockedGroup}`, allowsRoot: root => root !== `root-${fullRoot}`};
				const passes = (run: FairReady): boolean => gate.allowsGroup(run.group) && gate.allowsRoot(run.rootId);
				const queue = fill(createFairQueue(), runs);
				const firsts = runs.filter(run => run.isFirst && passes(run));
				const served = drain(queue, gate);
				expect(served.slice(0, firsts.length)).toEqual(firsts);
				expect(new Set(served)).toEqual(new Set(runs.filter(passes)));
				expect(new Set(queue.ids())).toEqual(new Set(idsOf(runs.filter(run => !passes(run)))));
			}),
		);
	});

	test('a run that is put first while it waits moves; nobody is doubled', () => {
		fc.assert(
			fc.property(shapes, fc.nat(), (all, at) => {
				const runs = all.map(one => runOf({...one, isFirst: false}, all.indexOf(one)));
				fc.pre(runs.length > 0);
				const chosen = runs[at % runs.length]!;
				const queue = fill(createFairQueue(), [...runs, {...chosen, isFirst: true}]);
				const served = idsOf(drain(queue));
				expect(served[0]).toBe(chosen.id);
				expect([...served].sort()).toEqual([...new Set(idsOf(runs))].sort());
			}),
		);
	});
});

describe('rolling back and looking ahead', () => {
	test('a claim that is rolled back at once comes again soon: at most every other tree has its turn before', () => {
		fc.assert(
			fc.property(shapes, fc.array(fc.boolean(), {maxLength: 40}), (all, rollbacks) => {
				const runs = all.map((one, order) => runOf({...one, isFirst: false, isRetry: false}, order));
				const queue = fill(createFairQueue(), runs);
				const trees = new Set(runs.map(({rootId}) => rootId)).size;
				const served = new Set<string>();
				for (const isRollback of rollbacks) {
					const run = serveNext(queue);
					if (run && isRollback) {
						queue.refund(run);
						queue.add(run);
						const place = idsOf(queue.peekOrder(runs.length, nowMs)).indexOf(run.id);
						expect(place).toBeGreaterThanOrEqual(0);
						expect(place).toBeLessThan(trees * 4);
					} else if (run) {
						served.add(run.id);
					}
				}

				const rest = idsOf(drain(queue));
				expect([...served, ...rest].toSorted()).toEqual(idsOf(runs).toSorted());
			}),
		);
	});

	test('a retry whose claim came to nothing is due again at once, and costs new work nothing', () => {
		const next = createSource();
		const queue = fill(createFairQueue(), [
			...Array.from({length: 20}, () => next('normal')),
			...Array.from({length: 3}, () => next('normal', {isRetry: true})),
		]);
		const served = Array.from({length: 5}, () => serveNext(queue)!);
		expect(served.map(run => run.isRetry)).toEqual([false, false, false, false, true]);
		queue.refund(served[4]!);
		queue.add(served[4]!);
		expect(serveNext(queue)).toBe(served[4]);
		expect(Array.from({length: 5}, () => serveNext(queue)!.isRetry)).toEqual([false, false, false, false, true]);
	});

	test('the order told is the order kept, and telling it changes nothing', () => {
		fc.assert(
			fc.property(shapes, shapes, fc.nat(30), fc.nat(40), (early, late, servedCount, limit) => {
				const runs = early.map(runOf);
				const more = late.map((one, index) => runOf(one, early.length + index));
				const [queue, undisturbed] = [fill(createFairQueue(), runs), fill(createFairQueue(), runs)];
				for (let slot = 0; slot < servedCount; slot += 1) {
					queue.peekOrder(limit, nowMs);
					expect(serveNext(queue)?.id).toBe(serveNext(undisturbed)?.id);
				}

				const told = queue.peekOrder(limit, nowMs);
				expect(told).toHaveLength(Math.min(limit, queue.size));
				fill(queue, more);
				fill(undisturbed, more);
				const foretold = idsOf(queue.peekOrder(queue.size, nowMs));
				expect(idsOf(drain(queue))).toEqual(foretold);
				expect(idsOf(drain(undisturbed))).toEqual(foretold);
			}),
		);
	});
});
