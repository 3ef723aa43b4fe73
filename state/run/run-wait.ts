import {startRetryAfterMs} from '../queue/start-rate.js';
import {type Breaker, closedBreaker, letsThrough} from '../safety/breaker.js';
import {breakerKeysOf, launcherBreakerKey} from '../safety/breaker-keys.js';
import {whyNotBudget, whyNotSessionBudget} from '../safety/budget-check.js';
import {limitsOf} from '../safety/limits-of-state.js';
import {providerPause} from '../safety/provider-pause.js';
import {activeRun} from '../session/session.js';
import type {State} from '../state.js';
import {quotedName} from '../view/quoted-name.js';
import {availableLauncher, isMatched} from './capability.js';
import type {Run} from './run.js';
import type {RunGroup} from './run-group.js';
import {openDependencies, whyNotReady} from './run-ready.js';

/** Why a queued run does not start now: a stable code, and a sentence for the operator. */
export type QueueReason = {
	readonly code:
		| 'held'
		| 'retry'
		| 'depends'
		| 'session-busy'
		| 'session-order'
		| 'paused'
		| 'concurrent'
		| 'operator'
		| 'concurrent-tree'
		| 'budget'
		| 'no-match'
		| 'no-launcher'
		| 'breaker'
		| 'provider'
		| 'rate';
	readonly sentence: string;
	/** When time alone may change it. */
	readonly retryAfterMs?: number;
};

const seconds = (ms: number): string => `${Math.max(1, Math.ceil(ms / 1000))} s`;

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

const breakerReason = (key: string, breaker: Breaker, nowMs: number): QueueReason => {
	const code = 'breaker';
	switch (breaker.state) {
		case 'open': {
			const retryAfterMs = breaker.untilMs - nowMs;
			return {code, sentence: `The breaker ${key} is open (${breaker.cause}); it probes in ${seconds(retryAfterMs)}.`, retryAfterMs};
		}

		case 'half-open': {
			return {code, sentence: `The breaker ${key} lets one probe through at a time; ${breaker.probe?.runId} is it.`};
		}

		default: {
			return {code, sentence: `The breaker ${key} is held open by the operator.`};
		}
	}
};

const closedTo = (state: State, keys: readonly string[], nowMs: number): QueueReason | undefined => {
	const key = keys.find(one => !letsThrough(state.breakers[one] ?? closedBreaker, nowMs));
	return key === undefined ? undefined : breakerReason(key, state.breakers[key]!, nowMs);
};

const whyNoLauncher = (state: State, {agent, demands}: RunGroup, nowMs: number): QueueReason | undefined => {
	if (availableLauncher(state, agent, demands, nowMs)) {
		return undefined;
	}

	const online = Object.values(state.launchers).filter(launcher => launcher.state === 'online');
	if (online.length === 0) {
		return {code: 'no-launcher', sentence: 'No launcher is reachable.'};
	}

	return isMatched(state, agent, demands)
		? closedTo(
				state,
				online.map(({id}) => launcherBreakerKey(id)),
				nowMs,
			)
		: {code: 'no-match', sentence: `Neither ${agent} nor a reachable launcher has ${demands.join(', ')}.`};
};

/** What holds every run of this agent with these demands back. */
export const whyNoRoomForGroup = (state: State, group: RunGroup, nowMs: number): QueueReason | undefined => {
	const {agent} = group;
	const pause = providerPause(state, agent, nowMs);
	if (pause) {
		const retryAfterMs = pause.untilMs - nowMs;
		const provider = state.agents[agent]!.provider!;
		return {code: 'provider', sentence: `${provider} told us to wait; it goes on in ${seconds(retryAfterMs)}.`, retryAfterMs};
	}

	const retryAfterMs = startRetryAfterMs(state, agent, nowMs);
	if (retryAfterMs > 0) {
		return {code: 'rate', sentence: `Too many starts a minute; the next of ${agent} may start in ${seconds(retryAfterMs)}.`, retryAfterMs};
	}

	return whyNoLauncher(state, group, nowMs) ?? closedTo(state, breakerKeysOf(state, agent), nowMs);
};

/** How many runs may hold a slot now: fewer while more decisions wait for the operator than one person can take. */
export const slotsNow = ({limits: {concurrent, pendingDecisions}, index}: State): number => {
	const tooMany = pendingDecisions === 0 ? 0 : Math.max(0, index.openEscalations.size - pendingDecisions);
	return tooMany === 0 ? concurrent : Math.max(Math.min(1, concurrent), concurrent - tooMany);
};

