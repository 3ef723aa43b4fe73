import type {Focus} from '../../source/keys/binding.js';
import {keymap} from '../../source/keys/keymap.js';
import {createArming} from '../../state/escalation/arming.js';
import {sessionRowIds} from '../../state/view/session-rows.js';
import {createView, type Intent, updateView, type View} from '../../state/view/view.js';
import {operator, type StateFleet} from './state-fleet.js';

/** A view of a fleet of rules, with its rows as the console would keep them. */
export const viewOf = (fleet: StateFleet, ...intents: readonly Intent[]): View => {
	const {state} = fleet;
	const rows: readonly Intent[] = [
		{type: 'rows', screen: 'escalations', ids: [...state.index.openEscalations]},
		{type: 'rows', screen: 'queue', ids: Object.keys(state.runs)},
		{type: 'rows', screen: 'breakers', ids: Object.keys(state.agents).map(agent => `agent:${agent}`)},
	];
	const view = [...rows, ...intents].reduce(updateView, createView({nowMs: fleet.now()}));
	const ids = sessionRowIds(state, view);
	return updateView(view, {type: 'rows', screen: 'sessions', ids});
};

/** A focus on a fleet of rules: one key, pressed alone. */
export const focusOn = (fleet: StateFleet, key: string, overrides: Partial<Focus> = {}): Focus => ({
	state: fleet.state,
	view: viewOf(fleet),
	nowMs: fleet.now(),
	actor: operator,
	readOnly: false,
	embedded: false,
	project: '/w',
	arming: createArming(),
	key,
	alone: true,
	columns: 80,
	rows: 20,
	isAscii: false,
	keymap,
	...overrides,
});
