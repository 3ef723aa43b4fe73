import type {AttemptEnd, Fact} from '../fact.js';
import {takeRetry, takeStart} from '../queue/start-rate.js';
import {takeRun} from '../safety/budget-rate.js';
import {countUsage} from '../safety/usage-of-state.js';
import {noteQueued} from '../session/apply-result.js';
import type {State} from '../state.js';
import {changeRun} from './index-of-run.js';
import {currentAttempt, type Run} from './run.js';

export type RunFact = Extract<Fact, {readonly type: `run.${string}`}>;

const queue = (state: State, fact: Extract<RunFact, {type: 'run.queued'}>): void => {
	const run: Run = {...fact.run, attempts: [...fact.run.attempts]};
	state.runs[run.id] = run;
	state.sessions[run.sessionId]!.runIds.push(run.id);
	state.nextOrder = Math.max(state.nextOrder, run.order + 1);
	changeRun(state, run);
	noteQueued(state, run);
};

/** Closes the attempt under way; a run that ends in the queue has only attempts that are over. */
const closeAttempt = (state: State, run: Run, fact: AttemptEnd & {readonly atMs: number}): void => {
	const attempt = currentAttempt(run);
	if (!attempt || attempt.endedAtMs !== undefined) {
		return;
	}

	const {exitCode, signal, proof, sentence} = fact;
	const waitingMs = run.state === 'waiting' ? fact.atMs - run.sinceMs : 0;
	const waitedMs = (attempt.waitedMs ?? 0) + waitingMs;
	Object.assign(
		attempt,
		{endedAtMs: fact.atMs},
		waitedMs === 0 ? {} : {waitedMs},
		exitCode === undefined ? {} : {exitCode},
		signal === undefined ? {} : {signal},
		proof === undefined ? {} : {proof},
		sentence === undefined ? {} : {sentence},
	);
	if (attempt.startedAtMs !== undefined) {
		countUsage(state, run.sessionId, {workedMs: Math.max(0, fact.atMs - attempt.startedAtMs - waitedMs)});
	}
};

/** What only holds while an attempt is under way. */
const forgetAttempt = (run: Run): void => {
	delete run.stop;
	delete run.status;
	delete run.calls;
	delete run.stuckSinceMs;
	delete run.isForced;
	delete run.isFirst;
};

type Change<Type extends RunFact['type']> = (state: State, run: Run, fact: Extract<RunFact, {readonly type: Type}>) => void;

const moveTo = (run: Run, to: Run['state'], atMs: number): void => {
	run.state = to;
	run.sinceMs = atMs;
	delete run.reason;
	delete run.awaits;
};

const noteWait = (run: Run, atMs: number): void => {
	const attempt = currentAttempt(run);
	if (attempt && run.state === 'waiting') {
		attempt.waitedMs = (attempt.waitedMs ?? 0) + (atMs - run.sinceMs);
	}
};

const end: Change<'run.ended'> = (state, run, fact) => {
	closeAttempt(state, run, fact);
	moveTo(run, fact.end, fact.atMs);
	forgetAttempt(run);
	delete run.dueAtMs;
	delete run.heldBy;
	if (fact.sentence !== undefined) {
		run.ending = fact.sentence;
	}
};

