import {actorName} from '../actor.js';
import {noAnswer} from '../decision-context.js';
import {type Refusal, refuse} from '../refusal.js';
import type {Rules} from '../rule.js';
import type {State} from '../state.js';
import {whyNotQueue} from './new-run.js';

const whyNotDead = (state: State, runId: string): Refusal | undefined => {
	const run = state.runs[runId];
	if (!run) {
		return refuse('UNKNOWN_RUN', `There is no run ${runId}.`);
	}

	return run.state === 'dead' ? undefined : refuse('NOT_DEAD', `${runId} is ${run.state}; it is no dead letter.`);
};

/** Runs that failed for good, until the operator says what becomes of them. */
export const deadLetterRules: Rules<'deadletter.retry' | 'deadletter.drop'> = {
	'deadletter.retry': {
		whyNot: (state, {runId}) => whyNotDead(state, runId) ?? whyNotQueue(state, state.sessions[state.runs[runId]!.sessionId]!),
		decide: (_state, {runId}, {nowMs, actor}) => ({
			facts: [{type: 'run.revived', runId, by: actorName(actor), atMs: nowMs}],
			answer: {run: {id: runId, state: 'queued'}},
		}),
	},
	'deadletter.drop': {
		whyNot: (state, {runId}) => whyNotDead(state, runId),
		decide(state, {runId}, {nowMs, actor}) {
			const {generation} = state.runs[runId]!;
			const sentence = `dropped by ${actorName(actor)}`;
			return {facts: [{type: 'run.ended', runId, generation, end: 'cancelled', sentence, atMs: nowMs}], answer: noAnswer};
		},
	},
};
