import {goneFacts, nextGoneMs} from './agent/launcher-gone.js';
import type {DecisionContext} from './decision-context.js';
import {resumeFacts} from './escalation/decide-escalation.js';
import type {Fact} from './fact.js';
import {nextRateMs} from './queue/start-rate.js';
import {orphanFacts, orphans} from './run/orphan.js';
import {nextTimeOutMs, timeOutFacts} from './run/time-outs.js';
import {alertFacts, nextAlertMs} from './safety/alert-episodes.js';
import {afterFailure, afterPause, breakerDueMs} from './safety/breaker.js';
import {nextBudgetMs} from './safety/budget-check.js';
import {dueBudgetFacts} from './safety/budget-facts.js';
import {duePauses, nextPauseMs} from './safety/provider-pause.js';
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

const dueRetries = ({index: {delayed}}: State, {nowMs}: DecisionContext): readonly Fact[] =>
	[...delayed].flatMap(([runId, dueAtMs]) => (nowMs >= dueAtMs ? [{type: 'run.due', runId, atMs: nowMs} as const] : []));

const oldAnswers = (state: State, nowMs: number): readonly Fact[] => {
	const beforeMs = nowMs - keptAnswerMs;
	const hasOld = Object.values(state.answers).some(kept => kept.atMs < beforeMs);
	return hasOld ? [{type: 'answers.forgotten', beforeMs, atMs: nowMs}] : [];
};

/** Whether a fact is about one of these runs. That a run goes on without another leaves the run itself as it is. */
const isAbout = (fact: Fact, runIds: ReadonlySet<string>): boolean =>
	'runId' in fact && fact.type !== 'run.dependency-dropped' && runIds.has(fact.runId);

/** What time alone makes true of runs; no run is touched by two of these rules in one step. */
const dueOfRuns = (state: State, context: DecisionContext): readonly Fact[] => {
	const touched = new Set<string>();
	const facts: Fact[] = [];
	for (const rule of [goneFacts, timeOutFacts, orphanFacts, dueRetries]) {
		const due = rule(state, {...context, ending: new Set(touched)}).filter(fact => !isAbout(fact, touched));
		facts.push(...due);
		for (const fact of due) {
			if ('runId' in fact && fact.type !== 'run.dependency-dropped') {
				touched.add(fact.runId);
			}
		}
	}

	return facts;
};

/** What time alone makes true by now. */
export const dueFacts = (state: State, context: DecisionContext): readonly Fact[] => {
	const {nowMs} = context;
	const ofRuns = dueOfRuns(state, context);
	// Requests of a run that ends now are withdrawn with it.
	const withdrawn = new Set(ofRuns.flatMap(fact => (fact.type === 'escalation.withdrawn' ? [fact.escalationId] : [])));
	const stopping = new Set(ofRuns.flatMap(fact => (fact.type === 'run.stopping' ? [fact.runId] : [])));
	return [
		...expiries(state, nowMs).filter(
			fact => !('escalationId' in fact && withdrawn.has(fact.escalationId)) && !(fact.type === 'run.resumed' && stopping.has(fact.runId)),
		),
		...ofRuns,
		...endedPauses(state, nowMs),
		...deadProbes(state, nowMs),
		...duePauses(state, nowMs),
		...dueBudgetFacts(state, context),
		...alertFacts(state, nowMs),
		...oldAnswers(state, nowMs),
	];
};

/**
 * The next moment at which time alone changes something; `undefined` when nothing is pending. Once `dueFacts` of that moment are
 * true it lies later, so that a timer set by it never spins.
 */
export const nextDueMs = (state: State, nowMs: number): number | undefined => {
	const {index, escalations, breakers, runs} = state;
	const moments = [
		...[...index.openEscalations].map(id => escalations[id]!.expiresAtMs),
		...nextGoneMs(state),
		...nextTimeOutMs(state),
		...orphans(state).map(({dueMs}) => dueMs),
		...index.delayed.values(),
		...[...index.waiting].flatMap(id => runs[id]!.awaits?.untilMs ?? []).filter(moment => moment > nowMs),
		...Object.values(breakers).flatMap(breaker => breakerDueMs(breaker) ?? []),
		...nextPauseMs(state),
		...nextRateMs(state, nowMs),
		...nextBudgetMs(state, nowMs),
		...nextAlertMs(state, nowMs),
	];
	return moments.length === 0 ? undefined : moments.reduce((first, moment) => Math.min(first, moment));
};
