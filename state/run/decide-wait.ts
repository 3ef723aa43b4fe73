import type {Actor} from '../actor.js';
import type {CommandOf} from '../command.js';
import {type DecisionContext, noAnswer, type Outcome} from '../decision-context.js';
import {heldFacts} from '../escalation/decide-escalation.js';
import {type Refusal, refuse} from '../refusal.js';
import type {Rules} from '../rule.js';
import type {State} from '../state.js';
import {isOver} from './run.js';
import {isAwaitOver} from './run-ready.js';
import {whyNotAwait} from './wait-cycle.js';

const whyNotWait = (state: State, {runId, awaits}: CommandOf<'run.wait'>, _context: {readonly actor: Actor}): Refusal | undefined => {
	const run = state.runs[runId];
	if (!run) {
		return refuse('UNKNOWN_RUN', `There is no run ${runId}.`);
	}

	const unknown = awaits.runIds.find(id => !state.runs[id]);
	if (unknown !== undefined) {
		return refuse('UNKNOWN_RUN', `There is no run ${unknown} to wait for.`);
	}

	if (run.state !== 'running') {
		return refuse('NOT_RUNNING', `${runId} is ${run.state}; only a running agent can wait for others.`);
	}

	const open = awaits.runIds.filter(id => !isOver(state.runs[id]!));
	return whyNotAwait(state, runId, open);
};

/** Waiting for what is over already is no wait. */
const decideWait = (state: State, {runId, awaits}: CommandOf<'run.wait'>, {nowMs}: DecisionContext): Outcome => {
	const isOverAlready = isAwaitOver({...state.runs[runId]!, awaits}, state.runs);
	return {
		facts: isOverAlready ? [] : [{type: 'run.waiting', runId, reason: 'child', awaits, atMs: nowMs}],
		answer: {run: {id: runId, state: isOverAlready ? 'running' : 'waiting'}},
	};
};

/** A run waits for others. While it does it holds no slot; dispatch gives it one back before anything new starts. */
export const waitRules: Rules<'run.wait' | 'run.stop-waiting'> = {
	'run.wait': {whyNot: whyNotWait, decide: decideWait},
	'run.stop-waiting': {
		whyNot: (state, {runId}) => (state.runs[runId] ? undefined : refuse('UNKNOWN_RUN', `There is no run ${runId}.`)),
		decide(state, {runId}, {nowMs}) {
			const {state: at, reason} = state.runs[runId]!;
			const isWaiting = at === 'waiting' && reason === 'child';
			const facts = [{type: 'run.resumed', runId, atMs: nowMs} as const, ...heldFacts(state, runId, nowMs)];
			return {facts: isWaiting ? facts : [], answer: noAnswer};
		},
	},
};
