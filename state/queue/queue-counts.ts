import type {RunState} from '../run/run.js';
import type {State} from '../state.js';
import {queueLength} from './queue-order.js';

/** How many runs are in each state that is not an end. */
export type QueueCounts = {
	readonly queued: number;
	readonly starting: number;
	readonly running: number;
	readonly waiting: number;
	readonly stopping: number;
};

/** Counts the runs that are queued or alive. */
export const queueCounts = (state: State): QueueCounts => {
	const live = [...state.index.live].map(id => state.runs[id]!.state);
	const count = (wanted: RunState): number => live.filter(found => found === wanted).length;
	return {
		queued: queueLength(state),
		starting: count('starting'),
		running: count('running'),
		waiting: count('waiting'),
		stopping: count('stopping'),
	};
};
