import type {Escalation, EscalationKind, EscalationState} from '../escalation/escalation.js';
import {type EscalationGroup, escalationGroups} from '../escalation/escalation-group.js';
import {type Risk, riskOf} from '../escalation/risk.js';
import {pathOf} from '../session/session.js';
import type {State} from '../state.js';
import {grantRows} from './grant-rows.js';
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
	/** Set for a row that stands for several requests: how many, and how many of them a decision takes. */
	readonly group?: {readonly members: number; readonly taken: number};
	/** One of a group; `leftOut` of it when a decision on the group leaves it alone. */
	readonly member?: 'taken' | 'leftOut';
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

const closedAtMs = ({decision, closed}: Escalation): number => decision?.atMs ?? closed?.atMs ?? 0;

const closedRows = (state: State, most: number): readonly EscalationRow[] =>
	Object.values(state.escalations)
		.filter(escalation => escalation.state !== 'open')
		.sort((a, b) => closedAtMs(b) - closedAtMs(a))
		.slice(0, most)
		.map(escalation => rowOf(state, escalation));

const groupRow = (state: State, {id, members}: EscalationGroup, leftOut: ReadonlySet<string>): EscalationRow => ({
	...rowOf(state, members[0]!),
	id,
	who: [`${members.length} agents`],
	group: {members: members.length, taken: members.filter(member => !leftOut.has(member.id)).length},
	isAskerGone: false,
});

type Looked = Pick<View, 'filter'> & Partial<Pick<View, 'requests' | 'selected'>>;

/**
 * Every open request, oldest first. Those of a group are one row, where the oldest of them stood; a request that is being looked at
 * keeps its own row, so that nothing changes under the cursor and nothing new comes above it.
 */
const openRows = (state: State, {requests, selected}: Looked): readonly EscalationRow[] => {
	const leftOut = requests?.leftOut ?? new Set();
	const groups = escalationGroups(state);
	const groupOf = new Map(groups.flatMap(group => group.members.map(({id}) => [id, group] as const)));
	const shown = new Set<EscalationGroup>();
	const open = [...state.index.openEscalations].map(id => state.escalations[id]!).sort((a, b) => a.raisedAtMs - b.raisedAtMs);
	return open.flatMap(escalation => {
		const row = rowOf(state, escalation);
		const group = groupOf.get(escalation.id);
		if (!group) {
			return [row];
		}

		const isUnfolded = requests?.unfolded.has(group.id) ?? false;
		const isLookedAt = selected?.escalations === escalation.id;
		const isFirst = !shown.has(group) && (isUnfolded || !isLookedAt);
		if (isFirst) {
			shown.add(group);
		}

		const member = {...row, member: leftOut.has(escalation.id) ? ('leftOut' as const) : ('taken' as const)};
		return [...(isFirst ? [groupRow(state, group, leftOut)] : []), ...(isUnfolded || isLookedAt ? [member] : [])];
	});
};

const allDecided = 1000;

/** The open requests, and below them those closed lately, newest first; in the list of decided ones all that State still has. */
export const escalationRows = (state: State, view: Looked): readonly EscalationRow[] => {
	const list = view.requests?.list ?? 'open';
	const rows =
		list === 'decided'
			? closedRows(state, allDecided)
			: list === 'open'
				? [...openRows(state, view), ...closedRows(state, closedShown)]
				: [];
	const needle = view.filter.escalations.trim().toLowerCase();
	return rows.filter(row => needle === '' || matches(row, needle));
};

/** The ids of the rows, in their order. */
export const escalationRowIds = (state: State, view: Looked): readonly string[] =>
	view.requests?.list === 'grants'
		? grantRows(state, view, state.lastAtMs).map(({id}) => id)
		: escalationRows(state, view).map(({id}) => id);
