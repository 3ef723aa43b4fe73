import type {Overlay} from './overlay.js';
import type {TextEdit} from './text-field.js';
import {setFilter, updateOverlay} from './view-overlay.js';
import {changeRequestsView, createRequestsView, type RequestsChange, type RequestsView} from './view-requests.js';

/** The screens of the console, in the order of their keys. */
export const screenNames = ['sessions', 'queue', 'breakers', 'escalations', 'events', 'launchers', 'dead-letters', 'alerts'] as const;

export type ScreenName = (typeof screenNames)[number];

export const isScreenName = (name: string): name is ScreenName => (screenNames as readonly string[]).includes(name);

/** One line for the operator in the footer, until it is old or something else is said. */
export type Notice = {readonly text: string; readonly tone: 'info' | 'good' | 'bad'; readonly atMs: number};

/** What this operator looks at. Never saved, never shared; changed only by `updateView`. */
export type View = {
	readonly screen: ScreenName;
	/** When this console opened: what ended before is not news. */
	readonly openedAtMs: number;
	/** The id under the cursor of each screen: a session, run, breaker key, escalation, fact or launcher. Never a position in a list. */
	readonly selected: Readonly<Partial<Record<ScreenName, string>>>;
	/** The ids each screen shows now, in order, as it was last told (`rows`). */
	readonly rows: Readonly<Record<ScreenName, readonly string[]>>;
	/** What the rows of each screen must contain; empty shows all. */
	readonly filter: Readonly<Record<ScreenName, string>>;
	/** Ids of the sessions whose children are folded away. */
	readonly collapsed: ReadonlySet<string>;
	/**
	 * Lines scrolled away from where each screen's detail rests: back into history from the live end in the preview of the sessions,
	 * down from the top in the detail of every other screen. 0 again whenever another row is selected.
	 */
	readonly scroll: Readonly<Record<ScreenName, number>>;
	/** Ids of the ended runs this operator looked at. */
	readonly seenRuns: ReadonlySet<string>;
	/** Ids of the running runs that wrote nothing for so long that they may be stuck. */
	readonly quietRuns: ReadonlySet<string>;
	/** What was typed for a session and not sent yet, by session id. */
	readonly drafts: Readonly<Record<string, string>>;
	readonly requests: RequestsView;
	readonly overlay?: Overlay;
	readonly notice?: Notice;
};

/** What a key may ask of the view. */
export type Intent =
	| {readonly type: 'show'; readonly screen: ScreenName}
	/** Shows a screen with this row selected, and opens what is folded above it. */
	| {readonly type: 'reveal'; readonly screen: ScreenName; readonly id: string; readonly unfold?: readonly string[]}
	| {readonly type: 'select'; readonly id: string}
	| {readonly type: 'move'; readonly by: number | 'first' | 'last'}
	| {readonly type: 'fold'; readonly sessionId: string}
	/** Positive looks away from where the detail rests. `max` is how far there is anything to see. */
	| {readonly type: 'scroll'; readonly by: number; readonly max?: number; readonly screen?: ScreenName}
	| {readonly type: 'filter'; readonly text: string}
	| {readonly type: 'open'; readonly overlay: Overlay}
	| {readonly type: 'close'}
	/** Leaves the filter as it was before it was typed. */
	| {readonly type: 'cancel-filter'}
	| {readonly type: 'edit'; readonly edit: TextEdit}
	| {readonly type: 'field'; readonly by: 1 | -1}
	/** Takes this agent in the form, this format for the export, or this activity for the correction. */
	| {readonly type: 'choose'; readonly choice: string}
	| {readonly type: 'problem'; readonly text: string}
	/** Moves in a list or scrolls a text that lies over the screen; `count` is how many lines it has, or how far it can be scrolled. */
	| {readonly type: 'step'; readonly by: number; readonly count: number}
	/** Takes the line under the cursor of the correction, or leaves it out again. */
	| {readonly type: 'mark'}
	| {readonly type: 'notice'; readonly notice: Notice}
	/** Takes an old notice away. */
	| {readonly type: 'age'; readonly nowMs: number}
	/** What a screen shows now; told after every change of State. */
	| {readonly type: 'rows'; readonly screen: ScreenName; readonly ids: readonly string[]}
	| {readonly type: 'saw'; readonly runIds: readonly string[]}
	| {readonly type: 'quiet'; readonly runIds: readonly string[]}
	| {readonly type: 'requests'; readonly change: RequestsChange};

/** How long a notice stays. */
export const noticeMs = 6000;

const forEveryScreen = <Value>(value: Value): Readonly<Record<ScreenName, Value>> => ({
	sessions: value,
	queue: value,
	breakers: value,
	escalations: value,
	events: value,
	launchers: value,
	'dead-letters': value,
	alerts: value,
});

/** What a console shows first. */
export const createView = ({nowMs}: {readonly nowMs: number}): View => ({
	screen: 'sessions',
	openedAtMs: nowMs,
	selected: {},
	rows: forEveryScreen<readonly string[]>([]),
	filter: forEveryScreen(''),
	collapsed: new Set(),
	scroll: forEveryScreen(0),
	seenRuns: new Set(),
	quietRuns: new Set(),
	drafts: {},
	requests: createRequestsView(),
});

