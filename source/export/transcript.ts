import type {Escalation} from '../../state/escalation/escalation.js';
import type {Run} from '../../state/run/run.js';
import type {TypedMessage} from '../../state/session/message.js';
import {childrenOf, pathOf, runsOf, type Session, type SessionState, sessionState} from '../../state/session/session.js';
import type {State} from '../../state/state.js';

/** A run with what was said while it lived. */
export type RunTranscript = {
	readonly run: Run;
	/** Lines the operator typed, oldest first. */
	readonly messages: readonly TypedMessage[];
	/** Requests it raised, oldest first. */
	readonly escalations: readonly Escalation[];
};

export type SessionTranscript = {
	readonly session: Session;
	readonly state: SessionState;
	/** The labels from the root of the tree down to it. */
	readonly path: readonly string[];
	/** Oldest first. */
	readonly runs: readonly RunTranscript[];
};

/** Everything State knows of a session or a tree, detached from State: it stays as it was however long an export takes. */
export type Transcript = {
	readonly takenAtMs: number;
	readonly isTree: boolean;
	/** Each session before its children, each child with all that is below it before the next. */
	readonly sessions: readonly SessionTranscript[];
};

const depthFirst = (state: State, session: Session): readonly Session[] => [
	session,
	...childrenOf(state, session.id).flatMap(child => depthFirst(state, child)),
];

const byRun = <Item extends {readonly runId: string}>(items: readonly Item[]): ReadonlyMap<string, readonly Item[]> =>
	Map.groupBy(items, ({runId}) => runId);

/** Takes down a session, with `tree` also everything below it. The session must exist. */
export const takeTranscript = (
	state: State,
	{sessionId, tree, nowMs}: {readonly sessionId: string; readonly tree: boolean; readonly nowMs: number},
): Transcript => {
	const top = state.sessions[sessionId]!;
	const messages = byRun(state.messages);
	const escalations = byRun(Object.values(state.escalations));
	const sessions = (tree ? depthFirst(state, top) : [top]).map(session => ({
		session,
		state: sessionState(state, session),
		path: pathOf(state, session).map(({label}) => label),
		runs: runsOf(state, session).map(run => ({
			run,
			messages: messages.get(run.id) ?? [],
			escalations: escalations.get(run.id) ?? [],
		})),
	}));
	return structuredClone({takenAtMs: nowMs, isTree: tree, sessions});
};
