import type {Fact} from './fact.js';
import {indexRun} from './index-of-state.js';
import {currentAttempt, type Run, type RunState} from './run.js';
import type {State} from './state.js';

export type RunFact = Extract<Fact, {readonly type: `run.${string}`}>;

/** Moves a run to a state and keeps the index right. `change` may set what belongs to the new state. */
const move = (state: State, run: Run, to: RunState, atMs: number, change?: () => void): void => {
	const session = state.sessions[run.sessionId]!;
	indexRun(state.index, run, session, -1);
	run.state = to;
	run.sinceMs = atMs;
	delete run.reason;
	change?.();
	indexRun(state.index, run, session, 1);
};

const queue = (state: State, fact: Extract<RunFact, {type: 'run.queued'}>): void => {
	const run: Run = {...fact.run, attempts: [...fact.run.attempts]};
	const session = state.sessions[run.sessionId]!;
	state.runs[run.id] = run;
	session.runIds.push(run.id);
	state.nextOrder = Math.max(state.nextOrder, run.order + 1);
	indexRun(state.index, run, session, 1);
};

const end = (state: State, run: Run, fact: Extract<RunFact, {type: 'run.ended'}>): void => {
	move(state, run, fact.end, fact.atMs, () => {
		delete run.stop;
		if (fact.sentence !== undefined) {
			run.ending = fact.sentence;
		}

		const attempt = currentAttempt(run);
		// A run that ends in the queue has only attempts that are over.
		if (attempt && attempt.endedAtMs === undefined) {
			attempt.endedAtMs = fact.atMs;
			Object.assign(
				attempt,
				fact.exitCode === undefined ? {} : {exitCode: fact.exitCode},
				fact.signal === undefined ? {} : {signal: fact.signal},
				fact.proof === undefined ? {} : {proof: fact.proof},
				fact.sentence === undefined ? {} : {sentence: fact.sentence},
			);
		}
	});
};

/** What a fact about a run changes. */
export const applyRunFact = (state: State, fact: RunFact): void => {
	if (fact.type === 'run.queued') {
		queue(state, fact);
		return;
	}

	const run = state.runs[fact.runId]!;
	switch (fact.type) {
		case 'run.starting': {
			const {generation, launcherId, atMs} = fact;
			state.index.ready.serve(run.id);
			move(state, run, 'starting', atMs, () => {
				run.generation = generation;
				run.attempts.push({generation, launcherId, claimedAtMs: atMs});
			});
			return;
		}

		case 'run.released': {
			state.index.ready.refund({lane: run.lane, rootId: state.sessions[run.sessionId]!.rootId});
			move(state, run, 'queued', fact.atMs, () => {
				Object.assign(currentAttempt(run)!, {endedAtMs: fact.atMs, sentence: fact.sentence});
			});
			return;
		}

		case 'run.running': {
			move(state, run, 'running', fact.atMs, () => {
				Object.assign(currentAttempt(run)!, {startedAtMs: fact.atMs, pid: fact.pid});
			});
			return;
		}

		case 'run.waiting': {
			move(state, run, 'waiting', fact.atMs, () => {
				run.reason = fact.reason;
			});
			return;
		}

		case 'run.resumed': {
			move(state, run, 'running', fact.atMs);
			return;
		}

		case 'run.stopping': {
			move(state, run, 'stopping', fact.atMs, () => {
				run.stop = {ending: fact.ending, by: fact.by};
			});
			return;
		}

		case 'run.ended': {
			end(state, run, fact);
		}
	}
};
