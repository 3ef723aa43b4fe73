/**
 * A circuit breaker, keyed by what it protects (`agent:codex`). Each state carries only its own data.
 *
 * closed → open after `failuresToOpen` consecutive failures → half-open when the pause is over, with exactly one probe that has
 * a deadline → closed after `successesToClose` probes ended well.
 */
export type Breaker =
	| {readonly state: 'closed'; readonly failures: number}
	| {
			readonly state: 'open';
			readonly openedAtMs: number;
			/** When the next probe may start. */
			readonly untilMs: number;
			/** How long this pause is; the next one doubles it. */
			readonly pauseMs: number;
			readonly cause: string;
	  }
	| {
			readonly state: 'half-open';
			readonly pauseMs: number;
			readonly successes: number;
			readonly cause: string;
			readonly probe?: {readonly runId: string; readonly deadlineMs: number};
	  }
	/** Kept open by the operator until the operator says otherwise. */
	| {readonly state: 'held'; readonly heldAtMs: number; readonly by: string};

export const breakerRules = {
	failuresToOpen: 5,
	firstPauseMs: 30_000,
	longestPauseMs: 300_000,
	successesToClose: 2,
	probeDeadlineMs: 300_000,
} as const;

export const closedBreaker: Breaker = {state: 'closed', failures: 0};

export const agentBreakerKey = (agent: string): string => `agent:${agent}`;

/** Whether a run may start through the breaker now; a half-open one lets exactly one probe through. */
export const letsThrough = (breaker: Breaker, nowMs: number): boolean => {
	switch (breaker.state) {
		case 'closed': {
			return true;
		}

		case 'open': {
			return nowMs >= breaker.untilMs;
		}

		case 'half-open': {
			return breaker.probe === undefined;
		}

		case 'held': {
			return false;
		}
	}
};

/** The breaker once a run starts through it: an open or half-open one takes the run as its probe. */
export const afterStart = (breaker: Breaker, runId: string, nowMs: number): Breaker => {
	if (breaker.state !== 'open' && breaker.state !== 'half-open') {
		return breaker;
	}

	const successes = breaker.state === 'half-open' ? breaker.successes : 0;
	const probe = {runId, deadlineMs: nowMs + breakerRules.probeDeadlineMs};
	return {state: 'half-open', pauseMs: breaker.pauseMs, successes, cause: breaker.cause, probe};
};

const open = (nowMs: number, pauseMs: number, cause: string): Breaker => ({
	state: 'open',
	openedAtMs: nowMs,
	untilMs: nowMs + pauseMs,
	pauseMs,
	cause,
});

/** The breaker once its pause is over: the next run may probe. A fact of its own, so that nobody has to watch the clock for it. */
export const afterPause = (breaker: Breaker, nowMs: number): Breaker =>
	breaker.state === 'open' && nowMs >= breaker.untilMs
		? {state: 'half-open', pauseMs: breaker.pauseMs, successes: 0, cause: breaker.cause}
		: breaker;

const isProbe = (breaker: Breaker, runId: string): boolean => breaker.state === 'half-open' && breaker.probe?.runId === runId;

/** The breaker after a run ended badly. Runs that started before it opened do not count against an open one. */
export const afterFailure = (breaker: Breaker, runId: string, cause: string, nowMs: number): Breaker => {
	if (breaker.state === 'closed') {
		const failures = breaker.failures + 1;
		return failures >= breakerRules.failuresToOpen ? open(nowMs, breakerRules.firstPauseMs, cause) : {state: 'closed', failures};
	}

	return breaker.state === 'half-open' && isProbe(breaker, runId)
		? open(nowMs, Math.min(breaker.pauseMs * 2, breakerRules.longestPauseMs), cause)
		: breaker;
};

/** The breaker after a run ended well. */
export const afterSuccess = (breaker: Breaker, runId: string): Breaker => {
	if (breaker.state === 'closed') {
		return closedBreaker;
	}

	if (breaker.state !== 'half-open' || !isProbe(breaker, runId)) {
		return breaker;
	}

	const successes = breaker.successes + 1;
	return successes >= breakerRules.successesToClose
		? closedBreaker
		: {state: 'half-open', pauseMs: breaker.pauseMs, successes, cause: breaker.cause};
};

/** The breaker after a probe ended in a way that says nothing (cancelled, lost, never begun): the next run may probe. */
export const afterCancel = (breaker: Breaker, runId: string): Breaker => {
	if (breaker.state !== 'half-open' || !isProbe(breaker, runId)) {
		return breaker;
	}

	const {probe: _, ...rest} = breaker;
	return rest;
};

/** The operator opens it by hand: it pauses like after failures and then probes. */
export const tripped = (by: string, nowMs: number): Breaker => open(nowMs, breakerRules.firstPauseMs, `tripped by ${by}`);

/** When time alone changes this breaker: a probe's deadline or the end of a pause. */
export const breakerDueMs = (breaker: Breaker): number | undefined => {
	if (breaker.state === 'open') {
		return breaker.untilMs;
	}

	return breaker.state === 'half-open' ? breaker.probe?.deadlineMs : undefined;
};
