import {agentBreakerKey, closedBreaker, letsThrough} from './breaker.js';
import type {Launcher} from './launcher.js';
import type {Run} from './run.js';
import {activeRun} from './session.js';
import type {State} from './state.js';

/** Why a queued run does not start now: a stable code, and a sentence for the operator. */
export type QueueReason = {
	readonly code: 'paused' | 'session-busy' | 'session-order' | 'concurrent' | 'concurrent-tree' | 'breaker' | 'no-launcher';
	readonly sentence: string;
};

/** The launcher a run would start on now. */
export const availableLauncher = (state: State): Launcher | undefined =>
	Object.values(state.launchers).find(launcher => launcher.state === 'online');

const seconds = (ms: number): string => `${Math.max(1, Math.ceil(ms / 1000))} s`;

/** What holds every run of this agent back. */
export const whyNoRoomForAgent = (state: State, agent: string, nowMs: number): QueueReason | undefined => {
	const breaker = state.breakers[agentBreakerKey(agent)] ?? closedBreaker;
	if (letsThrough(breaker, nowMs)) {
		return undefined;
	}

	switch (breaker.state) {
		case 'open': {
			return {
				code: 'breaker',
				sentence: `The breaker of ${agent} is open (${breaker.cause}); it probes in ${seconds(breaker.untilMs - nowMs)}.`,
			};
		}

		case 'half-open': {
			return {code: 'breaker', sentence: `The breaker of ${agent} lets one probe through at a time; ${breaker.probe?.runId} is it.`};
		}

		default: {
			return {code: 'breaker', sentence: `The breaker of ${agent} is held open by the operator.`};
		}
	}
};

/** What holds every run back, whoever it is of. */
export const whyNoRoom = (state: State): QueueReason | undefined => {
	if (state.queuePausedBy !== undefined) {
		return {code: 'paused', sentence: `The queue is paused by ${state.queuePausedBy}.`};
	}

	if (state.index.slots >= state.limits.concurrent) {
		return {code: 'concurrent', sentence: `All ${state.limits.concurrent} slots are taken (limit concurrent).`};
	}

	return availableLauncher(state) ? undefined : {code: 'no-launcher', sentence: 'No launcher is reachable.'};
};

/** What holds every run of this tree back. */
export const whyNoRoomInTree = ({index, limits}: State, rootId: string): QueueReason | undefined =>
	(index.slotsByRoot.get(rootId) ?? 0) >= limits.concurrentPerTree
		? {code: 'concurrent-tree', sentence: `All ${limits.concurrentPerTree} slots of its tree are taken (limit concurrentPerTree).`}
		: undefined;

/** What holds this run back in its own session: runs of one session follow one another. */
const whyNotItsTurn = (state: State, run: Run): QueueReason | undefined => {
	const session = state.sessions[run.sessionId]!;
	const active = activeRun(state, session);
	if (active) {
		return {code: 'session-busy', sentence: `${session.label} is busy with ${active.id}.`};
	}

	const isFirst = state.index.lines.get(session.id)?.queued[0]?.id === run.id;
	return isFirst ? undefined : {code: 'session-order', sentence: `An earlier message of ${session.label} goes first.`};
};

/** Why this queued run does not start now; `undefined` when it may. Dispatch asks the same questions, of whole groups at once. */
export const whyQueued = (state: State, run: Run, nowMs: number): QueueReason | undefined => {
	const {agent, rootId} = state.sessions[run.sessionId]!;
	return whyNotItsTurn(state, run) ?? whyNoRoom(state) ?? whyNoRoomInTree(state, rootId) ?? whyNoRoomForAgent(state, agent, nowMs);
};
