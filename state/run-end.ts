import {afterCancel, afterFailure, afterSuccess, agentBreakerKey, type Breaker, closedBreaker} from './breaker.js';
import type {Fact, FactOf} from './fact.js';
import type {Run, RunEnd} from './run.js';
import type {State} from './state.js';

const breakerAfter = (breaker: Breaker, run: Run, end: RunEnd, cause: string, nowMs: number): Breaker => {
	switch (end) {
		case 'succeeded': {
			return afterSuccess(breaker, run.id);
		}

		case 'failed':
		case 'timed_out': {
			return afterFailure(breaker, run.id, cause, nowMs);
		}

		// A cancelled run, or one whose machine went away, says nothing about the agent.
		case 'cancelled':
		case 'lost': {
			return afterCancel(breaker, run.id);
		}
	}
};

const withdrawals = (state: State, run: Run, why: string, nowMs: number): readonly Fact[] =>
	[...state.index.openEscalations]
		.filter(id => state.escalations[id]!.runId === run.id)
		.map(id => ({type: 'escalation.withdrawn', escalationId: id, why, atMs: nowMs}) as const);

/** Everything that becomes true when a claim is rolled back: the run queues again, asks nothing, and is no probe of its breaker. */
export const releaseFacts = (state: State, run: Run, sentence: string, nowMs: number): readonly Fact[] => {
	const key = agentBreakerKey(state.sessions[run.sessionId]!.agent);
	const breaker = state.breakers[key];
	const next = breaker && afterCancel(breaker, run.id);
	return [
		{type: 'run.released', runId: run.id, generation: run.generation, sentence, atMs: nowMs},
		...withdrawals(state, run, 'the attempt that asked was lost', nowMs),
		...(next === undefined || next === breaker ? [] : [{type: 'breaker.changed', key, breaker: next, atMs: nowMs} as const]),
	];
};

/** Everything that becomes true when a run ends: the end itself, its requests withdrawn, its breaker told how it ended. */
export const endFacts = (
	state: State,
	run: Run,
	end: Omit<FactOf<'run.ended'>, 'type' | 'runId' | 'generation' | 'atMs'>,
	nowMs: number,
): readonly Fact[] => {
	const facts: Fact[] = [
		{type: 'run.ended', runId: run.id, generation: run.generation, atMs: nowMs, ...end},
		...withdrawals(state, run, `the run ended (${end.end})`, nowMs),
	];
	const wasStarted = run.state !== 'queued';
	const {agent} = state.sessions[run.sessionId]!;
	const key = agentBreakerKey(agent);
	const breaker = state.breakers[key] ?? closedBreaker;
	const cause = end.sentence ?? (end.exitCode === undefined || end.exitCode === null ? end.end : `exit ${end.exitCode}`);
	const next = wasStarted ? breakerAfter(breaker, run, end.end, cause, nowMs) : breaker;
	const isSame = next === breaker || (next.state === 'closed' && breaker.state === 'closed' && next.failures === breaker.failures);
	if (!isSame) {
		facts.push({type: 'breaker.changed', key, breaker: next, atMs: nowMs});
	}

	return facts;
};
