import fastq from 'fastq';
import PQueue from 'p-queue';
import {createFairQueue, type FairReady, laneWeights} from '../../state/queue/fair-queue.js';
import type {BenchRow} from './bench-row.js';
import {median} from './process-usage.js';
import {schedulerFairness} from './scheduler-fairness.js';
import {arrivals, serveNext} from './scheduler-load.js';
import {waitGraphBench} from './wait-graph-bench.js';

const sizes = [1000, 10_000, 100_000] as const;
const [least, most] = [sizes[0], sizes[2]];
const goalRatio = 8;
const rounds = 5;
/** A small load is repeated within a round, so that what is measured lasts. */
const runsPerRound = 20_000;
const screenful = 50;

const job = async (): Promise<void> => {};

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

/** Medians, in µs per run. The ratios are medians over rounds of what the peer took in the same round. */
type Size = {
	readonly count: number;
	readonly enqueueUs: number;
	readonly dispatchUs: number;
	readonly totalUs: number;
	readonly pQueueUs: number;
	readonly fastqUs: number;
	readonly pQueueRatio: number;
	readonly fastqRatio: number;
};

/** One after the other, over and over: what disturbs the machine disturbs them all. */
const measureSize = async (count: number): Promise<Size> => {
	const runs = arrivals(count);
	const samples: Array<{readonly fair: Cost; readonly fairMs: number; readonly peerMs: number; readonly plainMs: number}> = [];
	const sampleCount = rounds * Math.max(1, runsPerRound / count);
	// The first one warms up what the others measure.
	for (let sample = 0; sample <= sampleCount; sample += 1) {
		const fair = await fairCost(runs);
		const taken = {fair, fairMs: fair.enqueueMs + fair.dispatchMs, peerMs: await pQueueMs(runs), plainMs: await fastqMs(runs)};
		if (sample > 0) {
			samples.push(taken);
		}
	}

	const usPerRun = (of: (sample: (typeof samples)[number]) => number): number => (median(samples.map(of)) / count) * 1000;
	return {
		count,
		enqueueUs: usPerRun(({fair}) => fair.enqueueMs),
		dispatchUs: usPerRun(({fair}) => fair.dispatchMs),
		totalUs: usPerRun(({fairMs}) => fairMs),
		pQueueUs: usPerRun(({peerMs}) => peerMs),
		fastqUs: usPerRun(({plainMs}) => plainMs),
		pQueueRatio: median(samples.map(({peerMs, fairMs}) => peerMs / fairMs)),
		fastqRatio: median(samples.map(({plainMs, fairMs}) => plainMs / fairMs)),
	};
};

const pace = (us: number): string => `${Math.round(1000 / us).toLocaleString('en')} k/s`;

const sizeRows = (size: Size): readonly BenchRow[] => {
	const name = size.count.toLocaleString('en');
	const hasGoal = size.count === most;
	return [
		{
			figure: `scheduler: cost of a run, ${name} waiting`,
			goal: '',
			result: `${size.enqueueUs.toFixed(2)} µs to enqueue, ${size.dispatchUs.toFixed(2)} µs to dispatch (${pace(size.totalUs)})`,
			met: undefined,
		},
		{
			figure: `scheduler: pace beside p-queue with priorities, ${name} waiting`,
			goal: hasGoal ? `≥ ${goalRatio} ×` : '',
			result: `${size.pQueueRatio.toFixed(1)} × (p-queue ${pace(size.pQueueUs)})`,
			met: hasGoal ? size.pQueueRatio >= goalRatio : undefined,
		},
		{
			figure: `scheduler: pace beside fastq, which knows no priorities, ${name} waiting`,
			goal: '',
			result: `${size.fastqRatio.toFixed(1)} × (fastq ${pace(size.fastqUs)})`,
			met: undefined,
		},
	];
};

const growthRow = (measured: readonly Size[]): BenchRow => {
	const usAt = (count: number): number => measured.find(size => size.count === count)!.totalUs;
	const growth = usAt(most) / usAt(least);
	const logarithm = Math.log(most) / Math.log(least);
	const peer = measured.at(-1)!.pQueueUs / measured[0]!.pQueueUs;
	return {
		figure: `scheduler: growth of the cost from ${least.toLocaleString('en')} to ${most.toLocaleString('en')} waiting`,
		goal: `≤ ${logarithm.toFixed(2)} × (log n)`,
		result: `${growth.toFixed(2)} × (p-queue ${peer.toFixed(1)} ×)`,
		met: growth <= logarithm,
	};
};

/** What the queue screen pays to tell the order ahead. */
const peekRow = (): BenchRow => {
	const queue = createFairQueue();
	for (const run of arrivals(most)) {
		queue.add(run);
	}

	const tookUs = Array.from({length: 200}, () => {
		const startMs = performance.now();
		queue.peekOrder(screenful, 0);
		return (performance.now() - startMs) * 1000;
	});
	return {
		figure: `scheduler: the next ${screenful} of ${most.toLocaleString('en')} told ahead`,
		goal: '',
		result: `${median(tookUs).toFixed(0)} µs`,
		met: undefined,
	};
};

/** Measures the queue and the wait graph in this process, beside two queues that others use. */
export const schedulerBench = async (): Promise<readonly BenchRow[]> => {
	const measured: Size[] = [];
	for (const size of sizes) {
		measured.push(await measureSize(size));
	}

	return [...measured.flatMap(sizeRows), growthRow(measured), peekRow(), ...schedulerFairness(), ...waitGraphBench()];
};
