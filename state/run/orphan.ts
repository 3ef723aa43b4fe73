import type {Fact} from '../fact.js';
import {limitsOf} from '../safety/limits-of-state.js';
import {childrenOf, subtree} from '../session/session.js';
import type {State} from '../state.js';
import {currentAttempt, isEnded, isLive, isOver, isQueued, type Run} from './run.js';
import type {EndContext} from './run-end.js';
import {runAndBelow, stopRunsFacts, stopSessionsFacts} from './stop.js';

/** When the grace of an orphan began: the later of its parent's end and its own start. */
const orphanedAtMs = (state: State, run: Run): number | undefined => {
	const {parentRunId} = state.sessions[run.sessionId]!;
	const parent = parentRunId === undefined ? undefined : state.runs[parentRunId];
	const endedBadly = parent !== undefined && isOver(parent) && parent.state !== 'succeeded';
	if (!endedBadly) {
		return undefined;
	}

	// What was asked for after the parent's end was asked for by somebody who lives. A dead letter had its end before it was dropped.
	const lastedUntilMs = currentAttempt(parent)?.endedAtMs ?? parent.sinceMs;
	if (run.queuedAtMs > lastedUntilMs) {
		return undefined;
	}

	return Math.max(parent.sinceMs, currentAttempt(run)?.startedAtMs ?? 0);
};

/** The queued and running runs that nobody is left to hear, each with when it is to be stopped. Roots are never among them. */
export const orphans = (state: State): ReadonlyArray<{readonly run: Run; readonly dueMs: number}> =>
	[...state.index.busyChildren].flatMap(sessionId => {
		const {queued, liveId} = state.index.lines.get(sessionId)!;
		const runs = liveId === undefined ? queued : [...queued, state.runs[liveId]!];
		return runs.flatMap(run => {
			const sinceMs = orphanedAtMs(state, run);
			const isToBeStopped = isQueued(run) || (isLive(run) && run.state !== 'stopping');
			return sinceMs === undefined || !isToBeStopped
				? []
				: [{run, dueMs: sinceMs + limitsOf(state, state.sessions[sessionId]).orphanGraceMs}];
		});
	});

/** Stops what its parent left behind, with all below it, once the grace is over. */
export const orphanFacts = (state: State, context: EndContext): readonly Fact[] => {
	const due = orphans(state).filter(({dueMs}) => context.nowMs >= dueMs);
	const runs = new Set(due.flatMap(({run}) => runAndBelow(state, run)));
	return stopRunsFacts(state, [...runs], 'the orphan rule', context);
};

/** A parent that succeeded takes those children down that were spawned to end with it. */
export const endedParentFacts = (state: State, {id, sessionId}: Run, context: EndContext): readonly Fact[] => {
	const ending = childrenOf(state, sessionId).filter(
		({parentRunId, onParentSuccess}) => parentRunId === id && onParentSuccess === 'cancel',
	);
	const below = ending.flatMap(child => subtree(state, child.id));
	const busy = below.filter(({runIds}) => runIds.some(runId => !isEnded(state.runs[runId]!)));
	return stopSessionsFacts(state, busy, 'the end of its parent', context);
};
