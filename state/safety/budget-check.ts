import {currentAttempt, type Run} from '../run/run.js';
import type {State} from '../state.js';
import {shortAge} from '../view/age.js';
import {quotedName} from '../view/quoted-name.js';
import type {Budget, BudgetHold, BudgetMeasure} from './budget.js';
import {holdKey, holdOf} from './budget-hold.js';
import {scopesOf, tokensOf, type UsageScope} from './usage.js';
import {usageOf} from './usage-of-state.js';

/** The measures that the operator is asked about; `runsPerHour` passes by itself. */
export const askedMeasures = ['tokens', 'costUsd', 'wallMs'] as const satisfies readonly BudgetMeasure[];

export type AskedMeasure = (typeof askedMeasures)[number];

/** What a scope used up of a budget, and what it may use. */
export type BudgetLine = {readonly scope: UsageScope; readonly measure: AskedMeasure; readonly used: number; readonly line: number};

/** From this share of a budget on the operator is warned. */
export const softShare = 0.8;

type BudgetSettings = Pick<State, 'agents' | 'budgets' | 'sessions'>;

/** The budget of a scope: that of a session is its agent's own, where it has one. */
export const budgetOf = ({agents, budgets, sessions}: BudgetSettings, scope: UsageScope): Budget => {
	if (scope === 'all') {
		return budgets.all ?? {};
	}

	if (scope.startsWith('tree:')) {
		return budgets.tree ?? {};
	}

	const session = sessions[scope.slice('session:'.length)];
	return (session && agents[session.agent]?.budget) ?? budgets.session ?? {};
};

/** How much of a measure a scope may use by now: its budget, or what the operator allowed beyond it. */
export const lineOf = (state: State, scope: UsageScope, measure: AskedMeasure): number | undefined => {
	const limit = budgetOf(state, scope)[measure];
	const hold = state.budgetHolds[holdKey({scope, measure})];
	return limit === undefined || hold === undefined ? limit : Math.max(limit, hold.limit + (hold.allowed ?? 0));
};

/** How long attempts under way have worked so far, and how many of them work now. What is over is counted in the usage. */
type LiveWork = {readonly workedMs: number; readonly working: number};

const noWork: LiveWork = {workedMs: 0, working: 0};

const workOf = (run: Run, nowMs: number): LiveWork => {
	const {startedAtMs, waitedMs = 0} = currentAttempt(run)!;
	if (startedAtMs === undefined) {
		return noWork;
	}

	const isWaiting = run.state === 'waiting';
	return {workedMs: Math.max(0, (isWaiting ? run.sinceMs : nowMs) - startedAtMs - waitedMs), working: isWaiting ? 0 : 1};
};

/** The live work of every scope that has any. */
const liveWork = (state: State, nowMs: number): ReadonlyMap<UsageScope, LiveWork> => {
	const sums = new Map<UsageScope, LiveWork>();
	for (const id of state.index.live) {
		const run = state.runs[id]!;
		const {workedMs, working} = workOf(run, nowMs);
		for (const scope of scopesOf(state.sessions[run.sessionId]!)) {
			const sum = sums.get(scope) ?? noWork;
			sums.set(scope, {workedMs: sum.workedMs + workedMs, working: sum.working + working});
		}
	}

	return sums;
};

const usedWith = (state: State, scope: UsageScope, measure: AskedMeasure, live: LiveWork): number => {
	const usage = usageOf(state, scope);
	switch (measure) {
		case 'tokens': {
			return tokensOf(usage);
		}

		case 'costUsd': {
			return usage.costUsd;
		}

		case 'wallMs': {
			return usage.workedMs + live.workedMs;
		}
	}
};

/** What a scope used of a measure so far. */
export const usedOf = (state: State, scope: UsageScope, measure: AskedMeasure, nowMs: number): number =>
	usedWith(state, scope, measure, measure === 'wallMs' ? (liveWork(state, nowMs).get(scope) ?? noWork) : noWork);

const hasBudgets = ({budgets, agents}: State): boolean =>
	Object.keys(budgets).length > 0 || Object.values(agents).some(({budget}) => budget !== undefined);

const budgetsOfScopes = (state: State, scopes: Iterable<UsageScope>, live: ReadonlyMap<UsageScope, LiveWork>): readonly BudgetLine[] =>
	[...scopes].flatMap(scope =>
		askedMeasures.flatMap(measure => {
			const line = lineOf(state, scope, measure);
			return line === undefined ? [] : [{scope, measure, used: usedWith(state, scope, measure, live.get(scope) ?? noWork), line}];
		}),
	);

