import type {Fact} from '../fact.js';
import {currentAttempt, type Run} from '../run/run.js';
import {type EndContext, lostFacts} from '../run/run-end.js';
import type {State} from '../state.js';

/** The runs whose launcher is away, each with when it counts as gone for good. */
const adrift = (state: State): ReadonlyArray<{readonly run: Run; readonly dueMs: number}> => {
	const {launchers, limits, index, runs} = state;
	if (limits.launcherGoneMs === 0) {
		return [];
	}

	return [...index.live].flatMap(id => {
		const run = runs[id]!;
		const launcher = launchers[currentAttempt(run)!.launcherId];
		return launcher?.state === 'offline' ? [{run, dueMs: launcher.sinceMs + limits.launcherGoneMs}] : [];
	});
};

/**
 * What ran on a launcher that has been away for too long is lost: it is tried again elsewhere where it may be. Should the launcher come
 * back, its first heartbeat finds the old attempts unwanted.
 */
export const goneFacts = (state: State, context: EndContext): readonly Fact[] => {
	const ending = context.ending ?? new Set<string>();
	return adrift(state)
		.filter(({run, dueMs}) => context.nowMs >= dueMs && !ending.has(run.id))
		.flatMap(({run}) => lostFacts(state, run, 'its launcher has been away for too long', {...context, ending}));
};

/** When launchers that are away count as gone. */
export const nextGoneMs = (state: State): readonly number[] => adrift(state).map(({dueMs}) => dueMs);
