import type {Actor} from '../actor.js';
import type {CommandOf} from '../command.js';
import {type DecisionContext, noAnswer, type Outcome} from '../decision-context.js';
import {heldFacts} from '../escalation/decide-escalation.js';
import type {Fact} from '../fact.js';
import {type Refusal, refuse} from '../refusal.js';
import type {Rules} from '../rule.js';
import type {State} from '../state.js';
import {type RunState, whyNotReport} from './run.js';
import {exitedFacts, lostFacts, spawnFailedFacts} from './run-end.js';

type AttemptCommand = CommandOf<'attempt.started' | 'attempt.spawn-failed' | 'attempt.exited' | 'attempt.lost'>;

/** A state that a run may come to by each report, whatever it was before; what it really comes to is decided below. */
const reachable: Readonly<Record<AttemptCommand['type'], RunState>> = {
	'attempt.started': 'running',
	'attempt.spawn-failed': 'timed_out',
	'attempt.exited': 'timed_out',
	'attempt.lost': 'lost',
};

/**
 * Why a launcher's report changes nothing. A run that began while its stop was under way keeps stopping; a start that is told once more
 * does not bring a run back from what it waits for.
 */
const whyNotAttempt = (state: State, command: AttemptCommand, {actor}: {readonly actor: Actor}): Refusal | undefined => {
	const run = state.runs[command.runId];
	const isToldAgain = command.type === 'attempt.started' && run?.state === 'waiting' && run.generation === command.generation;
	return isToldAgain
		? refuse('ILLEGAL_TRANSITION', `Attempt ${command.generation} of ${command.runId} started already.`)
		: whyNotReport(run, command, reachable[command.type], actor);
};

const attemptFacts = (state: State, command: AttemptCommand, context: DecisionContext): readonly Fact[] => {
	const run = state.runs[command.runId]!;
	const {runId, generation} = command;
	switch (command.type) {
		case 'attempt.started': {
			const running = {type: 'run.running', runId, generation, pid: command.pid, atMs: context.nowMs} as const;
			return [running, ...heldFacts(state, runId, context.nowMs)];
		}

		case 'attempt.lost': {
			return lostFacts(state, run, command.sentence, context);
		}

		case 'attempt.spawn-failed': {
			return spawnFailedFacts(state, run, command.sentence, context);
		}

		case 'attempt.exited': {
			const {exitCode, signal, proof} = command;
			return exitedFacts(state, run, {exitCode, signal, ...(proof && {proof})}, context);
		}
	}
};

const rule = {
	whyNot: whyNotAttempt,
	decide: (state: State, command: AttemptCommand, context: DecisionContext): Outcome => ({
		facts: attemptFacts(state, command, context),
		answer: noAnswer,
	}),
};

/** What a launcher reports about an attempt. */
export const attemptRules: Rules<AttemptCommand['type']> = {
	'attempt.started': rule,
	'attempt.spawn-failed': rule,
	'attempt.exited': rule,
	'attempt.lost': rule,
};
