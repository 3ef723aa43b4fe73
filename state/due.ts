import {afterFailure, afterPause, breakerDueMs} from './breaker.js';
import {resumeFacts} from './decide-escalation.js';
import type {Fact} from './fact.js';
import type {State} from './state.js';

/** How long an answer to an idempotent request is kept. */
export const keptAnswerMs = 24 * 60 * 60_000;

const expiries = (state: State, nowMs: number): readonly Fact[] => {
	const expired = [...state.index.openEscalations].map(id => state.escalations[id]!).filter(({expiresAtMs}) => nowMs >= expiresAtMs);
	return [
		...expired.map(({id}) => ({type: 'escalation.expired', escalationId: id, atMs: nowMs}) as const),
		...resumeFacts(state, expired, nowMs),
	];
};

const slowStarts = (state: State, nowMs: number): readonly Fact[] =>
	[...state.index.live]
		.map(id => state.runs[id]!)
		.filter(run => run.state === 'starting' && nowMs - run.sinceMs >= state.limits.startTimeoutMs)
		.map(run => ({type: 'run.stopping', runId: run.id, ending: 'timed_out', by: 'the start time-out', atMs: nowMs}) as const);

const endedPauses = (state: State, nowMs: number): readonly Fact[] =>
	Object.entries(state.breakers).flatMap(([key, breaker]) => {
		const next = afterPause(breaker, nowMs);
		return next === breaker ? [] : [{type: 'breaker.changed', key, breaker: next, atMs: nowMs} as const];
	});

const deadProbes = (state: State, nowMs: number): readonly Fact[] =>
	Object.entries(state.breakers).flatMap(([key, breaker]) =>
		breaker.state === 'half-open' && breaker.probe && nowMs >= breaker.probe.deadlineMs
			? [
					{
						type: 'breaker.changed',
						key,
						breaker: afterFailure(breaker, breaker.probe.runId, 'the probe did not end in time', nowMs),
						atMs: nowMs,
					} as const,
				]
			: [],
	);

const oldAnswers = (state: State, nowMs: number): readonly Fact[] => {
	const beforeMs = nowMs - keptAnswerMs;
	const hasOld = Object.values(state.answers).some(kept => kept.atMs < beforeMs);
	return hasOld ? [{type: 'answers.forgotten', beforeMs, atMs: nowMs}] : [];
};

/** What time alone makes true by now. */
export const dueFacts = (state: State, nowMs: number): readonly Fact[] => [
	...expiries(state, nowMs),
	...slowStarts(state, nowMs),
	...endedPauses(state, nowMs),
	...deadProbes(state, nowMs),
	...oldAnswers(state, nowMs),
];

/**
 * The next moment at which time alone changes something; `undefined` when nothing is pending. Once `dueFacts` of that moment are
 * true it lies later, so that a timer set by it never spins.
 */
export const nextDueMs = (state: State): number | undefined => {
	const moments = [
		...[...state.index.openEscalations].map(id => state.escalations[id]!.expiresAtMs),
		...[...state.index.live]
			.map(id => state.runs[id]!)
			.filter(run => run.state === 'starting')
			.map(run => run.sinceMs + state.limits.startTimeoutMs),
		...Object.values(state.breakers).flatMap(breaker => breakerDueMs(breaker) ?? []),
	];
	return moments.length === 0 ? undefined : Math.min(...moments);
};
