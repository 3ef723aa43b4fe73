import type {FairQueue, FairReady} from '../../state/queue/fair-queue.js';
import {type Lane, lanes} from '../../state/queue/lane.js';
import type {Gate} from '../../state/queue/root-queue.js';

const rootCount = 50;

const open: Gate = {allowsGroup: () => true, allowsRoot: () => true};

let order = 0;

/** The next run to arrive, of one of fifty roots. */
export const arrival = (lane: Lane): FairReady => {
	order += 1;
	return {id: `run_${order}`, lane, rootId: `root_${order % rootCount}`, group: 'shell', order, sinceMs: order, isRetry: false};
};

/** So many runs, of all lanes in turn. */
export const arrivals = (count: number): readonly FairReady[] =>
	Array.from({length: count}, (_, index) => arrival(lanes[(index * 7) % lanes.length]!));

/** Serves the run whose turn it is. There has to be one. */
export const serveNext = (queue: FairQueue): FairReady => {
	const run = queue.next(open, 0)!;
	queue.serve(run.id);
	return run;
};
