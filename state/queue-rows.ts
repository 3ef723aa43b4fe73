import type {Lane} from './lane.js';
import {queueOrder} from './queue-order.js';
import type {Run} from './run.js';
import {type QueueReason, whyQueued} from './run-wait.js';
import type {State} from './state.js';
import type {View} from './view.js';

/** One queued run. `label`, `text`, `by` and the sentence hold text of agents: show them through `visible`. */
export type QueueRow = {
	/** The run's id. */
	readonly id: string;
	/** 1 for the run that is considered first. */
	readonly position: number;
	readonly lane: Lane;
	readonly sessionId: string;
	readonly label: string;
	readonly agent: string;
	/** What it will be told; empty for an interactive start. */
	readonly text: string;
	readonly by: string;
	readonly queuedAtMs: number;
	/** How often it was started before. */
	readonly attempts: number;
	readonly code: QueueReason['code'] | 'next';
	/** One sentence about why it does not start now. */
	readonly sentence: string;
};

const rowOf = (state: State, run: Run, position: number, nowMs: number): QueueRow => {
	const session = state.sessions[run.sessionId]!;
	const reason = whyQueued(state, run, nowMs);
	return {
		id: run.id,
		position,
		lane: run.lane,
		sessionId: session.id,
		label: session.label,
		agent: session.agent,
		text: run.text,
		by: run.by,
		queuedAtMs: run.queuedAtMs,
		attempts: run.generation,
		code: reason?.code ?? 'next',
		sentence: reason?.sentence ?? 'Nothing is in its way; it starts at its turn.',
	};
};

const matches = (row: QueueRow, needle: string): boolean =>
	[row.label, row.agent, row.text, row.lane, row.sentence, row.id].some(text => text.toLowerCase().includes(needle));

/** Every queued run in the order in which they are considered. Positions count what the filter hides, too. */
export const queueRows = (state: State, {filter}: Pick<View, 'filter'>, nowMs: number): readonly QueueRow[] => {
	const needle = filter.queue.trim().toLowerCase();
	return queueOrder(state)
		.map((run, index) => rowOf(state, run, index + 1, nowMs))
		.filter(row => needle === '' || matches(row, needle));
};

/** The ids of the rows, in their order. */
export const queueRowIds = (state: State, view: Pick<View, 'filter'>, nowMs: number): readonly string[] =>
	queueRows(state, view, nowMs).map(({id}) => id);
