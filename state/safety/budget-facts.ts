import type {CommandOf} from '../command.js';
import type {DecisionContext} from '../decision-context.js';
import type {Decision, Escalation} from '../escalation/escalation.js';
import type {Fact} from '../fact.js';
import type {Run} from '../run/run.js';
import {stopSessionsFacts} from '../run/stop.js';
import type {Session} from '../session/session.js';
import {subtree} from '../session/session.js';
import type {State} from '../state.js';
import type {BudgetHold} from './budget.js';
import {
	amountInWords,
	askedMeasures,
	type BudgetLine,
	budgetOf,
	busyBudgets,
	isHeld,
	lineOf,
	scopeInWords,
	usedOf,
} from './budget-check.js';
import {holdKey} from './budget-hold.js';
import {systemRequest} from './system-request.js';
import {addUsage, noUsage, scopesOf, tokensOf, type Usage, type UsageScope} from './usage.js';

type Context = Pick<DecisionContext, 'nowMs' | 'newId'>;

/** How long the question about a budget stays open before it is put anew: nobody is in a hurry while nothing starts. */
const askedMs = 7 * 24 * 60 * 60_000;

/** The scope is held, and the operator asked, about the run that crossed the line. */
const holdFacts = (state: State, run: Run, {scope, measure, used, line}: BudgetLine, {nowMs, newId}: Context): readonly Fact[] => {
	const budget = `${amountInWords(measure, used)} of ${amountInWords(measure, line)}`;
	const text = `${scopeInWords(state, scope)} has used ${budget}. Approve to allow as much again; deny to stop everything in it.`;
	const escalation = systemRequest({id: newId('esc'), run, kind: 'budget', text, lastsMs: askedMs}, nowMs);
	const hold: BudgetHold = {scope, measure, used, limit: line, escalationId: escalation.id, atMs: nowMs};
	return [
		{type: 'budget.held', hold, atMs: nowMs},
		{type: 'escalation.raised', escalation, atMs: nowMs},
	];
};

const addedOf = (used: Partial<Usage>): Readonly<Record<'tokens' | 'costUsd' | 'wallMs', number>> => ({
	tokens: tokensOf(addUsage(noUsage, used)),
	costUsd: used.costUsd ?? 0,
	wallMs: used.workedMs ?? 0,
});

/** What a report of usage makes true of the budgets it counts in: those that it uses up hold their scopes. */
export const budgetFacts = (state: State, run: Run, used: Partial<Usage>, context: Context): readonly Fact[] => {
	const added = addedOf(used);
	return scopesOf(state.sessions[run.sessionId]!).flatMap(scope =>
		askedMeasures.flatMap(measure => {
			const line = lineOf(state, scope, measure);
			const sum = line === undefined ? 0 : usedOf(state, scope, measure, context.nowMs) + added[measure];
			const isCrossed = line !== undefined && added[measure] > 0 && sum >= line && !isHeld(state, {scope, measure});
			return isCrossed ? holdFacts(state, run, {scope, measure, used: sum, line}, context) : [];
		}),
	);
};

/** A run of the scope to ask about when nobody reported: one with a process, else one that waits. */
const runIn = (state: State, scope: UsageScope): Run | undefined => {
	const lines = [...state.index.lines].filter(([id]) => scopesOf(state.sessions[id]!).includes(scope)).map(([, line]) => line);
	const liveId = lines.find(line => line.liveId !== undefined)?.liveId;
	return liveId === undefined ? lines.find(({queued}) => queued.length > 0)?.queued[0] : state.runs[liveId];
};

const passedRates = (state: State, nowMs: number): readonly Fact[] =>
	Object.entries(state.budgetHolds).flatMap(([key, {untilMs, allowed}]) =>
		untilMs !== undefined && allowed === undefined && nowMs >= untilMs
			? [{type: 'budget.allowed', key, allowed: 0, by: 'the clock', atMs: nowMs} as const]
			: [],
	);

const newlyCrossed = (state: State, context: Context): readonly Fact[] =>
	busyBudgets(state, context.nowMs)
		.filter(budget => budget.used >= budget.line && !isHeld(state, budget))
		.flatMap(budget => {
			const run = runIn(state, budget.scope);
			return run ? holdFacts(state, run, budget, context) : [];
		});

