import type {DecisionContext} from '../decision-context.js';
import type {AttemptEnd, Fact} from '../fact.js';
import {mayRetry} from '../queue/start-rate.js';
import type {State} from '../state.js';
import {dependentFacts} from './dependency.js';
import {endedParentFacts} from './orphan.js';
import {retryWaitMs} from './retry.js';
import {isRetried, retryPolicyOf} from './retry-policy.js';
import {isQueued, type Run, type RunEnd} from './run.js';
import {type BreakerVerdict, tellBreakers} from './run-breakers.js';

/** What ends of runs are decided with; `ending` holds the ids of all runs that end in the same step, so that none ends twice. */
export type EndContext = Pick<DecisionContext, 'nowMs' | 'random'> & {readonly ending?: Set<string>};

/** How an attempt was over, in one word, and what else is known. */
export type AttemptOutcome = AttemptEnd & {readonly end: RunEnd};

const withdrawals = (state: State, run: Run, why: string, nowMs: number): readonly Fact[] =>
	[...state.index.openEscalations]
		.map(id => state.escalations[id]!)
		// A used up budget is a matter of its whole scope, whichever run crossed the line.
		.filter(({runId, kind}) => runId === run.id && kind !== 'budget')
		.map(({id}) => ({type: 'escalation.withdrawn', escalationId: id, why, atMs: nowMs}) as const);

const workVerdict: Readonly<Record<RunEnd, BreakerVerdict>> = {
	succeeded: 'good',
	failed: 'bad',
	timed_out: 'bad',
	// A cancelled run, or one whose machine went away, says nothing about the agent.
	cancelled: 'nothing',
	lost: 'nothing',
};

const causeOf = ({end, sentence, exitCode}: AttemptOutcome): string =>
	sentence ?? (exitCode === undefined || exitCode === null ? end : `exit ${exitCode}`);

/** What the end of an attempt is to its breakers, its requests and those who waited: the same whatever becomes of the run. */
const attemptFacts = (state: State, run: Run, outcome: AttemptOutcome, why: string, {nowMs}: EndContext): readonly Fact[] => [
	...withdrawals(state, run, why, nowMs),
	...(isQueued(run)
		? []
		: tellBreakers(
				state,
				run,
				{work: workVerdict[outcome.end], machine: outcome.end === 'lost' ? 'bad' : 'good', cause: causeOf(outcome)},
				nowMs,
			)),
];

/** The run is over for good: what it asked is withdrawn, and those who depend on it or were spawned by it hear of it. */
export const endFacts = (state: State, run: Run, outcome: AttemptOutcome, context: EndContext): readonly Fact[] => {
	const {nowMs} = context;
	const ending = context.ending ?? new Set();
	ending.add(run.id);
	return [
		{type: 'run.ended', runId: run.id, generation: run.generation, atMs: nowMs, ...outcome},
		...attemptFacts(state, run, outcome, `the run ended (${outcome.end})`, context),
		...(outcome.end === 'succeeded' ? [] : dependentFacts(state, run, outcome.end, {...context, ending})),
		...(outcome.end === 'succeeded' ? endedParentFacts(state, run, {...context, ending}) : []),
	];
};

const retryFacts = (
	state: State,
	run: Run,
	{end, ...rest}: AttemptOutcome,
	{counts, dueAtMs}: {readonly counts: 'failure' | 'loss' | 'taken-back'; readonly dueAtMs: number},
	context: EndContext,
): readonly Fact[] => [
	{type: 'run.retrying', runId: run.id, generation: run.generation, counts, dueAtMs, atMs: context.nowMs, ...rest},
	...attemptFacts(state, run, {end, ...rest}, 'the attempt that asked is over', context),
];

const deadFacts = (state: State, run: Run, {end, ...rest}: AttemptOutcome, why: string, context: EndContext): readonly Fact[] => {
	const sentence = rest.sentence === undefined ? why : `${rest.sentence}; ${why}`;
	const ending = context.ending ?? new Set();
	ending.add(run.id);
	return [
		{type: 'run.dead-lettered', runId: run.id, generation: run.generation, atMs: context.nowMs, ...rest, sentence},
		...attemptFacts(state, run, {end, ...rest}, 'the run is a dead letter', context),
		...dependentFacts(state, run, 'dead', {...context, ending}),
	];
};

const isTooLate = ({deadlineAtMs}: Run, nowMs: number): boolean => deadlineAtMs !== undefined && nowMs >= deadlineAtMs;

