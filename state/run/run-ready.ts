import {isSessionHeld} from '../safety/budget-hold.js';
import type {State} from '../state.js';
import {isOver, type Run} from './run.js';

/** What readiness is read from. */
export type ReadyRecords = Pick<State, 'runs' | 'budgetHolds'>;

/** The runs it depends on that have not succeeded yet. */
export const openDependencies = (run: Run, runs: Readonly<Record<string, Run>>): readonly string[] =>
	run.dependsOn?.filter(id => runs[id]?.state !== 'succeeded') ?? [];

/** What of its own keeps a queued run from starting, before anything else is asked. */
export const whyNotReady = (run: Run, {runs, budgetHolds}: ReadyRecords): 'held' | 'retry' | 'depends' | 'budget' | undefined => {
	if (run.heldBy !== undefined) {
		return 'held';
	}

	if (run.dueAtMs !== undefined) {
		return 'retry';
	}

	if (run.dependsOn !== undefined && openDependencies(run, runs).length > 0) {
		return 'depends';
	}

	return isSessionHeld(budgetHolds, run.sessionId) ? 'budget' : undefined;
};

/** Whether what a run waits for in other runs has come: all of them are over, or any is. */
export const isAwaitOver = ({awaits}: Run, runs: Readonly<Record<string, Run>>): boolean => {
	if (!awaits) {
		return true;
	}

	const isGone = (id: string): boolean => runs[id] === undefined || isOver(runs[id]);
	return awaits.mode === 'all' ? awaits.runIds.every(isGone) : awaits.runIds.some(isGone);
};