/** The holds nobody is asked about any more though nobody decided: the request expired. */
const unasked = (state: State): readonly BudgetHold[] =>
	Object.values(state.budgetHolds).filter(({escalationId, allowed}) => {
		const asked = escalationId === undefined ? undefined : state.escalations[escalationId];
		return allowed === undefined && (asked?.state === 'expired' || asked?.state === 'withdrawn');
	});

const askedAgain = (state: State, context: Context): readonly Fact[] =>
	unasked(state).flatMap(({scope, measure, limit, escalationId}) => {
		const run = state.runs[state.escalations[escalationId!]!.runId]!;
		const used = measure === 'runsPerHour' ? limit : usedOf(state, scope, measure, context.nowMs);
		return measure === 'runsPerHour' ? [] : holdFacts(state, run, {scope, measure, used, line: limit}, context);
	});

/** What time alone makes true of budgets: a rate has room again, time of work is used up, a question nobody answered is put anew. */
export const dueBudgetFacts = (state: State, context: Context): readonly Fact[] => [
	...passedRates(state, context.nowMs),
	...newlyCrossed(state, context),
	...askedAgain(state, context),
];

const sessionsIn = (state: State, scope: UsageScope): readonly Session[] => {
	if (scope === 'all') {
		return Object.values(state.sessions);
	}

	return scope.startsWith('tree:')
		? subtree(state, scope.slice('tree:'.length))
		: [state.sessions[scope.slice('session:'.length)]].filter(session => session !== undefined);
};

/** What the operator's answer about a budget makes true: as much again from what was used by now, or the end of everything in the scope. */
export const decidedBudgetFacts = (
	state: State,
	{id}: Pick<Escalation, 'id'>,
	{choice, by}: Pick<Decision, 'choice' | 'by'>,
	context: DecisionContext,
): readonly Fact[] => {
	const hold = Object.values(state.budgetHolds).find(({escalationId}) => escalationId === id);
	if (!hold || hold.measure === 'runsPerHour') {
		return [];
	}

	const {scope, measure} = hold;
	if (choice !== 'approve') {
		return stopSessionsFacts(state, sessionsIn(state, scope), by, context);
	}

	const used = Math.max(hold.limit, usedOf(state, scope, measure, context.nowMs));
	const again = budgetOf(state, scope)[measure] ?? 0;
	return [{type: 'budget.allowed', key: holdKey(hold), allowed: used - hold.limit + again, by, atMs: context.nowMs}];
};

const withdrawal = (state: State, escalationId: string | undefined, nowMs: number): readonly Fact[] =>
	escalationId !== undefined && state.escalations[escalationId]?.state === 'open'
		? [{type: 'escalation.withdrawn', escalationId, why: 'the budget was raised', atMs: nowMs}]
		: [];

/** What new settings make true of the holds: a budget that is larger than what was used by now holds nothing any more. */
export const raisedBudgetFacts = (
	state: State,
	{agents, budgets = {}}: Pick<CommandOf<'settings.configure'>, 'agents' | 'budgets'>,
	{nowMs}: Pick<DecisionContext, 'nowMs'>,
): readonly Fact[] => {
	const settings = {agents: Object.fromEntries(agents.map(agent => [agent.name, agent])), budgets, sessions: state.sessions};
	return Object.values(state.budgetHolds).flatMap(hold => {
		const {scope, measure, limit: line, escalationId, allowed} = hold;
		if (measure === 'runsPerHour' || allowed !== undefined) {
			return [];
		}

		const limit = budgetOf(settings, scope)[measure];
		const isUsedUp = limit !== undefined && limit <= usedOf(state, scope, measure, nowMs);
		return isUsedUp
			? []
			: [
					{
						type: 'budget.allowed',
						key: holdKey(hold),
						allowed: Math.max(0, (limit ?? 0) - line),
						by: 'the configuration',
						atMs: nowMs,
					} as const,
					...withdrawal(state, escalationId, nowMs),
				];
	});
};
