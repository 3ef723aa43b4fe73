import {type DecisionContext, noAnswer, type Outcome} from '../decision-context.js';
import {heldFacts} from '../escalation/decide-escalation.js';
import type {Fact} from '../fact.js';
import {availableLauncher} from '../run/capability.js';
import type {Run} from '../run/run.js';
import {groupOf} from '../run/run-group.js';
import {isAwaitOver} from '../run/run-ready.js';
import {whyNoRoom, whyNoRoomForGroup, whyNoRoomInTree, whyQueued} from '../run/run-wait.js';
import {afterStart} from '../safety/breaker.js';
import {breakerKeysOf, launcherBreakerKey} from '../safety/breaker-keys.js';
import {startBudgetFacts} from '../safety/budget-rate.js';
import {providerPause} from '../safety/provider-pause.js';
import type {State} from '../state.js';
import {preemptionFacts} from './preemption.js';
import type {Gate} from './root-queue.js';

/** Whether what the run waits for has come, so that it may have its slot back. People's answers bring their runs back by themselves. */
export const isResumable = (state: State, run: Run, nowMs: number): boolean => {
	switch (run.reason) {
		case 'child': {
			return isAwaitOver(run, state.runs);
		}

		case 'rate-limit': {
			const {agent} = state.sessions[run.sessionId]!;
			return nowMs >= (run.awaits?.untilMs ?? 0) && providerPause(state, agent, nowMs) === undefined;
		}

		default: {
			return false;
		}
	}
};

/**
 * A run that gave its slot back while it waited gets one before anything new starts; the oldest first. One that asked a person
 * meanwhile needs no slot: it goes on waiting, for the answer.
 */
const resumption = (state: State, nowMs: number): readonly Fact[] => {
	const {index, runs, sessions, limits} = state;
	if (index.waiting.size === 0) {
		return [];
	}

	const isFull = index.slots >= limits.concurrent;
	const hasRoom = ({sessionId}: Run): boolean =>
		!isFull && whyNoRoomInTree(state, sessions[sessionId]!.rootId, nowMs)?.code !== 'concurrent-tree';
	const ready = [...index.waiting].map(id => runs[id]!).filter(run => isResumable(state, run, nowMs));
	for (const run of ready.toSorted((a, b) => a.order - b.order)) {
		const held = heldFacts(state, run.id, nowMs);
		if (held.length > 0 || hasRoom(run)) {
			return [{type: 'run.resumed', runId: run.id, atMs: nowMs}, ...held];
		}
	}

	return [];
};

/** The first run that may start: what the operator forces, then the fair queue. */
const nextRun = (state: State, nowMs: number): Run | undefined => {
	for (const id of state.index.forced) {
		const run = state.runs[id]!;
		if (whyQueued(state, run, nowMs) === undefined) {
			return run;
		}
	}

	if (whyNoRoom(state) !== undefined) {
		return undefined;
	}

	// The queue asks for a group once in every lane; the answer is the same.
	const groups = new Map<string, boolean>();
	const gate: Gate = {
		allowsGroup(name) {
			const known = groups.get(name);
			const isAllowed = known ?? whyNoRoomForGroup(state, groupOf(name), nowMs) === undefined;
			groups.set(name, isAllowed);
			return isAllowed;
		},
		allowsRoot: rootId => whyNoRoomInTree(state, rootId, nowMs) === undefined,
	};
	const ready = state.index.ready.next(gate, nowMs);
	return ready && state.runs[ready.id];
};

/** The breakers that take the run as their probe, or count it as theirs. */
const breakerFacts = (state: State, run: Run, launcherId: string, nowMs: number): readonly Fact[] => {
	const keys = [...breakerKeysOf(state, state.sessions[run.sessionId]!.agent), launcherBreakerKey(launcherId)];
	return keys.flatMap(key => {
		const breaker = state.breakers[key];
		const next = breaker && afterStart(breaker, run.id, nowMs);
		return next === undefined || next === breaker ? [] : [{type: 'breaker.changed', key, breaker: next, atMs: nowMs} as const];
	});
};

/**
 * Gives one slot away, and reserves it in the same step: to a run that waited for others and may go on, else to the first that may
 * start. One run a command: the next sees the slots that this one took. A claim is durable before anything is spawned.
 */
export const decideDispatch = (state: State, {nowMs}: DecisionContext): Outcome => {
	const resumed = resumption(state, nowMs);
	if (resumed.length > 0) {
		return {facts: resumed, answer: noAnswer};
	}

	const run = nextRun(state, nowMs);
	const launcher = run && availableLauncher(state, state.sessions[run.sessionId]!.agent, run.demands ?? [], nowMs);
	if (!run || !launcher) {
		return {facts: preemptionFacts(state, nowMs), answer: noAnswer};
	}

	const generation = run.generation + 1;
	return {
		facts: [
			{type: 'run.starting', runId: run.id, generation, launcherId: launcher.id, atMs: nowMs},
			...breakerFacts(state, run, launcher.id, nowMs),
			...startBudgetFacts(state, run, nowMs),
		],
		answer: {run: {id: run.id, generation}},
	};
};
