import fastq from 'fastq';
import PQueue from 'p-queue';
import {createFairQueue, type FairQueue, type FairReady, laneWeights} from '../../state/fair-queue.js';
import {type Lane, lanes} from '../../state/lane.js';
import type {Gate} from '../../state/root-queue.js';
import type {BenchRow} from './bench-row.js';
import {median} from './process-usage.js';
import {waitGraphBench} from './wait-graph-bench.js';

const sizes = [1000, 10_000, 100_000];
const rootCount = 50;
const goalRatio = 8;
const goalSlots = 16;
const weightSum = 15;

const open: Gate = {allowsGroup: () => true, allowsRoot: () => true};
const job = async (): Promise<void> => {};

let order = 0;
const ready = (lane: Lane): FairReady => {
	order += 1;
	return {id: `run_${order}`, lane, rootId: `root_${order % rootCount}`, group: 'shell', order, sinceMs: 0, isRetry: false};
};

const serveNext = (queue: FairQueue): FairReady => {
	const run = queue.next(open, 0)!;
	queue.serve(run.id);
	return run;
};

const runsOf = (count: number): readonly FairReady[] =>
	Array.from({length: count}, (_, index) => ready(lanes[(index * 7) % lanes.length]!));

type Cost = {readonly enqueueMs: number; readonly dispatchMs: number};

/** Everything is put in, then taken out one by one, each with a job that does nothing. */
const fairCost = async (runs: readonly FairReady[]): Promise<Cost> => {
	const queue = createFairQueue();
	const startMs = performance.now();
	for (const run of runs) {
		queue.add(run);
	}

	const filledMs = performance.now();
	while (queue.size > 0) {
		serveNext(queue);
		await job();
	}

	return {enqueueMs: filledMs - startMs, dispatchMs: performance.now() - filledMs};
};

const pQueueMs = async (runs: readonly FairReady[]): Promise<number> => {
	const queue = new PQueue({concurrency: 1, autoStart: false});
	const startMs = performance.now();
	for (const {lane} of runs) {
		void queue.add(job, {priority: laneWeights[lane]});
	}

	queue.start();
	await queue.onIdle();
	return performance.now() - startMs;
};

const fastqMs = async (runs: readonly FairReady[]): Promise<number> => {
	const queue = fastq.promise(job, 1);
	const startMs = performance.now();
	queue.pause();
	for (const run of runs) {
		void queue.push(run);
	}

	queue.resume();
	await queue.drained();
	return performance.now() - startMs;
};

const opsText = (count: number, ms: number): string => `${Math.round(count / ms).toLocaleString('en')} k/s`;

const measureSize = async (count: number): Promise<readonly BenchRow[]> => {
	const runs = runsOf(count);
	const [fair, peer, plain]: [Cost[], number[], number[]] = [[], [], []];
	for (let round = 0; round < 3; round += 1) {
		fair.push(await fairCost(runs));
		peer.push(await pQueueMs(runs));
		plain.push(await fastqMs(runs));
	}

	const enqueueMs = median(fair.map(cost => cost.enqueueMs));
	const dispatchMs = median(fair.map(cost => cost.dispatchMs));
	const [ourMs, peerMs, plainMs] = [enqueueMs + dispatchMs, median(peer), median(plain)];
	const name = count.toLocaleString('en');
	return [
		{
			figure: `scheduler: cost of a run, ${name} waiting`,
			goal: '',
			result: `${((enqueueMs / count) * 1000).toFixed(2)} µs to enqueue, ${((dispatchMs / count) * 1000).toFixed(2)} µs to dispatch`,
			met: undefined,
		},
		{
			figure: `scheduler: pace beside p-queue, ${name} waiting`,
			goal: `≥ ${goalRatio} ×`,
			result: `${(peerMs / ourMs).toFixed(1)} × (${opsText(count, ourMs)}; p-queue ${opsText(count, peerMs)}; fastq, without priorities, ${opsText(count, plainMs)})`,
			met: peerMs / ourMs >= goalRatio,
		},
	];
};

const measureShares = (): BenchRow => {
	const queue = createFairQueue();
	const slots = 15_000;
	for (const lane of lanes) {
		for (let n = 0; n < slots; n += 1) {
			queue.add(ready(lane));
		}
	}

	const served = Array.from({length: slots}, () => serveNext(queue).lane);
	const offs = lanes.map(lane => {
		const share = served.filter(other => other === lane).length / slots;
		return Math.abs(share / (laneWeights[lane] / weightSum) - 1) * 100;
	});
	const worst = Math.max(...offs);
	return {figure: 'scheduler: lane shares beside their weights', goal: 'within 1 %', result: `${worst.toFixed(2)} % off`, met: worst <= 1};
};

/** The other lanes always have work; one low run at a time arrives at an arbitrary moment. */
const longestLowWait = (busy: readonly Lane[]): number => {
	const queue = createFairQueue();
	for (const lane of busy) {
		for (let n = 0; n < 100; n += 1) {
			queue.add(ready(lane));
		}
	}

	let longest = 0;
	for (let round = 0; round < 1000; round += 1) {
		for (let n = 0; n < round % 23; n += 1) {
			queue.add(ready(serveNext(queue).lane));
		}

		queue.add(ready('low'));
		let slots = 0;
		for (let lane: Lane | undefined; lane !== 'low'; slots += 1) {
			({lane} = serveNext(queue));
			if (lane !== 'low') {
				queue.add(ready(lane));
			}
		}

		longest = Math.max(longest, slots);
	}

	return longest;
};

const measureLowWait = (): BenchRow => {
	const slots = Math.max(longestLowWait(['urgent']), longestLowWait(['urgent', 'high', 'normal']));
	return {
		figure: 'scheduler: longest wait of a low run, the others saturated',
		goal: `≤ ${goalSlots} slots`,
		result: `${slots} slots`,
		met: slots <= goalSlots,
	};
};

/** Measures the queue and the wait graph in this process, beside two queues that others use. */
export const schedulerBench = async (): Promise<readonly BenchRow[]> => {
	const rows: BenchRow[] = [];
	for (const size of sizes) {
		rows.push(...(await measureSize(size)));
	}

	return [...rows, measureShares(), measureLowWait(), ...waitGraphBench()];
};
