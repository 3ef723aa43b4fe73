import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {ageingMs, createFairQueue, type FairReady, laneWeights} from '../../state/queue/fair-queue.js';
import {type Lane, lanes} from '../../state/queue/lane.js';
import type {Gate} from '../../state/queue/root-queue.js';
import {createSource, drain, fill, idsOf, nowMs, runOf, serveNext, shapes} from '../helpers/fair-runs.js';

describe('shares', () => {
	test('whichever lanes are full, each gets its weight among them, whatever the load was before', () => {
		fc.assert(
			fc.property(fc.subarray([...lanes], {minLength: 1}), fc.array(fc.constantFrom(...lanes), {maxLength: 40}), (full, before) => {
				const next = createSource();
				const queue = fill(
					createFairQueue(),
					before.map(lane => next(lane)),
				);
				drain(queue);
				const weightSum = full.reduce((sum, lane) => sum + laneWeights[lane], 0);
				const slots = weightSum * 20;
				fill(
					queue,
					full.flatMap(lane => Array.from({length: slots}, () => next(lane))),
				);
				const served = Array.from({length: slots}, () => serveNext(queue)!);
				for (const lane of full) {
					const count = served.filter(run => run.lane === lane).length;
					expect(Math.abs(count - laneWeights[lane] * 20)).toBeLessThanOrEqual(laneWeights[lane]);
				}
			}),
			{numRuns: 50},
		);
	});

	test('what the operator puts first, and what is old, is charged to its lane', () => {
		const next = createSource();
		const queue = fill(
			createFairQueue(),
			lanes.flatMap(lane => Array.from({length: 1500}, () => next(lane))),
		);
		const served: FairReady[] = [];
		for (let slot = 0; slot < 1500; slot += 1) {
			if (slot % 30 === 0) {
				queue.add(next('low', {isFirst: true}));
			}

			served.push(serveNext(queue)!);
		}

		for (const lane of lanes) {
			expect(Math.abs(served.filter(run => run.lane === lane).length - laneWeights[lane] * 100)).toBeLessThanOrEqual(8);
		}
	});

	test('a lane that was held back does not catch up on what it missed', () => {
		const next = createSource();
		const queue = fill(createFairQueue(), [
			...Array.from({length: 400}, () => next('urgent')),
			...Array.from({length: 100}, () => next('low', {group: 1})),
		]);
		const withoutLow: Gate = {allowsGroup: group => group !== 'agent-1', allowsRoot: () => true};
		for (let slot = 0; slot < 200; slot += 1) {
			expect(serveNext(queue, withoutLow)?.lane).toBe('urgent');
		}

		const low = Array.from({length: 90}, () => serveNext(queue)!).filter(run => run.lane === 'low').length;
		expect(low).toBeGreaterThanOrEqual(9);
		expect(low).toBeLessThanOrEqual(11);
	});
});

describe('bounds', () => {
	test('a low run waits at most 16 slots, whatever the other lanes bring', () => {
		fc.assert(
			fc.property(
				fc.array(fc.constantFrom<Lane>('urgent', 'high', 'normal'), {minLength: 1, maxLength: 60}),
				fc.nat(40),
				(busy, before) => {
					const next = createSource();
					const queue = fill(
						createFairQueue(),
						[...busy, ...lanes].map(lane => next(lane)),
					);
					const serveAndRefill = (): FairReady => {
						const run = serveNext(queue)!;
						queue.add(next(run.lane));
						return run;
					};
					for (let slot = 0; slot < before; slot += 1) {
						serveAndRefill();
					}

					const low = [...Array(16)].filter(() => serveAndRefill().lane === 'low');
					expect(low.length).toBeGreaterThanOrEqual(1);
				},
			),
		);
	});

	test('retries get at most one slot in five of a lane while new work waits, however old they are', () => {
		fc.assert(
			fc.property(fc.constantFrom(...lanes), fc.integer({min: 1, max: 40}), fc.boolean(), (lane, newCount, isOld) => {
				const next = createSource();
				const queue = fill(createFairQueue(), [
					...Array.from({length: 40}, () => next(lane, {isRetry: true, age: isOld ? 2 * ageingMs : 0})),
					...Array.from({length: newCount}, () => next(lane)),
				]);
				let retries = 0;
				for (let fresh = 0; fresh < newCount; ) {
					const {isRetry} = serveNext(queue)!;
					fresh += isRetry ? 0 : 1;
					retries += isRetry ? 1 : 0;
				}

				expect(retries).toBe(Math.floor((newCount - 1) / 4));
			}),
		);
	});

	test('a run that is old is served within four claims once everything older is gone', () => {
		fc.assert(
			fc.property(fc.constantFrom(...lanes), fc.nat(30), (lane, before) => {
				const next = createSource();
				const queue = fill(
					createFairQueue(),
					lanes.flatMap(other => Array.from({length: 100}, () => next(other))),
				);
				for (let slot = 0; slot < before; slot += 1) {
					serveNext(queue);
				}

				const old = {...next(lane, {age: ageingMs, root: 99}), id: 'old'};
				queue.add(old);
				expect(idsOf(Array.from({length: 4}, () => serveNext(queue)!))).toContain('old');
			}),
		);
	});

	test('the turn of the old goes to the one that waits longest of all that are first in their lines', () => {
		fc.assert(
			fc.property(shapes, all => {
				const queue = createFairQueue();
				const waiting = new Set(all.map((one, order) => runOf({...one, isFirst: false, isRetry: false}, order)));
				fill(queue, [...waiting]);
				for (let claim = 1; waiting.size > 0; claim += 1) {
					const lineOf = ({lane, group, rootId}: FairReady): string => `${lane} ${group} ${rootId}`;
					const firsts = [...waiting].filter(run => ![...waiting].some(other => lineOf(other) === lineOf(run) && other.order < run.order));
					const [oldest] = firsts.toSorted((a, b) => a.sinceMs - b.sinceMs || a.order - b.order);
					const served = serveNext(queue)!;
					if (claim % 4 === 0 && nowMs - oldest!.sinceMs >= ageingMs) {
						expect(served).toEqual(oldest);
					}

					waiting.delete(served);
				}
			}),
		);
	});
});
