import {lanes} from './lane.js';
import type {Run} from './run.js';
import type {State} from './state.js';

/** The queued runs in the order in which they are considered: by lane, then by arrival. */
export const queueOrder = (state: State): readonly Run[] =>
	lanes.flatMap(lane => [...state.index.queued[lane]].sort(([, a], [, b]) => a - b).map(([id]) => state.runs[id]!));

/** How many runs are queued, overall. */
export const queueLength = (state: State): number => lanes.reduce((sum, lane) => sum + state.index.queued[lane].size, 0);
