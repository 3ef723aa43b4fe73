import {isResumable} from '../queue/decide-dispatch.js';
import type {Lane} from '../queue/lane.js';
import {predictedOrder} from '../queue/queue-order.js';
import type {Run} from '../run/run.js';
import {type QueueReason, whyNoRoomInTree, whyQueued} from '../run/run-wait.js';
import type {State} from '../state.js';
import type {View} from './view.js';

/**
 * What is special about a run in the queue, at a glance: `now` the operator starts it over the limits, `back` it waited for others and
 * takes its slot back, `first` the operator put it first, `held` he keeps it, `retry` it failed and waits for its next try, `after` it
 * depends on another run, `later` only time is in its way. Empty for the others.
 */
export type QueueMark = 'now' | 'back' | 'first' | 'held' | 'retry' | 'after' | 'later' | '';

/** One queued run. `label`, `text`, `by` and the sentence hold text of agents: show them through `visible`. */
export type QueueRow = {
	/** The run's id. */
	readonly id: string;
	/** 1 for the run that would start first; `undefined` for one that only takes its slot back. */
	readonly position: number | undefined;
	readonly mark: QueueMark;
	readonly lane: Lane;
	readonly sessionId: string;
	readonly label: string;
	readonly agent: string;
	/** What it will be told; empty for an interactive start. */
	readonly text: string;
	readonly by: string;
	/** Since when it waits. */
	readonly queuedAtMs: number;
	/** How often it was started before. */
	readonly attempts: number;
	readonly code: QueueReason['code'] | 'next' | 'back';
	/** One sentence about why it does not start now. */
	readonly sentence: string;
};

const markOf = (run: Run, reason: QueueReason | undefined): QueueMark => {
	if (run.heldBy !== undefined) {
		return 'held';
	}

	if (run.isForced) {
		return 'now';
	}

	if (run.isFirst) {
		return 'first';
	}

	if (reason?.code === 'retry' || run.dueAtMs !== undefined) {
		return 'retry';
	}

	return reason?.code === 'depends' ? 'after' : reason?.retryAfterMs === undefined ? '' : 'later';
};

const ownFields = (state: State, run: Run) => {
	const {id: sessionId, label, agent} = state.sessions[run.sessionId]!;
	const {id, lane, text, by, generation: attempts} = run;
	return {id, lane, sessionId, label, agent, text, by, attempts};
};

const nextSentence = ({isForced, isFirst}: Run): string => {
	if (isForced) {
		return 'It starts now, over the limits.';
	}

	return isFirst ? 'Nothing is in its way; it starts next.' : 'Nothing is in its way; it starts at its turn.';
};

const rowOf = (state: State, run: Run, position: number, nowMs: number): QueueRow => {
	const reason = whyQueued(state, run, nowMs);
	return {
		...ownFields(state, run),
		position,
		mark: markOf(run, reason),
		queuedAtMs: run.queuedAtMs,
		code: reason?.code ?? 'next',
		sentence: reason?.sentence ?? nextSentence(run),
	};
};

/** What keeps a run whose wait is over from its slot. A paused queue does not: the run was started before. */
const backSentence = (state: State, run: Run, nowMs: number): string => {
	const isFull = state.index.slots >= state.limits.concurrent;
	const tree = whyNoRoomInTree(state, state.sessions[run.sessionId]!.rootId, nowMs);
	const why = isFull ? 'No slot is free.' : tree?.code === 'concurrent-tree' ? tree.sentence : undefined;
	return `What it waited for is over; it goes on before anything new starts.${why === undefined ? '' : ` ${why}`}`;
};

/** The runs that gave their slot back, may go on now, and have no slot yet: the oldest first, before everything that is queued. */
const returningRows = (state: State, nowMs: number): readonly QueueRow[] =>
	[...state.index.waiting]
		.map(id => state.runs[id]!)
		.filter(run => isResumable(state, run, nowMs))
		.sort((a, b) => a.order - b.order)
		.map(run => ({
			...ownFields(state, run),
			position: undefined,
			mark: 'back',
			queuedAtMs: run.sinceMs,
			code: 'back',
			sentence: backSentence(state, run, nowMs),
		}));

const matches = (row: QueueRow, needle: string): boolean =>
	[row.label, row.agent, row.text, row.lane, row.mark, row.sentence, row.id].some(text => text.toLowerCase().includes(needle));

/** Every queued run as it would start if nobody came, after those that only take their slot back. Positions count what the filter hides, too. */
export const queueRows = (state: State, {filter}: Pick<View, 'filter'>, nowMs: number): readonly QueueRow[] => {
	const needle = filter.queue.trim().toLowerCase();
	const queued = predictedOrder(state, nowMs).map((run, index) => rowOf(state, run, index + 1, nowMs));
	return [...returningRows(state, nowMs), ...queued].filter(row => needle === '' || matches(row, needle));
};

/** The ids of the rows, in their order. */
export const queueRowIds = (state: State, view: Pick<View, 'filter'>, nowMs: number): readonly string[] =>
	queueRows(state, view, nowMs).map(({id}) => id);