/** Every budget that something alive counts in, with what was used of it. */
export const liveBudgets = (state: State, nowMs: number): readonly BudgetLine[] => {
	const live = hasBudgets(state) ? liveWork(state, nowMs) : new Map<UsageScope, LiveWork>();
	return budgetsOfScopes(state, live.keys(), live);
};

/** Every budget that something queued or alive counts in, with what was used of it. */
export const busyBudgets = (state: State, nowMs: number): readonly BudgetLine[] => {
	if (!hasBudgets(state)) {
		return [];
	}

	const scopes = new Set([...state.index.lines.keys()].flatMap(id => scopesOf(state.sessions[id]!)));
	return budgetsOfScopes(state, scopes, liveWork(state, nowMs));
};

/** Whether the scope is held for this measure now. */
export const isHeld = (state: State, key: {readonly scope: UsageScope; readonly measure: BudgetMeasure}): boolean => {
	const hold = state.budgetHolds[holdKey(key)];
	return hold !== undefined && hold.allowed === undefined;
};

const measureWords: Readonly<Record<BudgetMeasure, (amount: number) => string>> = {
	tokens: amount => `${amount} tokens`,
	costUsd: amount => `$${amount.toFixed(2)}`,
	wallMs: amount => `${shortAge(amount)} of work`,
	runsPerHour: amount => `${amount === 1 ? 'one run' : `${amount} runs`} an hour`,
};

/** An amount of a measure in words. */
export const amountInWords = (measure: BudgetMeasure, amount: number): string => measureWords[measure](amount);

/** The scope in words, to begin a sentence with. Holds names that others chose. */
export const scopeInWords = ({sessions}: Pick<State, 'sessions'>, scope: UsageScope): string => {
	const [kind = '', id = ''] = scope.split(':');
	return scope === 'all' ? 'The whole fleet' : `The ${kind} ${kind === 'tree' ? 'of ' : ''}${quotedName(sessions[id]?.label ?? id)}`;
};

const heldSentence = (state: State, {scope, measure, limit, escalationId, untilMs}: BudgetHold, nowMs: number): string => {
	const what = `${scopeInWords(state, scope)} has used up its ${amountInWords(measure, limit)}`;
	if (measure === 'runsPerHour') {
		return untilMs === undefined ? `${what}.` : `${what}; the next may start in ${shortAge(Math.max(0, untilMs - nowMs))}.`;
	}

	const isDenied = escalationId !== undefined && state.escalations[escalationId]?.decision?.choice === 'deny';
	return isDenied ? `${what}, and the operator allowed no more.` : `${what}; the operator is asked.`;
};

/** Why nothing of a scope may start because of its budget, and when time alone may change that. */
type BudgetReason = {readonly sentence: string; readonly retryAfterMs?: number};

const heldReason = (state: State, hold: BudgetHold | undefined, nowMs: number): BudgetReason | undefined =>
	hold && {
		sentence: heldSentence(state, hold, nowMs),
		...(hold.untilMs !== undefined && {retryAfterMs: Math.max(0, hold.untilMs - nowMs)}),
	};

/** Why nothing of this tree may start because of a budget of the tree or of the whole fleet, and when time alone may change that. */
export const whyNotBudget = (state: State, rootId: string, nowMs: number): BudgetReason | undefined =>
	heldReason(state, holdOf(state.budgetHolds, `tree:${rootId}`) ?? holdOf(state.budgetHolds, 'all'), nowMs);

/** The same of a session's own budget. */
export const whyNotSessionBudget = (state: State, sessionId: string, nowMs: number): BudgetReason | undefined =>
	heldReason(state, holdOf(state.budgetHolds, `session:${sessionId}`), nowMs);

/** When the work that is going on will have used up a budget of time. */
const crossings = (state: State, nowMs: number): readonly number[] => {
	const live = hasBudgets(state) ? liveWork(state, nowMs) : new Map<UsageScope, LiveWork>();
	return [...live].flatMap(([scope, work]) => {
		const line = lineOf(state, scope, 'wallMs');
		if (line === undefined || work.working === 0 || isHeld(state, {scope, measure: 'wallMs'})) {
			return [];
		}

		return [nowMs + Math.ceil(Math.max(0, line - usedWith(state, scope, 'wallMs', work)) / work.working)];
	});
};

/** When time alone uses up a budget, or gives one back. */
export const nextBudgetMs = (state: State, nowMs: number): readonly number[] => [
	...Object.values(state.budgetHolds).flatMap(({untilMs, allowed}) => (untilMs === undefined || allowed !== undefined ? [] : [untilMs])),
	...crossings(state, nowMs),
];
