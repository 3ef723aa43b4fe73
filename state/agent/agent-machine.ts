import {currentAttempt, isLive, type Run} from '../run/run.js';
import {limitsOf} from '../safety/limits-of-state.js';
import {type Session, screenRun} from '../session/session.js';
import type {State} from '../state.js';
import type {AgentActivity} from './agent-status.js';

/**
 * Where a session's agent is. That it looks alive does not make it available: it is `assigned` until it took its prompt, and
 * `unresponsive` once it was taken off a prompt that it never took.
 */
export type AgentState = 'offline' | 'idle' | 'assigned' | 'working' | 'blocked' | 'done' | 'failed' | 'unresponsive';

/** Where an agent may come to from where it is, in one step. */
export const agentTransitions: Readonly<Record<AgentState, readonly AgentState[]>> = {
	// Its launcher is away, or it has no process: when the launcher is back it may be anywhere.
	offline: ['idle', 'assigned', 'working', 'blocked', 'done', 'failed', 'unresponsive'],
	idle: ['working', 'blocked', 'done', 'failed', 'offline'],
	assigned: ['idle', 'working', 'blocked', 'done', 'failed', 'offline', 'unresponsive'],
	working: ['idle', 'blocked', 'done', 'failed', 'offline'],
	blocked: ['idle', 'working', 'done', 'failed', 'offline'],
	done: ['assigned', 'idle', 'working', 'blocked', 'failed', 'offline'],
	failed: ['assigned', 'idle', 'working', 'blocked', 'done', 'offline'],
	// It took its prompt too late and is stopped all the same, or was done before that.
	unresponsive: ['assigned', 'working', 'done', 'offline'],
};

/** Whether this attempt has to prove that its agent took the prompt, and has not. */
const isUnproved = (state: State, run: Run): boolean => {
	const profile = state.agents[state.sessions[run.sessionId]!.agent];
	const attempt = currentAttempt(run);
	return profile?.provesAcceptance === true && run.text !== '' && attempt?.startedAtMs !== undefined && attempt.acceptedAtMs === undefined;
};

/** Whether the run's newest attempt is being, or was, taken from an agent that never took its prompt though it had the time. */
export const isUnresponsive = (state: State, run: Run): boolean => {
	if (run.state === 'stopping') {
		return run.stop?.counts === 'loss';
	}

	const {acceptanceTimeoutMs} = limitsOf(state, state.sessions[run.sessionId]);
	const {startedAtMs = 0, endedAtMs, waitedMs = 0} = currentAttempt(run) ?? {};
	const hadTime = acceptanceTimeoutMs !== 0 && endedAtMs !== undefined && endedAtMs - startedAtMs - waitedMs >= acceptanceTimeoutMs;
	return hadTime && isUnproved(state, run);
};

const byActivity: Readonly<Record<AgentActivity, AgentState>> = {
	starting: 'working',
	working: 'working',
	blocked: 'blocked',
	idle: 'idle',
	done: 'done',
	error: 'failed',
	exited: 'done',
};

const liveState = (state: State, run: Run): AgentState => {
	const isAway = state.launchers[currentAttempt(run)!.launcherId]?.state !== 'online';
	if (isAway) {
		return 'offline';
	}

	if (isUnresponsive(state, run)) {
		return 'unresponsive';
	}

	switch (run.state) {
		case 'starting': {
			return 'assigned';
		}

		case 'waiting': {
			return 'blocked';
		}

		case 'stopping': {
			return isUnproved(state, run) ? 'assigned' : 'working';
		}

		default: {
			return isUnproved(state, run) ? 'assigned' : byActivity[run.status?.activity ?? 'working'];
		}
	}
};

const restState = (state: State, run: Run): AgentState => {
	switch (run.state) {
		case 'succeeded': {
			return 'done';
		}

		// Nobody waits for it any more.
		case 'cancelled': {
			return 'offline';
		}

		// No process is left, and that alone does not say that the agent failed.
		case 'queued': {
			return isUnresponsive(state, run) ? 'unresponsive' : 'offline';
		}

		default: {
			return isUnresponsive(state, run) ? 'unresponsive' : 'failed';
		}
	}
};

/** Where a session's agent is, from its run, what it tells, and its launcher. */
export const agentState = (state: State, session: Session): AgentState => {
	const run = screenRun(state, session);
	if (!run) {
		return 'offline';
	}

	return isLive(run) ? liveState(state, run) : restState(state, run);
};
