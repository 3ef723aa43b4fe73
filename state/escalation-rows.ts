import type {Escalation, EscalationKind, EscalationState} from './escalation.js';
import {type Risk, riskOf} from './risk.js';
import {pathOf} from './session.js';
import type {State} from './state.js';
import type {View} from './view.js';

/** One request in the list. `who`, `summary` and `by` hold text of agents: show them through `visible`. */
export type EscalationRow = {
	/** The escalation's id. */
	readonly id: string;
	readonly kind: EscalationKind;
	readonly state: EscalationState;
	/** What became of it, in one word; `open` while nothing did. */
	readonly outcome: 'open' | 'approved' | 'denied' | 'answered' | 'expired' | 'withdrawn' | 'superseded';
	/** Labels from the root of its tree down to the session that asks. */
	readonly who: readonly string[];
	/** What is asked for in one line: the command, the tool, or the first line of its words. */
	readonly summary: string;
	/** `undefined` where there is nothing to grade. */
	readonly risk: Risk | undefined;
	readonly raisedAtMs: number;
	/** When it was closed, and by whom or why. */
	readonly closedAtMs: number | undefined;
	readonly by: string | undefined;
	/** The connection of the asker is gone. */
	readonly isAskerGone: boolean;
};

/** How many closed requests stay in the list. */
export const closedShown = 50;

const outcomes = {approve: 'approved', deny: 'denied', answer: 'answered'} as const;

/** What became of a request, in one word. */
export const outcomeOf = ({state, decision}: Escalation): EscalationRow['outcome'] =>
	state === 'answered' ? outcomes[decision!.choice] : state;

const firstLine = (text: string): string => text.trimStart().split('\n', 1)[0] ?? '';

const summaryOf = ({payload, text, kind}: Escalation): string => {
	const command = payload?.argv?.join(' ') ?? '';
	const named = command === '' ? (payload?.tool ?? '') : command;
	return kind === 'question' || named === '' ? firstLine(text) : named;
};

const rowOf = (state: State, escalation: Escalation): EscalationRow => {
	const {id, kind, raisedAtMs, decision, closed} = escalation;
	const session = state.sessions[escalation.sessionId];
	return {
		id,
		kind,
		state: escalation.state,
		outcome: outcomeOf(escalation),
		who: session ? pathOf(state, session).map(({label}) => label) : [escalation.sessionId],
		summary: summaryOf(escalation),
		risk: riskOf(escalation, session?.cwd ?? '/'),
		raisedAtMs,
		closedAtMs: decision?.atMs ?? closed?.atMs,
		by: decision?.by ?? closed?.why,
		isAskerGone: escalation.askerGone ?? false,
	};
};

const matches = (row: EscalationRow, needle: string): boolean =>
	[...row.who, row.summary, row.kind, row.outcome, row.risk?.word ?? '', row.id].some(text => text.toLowerCase().includes(needle));

/** Every open request, oldest first, so that a new one never comes above another; below them the closed ones, newest first. */
export const escalationRows = (state: State, {filter}: Pick<View, 'filter'>): readonly EscalationRow[] => {
	const open = [...state.index.openEscalations].map(id => state.escalations[id]!).sort((a, b) => a.raisedAtMs - b.raisedAtMs);
	const closedAtMs = ({decision, closed}: Escalation): number => decision?.atMs ?? closed?.atMs ?? 0;
	const closed = Object.values(state.escalations)
		.filter(escalation => escalation.state !== 'open')
		.sort((a, b) => closedAtMs(b) - closedAtMs(a))
		.slice(0, closedShown);
	const needle = filter.escalations.trim().toLowerCase();
	return [...open, ...closed].map(escalation => rowOf(state, escalation)).filter(row => needle === '' || matches(row, needle));
};

/** The ids of the rows, in their order. */
export const escalationRowIds = (state: State, view: Pick<View, 'filter'>): readonly string[] =>
	escalationRows(state, view).map(({id}) => id);