/** The row under the cursor of a screen (the one shown, unless named); `undefined` when it shows none. */
export const selectedId = (view: View, screen: ScreenName = view.screen): string | undefined => {
	const id = view.selected[screen];
	return id !== undefined && view.rows[screen].includes(id) ? id : undefined;
};

const select = (view: View, id: string | undefined, screen: ScreenName = view.screen): View => {
	if (view.selected[screen] === id) {
		return view;
	}

	const {[screen]: _, ...others} = view.selected;
	return {
		...view,
		selected: id === undefined ? others : {...others, [screen]: id},
		scroll: {...view.scroll, [screen]: 0},
	};
};

const clamp = (value: number, max: number): number => Math.max(0, Math.min(value, max));

const move = (view: View, by: number | 'first' | 'last'): View => {
	const ids = view.rows[view.screen];
	const id = selectedId(view);
	const index = id === undefined ? -1 : ids.indexOf(id);
	const target = by === 'first' ? 0 : by === 'last' ? ids.length - 1 : index === -1 ? 0 : clamp(index + by, ids.length - 1);
	return ids.length === 0 ? view : select(view, ids[target]);
};

/** Whoever stood nearest to the row that went away: the first that followed it and is still there, else the last before it. */
const successor = (before: readonly string[], gone: string, after: readonly string[]): string | undefined => {
	const present = new Set(after);
	const index = before.indexOf(gone);
	const following = before.slice(index + 1).find(id => present.has(id));
	return index === -1 ? after[0] : (following ?? before.slice(0, index).findLast(id => present.has(id)) ?? after[0]);
};

const isSameList = (a: readonly string[], b: readonly string[]): boolean =>
	a.length === b.length && a.every((id, index) => id === b[index]);

/** New rows never move the cursor (but at the end of the events); only a row that is gone hands it on. */
const takeRows = (view: View, screen: ScreenName, ids: readonly string[]): View => {
	if (isSameList(view.rows[screen], ids)) {
		return view;
	}

	const current = view.selected[screen];
	const next = {...view, rows: {...view.rows, [screen]: ids}};
	// What happens is read as it comes: a cursor that stands at the newest event follows it.
	const isFollowing = screen === 'events' && (current === undefined || current === view.rows.events.at(-1));
	if (isFollowing) {
		return select(next, ids.at(-1), screen);
	}

	const isThere = current !== undefined && ids.includes(current);
	return isThere ? next : select(next, current === undefined ? ids[0] : successor(view.rows[screen], current, ids), screen);
};

const fold = (view: View, sessionId: string): View => {
	const collapsed = new Set(view.collapsed);
	if (!collapsed.delete(sessionId)) {
		collapsed.add(sessionId);
	}

	return {...view, collapsed};
};

const age = (view: View, nowMs: number): View => {
	if (!view.notice || nowMs - view.notice.atMs < noticeMs) {
		return view;
	}

	const {notice: _, ...rest} = view;
	return rest;
};

const scroll = (view: View, intent: Extract<Intent, {type: 'scroll'}>): View => {
	const {by, max = Number.MAX_SAFE_INTEGER, screen = view.screen} = intent;
	const lines = clamp(view.scroll[screen] + by, max);
	return lines === view.scroll[screen] ? view : {...view, scroll: {...view.scroll, [screen]: lines}};
};

const reveal = (view: View, {screen, id, unfold = []}: Extract<Intent, {type: 'reveal'}>): View => {
	const collapsed = new Set([...view.collapsed].filter(folded => !unfold.includes(folded)));
	// What is asked for by name is shown, whatever the filter says.
	const isHidden = view.filter[screen] !== '' && !view.rows[screen].includes(id);
	const filter = isHidden ? {...view.filter, [screen]: ''} : view.filter;
	return select({...view, screen, collapsed, filter}, id, screen);
};

/** The view after an intent; the same object when nothing changed, so that nothing is drawn for it. */
export const updateView = (view: View, intent: Intent): View => {
	switch (intent.type) {
		case 'show': {
			return view.screen === intent.screen ? view : {...view, screen: intent.screen};
		}

		case 'reveal': {
			return reveal(view, intent);
		}

		case 'select': {
			return select(view, intent.id);
		}

		case 'move': {
			return move(view, intent.by);
		}

		case 'fold': {
			return fold(view, intent.sessionId);
		}

		case 'scroll': {
			return scroll(view, intent);
		}

		case 'filter': {
			return setFilter(view, intent.text);
		}

		case 'notice': {
			return {...view, notice: intent.notice};
		}

		case 'age': {
			return age(view, intent.nowMs);
		}

		case 'rows': {
			return takeRows(view, intent.screen, intent.ids);
		}

		case 'saw': {
			return intent.runIds.every(id => view.seenRuns.has(id)) ? view : {...view, seenRuns: new Set([...view.seenRuns, ...intent.runIds])};
		}

		case 'quiet': {
			return isSameList([...view.quietRuns], intent.runIds) ? view : {...view, quietRuns: new Set(intent.runIds)};
		}

		case 'requests': {
			return {...view, requests: changeRequestsView(view.requests, intent.change)};
		}

		default: {
			return updateOverlay(view, intent);
		}
	}
};
