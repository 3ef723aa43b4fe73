import type {Budget, BudgetHold, BudgetMeasure} from './budget.js';
import {holdKey, holdOf} from './budget-hold.js';
import {currentAttempt, type Run} from './run.js';
import type {State} from './state.js';
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

/** The runs of a scope that have a process. */
const liveIn = (state: State, scope: UsageScope): readonly Run[] => {
	if (scope.startsWith('session:')) {
		const id = state.index.lines.get(scope.slice('session:'.length))?.liveId;
		return id === undefined ? [] : [state.runs[id]!];
	}

	const live = [...state.index.live].map(id => state.runs[id]!);
	const rootId = scope.slice('tree:'.length);
	return scope === 'all' ? live : live.filter(({sessionId}) => state.sessions[sessionId]!.rootId === rootId);
};

const isWorking = (run: Run): boolean => run.state !== 'waiting' && currentAttempt(run)?.startedAtMs !== undefined;

/** How long an attempt under way worked so far. What is over is counted in the usage. */
const workedMs = (run: Run, nowMs: number): number => {
	const {startedAtMs, waitedMs = 0} = currentAttempt(run)!;
	const untilMs = run.state === 'waiting' ? run.sinceMs : nowMs;
	return startedAtMs === undefined ? 0 : Math.max(0, untilMs - startedAtMs - waitedMs);
};

/** What a scope used of a measure so far. */
export const usedOf = (state: State, scope: UsageScope, measure: AskedMeasure, nowMs: number): number => {
	const usage = usageOf(state, scope);
	switch (measure) {
		case 'tokens': {
			return tokensOf(usage);
		}

		case 'costUsd': {
			return usage.costUsd;
		}

		case 'wallMs': {
			return liveIn(state, scope).reduce((sum, run) => sum + workedMs(run, nowMs), usage.workedMs);
		}
	}
};

const hasBudgets = ({budgets, agents}: State): boolean =>
	Object.keys(budgets).length > 0 || Object.values(agents).some(({budget}) => budget !== undefined);

/** The scopes in which anything is queued or alive. */
const busyScopes = (state: State): readonly UsageScope[] => [
	...new Set([...state.index.lines.keys()].flatMap(id => scopesOf(state.sessions[id]!))),
];

/** Every budget that something queued or alive counts in, with what was used of it. */
export const busyBudgets = (state: State, nowMs: number): readonly BudgetLine[] =>
	hasBudgets(state)
		? busyScopes(state).flatMap(scope =>
				askedMeasures.flatMap(measure => {
					const line = lineOf(state, scope, measure);
					return line === undefined ? [] : [{scope, measure, used: usedOf(state, scope, measure, nowMs), line}];
				}),
			)
		: [];

/** Whether the scope is held for this measure now. */
export const isHeld = (state: State, key: {readonly scope: UsageScope; readonly measure: BudgetMeasure}): boolean => {
	const hold = state.budgetHolds[holdKey(key)];
	return hold !== undefined && hold.allowed === undefined;
};

const measureWords: Readonly<Record<BudgetMeasure, (amount: number) => string>> = {
	tokens: amount => `${amount} tokens`,
	costUsd: amount => `$${amount.toFixed(2)}`,
	wallMs: amount => `${Math.round(amount / 60_000)} minutes of work`,
	runsPerHour: amount => `${amount} runs an hour`,
};

/** An amount of a measure in words. */
export const amountInWords = (measure: BudgetMeasure, amount: number): string => measureWords[measure](amount);

/** The scope in words, to begin a sentence with. */
export const scopeInWords = (scope: UsageScope): string =>
	scope === 'all'
		? 'The whole fleet'
		: scope.startsWith('tree:')
			? `The tree of ${scope.slice('tree:'.length)}`
			: `The session ${scope.slice('session:'.length)}`;

const heldSentence = (state: State, {scope, measure, limit, escalationId}: BudgetHold): string => {
	const what = `${scopeInWords(scope)} has used up its ${amountInWords(measure, limit)}`;
	if (measure === 'runsPerHour') {
		return `${what}.`;
	}

	const isDenied = escalationId !== undefined && state.escalations[escalationId]?.decision?.choice === 'deny';
	return isDenied ? `${what}, and the operator allowed no more.` : `${what}; the operator is asked.`;
};

/** Why nothing of this tree may start because of a budget of the tree or of the whole fleet, and when time alone may change that. */
export const whyNotBudget = (
	state: State,
	rootId: string,
	nowMs: number,
): {readonly sentence: string; readonly retryAfterMs?: number} | undefined => {
	const hold = holdOf(state.budgetHolds, `tree:${rootId}`) ?? holdOf(state.budgetHolds, 'all');
	return (
		hold && {
			sentence: heldSentence(state, hold),
			...(hold.untilMs !== undefined && {retryAfterMs: Math.max(0, hold.untilMs - nowMs)}),
		}
	);
};

/** When the work that is going on will have used up a budget of time. */
const crossings = (state: State, nowMs: number): readonly number[] =>
	busyBudgets(state, nowMs).flatMap(({scope, measure, used, line}) => {
		if (measure !== 'wallMs' || isHeld(state, {scope, measure})) {
			return [];
		}

		const working = liveIn(state, scope).filter(isWorking).length;
		return working === 0 ? [] : [nowMs + Math.ceil(Math.max(0, line - used) / working)];
	});

/** When time alone uses up a budget, or gives one back. */
export const nextBudgetMs = (state: State, nowMs: number): readonly number[] => [
	...Object.values(state.budgetHolds).flatMap(({untilMs, allowed}) => (untilMs === undefined || allowed !== undefined ? [] : [untilMs])),
	...crossings(state, nowMs),
];