/** What holds every run back, whoever it is of. */
export const whyNoRoom = (state: State): QueueReason | undefined => {
	if (state.queuePausedBy !== undefined) {
		return {code: 'paused', sentence: `The queue is paused by ${state.queuePausedBy}.`};
	}

	const {concurrent} = state.limits;
	const slots = slotsNow(state);
	if (state.index.slots < slots) {
		return undefined;
	}

	return slots < concurrent
		? {
				code: 'operator',
				sentence: `${plural(state.index.openEscalations.size, 'decision')} wait for the operator: only ${plural(slots, 'slot')} of ${concurrent} used until then.`,
			}
		: {
				code: 'concurrent',
				sentence: `${concurrent === 1 ? 'The one slot is' : `All ${concurrent} slots are`} taken (limit concurrent).`,
			};
};

/** What holds every run of this tree back. */
export const whyNoRoomInTree = (state: State, rootId: string, nowMs: number): QueueReason | undefined => {
	const {concurrentPerTree} = limitsOf(state, {rootId});
	if ((state.index.slotsByRoot.get(rootId) ?? 0) >= concurrentPerTree) {
		const taken = concurrentPerTree === 1 ? 'The one slot' : `All ${concurrentPerTree} slots`;
		return {
			code: 'concurrent-tree',
			sentence: `${taken} of its tree ${concurrentPerTree === 1 ? 'is' : 'are'} taken (limit concurrentPerTree).`,
		};
	}

	const held = whyNotBudget(state, rootId, nowMs);
	return held && {code: 'budget', ...held};
};

/** A run by the name of its session, and its id: a session has many runs. */
export const runInWords = (state: State, runId: string): string => {
	const session = state.sessions[state.runs[runId]?.sessionId ?? ''];
	return session ? `${quotedName(session.label)} (${runId})` : runId;
};

/** What of its own holds this run back, whatever room there is. */
const whyNotItself = (state: State, run: Run, nowMs: number): QueueReason | undefined => {
	switch (whyNotReady(run, state.index.records)) {
		case 'held': {
			return {code: 'held', sentence: `It is held by ${run.heldBy}.`};
		}

		case 'retry': {
			const retryAfterMs = Math.max(0, run.dueAtMs! - nowMs);
			const failures = plural(run.failures ?? 0, 'attempt');
			return {code: 'retry', sentence: `${failures} failed; it is tried again in ${seconds(retryAfterMs)}.`, retryAfterMs};
		}

		case 'depends': {
			const open = openDependencies(run, state.runs);
			const sentence = `It depends on ${open.map(id => runInWords(state, id)).join(', ')}, which ${open.length === 1 ? 'has' : 'have'} not succeeded yet.`;
			return {code: 'depends', sentence};
		}

		case 'budget': {
			// What is to start now starts over every budget.
			const held = run.isForced ? undefined : whyNotSessionBudget(state, run.sessionId, nowMs);
			return held && {code: 'budget', ...held};
		}

		default: {
			return undefined;
		}
	}
};

/** What holds this run back in its own session: runs of one session follow one another. */
const whyNotItsTurn = (state: State, run: Run): QueueReason | undefined => {
	const session = state.sessions[run.sessionId]!;
	const active = activeRun(state, session);
	if (active) {
		return {code: 'session-busy', sentence: `${quotedName(session.label)} is busy with ${active.id}.`};
	}

	const isFirst = state.index.lines.get(session.id)?.queued[0]?.id === run.id;
	return isFirst ? undefined : {code: 'session-order', sentence: `An earlier message of ${quotedName(session.label)} goes first.`};
};

/** Why this queued run does not start now; `undefined` when it may. Dispatch asks the same questions, of whole groups at once. */
export const whyQueued = (state: State, run: Run, nowMs: number): QueueReason | undefined => {
	const {agent, rootId} = state.sessions[run.sessionId]!;
	const group = {agent, demands: run.demands ?? []};
	const own = whyNotItsTurn(state, run) ?? whyNotItself(state, run, nowMs);
	if (own || run.isForced) {
		return own ?? whyNoLauncher(state, group, nowMs);
	}

	return whyNoRoom(state) ?? whyNoRoomInTree(state, rootId, nowMs) ?? whyNoRoomForGroup(state, group, nowMs);
};
