import {type Grant, whyNotHolding} from '../escalation/grant.js';
import type {State} from '../state.js';
import {shortAge} from './age.js';
import {type FrameLine, foreign, foreignName, span} from './frame-line.js';
import type {View} from './view.js';

/** One grant in the list. `agent`, `command` and `why` hold text of agents: show them through `visible`. */
export type GrantRow = {
	readonly id: string;
	readonly scope: Grant['scope'];
	readonly agent: string;
	readonly command: string;
	readonly uses: number;
	/** How long it holds, or why it holds no more. */
	readonly until: string;
	readonly isHolding: boolean;
};

const rowOf = (state: State, grant: Grant, nowMs: number): GrantRow => {
	const why = whyNotHolding(state, grant, nowMs);
	return {
		id: grant.id,
		scope: grant.scope,
		agent: grant.agent,
		command: grant.argv.join(' '),
		uses: grant.uses,
		until: why ?? `for ${shortAge(grant.expiresAtMs - nowMs)}`,
		isHolding: why === undefined,
	};
};

/** Every grant, newest first: the order never changes under the cursor. */
export const grantRows = (state: State, {filter}: Pick<View, 'filter'>, nowMs: number): readonly GrantRow[] => {
	const needle = filter.escalations.trim().toLowerCase();
	return Object.values(state.grants)
		.sort((a, b) => b.madeAtMs - a.madeAtMs || (a.id < b.id ? 1 : -1))
		.map(grant => rowOf(state, grant, nowMs))
		.filter(row => [row.id, row.agent, row.command, row.scope, row.until].some(text => text.toLowerCase().includes(needle)));
};

const reach: Readonly<Record<Grant['scope'], string>> = {
	run: 'in this run alone',
	tree: 'in this tree of sessions',
	always: 'in any session of this agent',
};

/** All there is to know about a grant. */
export const grantLines = (state: State, grant: Grant, nowMs: number): readonly FrameLine[] => {
	const why = whyNotHolding(state, grant, nowMs);
	const label = state.sessions[state.runs[grant.runId]?.sessionId ?? '']?.label;
	return [
		[
			span(
				why === undefined ? `holds for ${shortAge(grant.expiresAtMs - nowMs)}` : `holds no more: `,
				why === undefined ? 'good' : 'failed',
			),
			...foreign(why ?? ''),
		],
		[
			span('allows    '),
			...foreignName(grant.agent, 'strong'),
			span(` ${reach[grant.scope]}`),
			...(label === undefined ? [] : [span(', asked by '), ...foreignName(label)]),
		],
		...grant.parts.map(({executable, args}) => [span('program   '), ...foreign([executable, ...args].map(arg => `'${arg}'`).join(' '))]),
		[span('folder    '), ...foreign(grant.cwd)],
		[span(`used      ${grant.uses} times${grant.maxUses === undefined ? '' : ` of ${grant.maxUses}`}`)],
		[span('given by  '), ...foreignName(grant.by), span(` ${shortAge(nowMs - grant.madeAtMs)} ago for ${grant.escalationId}`, 'quiet')],
	];
};
