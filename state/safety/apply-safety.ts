import type {Fact, FactOf} from '../fact.js';
import {reviewSession} from '../run/index-of-run.js';
import type {State} from '../state.js';
import {holdKey} from './budget-hold.js';
import {addUsage, noUsage, type UsageScope} from './usage.js';
import {countUsage} from './usage-of-state.js';

export type SafetyFact = Extract<
	Fact,
	{readonly type: 'usage.reported' | 'heartbeat.resolved' | `budget.${string}` | `provider.${string}` | `alert.${string}`}
>;

const isListed: Readonly<Record<SafetyFact['type'], true>> = {
	'usage.reported': true,
	'heartbeat.resolved': true,
	'budget.held': true,
	'budget.allowed': true,
	'provider.paused': true,
	'provider.cleared': true,
	'alert.raised': true,
	'alert.acknowledged': true,
	'alert.cleared': true,
};

/** The kinds of facts about what keeps the fleet safe. */
export const safetyFacts: ReadonlySet<Fact['type']> = new Set(Object.keys(isListed) as ReadonlyArray<SafetyFact['type']>);

/** A session whose budget is held has nothing ready; one that was let go may have. */
const reviewScope = (state: State, scope: UsageScope): void => {
	if (scope.startsWith('session:')) {
		reviewSession(state.index, scope.slice('session:'.length));
	}
};

/** A pause that came to its end is remembered, for the next may follow closely; one that the operator ended is not held against anybody. */
const clearProvider = ({providers}: State, {provider, atMs}: FactOf<'provider.cleared'>): void => {
	const pause = providers[provider];
	if (pause && atMs >= pause.untilMs) {
		providers[provider] = {...pause, isOver: true};
	} else {
		delete providers[provider];
	}
};

/** How long a cleared alert is kept to look back at. */
export const keptAlertMs = 24 * 60 * 60_000;

const forgetAlerts = ({alerts}: State, beforeMs: number): void => {
	for (const [key, {clearedAtMs}] of Object.entries(alerts)) {
		if (clearedAtMs !== undefined && clearedAtMs < beforeMs) {
			delete alerts[key];
		}
	}
};

/** What a fact about usage, budgets, providers and alerts changes. */
export const applySafetyFact = (state: State, fact: SafetyFact): void => {
	switch (fact.type) {
		case 'usage.reported': {
			const run = state.runs[fact.runId]!;
			run.usage = addUsage(run.usage ?? noUsage, fact.usage);
			countUsage(state, run.sessionId, fact.usage);
			return;
		}

		case 'budget.held': {
			state.budgetHolds[holdKey(fact.hold)] = fact.hold;
			reviewScope(state, fact.hold.scope);
			return;
		}

		case 'budget.allowed': {
			state.budgetHolds[fact.key] = {...state.budgetHolds[fact.key]!, allowed: fact.allowed};
			reviewScope(state, state.budgetHolds[fact.key]!.scope);
			return;
		}

		case 'provider.paused': {
			state.providers[fact.provider] = fact.pause;
			return;
		}

		case 'provider.cleared': {
			clearProvider(state, fact);
			return;
		}

		case 'alert.raised': {
			forgetAlerts(state, fact.atMs - keptAlertMs);
			state.alerts[fact.alert.key] = {...fact.alert};
			return;
		}

		case 'alert.acknowledged': {
			Object.assign(state.alerts[fact.key]!, {state: 'acknowledged', acknowledgedBy: fact.by});
			return;
		}

		case 'alert.cleared': {
			Object.assign(state.alerts[fact.key]!, {state: 'cleared', clearedAtMs: fact.atMs});
			return;
		}

		case 'heartbeat.resolved': {
			// It tells which side was believed; what follows from it is said by facts of its own.
		}
	}
};
