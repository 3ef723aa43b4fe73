import type {State} from '../state.js';
import {type RowsView, sessionRows} from './session-rows.js';

/** How many sessions stand how, whatever is filtered or folded. */
export type FleetCounts = {
	readonly needsYou: number;
	readonly working: number;
	/** Waiting for something that is not the operator. */
	readonly waiting: number;
	readonly queued: number;
	readonly failed: number;
	readonly unseen: number;
};

/** The numbers of the header. A session is counted once. */
export const fleetCounts = (state: State, view: RowsView): FleetCounts => {
	const rows = sessionRows(state, {...view, filter: {...view.filter, sessions: ''}, collapsed: new Set()});
	const count = (...badges: readonly string[]) => rows.filter(row => badges.includes(row.badge)).length;
	return {
		needsYou: count('needs-you'),
		working: count('working', 'stopping', 'stuck'),
		waiting: count('waiting'),
		queued: count('queued'),
		failed: count('failed'),
		unseen: count('unseen'),
	};
};

/** The next session that waits for the operator, after this one in the order of the tree and round again; `undefined` if none does. */
export const nextNeedingYou = (state: State, view: RowsView, after: string | undefined): string | undefined => {
	const rows = sessionRows(state, {...view, filter: {...view.filter, sessions: ''}, collapsed: new Set()});
	const from = rows.findIndex(row => row.id === after) + 1;
	return [...rows.slice(from), ...rows.slice(0, from)].find(row => row.badge === 'needs-you')?.id;
};