const changes: {readonly [Type in Exclude<RunFact['type'], 'run.queued'>]: Change<Type>} = {
	'run.starting'(state, run, {generation, launcherId, atMs}) {
		state.index.ready.serve(run.id);
		takeStart(state, state.sessions[run.sessionId]!.agent, atMs);
		takeRun(state, run.sessionId, atMs);
		countUsage(state, run.sessionId, {runs: 1});
		moveTo(run, 'starting', atMs);
		run.generation = generation;
		run.attempts.push({generation, launcherId, claimedAtMs: atMs});
	},
	'run.released'(state, run, fact) {
		const {rootId} = state.sessions[run.sessionId]!;
		state.index.ready.refund({lane: run.lane, rootId, isRetry: (run.failures ?? 0) > 0});
		closeAttempt(state, run, fact);
		moveTo(run, 'queued', fact.atMs);
		forgetAttempt(run);
		run.losses = (run.losses ?? 0) + 1;
	},
	'run.running'(_state, run, {pid, atMs}) {
		moveTo(run, 'running', atMs);
		Object.assign(currentAttempt(run)!, {startedAtMs: atMs, pid});
	},
	'run.waiting'(_state, run, {reason, awaits, atMs}) {
		moveTo(run, 'waiting', atMs);
		Object.assign(run, {reason}, awaits ? {awaits} : {});
		// Who asks or waits for something has taken its prompt.
		currentAttempt(run)!.acceptedAtMs ??= atMs;
		delete run.stuckSinceMs;
	},
	'run.resumed'(_state, run, {atMs}) {
		noteWait(run, atMs);
		moveTo(run, 'running', atMs);
	},
	'run.stopping'(_state, run, {ending, counts, by, atMs}) {
		noteWait(run, atMs);
		moveTo(run, 'stopping', atMs);
		run.stop = {ending, ...(counts && {counts}), by};
	},
	'run.ended': end,
	'run.retrying'(state, run, fact) {
		closeAttempt(state, run, fact);
		moveTo(run, 'queued', fact.atMs);
		forgetAttempt(run);
		if (fact.counts === 'failure') {
			run.failures = (run.failures ?? 0) + 1;
			takeRetry(state, state.sessions[run.sessionId]!.rootId, fact.atMs);
		} else if (fact.counts === 'loss') {
			run.losses = (run.losses ?? 0) + 1;
		}

		if (fact.dueAtMs > fact.atMs) {
			run.dueAtMs = fact.dueAtMs;
		}
	},
	'run.due'(_state, run) {
		delete run.dueAtMs;
	},
	'run.dead-lettered'(state, run, fact) {
		closeAttempt(state, run, fact);
		moveTo(run, 'dead', fact.atMs);
		forgetAttempt(run);
		if (fact.sentence !== undefined) {
			run.ending = fact.sentence;
		}
	},
	'run.revived'(_state, run, {atMs}) {
		moveTo(run, 'queued', atMs);
		delete run.failures;
		delete run.losses;
		delete run.ending;
	},
	'run.held'(_state, run, {by}) {
		run.heldBy = by;
	},
	'run.unheld'(_state, run) {
		delete run.heldBy;
	},
	'run.moved'(state, run, {isFirst, order}) {
		run.order = order;
		state.nextOrder = Math.max(state.nextOrder, Math.floor(order) + 1);
		if (isFirst) {
			run.isFirst = true;
		} else {
			delete run.isFirst;
		}
	},
	'run.prioritised'(_state, run, {lane}) {
		run.lane = lane;
	},
	'run.forced'(_state, run) {
		run.isForced = true;
		delete run.heldBy;
		delete run.dueAtMs;
	},
	'run.dependency-dropped'(_state, run, {dependencyId}) {
		Object.assign(run, {dependsOn: run.dependsOn?.filter(id => id !== dependencyId)});
	},
	'run.accepted'(_state, run, {atMs}) {
		Object.assign(currentAttempt(run)!, {acceptedAtMs: atMs});
	},
	'run.status-changed'(_state, run, {status}) {
		run.status = status;
	},
	'run.stuck'(_state, run, {sinceMs}) {
		run.stuckSinceMs = sinceMs;
	},
	'run.unstuck'(_state, run) {
		delete run.stuckSinceMs;
	},
	'run.called'(_state, run, {digest, summary}) {
		run.calls = {digest, summary, count: run.calls?.digest === digest ? run.calls.count + 1 : 1};
	},
};

/** What a fact about a run changes; the index follows. */
export const applyRunFact = (state: State, fact: RunFact): void => {
	if (fact.type === 'run.queued') {
		queue(state, fact);
		return;
	}

	const run = state.runs[fact.runId]!;
	const change = changes[fact.type] as Change<typeof fact.type>;
	changeRun(state, run, () => {
		change(state, run, fact);
	});
};
