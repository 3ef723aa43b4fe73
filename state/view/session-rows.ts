import type {Escalation} from '../escalation/escalation.js';
import {currentAttempt, isLive, isOver, isQueued, type Run} from '../run/run.js';
import {lastRun, type Session} from '../session/session.js';
import type {State} from '../state.js';
import type {View} from './view.js';

/** What a row calls for, most urgent first. */
export type Badge = 'needs-you' | 'failed' | 'stuck' | 'unseen' | 'working' | 'waiting' | 'stopping' | 'queued' | 'stopped' | 'idle';

/** One step of indentation: a line that goes on, nothing, or the branch to the row itself (the last of its siblings or not). */
export type Guide = 'trunk' | 'blank' | 'branch' | 'last';

/** One row of the tree of sessions. All words but `label` are ours. */
export type SessionRow = {
	/** The session's id. */
	readonly id: string;
	/** Untrusted: an agent names its children. */
	readonly label: string;
	readonly agent: string;
	readonly guides: readonly Guide[];
	readonly badge: Badge;
	/** The state in at most nine letters. */
	readonly word: string;
	/** What there is to add to the word: why it waits, how it ended. Empty when there is nothing. */
	readonly reason: string;
	/** Since when it is so. */
	readonly sinceMs: number;
	/** How many sessions are folded away below it, and how many of those need the operator. */
	readonly folded: number;
	readonly foldedNeedsYou: number;
	/** Shown only because something below it matches the filter. */
	readonly isContext: boolean;
};

/** The part of the view the rows depend on. */
export type RowsView = Pick<View, 'filter' | 'collapsed' | 'seenRuns' | 'openedAtMs' | 'quietRuns'>;

type Status = Pick<SessionRow, 'badge' | 'word' | 'reason' | 'sinceMs'>;

const reasonWords = {
	approval: 'approval',
	question: 'question',
	input: 'input',
	child: 'child',
	'rate-limit': 'rate limit',
	budget: 'budget',
} as const;

const isForOperator = (run: Run): boolean => run.reason === 'approval' || run.reason === 'question' || run.reason === 'input';

/** The oldest open request of each session. */
const oldestRequests = (state: State): ReadonlyMap<string, Escalation> => {
	const oldest = new Map<string, Escalation>();
	for (const id of state.index.openEscalations) {
		const escalation = state.escalations[id]!;
		if (!oldest.has(escalation.sessionId)) {
			oldest.set(escalation.sessionId, escalation);
		}
	}

	return oldest;
};

/** Whether the operator has not looked at how this run ended. What ended before the console opened is not news. */
export const isUnseen = (run: Run, {seenRuns, openedAtMs}: Pick<View, 'seenRuns' | 'openedAtMs'>): boolean =>
	isOver(run) && run.sinceMs >= openedAtMs && !seenRuns.has(run.id);

/** What the agent itself tells it is doing; without a word of its own it is taken to work. */
const runningStatus = ({status}: Run): Omit<Status, 'sinceMs'> => {
	switch (status?.activity) {
		case 'blocked': {
			return {badge: 'needs-you', word: 'needs you', reason: status.kind ?? 'on its screen'};
		}

		case 'idle':
		case 'done': {
			return {badge: 'waiting', word: 'idle', reason: 'for input'};
		}

		default: {
			return {badge: 'working', word: 'working', reason: ''};
		}
	}
};

const liveStatus = (run: Run, {quietRuns}: RowsView): Omit<Status, 'sinceMs'> => {
	switch (run.state) {
		case 'starting': {
			return {badge: 'working', word: 'starting', reason: ''};
		}

		case 'stopping': {
			return {badge: 'stopping', word: 'stopping', reason: ''};
		}

		case 'waiting': {
			return isForOperator(run)
				? {badge: 'needs-you', word: 'needs you', reason: reasonWords[run.reason!]}
				: {badge: 'waiting', word: 'waits', reason: run.reason ? reasonWords[run.reason] : ''};
		}

		default: {
			return quietRuns.has(run.id) || run.stuckSinceMs !== undefined
				? {badge: 'stuck', word: 'stuck?', reason: 'no output'}
				: runningStatus(run);
		}
	}
};

/** How the last attempt ended, in two words. */
const exitWords = (run: Run): string => {
	const attempt = currentAttempt(run);
	if (attempt?.signal) {
		return `signal ${attempt.signal}`;
	}

	return attempt?.exitCode === undefined || attempt.exitCode === null ? '' : `exit ${attempt.exitCode}`;
};

