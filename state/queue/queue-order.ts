import type {Run} from '../run/run.js';
import type {State} from '../state.js';
import {lanes} from './lane.js';

/** The queued runs by urgency: those the operator starts now, those he put first, then by lane and arrival. */
export const queueOrder = (state: State): readonly Run[] => {
	const inLanes = lanes.flatMap(lane => [...state.index.queued[lane]].sort(([, a], [, b]) => a - b).map(([id]) => state.runs[id]!));
	const others = inLanes.filter(({isForced}) => !isForced);
	return [
		...[...state.index.forced].map(id => state.runs[id]!),
		...others.filter(({isFirst}) => isFirst),
		...others.filter(({isFirst}) => !isFirst),
	];
};

/** So many runs are put in the order in which they would really start; behind them the order of urgency is near enough. */
const foretold = 200;

/** Stands behind another run of its own session: it cannot start before that one has. */
const isBehind = ({index}: State, run: Run): boolean => index.lines.get(run.sessionId)?.queued[0] !== run;

/**
 * The queued runs as they would start if nobody came: the lanes take turns by their weights, and trees within a lane. A run that
 * cannot start yet, whatever room there is, keeps the place its urgency gives it; those behind others of their own session come last.
 */
export const predictedOrder = (state: State, nowMs: number): readonly Run[] => {
	const order = queueOrder(state).toSorted((a, b) => Number(isBehind(state, a)) - Number(isBehind(state, b)));
	const next = state.index.ready
		.peekOrder(foretold, nowMs)
		.map(({id}) => state.runs[id]!)
		.filter(run => !run.isForced);
	const isForetold = new Set(next);
	const turns = next.values();
	return order.map(run => (isForetold.has(run) ? turns.next().value! : run));
};

/** How many runs are queued, overall. */
export const queueLength = (state: State): number => lanes.reduce((sum, lane) => sum + state.index.queued[lane].size, 0);
