import {actorName} from '../actor.js';
import type {CommandOf} from '../command.js';
import {type DecisionContext, noAnswer, type Outcome} from '../decision-context.js';
import {type Refusal, refuse} from '../refusal.js';
import type {Rules} from '../rule.js';
import {unknownSession} from '../session/decide-session.js';
import {isBusy, subtree} from '../session/session.js';
import type {State} from '../state.js';
import {isEnded} from './run.js';
import {runAndBelow, stopRunsFacts, stopSessionsFacts} from './stop.js';

const whyNotStopSession = (state: State, {sessionId, tree}: CommandOf<'session.stop'>): Refusal | undefined => {
	const session = state.sessions[sessionId];
	if (!session) {
		return unknownSession(sessionId);
	}

	const affected = tree ? subtree(state, sessionId) : [session];
	return affected.some(one => isBusy(state, one))
		? undefined
		: refuse('NOT_RUNNING', `${session.label} has nothing to stop: no run of it is queued or alive.`);
};

const decideStopSession = (state: State, {sessionId, tree}: CommandOf<'session.stop'>, context: DecisionContext): Outcome => {
	const sessions = tree ? subtree(state, sessionId) : [state.sessions[sessionId]!];
	return {facts: stopSessionsFacts(state, sessions, actorName(context.actor), context), answer: {session: {id: sessionId}}};
};

const whyNotCancelRun = (state: State, {runId}: CommandOf<'run.cancel'>): Refusal | undefined => {
	const run = state.runs[runId];
	if (!run) {
		return refuse('UNKNOWN_RUN', `There is no run ${runId}.`);
	}

	return isEnded(run) ? refuse('ALREADY_ENDED', `${runId} already ended as ${run.state}.`) : undefined;
};

/** Cancelling a run takes down what it spawned: nobody is left to hear them. */
const decideCancelRun = (state: State, {runId}: CommandOf<'run.cancel'>, context: DecisionContext): Outcome => {
	const runs = runAndBelow(state, state.runs[runId]!);
	return {facts: stopRunsFacts(state, runs, actorName(context.actor), context), answer: {run: {id: runId}}};
};

const decideStopFleet = (state: State, _command: CommandOf<'fleet.stop'>, context: DecisionContext): Outcome => ({
	facts: stopSessionsFacts(state, Object.values(state.sessions), actorName(context.actor), context),
	answer: noAnswer,
});

/** Ending what runs, and withdrawing what waits. */
export const stopRules: Rules<'session.stop' | 'run.cancel' | 'fleet.stop'> = {
	'session.stop': {whyNot: whyNotStopSession, decide: decideStopSession},
	'run.cancel': {whyNot: whyNotCancelRun, decide: decideCancelRun},
	'fleet.stop': {decide: decideStopFleet},
};
