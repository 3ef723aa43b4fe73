import type {Fact} from '../fact.js';
import {afterCancel, afterFailure, afterSuccess, type Breaker, closedBreaker} from '../safety/breaker.js';
import {breakerKeysOf, launcherBreakerKey} from '../safety/breaker-keys.js';
import type {State} from '../state.js';
import {currentAttempt, type Run} from './run.js';

/** What the end of an attempt says about what it went through. */
export type BreakerVerdict = 'good' | 'bad' | 'nothing';

const isSame = (a: Breaker, b: Breaker): boolean => a === b || (a.state === 'closed' && b.state === 'closed' && a.failures === b.failures);

const change = (state: State, key: string, nowMs: number, next: (breaker: Breaker) => Breaker): readonly Fact[] => {
	const breaker = state.breakers[key] ?? closedBreaker;
	const after = next(breaker);
	return isSame(breaker, after) ? [] : [{type: 'breaker.changed', key, breaker: after, atMs: nowMs}];
};

const after = (breaker: Breaker, run: Run, verdict: BreakerVerdict, cause: string, nowMs: number): Breaker => {
	switch (verdict) {
		case 'good': {
			return afterSuccess(breaker, run.id);
		}

		case 'bad': {
			return afterFailure(breaker, run.id, cause, nowMs);
		}

		case 'nothing': {
			return afterCancel(breaker, run.id);
		}
	}
};

/**
 * Tells every breaker of an attempt how it was over: agent and provider hear how the work ended, the launcher whether it could
 * carry it.
 */
export const tellBreakers = (
	state: State,
	run: Run,
	{work, machine, cause}: {readonly work: BreakerVerdict; readonly machine: BreakerVerdict; readonly cause: string},
	nowMs: number,
): readonly Fact[] => {
	const {agent} = state.sessions[run.sessionId]!;
	const launcherId = currentAttempt(run)?.launcherId;
	return [
		...breakerKeysOf(state, agent).flatMap(key => change(state, key, nowMs, breaker => after(breaker, run, work, cause, nowMs))),
		...(launcherId === undefined
			? []
			: change(state, launcherBreakerKey(launcherId), nowMs, breaker => after(breaker, run, machine, cause, nowMs))),
	];
};
