import type {Actor} from './actor.js';
import type {CommandOf} from './command.js';
import {heldFacts} from './decide-escalation.js';
import {type DecisionContext, noAnswer, type Outcome} from './decision-context.js';
import type {Refusal} from './refusal.js';
import type {Rules} from './rule.js';
import {type Run, type RunEnd, type RunState, whyNotReport} from './run.js';
import {endFacts, releaseFacts} from './run-end.js';
import type {State} from './state.js';

type AttemptCommand = CommandOf<'attempt.started' | 'attempt.spawn-failed' | 'attempt.exited' | 'attempt.lost'>;

/** A run whose launcher loses it this often before it begins is given up. */
const maxLostClaims = 5;

const stateAfter = (run: Run, command: AttemptCommand): RunState => {
	const isStopping = run.state === 'stopping';
	switch (command.type) {
		case 'attempt.started': {
			return 'running';
		}

		case 'attempt.spawn-failed': {
			return isStopping ? run.stop!.ending : 'failed';
		}

		case 'attempt.exited': {
			if (isStopping) {
				return run.stop!.ending;
			}

			return command.exitCode === 0 ? 'succeeded' : 'failed';
		}

		case 'attempt.lost': {
			if (isStopping) {
				return run.stop!.ending;
			}

			return run.state === 'starting' && run.generation < maxLostClaims ? 'queued' : 'lost';
		}
	}
};

/** Why a launcher's report changes nothing. A run that began while its stop was under way keeps stopping. */
const whyNotAttempt = (state: State, command: AttemptCommand, {actor}: {readonly actor: Actor}): Refusal | undefined => {
	const run = state.runs[command.runId];
	const to = run ? stateAfter(run, command) : 'running';
	return whyNotReport(run, command, to, actor);
};

const decideAttempt = (state: State, command: AttemptCommand, {nowMs}: DecisionContext): Outcome => {
	const run = state.runs[command.runId]!;
	const {runId, generation} = command;
	const to = stateAfter(run, command);
	switch (command.type) {
		case 'attempt.started': {
			const running = {type: 'run.running', runId, generation, pid: command.pid, atMs: nowMs} as const;
			return {facts: [running, ...heldFacts(state, runId, nowMs)], answer: noAnswer};
		}

		case 'attempt.lost': {
			const facts =
				to === 'queued'
					? releaseFacts(state, run, command.sentence, nowMs)
					: endFacts(state, run, {end: to as RunEnd, sentence: command.sentence}, nowMs);
			return {facts, answer: noAnswer};
		}

		case 'attempt.spawn-failed': {
			const end = to === 'failed' ? 'failed' : run.stop!.ending;
			return {facts: endFacts(state, run, {end, sentence: command.sentence}, nowMs), answer: noAnswer};
		}

		case 'attempt.exited': {
			const {exitCode, signal, proof} = command;
			const end = to as 'succeeded' | 'failed' | 'cancelled' | 'timed_out';
			return {facts: endFacts(state, run, {end, exitCode, signal, ...(proof && {proof})}, nowMs), answer: noAnswer};
		}
	}
};

const rule = {whyNot: whyNotAttempt, decide: decideAttempt};

/** What a launcher reports about an attempt. */
export const attemptRules: Rules<AttemptCommand['type']> = {
	'attempt.started': rule,
	'attempt.spawn-failed': rule,
	'attempt.exited': rule,
	'attempt.lost': rule,
};
