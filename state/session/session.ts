import type {Run} from '../run/run.js';
import {isLive, isQueued} from '../run/run.js';
import type {Usage} from '../safety/usage.js';
import type {State} from '../state.js';

/** A conversation with one agent: a node of the tree. It has many runs, at most one of them active. */
export type Session = {
	/** `ses_…` */
	readonly id: string;
	/** The name of the agent profile that runs here. */
	readonly agent: string;
	/** What the operator calls it; unique enough to be recognised, never an address. */
	readonly label: string;
	/** Absolute path of the folder its agents start in. */
	readonly cwd: string;
	readonly createdAtMs: number;
	/** The session whose agent spawned this one, and the run that did. */
	readonly parentId?: string;
	readonly parentRunId?: string;
	/** The top of its tree; its own id for a root. */
	readonly rootId: string;
	/** 0 for a root. */
	readonly depth: number;
	/** Free words to find and group it by. */
	readonly tags?: readonly string[];
	/** What becomes of this session's work when the run that spawned it succeeds; `keep` unless told otherwise. */
	readonly onParentSuccess?: 'keep' | 'cancel';
	/** The agent's own id of the conversation, once it told it. */
	readonly threadId?: string;
	/** What it had used before that conversation began. */
	readonly usedBefore?: Usage;
	/** Oldest first. */
	readonly runIds: string[];
};

/** What a session is doing, derived from its runs and never stored. */
export type SessionState = 'pending' | 'running' | 'waiting' | 'stopping' | 'idle' | 'stopped' | 'failed';

export const runsOf = (state: State, session: Session): readonly Run[] => session.runIds.map(id => state.runs[id]!);

/** The run that holds the session's agent now, if any. */
export const activeRun = (state: State, session: Session): Run | undefined => session.runIds.map(id => state.runs[id]!).findLast(isLive);

export const lastRun = (state: State, session: Session): Run | undefined => {
	const id = session.runIds.at(-1);
	return id === undefined ? undefined : state.runs[id];
};

/** The run whose screen stands for the session: the active one, else the last that was ever started. */
export const screenRun = (state: State, session: Session): Run | undefined =>
	activeRun(state, session) ?? session.runIds.map(id => state.runs[id]!).findLast(run => run.generation > 0);

export const sessionState = (state: State, session: Session): SessionState => {
	const active = activeRun(state, session);
	if (active) {
		return active.state === 'starting' ? 'running' : (active.state as 'running' | 'waiting' | 'stopping');
	}

	const ended = session.runIds.map(id => state.runs[id]!).findLast(run => !isQueued(run));
	const hasQueued = session.runIds.some(id => isQueued(state.runs[id]!));
	if (hasQueued || !ended) {
		return 'pending';
	}

	switch (ended.state) {
		case 'succeeded': {
			return 'idle';
		}

		case 'cancelled': {
			return 'stopped';
		}

		default: {
			return 'failed';
		}
	}
};

/** The session's live children, direct ones only. */
export const childrenOf = (state: State, sessionId: string): readonly Session[] =>
	[...(state.index.children.get(sessionId) ?? [])].map(id => state.sessions[id]!);

/** The session and everything below it, parents before children. */
export const subtree = (state: State, sessionId: string): readonly Session[] => {
	const found: Session[] = [];
	const waiting = [sessionId];
	for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
		const session = state.sessions[id];
		if (session) {
			found.push(session);
			waiting.push(...(state.index.children.get(id) ?? []));
		}
	}

	return found;
};

/** From the root down to the session: how the operator reads who asks. */
export const pathOf = (state: State, session: Session): readonly Session[] => {
	const path: Session[] = [];
	for (let at: Session | undefined = session; at; at = at.parentId === undefined ? undefined : state.sessions[at.parentId]) {
		path.unshift(at);
	}

	return path;
};

/** Whether the session has work that is queued or alive. */
export const isBusy = (state: State, session: Session): boolean =>
	session.runIds.some(id => isLive(state.runs[id]!) || isQueued(state.runs[id]!));
