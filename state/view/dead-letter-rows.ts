import type {Run} from '../run/run.js';
import type {State} from '../state.js';
import type {View} from './view.js';

/** One dead letter. `label`, `text` and `why` hold text of agents: show them through `visible`. */
export type DeadLetterRow = {
	/** The run's id. */
	readonly id: string;
	readonly sessionId: string;
	readonly label: string;
	readonly agent: string;
	/** What it was told; empty for an interactive start. */
	readonly text: string;
	/** How often it was started. */
	readonly attempts: number;
	readonly deadAtMs: number;
	/** Why it was given up. */
	readonly why: string;
	/** How each attempt was over, oldest first. */
	readonly ends: ReadonlyArray<{readonly generation: number; readonly how: string; readonly atMs: number | undefined}>;
};

const howEnded = ({exitCode, signal, sentence}: Run['attempts'][number]): string => {
	if (signal !== undefined && signal !== null && signal !== 0) {
		return `signal ${signal}`;
	}

	return exitCode === undefined || exitCode === null ? (sentence ?? 'no exit was told') : `exit ${exitCode}`;
};

const rowOf = (state: State, run: Run): DeadLetterRow => {
	const {id: sessionId, label, agent} = state.sessions[run.sessionId]!;
	return {
		id: run.id,
		sessionId,
		label,
		agent,
		text: run.text,
		attempts: run.generation,
		deadAtMs: run.sinceMs,
		why: run.ending ?? 'every try failed',
		ends: run.attempts.map(attempt => ({generation: attempt.generation, how: howEnded(attempt), atMs: attempt.endedAtMs})),
	};
};

/** Every dead letter, the newest first. */
export const deadLetterRows = (state: State, {filter}: Pick<View, 'filter'>): readonly DeadLetterRow[] => {
	const needle = filter['dead-letters'].trim().toLowerCase();
	return [...state.index.dead]
		.map(id => rowOf(state, state.runs[id]!))
		.filter(row => [row.label, row.agent, row.text, row.why, row.id].some(text => text.toLowerCase().includes(needle)))
		.sort((a, b) => b.deadAtMs - a.deadAtMs || (a.id < b.id ? -1 : 1));
};

/** The ids of the rows, in their order. */
export const deadLetterRowIds = (state: State, view: Pick<View, 'filter'>): readonly string[] =>
	deadLetterRows(state, view).map(({id}) => id);
