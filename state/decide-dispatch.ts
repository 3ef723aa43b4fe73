import {afterStart, agentBreakerKey} from './breaker.js';
import {type DecisionContext, noAnswer, type Outcome} from './decision-context.js';
import type {Fact} from './fact.js';
import type {Gate} from './root-queue.js';
import {availableLauncher, whyNoRoom, whyNoRoomForAgent, whyNoRoomInTree} from './run-wait.js';
import type {State} from './state.js';

/**
 * Claims the first run that may start, and reserves its slot in the same step. One run a command: the next claim sees the slots
 * that this one took. The claim is durable before anything is spawned.
 */
export const decideDispatch = (state: State, {nowMs}: DecisionContext): Outcome => {
	const gate: Gate = {
		allowsGroup: agent => whyNoRoomForAgent(state, agent, nowMs) === undefined,
		allowsRoot: rootId => whyNoRoomInTree(state, rootId) === undefined,
	};
	const ready = whyNoRoom(state) === undefined ? state.index.ready.next(gate, nowMs) : undefined;
	const run = ready && state.runs[ready.id];
	const launcher = availableLauncher(state);
	if (!run || !launcher) {
		return {facts: [], answer: noAnswer};
	}

	const facts: Fact[] = [{type: 'run.starting', runId: run.id, generation: run.generation + 1, launcherId: launcher.id, atMs: nowMs}];
	const key = agentBreakerKey(state.sessions[run.sessionId]!.agent);
	const breaker = state.breakers[key];
	const next = breaker && afterStart(breaker, run.id, nowMs);
	if (next && next !== breaker) {
		facts.push({type: 'breaker.changed', key, breaker: next, atMs: nowMs});
	}

	return {facts, answer: {run: {id: run.id, generation: run.generation + 1}}};
};
