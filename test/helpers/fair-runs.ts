import fc from 'fast-check';
import {ageingMs, type FairQueue, type FairReady} from '../../state/queue/fair-queue.js';
import {type Lane, lanes} from '../../state/queue/lane.js';
import type {Gate} from '../../state/queue/root-queue.js';

/** Lets everything through. */
export const open: Gate = {allowsGroup: () => true, allowsRoot: () => true};

/** A run that may be old: its age in ms at the moment the tests serve. */
export type Shape = {
	readonly lane: Lane;
	readonly root: number;
	readonly group: number;
	readonly isRetry: boolean;
	readonly isFirst: boolean;
	readonly age: number;
};

const shape: fc.Arbitrary<Shape> = fc.record({
	lane: fc.constantFrom(...lanes),
	root: fc.nat(4),
	group: fc.nat(2),
	isRetry: fc.boolean(),
	isFirst: fc.nat(9).map(n => n === 0),
	age: fc.constantFrom(0, ageingMs, 2 * ageingMs),
});

/** Runs of few roots, classes and ages, so that they meet. */
export const shapes = fc.array(shape, {maxLength: 80});

/** When the tests serve. */
export const nowMs = 3 * ageingMs;

/** The run of that shape, with its place in the order of arrival. */
export const runOf = ({lane, root, group, isRetry, isFirst, age}: Shape, order: number): FairReady => ({
	id: `run_${order}`,
	lane,
	rootId: `root-${root}`,
	group: `agent-${group}`,
	order,
	sinceMs: nowMs - age,
	isRetry,
	isFirst,
});

/** Adds the runs in order. */
export const fill = (queue: FairQueue, runs: readonly FairReady[]): FairQueue => {
	for (const run of runs) {
		queue.add(run);
	}

	return queue;
};

/** Serves the next run, if there is one. */
export const serveNext = (queue: FairQueue, gate = open): FairReady | undefined => {
	const run = queue.next(gate, nowMs);
	if (run) {
		queue.serve(run.id);
	}

	return run;
};

/** Serves all that the gate lets through. */
export const drain = (queue: FairQueue, gate = open): readonly FairReady[] => {
	const served: FairReady[] = [];
	for (let run = serveNext(queue, gate); run; run = serveNext(queue, gate)) {
		served.push(run);
	}

	return served;
};

/** Their ids, in the same order. */
export const idsOf = (runs: readonly FairReady[]): readonly string[] => runs.map(({id}) => id);

/** Runs of a lane one after the other, over three roots, none old unless asked for. */
export const createSource = () => {
	let order = 0;
	return (lane: Lane, more: Partial<Shape> = {}): FairReady => {
		order += 1;
		return runOf({lane, root: order % 3, group: 0, isRetry: false, isFirst: false, age: 0, ...more}, order);
	};
};
