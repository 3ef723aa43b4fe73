import type {Fact} from '../fact.js';
import {fullBucket, type RateLimit, retryAfterMs, type TokenBucket, takeToken} from '../queue/rate.js';
import type {Run} from '../run/run.js';
import type {State} from '../state.js';
import {budgetOf} from './budget-check.js';
import {scopesOf, type UsageScope} from './usage.js';

const bucketKey = (scope: UsageScope): string => `runs:${scope}`;

type Rated = {readonly scope: UsageScope; readonly runsPerHour: number; readonly after: TokenBucket; readonly rate: RateLimit};

/** The scopes of a session that may start only so many runs an hour, each with its bucket once one more started. */
const ratedScopes = (state: State, sessionId: string, nowMs: number): readonly Rated[] =>
	scopesOf(state.sessions[sessionId]!).flatMap(scope => {
		const {runsPerHour} = budgetOf(state, scope);
		if (runsPerHour === undefined) {
			return [];
		}

		const rate = {perMinute: runsPerHour / 60, burst: runsPerHour};
		const bucket = state.buckets[bucketKey(scope)] ?? fullBucket(rate, nowMs);
		return [{scope, runsPerHour, after: takeToken(bucket, rate, nowMs), rate}];
	});

/** Takes what a start costs the budgets of runs an hour. Called by `apply` alone. */
export const takeRun = (state: State, sessionId: string, atMs: number): void => {
	for (const {scope, after} of ratedScopes(state, sessionId, atMs)) {
		state.buckets[bucketKey(scope)] = after;
	}
};

/** What the start of a run makes true of the budgets of runs an hour: those that have none left hold their scope until they have. */
export const startBudgetFacts = (state: State, run: Run, nowMs: number): readonly Fact[] =>
	ratedScopes(state, run.sessionId, nowMs).flatMap(({scope, runsPerHour, after, rate}) => {
		const waitMs = retryAfterMs(after, rate, nowMs);
		const hold = {scope, measure: 'runsPerHour', used: runsPerHour, limit: runsPerHour, untilMs: nowMs + waitMs, atMs: nowMs} as const;
		return waitMs === 0 ? [] : [{type: 'budget.held', hold, atMs: nowMs} as const];
	});
