import type {UsageScope} from './usage.js';

/** What a scope may use before the operator is asked. What is not named is not limited. */
export type Budget = {
	readonly tokens?: number;
	readonly costUsd?: number;
	/** Runs started an hour; what was not used is saved up, for one hour's worth at most. Over it runs wait, and nobody is asked. */
	readonly runsPerHour?: number;
	/** Time of work, all agents added up. */
	readonly wallMs?: number;
};

export type BudgetMeasure = keyof Budget;

/** Which budget holds for which scope. */
export type Budgets = {readonly session?: Budget; readonly tree?: Budget; readonly all?: Budget};

/** A budget that is used up: nothing of its scope starts until the operator decides `escalationId`, or raises it. */
export type BudgetHold = {
	readonly scope: UsageScope;
	readonly measure: BudgetMeasure;
	readonly used: number;
	readonly limit: number;
	/** What the operator was asked, by the run that crossed the line. */
	readonly escalationId?: string;
	/** When it is over by itself; only for `runsPerHour`. */
	readonly untilMs?: number;
	readonly atMs: number;
	/** How much more is allowed; the hold is over until that is used up too. */
	readonly allowed?: number;
};
