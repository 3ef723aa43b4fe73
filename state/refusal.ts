/** Stable names of every expected "no": they grey a key, choose an HTTP status and reach scripts, so they never change. */
export type RefusalCode =
	| 'UNKNOWN_SESSION'
	| 'UNKNOWN_RUN'
	| 'UNKNOWN_AGENT'
	| 'UNKNOWN_ESCALATION'
	| 'UNKNOWN_LAUNCHER'
	| 'UNKNOWN_BREAKER'
	| 'UNKNOWN_PROVIDER'
	| 'UNKNOWN_ALERT'
	| 'UNKNOWN_GRANT'
	| 'INVALID'
	| 'LIMIT_REACHED'
	| 'RATE_LIMITED'
	| 'DEADLOCK_DETECTED'
	| 'DRAINING'
	| 'NOT_QUEUED'
	| 'NOT_DEAD'
	| 'NOT_RUNNING'
	| 'ALREADY_ENDED'
	| 'ALREADY_RESOLVED'
	| 'EXPIRED'
	| 'WITHDRAWN'
	| 'CHANGED'
	| 'FORBIDDEN'
	| 'STALE_GENERATION'
	| 'ILLEGAL_TRANSITION'
	| 'IDEMPOTENCY_CONFLICT'
	| 'NOT_ARMED'
	| 'READ_ONLY'
	| 'STORE_FAILED';

/** An expected "no": a stable code for programs and one full sentence for people (what, why, and what to do where it helps). */
export type Refusal = {readonly code: RefusalCode; readonly sentence: string};

export const refuse = (code: RefusalCode, sentence: string): Refusal => ({code, sentence});