const endedStatus = (run: Run, view: RowsView): Omit<Status, 'sinceMs'> => {
	switch (run.state) {
		case 'succeeded': {
			return isUnseen(run, view) ? {badge: 'unseen', word: 'finished', reason: ''} : {badge: 'idle', word: 'idle', reason: ''};
		}

		case 'cancelled': {
			return {badge: 'stopped', word: 'stopped', reason: ''};
		}

		case 'timed_out': {
			return {badge: 'failed', word: 'timed out', reason: ''};
		}

		case 'lost': {
			return {badge: 'failed', word: 'lost', reason: ''};
		}

		case 'dead': {
			return {badge: 'failed', word: 'dead letter', reason: exitWords(run)};
		}

		default: {
			return {badge: 'failed', word: 'failed', reason: exitWords(run)};
		}
	}
};

/** The run a row speaks of: the live one, else the next in the queue, else the last. */
export const spokenRun = (state: State, session: Session): Run | undefined => {
	const runs = session.runIds.map(id => state.runs[id]!);
	return runs.findLast(isLive) ?? runs.find(isQueued) ?? lastRun(state, session);
};

const statusOf = (state: State, session: Session, request: Escalation | undefined, view: RowsView): Status => {
	if (request) {
		return {badge: 'needs-you', word: 'needs you', reason: request.kind, sinceMs: request.raisedAtMs};
	}

	const run = spokenRun(state, session);
	if (!run) {
		return {badge: 'idle', word: 'new', reason: '', sinceMs: session.createdAtMs};
	}

	if (isQueued(run)) {
		return {badge: 'queued', word: 'queued', reason: '', sinceMs: run.queuedAtMs};
	}

	return {...(isLive(run) ? liveStatus(run, view) : endedStatus(run, view)), sinceMs: run.sinceMs};
};

/** What a session calls for now, as its row shows it. */
export const sessionStatus = (state: State, session: Session, view: RowsView): Status =>
	statusOf(state, session, oldestRequests(state).get(session.id), view);

const matches = (state: State, session: Session, status: Status, needle: string): boolean => {
	const texts = [session.label, session.agent, session.cwd, status.word, status.reason, lastRun(state, session)?.text ?? ''];
	return texts.some(text => text.toLowerCase().includes(needle));
};

type Node = {readonly session: Session; readonly status: Status; readonly isMatch: boolean; readonly children: readonly Node[]};

/** The tree of everything that passes the filter, with what leads there. */
const treeOf = (state: State, view: RowsView): readonly Node[] => {
	const requests = oldestRequests(state);
	const needle = view.filter.sessions.trim().toLowerCase();
	const build = (session: Session): Node => {
		const status = statusOf(state, session, requests.get(session.id), view);
		const isMatch = needle === '' || matches(state, session, status, needle);
		const children = [...(state.index.children.get(session.id) ?? [])].map(id => build(state.sessions[id]!));
		return {session, status, isMatch, children: children.filter(isShown)};
	};

	const isShown = (node: Node): boolean => node.isMatch || node.children.length > 0;
	return Object.values(state.sessions)
		.filter(session => session.parentId === undefined)
		.map(build)
		.filter(isShown);
};

const countBelow = (node: Node, isCounted: (node: Node) => boolean): number =>
	node.children.reduce((sum, child) => sum + (isCounted(child) ? 1 : 0) + countBelow(child, isCounted), 0);

const needsYou = ({status}: Node): boolean => status.badge === 'needs-you';

/** Every session as a row: in order of creation, children below their parents, folded or filtered as the view says. */
export const sessionRows = (state: State, view: RowsView): readonly SessionRow[] => {
	const rows: SessionRow[] = [];
	const isFiltered = view.filter.sessions.trim() !== '';
	const add = (node: Node, guides: readonly Guide[]): void => {
		const {session, status, isMatch, children} = node;
		const isFolded = !isFiltered && children.length > 0 && view.collapsed.has(session.id);
		rows.push({
			id: session.id,
			label: session.label,
			agent: session.agent,
			guides,
			...status,
			folded: isFolded ? countBelow(node, () => true) : 0,
			foldedNeedsYou: isFolded ? countBelow(node, needsYou) : 0,
			isContext: !isMatch,
		});
		if (isFolded) {
			return;
		}

		const trunk = guides.map(guide => (guide === 'branch' || guide === 'trunk' ? 'trunk' : 'blank'));
		for (const [index, child] of children.entries()) {
			add(child, [...trunk, index === children.length - 1 ? 'last' : 'branch']);
		}
	};

	for (const root of treeOf(state, view)) {
		add(root, []);
	}

	return rows;
};

/** The ids of the rows, in their order. */
export const sessionRowIds = (state: State, view: RowsView): readonly string[] => sessionRows(state, view).map(row => row.id);
