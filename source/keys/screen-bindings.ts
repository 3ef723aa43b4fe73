import {activeRun, subtree} from '../../state/session/session.js';
import {emptyField, fieldOf} from '../../state/view/text-field.js';
import {type ScreenName, screenNames, selectedId} from '../../state/view/view.js';
import {type Binding, effects, type Focus, intends, refusal} from './binding.js';
import {placeNames} from './help-rows.js';
import {pathName, revealSession} from './session-bindings.js';

const showHelp: Readonly<Record<ScreenName, string>> = {
	sessions: 'The tree of sessions, and a live screen',
	queue: 'What waits for a slot, and why',
	breakers: 'Breakers, providers that told us to wait, budgets, limits',
	escalations: 'What agents ask of you',
	events: 'Everything that happened',
	launchers: 'The machines that own the terminals',
	'dead-letters': 'Runs that were given up, to retry or drop',
	alerts: 'What somebody should know of',
};

/** Going to the escalations from a session that asks for something lands on what it asks. */
const requestOfSelected = ({state, view}: Focus): string | undefined => {
	const sessionId = view.screen === 'sessions' ? selectedId(view) : undefined;
	return [...state.index.openEscalations].find(id => state.escalations[id]!.sessionId === sessionId);
};

const show =
	(screen: ScreenName): Binding['action'] =>
	focus => {
		const request = screen === 'escalations' ? requestOfSelected(focus) : undefined;
		return request === undefined ? intends({type: 'show', screen}) : intends({type: 'reveal', screen, id: request});
	};

const views: readonly Binding[] = screenNames.map((screen, index) => ({
	id: `show.${screen}`,
	keys: [String(index + 1)],
	places: 'all',
	title: placeNames[screen],
	help: showHelp[screen],
	action: show(screen),
}));

const move =
	(by: number | 'first' | 'last'): Binding['action'] =>
	({view}) =>
		view.rows[view.screen].length === 0 ? refusal('There is nothing to select here.') : intends({type: 'move', by});

const page =
	(direction: 1 | -1): Binding['action'] =>
	focus =>
		move(direction * Math.max(1, focus.rows - 2))(focus);

const filter: Binding['action'] = ({view}) => {
	const before = view.filter[view.screen];
	return intends({type: 'open', overlay: {kind: 'filter', input: fieldOf(before), before}});
};

const clear: Binding['action'] = ({view}) =>
	view.filter[view.screen] === '' ? refusal('There is no filter to clear. q quits.') : intends({type: 'filter', text: ''});

/** Every session with a live agent, in the order of the tree. */
const liveSessions = ({state}: Focus): readonly string[] =>
	Object.values(state.sessions)
		.filter(session => session.parentId === undefined)
		.flatMap(root => subtree(state, root.id))
		.filter(session => activeRun(state, session))
		.map(session => pathName(state, session));

const quit: Binding['action'] = focus =>
	focus.embedded && focus.state.index.live.size > 0
		? intends({
				type: 'open',
				overlay: {
					kind: 'confirm',
					title: 'Quit? The agents live in this process and end with it.',
					affected: liveSessions(focus),
					verb: 'quit',
					does: {type: 'quit'},
				},
			})
		: effects({type: 'quit'});

const stopEverything: Binding['action'] = focus => {
	const affected = liveSessions(focus);
	return intends({
		type: 'open',
		overlay: {
			kind: 'confirm',
			title: affected.length === 0 ? 'Nothing runs. Withdraw what is queued, and quit?' : 'Stop everything, prove it, and quit?',
			affected,
			verb: 'stop everything',
			does: {type: 'stop-fleet'},
		},
	});
};

const goToSession: Binding['action'] = focus => {
	const {state, view} = focus;
	const id = selectedId(view) ?? '';
	const sessionId = view.screen === 'escalations' ? state.escalations[id]?.sessionId : state.runs[id]?.sessionId;
	return sessionId === undefined ? refusal('Nothing is selected here.') : revealSession(focus, sessionId);
};

/** What works on every screen. */
export const screenBindings: readonly Binding[] = [
	...views,
	{id: 'move.down', keys: ['j', 'down'], places: 'all', title: 'Down', help: 'Select the next row', action: move(1)},
	{id: 'move.up', keys: ['k', 'up'], places: 'all', title: 'Up', help: 'Select the row before', action: move(-1)},
	{id: 'move.first', keys: ['g', 'home'], places: 'all', title: 'First', help: 'Select the first row', action: move('first')},
	{id: 'move.last', keys: ['G', 'end'], places: 'all', title: 'Last', help: 'Select the last row', action: move('last')},
	{
		id: 'move.page-down',
		keys: ['pagedown'],
		places: ['queue', 'breakers', 'events', 'launchers', 'dead-letters', 'alerts'],
		title: 'Page down',
		help: 'Go a page down',
		action: page(1),
	},
	{
		id: 'move.page-up',
		keys: ['pageup'],
		places: ['queue', 'breakers', 'events', 'launchers', 'dead-letters', 'alerts'],
		title: 'Page up',
		help: 'Go a page up',
		action: page(-1),
	},
	{
		id: 'go.session',
		keys: ['enter'],
		places: ['queue', 'escalations', 'dead-letters'],
		title: 'Its session',
		help: 'Go to the session of the selected row',
		footer: true,
		action: goToSession,
	},
	{id: 'filter', keys: ['/'], places: 'all', title: 'Filter', help: 'Show only rows that contain a text', footer: true, action: filter},
	{id: 'filter.clear', keys: ['escape'], places: 'all', title: 'Clear filter', help: 'Show all rows again', action: clear},
	{
		id: 'palette',
		keys: [':', 'ctrl+p'],
		places: 'all',
		title: 'Palette',
		help: 'Find any action by its name',
		action: () => intends({type: 'open', overlay: {kind: 'palette', input: emptyField, index: 0}}),
	},
	{
		id: 'help',
		keys: ['?'],
		places: 'all',
		title: 'Help',
		help: 'Show every key',
		footer: true,
		action: () => intends({type: 'open', overlay: {kind: 'help', top: 0}}),
	},
	{
		id: 'quit',
		keys: ['q', 'ctrl+c'],
		places: 'all',
		title: 'Quit',
		help: 'Leave the console; the agents run on',
		footer: true,
		action: quit,
	},
	{
		id: 'stop-everything',
		keys: ['Q'],
		places: 'all',
		title: 'Stop everything',
		help: 'Stop every agent, prove it, and quit; asks first',
		changes: true,
		dangerous: true,
		action: stopEverything,
	},
];
