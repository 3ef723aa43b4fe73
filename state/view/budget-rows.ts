import {fullBucket, takeToken} from '../queue/rate.js';
import {shortAmount} from '../safety/amount.js';
import type {BudgetHold, BudgetMeasure} from '../safety/budget.js';
import {askedMeasures, budgetOf, lineOf, softShare, usedOf} from '../safety/budget-check.js';
import {holdKey} from '../safety/budget-hold.js';
import {scopesOf, type UsageScope} from '../safety/usage.js';
import type {State} from '../state.js';
import {shortAge} from './age.js';
import {quotedName} from './quoted-name.js';
import type {View} from './view.js';

/** How a budget stands: `asked` and `denied` hold everything of the scope, `held` does for a while, `near` has little left. */
export type BudgetStanding = 'asked' | 'denied' | 'held' | 'near' | 'open';

/** One budget of one scope. `scope` and `sentence` hold names of agents: show them through `visible`. */
export type BudgetRow = {
	/** `budget:all/tokens`. */
	readonly id: string;
	/** `whole fleet`, `tree planner`, `session docs`. */
	readonly scope: string;
	readonly standing: BudgetStanding;
	readonly measure: BudgetMeasure;
	readonly used: string;
	readonly of: string;
	/** What is counted: `tokens`, `money`, `work`, `runs an hour`. */
	readonly what: string;
	/** The request that the operator decides, while it is open. */
	readonly escalationId: string | undefined;
	readonly sentence: string;
};

const whats: Readonly<Record<BudgetMeasure, string>> = {
	tokens: 'tokens',
	costUsd: 'money',
	wallMs: 'time of work',
	runsPerHour: 'runs an hour',
};

const scopeName = ({sessions}: State, scope: UsageScope): string => {
	if (scope === 'all') {
		return 'whole fleet';
	}

	const [kind, id] = [scope.slice(0, scope.indexOf(':')), scope.slice(scope.indexOf(':') + 1)];
	return `${kind} ${quotedName(sessions[id]?.label ?? id)}`;
};

/** The scopes that have a budget and something to count: the fleet, what is queued or alive, and what is held. */
const scopesShown = (state: State): readonly UsageScope[] => [
	...new Set<UsageScope>([
		'all',
		...[...state.index.lines.keys()].flatMap(id => scopesOf(state.sessions[id]!).toReversed()),
		...Object.values(state.budgetHolds).map(({scope}) => scope),
	]),
];

/** Runs of the last hour that still count. */
const rateUsed = (state: State, scope: UsageScope, runsPerHour: number, nowMs: number): number => {
	const rate = {perMinute: runsPerHour / 60, burst: runsPerHour};
	const bucket = state.buckets[`runs:${scope}`] ?? fullBucket(rate, nowMs);
	return Math.max(0, Math.ceil(runsPerHour - (takeToken(bucket, rate, nowMs).tokens + 1)));
};

const standingOf = (state: State, hold: BudgetHold | undefined, isNear: boolean): BudgetStanding => {
	if (!hold || hold.allowed !== undefined) {
		return isNear ? 'near' : 'open';
	}

	const escalation = state.escalations[hold.escalationId ?? ''];
	return escalation?.state === 'open' ? 'asked' : escalation?.decision?.choice === 'deny' ? 'denied' : 'held';
};

const holdWords = (standing: BudgetStanding, hold: BudgetHold | undefined, nowMs: number): string => {
	switch (standing) {
		case 'asked': {
			return `Nothing of it starts until you decide ${hold?.escalationId}.`;
		}

		case 'denied': {
			return 'You allowed no more: nothing of it starts until the budget is raised.';
		}

		case 'held': {
			return hold?.untilMs === undefined
				? 'Nothing of it starts until the budget is raised.'
				: `Nothing of it starts for ${shortAge(hold.untilMs - nowMs + 999)}.`;
		}

		case 'near': {
			return 'Little is left.';
		}

		case 'open': {
			return hold?.allowed === undefined ? '' : 'You allowed more than the budget.';
		}
	}
};

const rowOf = (
	state: State,
	{scope, measure, used, line}: {scope: UsageScope; measure: BudgetMeasure; used: number; line: number},
	nowMs: number,
): BudgetRow => {
	const key = holdKey({scope, measure});
	const hold = state.budgetHolds[key];
	const standing = standingOf(state, hold, used >= line * softShare);
	const [name, what] = [scopeName(state, scope), whats[measure]];
	const [usedText, ofText] = [shortAmount(measure, used), shortAmount(measure, line)];
	const held = holdWords(standing, hold, nowMs);
	return {
		id: `budget:${key}`,
		scope: name,
		standing,
		measure,
		used: usedText,
		of: ofText,
		what,
		escalationId: standing === 'asked' ? hold?.escalationId : undefined,
		sentence: `The ${name} has used ${usedText} of ${ofText} (${what}).${held === '' ? '' : ` ${held}`}`,
	};
};

/** Every configured budget that has something to count, the widest scope first. Without budgets there are none. */
export const budgetRows = (state: State, {filter}: Pick<View, 'filter'>, nowMs: number): readonly BudgetRow[] => {
	const hasBudgets = Object.keys(state.budgets).length > 0 || Object.values(state.agents).some(({budget}) => budget !== undefined);
	if (!hasBudgets) {
		return [];
	}

	const needle = filter.breakers.trim().toLowerCase();
	return scopesShown(state)
		.flatMap(scope => {
			const asked = askedMeasures.flatMap(measure => {
				const line = lineOf(state, scope, measure);
				return line === undefined ? [] : [{scope, measure, used: usedOf(state, scope, measure, nowMs), line}];
			});
			const {runsPerHour} = budgetOf(state, scope);
			return runsPerHour === undefined
				? asked
				: [...asked, {scope, measure: 'runsPerHour' as const, used: rateUsed(state, scope, runsPerHour, nowMs), line: runsPerHour}];
		})
		.map(row => rowOf(state, row, nowMs))
		.filter(row => [row.id, row.scope, row.standing, row.what].some(text => text.toLowerCase().includes(needle)));
};
