import type {Fact} from '../fact.js';
import {childrenOf, type Session, subtree} from '../session/session.js';
import type {State} from '../state.js';
import {isLive, isQueued, type Run} from './run.js';
import {type EndContext, endFacts} from './run-end.js';

/** Ends at once when it is stopped: there is no process to wait for. */
const isAtRest = (run: Run): boolean => isQueued(run) || run.state === 'dead';

const stopFacts = (state: State, run: Run, by: string, context: EndContext): readonly Fact[] => {
	if (isAtRest(run)) {
		return endFacts(state, run, {end: 'cancelled', sentence: `withdrawn by ${by}`}, context);
	}

	const isAlreadyEnding = run.state === 'stopping' && run.stop?.ending === 'cancelled';
	return isLive(run) && !isAlreadyEnding ? [{type: 'run.stopping', runId: run.id, ending: 'cancelled', by, atMs: context.nowMs}] : [];
};

/**
 * What a stop makes true of these runs: queued and dead ones are cancelled at once, live ones begin to stop, ended ones are left
 * alone. None of them fails because another of them, on which it depends, is stopped with it.
 */
export const stopRunsFacts = (state: State, runs: readonly Run[], by: string, context: EndContext): readonly Fact[] => {
	const before = context.ending ?? new Set();
	const affected = runs.filter(({id}) => !before.has(id));
	const ending = new Set([...before, ...affected.filter(isAtRest).map(({id}) => id)]);
	const facts = affected.flatMap(run => stopFacts(state, run, by, {...context, ending}));
	for (const id of ending) {
		context.ending?.add(id);
	}

	return facts;
};

/** The same for everything these sessions have; the youngest first, so that no parent can start what was just withdrawn. */
export const stopSessionsFacts = (state: State, sessions: readonly Session[], by: string, context: EndContext): readonly Fact[] =>
	stopRunsFacts(
		state,
		sessions.toReversed().flatMap(({runIds}) => runIds.map(id => state.runs[id]!)),
		by,
		context,
	);

/** A run and everything that was ever spawned below it, the youngest first: nobody is left to hear them once it is stopped. */
export const runAndBelow = (state: State, run: Run): readonly Run[] => {
	const spawned = childrenOf(state, run.sessionId).filter(child => child.parentRunId === run.id);
	const below = spawned.flatMap(child => subtree(state, child.id)).toReversed();
	return [...below.flatMap(({runIds}) => runIds.map(id => state.runs[id]!)), run];
};
