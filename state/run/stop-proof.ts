import type {State} from '../state.js';
import {currentAttempt, isEnded, type Run} from './run.js';

/** How a run ended, as far as the operator must be sure of it: how many processes its tree had, and how many outlived the stop. */
export const proofOf = (run: Run): string => {
	const {proof, sentence} = currentAttempt(run) ?? {};
	if (!isEnded(run)) {
		return run.state;
	}

	if (proof) {
		return `tree of ${proof.processes}, ${proof.survivors} survivors${proof.killed ? ', killed' : ''}`;
	}

	return sentence ?? (run.generation === 0 ? 'never started' : 'ended by itself');
};

/** The proof of each of these runs, one line a run: `planner: tree of 9, 0 survivors`. Labels are untrusted text. */
export const proofLines = (state: State, runIds: readonly string[]): readonly string[] =>
	runIds.flatMap(id => {
		const run = state.runs[id];
		return run ? [`${state.sessions[run.sessionId]!.label}: ${proofOf(run)}`] : [];
	});

/** Whether all of these runs have ended. */
export const areEnded = (state: State, runIds: readonly string[]): boolean =>
	runIds.every(id => !state.runs[id] || isEnded(state.runs[id]));