/** The attempt failed or ran out of time: it is tried again while its policy and its tree's retry budget let it. */
const failedFacts = (state: State, run: Run, outcome: AttemptOutcome, context: EndContext): readonly Fact[] => {
	const policy = retryPolicyOf(state, run);
	if (!isRetried(policy) || isTooLate(run, context.nowMs)) {
		return endFacts(state, run, outcome, context);
	}

	const failures = (run.failures ?? 0) + 1;
	const waitMs = retryWaitMs(policy, failures, context.random());
	if (waitMs === undefined) {
		return deadFacts(state, run, outcome, `given up after ${failures} attempts failed`, context);
	}

	const {rootId} = state.sessions[run.sessionId]!;
	return mayRetry(state, rootId, context.nowMs)
		? retryFacts(state, run, outcome, {counts: 'failure', dueAtMs: context.nowMs + waitMs}, context)
		: deadFacts(state, run, outcome, 'its tree has used up its retries of this hour', context);
};

/** The machine went away under the attempt. That says nothing about the task, so it is counted apart. */
export const lostFacts = (state: State, run: Run, sentence: string, context: EndContext): readonly Fact[] => {
	const outcome: AttemptOutcome = {end: 'lost', sentence};
	if (run.state === 'stopping') {
		return stoppedFacts(state, run, {sentence}, context);
	}

	const policy = retryPolicyOf(state, run);
	const losses = (run.losses ?? 0) + 1;
	if (run.state === 'starting') {
		return losses < policy.lostCap ? releaseFacts(state, run, sentence, context) : endFacts(state, run, outcome, context);
	}

	if (!isRetried(policy) || isTooLate(run, context.nowMs)) {
		return endFacts(state, run, outcome, context);
	}

	return losses <= policy.lostCap
		? retryFacts(state, run, outcome, {counts: 'loss', dueAtMs: context.nowMs}, context)
		: deadFacts(state, run, outcome, `given up after its machine went away ${losses} times`, context);
};

/** The stop of a run came to its end: it ends as its stop said, or queues again when it was only taken back. */
export const stoppedFacts = (state: State, run: Run, end: AttemptEnd, context: EndContext): readonly Fact[] => {
	const {ending, counts = 'taken-back', by} = run.stop!;
	if (ending === 'cancelled') {
		return endFacts(state, run, {end: ending, ...end}, context);
	}

	if (ending === 'timed_out') {
		return failedFacts(state, run, {end: ending, sentence: `ended by ${by}`, ...end}, context);
	}

	const {lostCap} = retryPolicyOf(state, run);
	const isGivenUp = counts === 'loss' && (run.losses ?? 0) + 1 > lostCap;
	const outcome: AttemptOutcome = {end: 'lost', sentence: `taken back by ${by}`, ...end};
	return isGivenUp
		? deadFacts(state, run, outcome, `given up after it was taken back ${lostCap + 1} times`, context)
		: retryFacts(state, run, {...outcome, end: 'cancelled'}, {counts, dueAtMs: context.nowMs}, context);
};

/** The process ended by itself. */
export const exitedFacts = (state: State, run: Run, end: AttemptEnd, context: EndContext): readonly Fact[] => {
	// Without a proof nobody had begun to stop it: what it did well before is not done again.
	const isDoneAnyway = run.stop?.ending === 'queued' && end.exitCode === 0 && end.proof === undefined;
	if (run.state === 'stopping' && !isDoneAnyway) {
		return stoppedFacts(state, run, end, context);
	}

	return end.exitCode === 0
		? endFacts(state, run, {end: 'succeeded', ...end}, context)
		: failedFacts(state, run, {end: 'failed', ...end}, context);
};

/** The process could not be started at all. */
export const spawnFailedFacts = (state: State, run: Run, sentence: string, context: EndContext): readonly Fact[] =>
	run.state === 'stopping' ? stoppedFacts(state, run, {sentence}, context) : failedFacts(state, run, {end: 'failed', sentence}, context);

/** The claim is rolled back: the run queues again at its old place, asks nothing, and is no probe of its breakers. */
export const releaseFacts = (state: State, run: Run, sentence: string, context: EndContext): readonly Fact[] => [
	{type: 'run.released', runId: run.id, generation: run.generation, sentence, atMs: context.nowMs},
	...attemptFacts(state, run, {end: 'lost', sentence}, 'the attempt that asked was lost', context),
];
