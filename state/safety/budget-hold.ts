import type {BudgetHold, BudgetMeasure} from './budget.js';
import type {UsageScope} from './usage.js';

/** The key under which a hold of a budget is kept. */
export const holdKey = ({scope, measure}: {readonly scope: UsageScope; readonly measure: BudgetMeasure}): string => `${scope}/${measure}`;

/** The measures whose budgets hold a scope until the operator decides; a hold of `runsPerHour` passes by itself. */
export const heldMeasures = ['tokens', 'costUsd', 'wallMs', 'runsPerHour'] as const satisfies readonly BudgetMeasure[];

/** The hold that keeps a scope from starting anything, if there is one that the operator has not lifted. */
export const holdOf = (holds: Readonly<Record<string, BudgetHold>>, scope: UsageScope): BudgetHold | undefined =>
	heldMeasures.map(measure => holds[holdKey({scope, measure})]).find(hold => hold !== undefined && hold.allowed === undefined);

/** Whether a session's own budget keeps its runs in the queue. */
export const isSessionHeld = (holds: Readonly<Record<string, BudgetHold>>, sessionId: string): boolean =>
	holdOf(holds, `session:${sessionId}`) !== undefined;
