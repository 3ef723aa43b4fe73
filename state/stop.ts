import type {Fact} from './fact.js';
import {isLive, isQueued, type Run} from './run.js';
import {endFacts} from './run-end.js';
import type {Session} from './session.js';
import type {State} from './state.js';

/** What a stop makes true of one run: a queued one is cancelled at once, a live one begins to stop, an ended one is left alone. */
export const stopRunFacts = (state: State, run: Run, by: string, nowMs: number): readonly Fact[] => {
	if (isQueued(run)) {
		return endFacts(state, run, {end: 'cancelled', sentence: `withdrawn by ${by}`}, nowMs);
	}

	return isLive(run) && run.state !== 'stopping' ? [{type: 'run.stopping', runId: run.id, ending: 'cancelled', by, atMs: nowMs}] : [];
};

/** The same for everything these sessions have; the youngest first, so that no parent can start what was just withdrawn. */
export const stopSessionsFacts = (state: State, sessions: readonly Session[], by: string, nowMs: number): readonly Fact[] =>
	sessions.toReversed().flatMap(session => session.runIds.flatMap(id => stopRunFacts(state, state.runs[id]!, by, nowMs)));
