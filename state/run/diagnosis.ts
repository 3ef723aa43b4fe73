import {type QueueCounts, queueCounts} from '../queue/queue-counts.js';
import {predictedOrder} from '../queue/queue-order.js';
import type {Breaker} from '../safety/breaker.js';
import {breakerKeysOf, launcherBreakerKey} from '../safety/breaker-keys.js';
import {activeRun} from '../session/session.js';
import type {State} from '../state.js';
import {currentAttempt, isLive, isQueued, type Run} from './run.js';
import {openDependencies} from './run-ready.js';
import {type QueueReason, runInWords, whyQueued} from './run-wait.js';

/** Stable names of what can keep a run from moving. */
export type IssueCode =
	| QueueReason['code']
	| 'next'
	| 'starting'
	| 'launcher-offline'
	| 'waiting'
	| 'stuck'
	| 'asks-on-screen'
	| 'idle'
	| 'stopping'
	| 'dead'
	| 'ended';

/** What keeps a run from moving, and what a person can do about it. */
export type Issue = {readonly code: IssueCode; readonly sentence: string; readonly nextStep: string};

/** Everything that says why a run is where it is. */
export type Diagnosis = {
	/** The launcher of the newest attempt. */
	readonly workerId: string | undefined;
	/** Whether the run has, or is about to have, a process on a launcher that is reachable. */
	readonly workerAlive: boolean;
	/** Launchers that are reachable. */
	readonly aliveWorkers: number;
	readonly maxConcurrency: number;
	readonly slotsTaken: number;
	readonly queueCounts: QueueCounts;
	/** 1 for the run that is considered first; only while it is queued. */
	readonly queuePosition: number | undefined;
	/** The process, while the run has one. */
	readonly activePid: number | undefined;
	readonly breaker: Breaker['state'];
	readonly openEscalationIds: readonly string[];
	/** `undefined` when nothing is in the way: the run is running. */
	readonly issue: Issue | undefined;
};

const nextSteps: Readonly<Record<QueueReason['code'], string>> = {
	held: 'Let it go: agentctl queue unhold --run-id RUN.',
	retry: 'Wait, or start it now: agentctl queue start --run-id RUN.',
	depends: 'See what that run waits for: agentctl run explain --run-id RUN.',
	'session-busy': 'Wait for that run, or cancel it: agentctl run cancel --run-id RUN.',
	'session-order': 'Wait: messages of one session run in the order they came.',
	paused: 'Resume the queue: agentctl queue resume.',
	concurrent: 'Wait for a run to end, or raise the limit concurrent.',
	operator: 'Decide what is open in the console; dispatch speeds up again by itself.',
	'concurrent-tree': 'Wait for a run of the same tree to end, or raise the limit concurrentPerTree.',
	budget: 'Decide the budget request in the console, or raise the budget in the configuration.',
	'no-match': 'Start a launcher with these tags, or send the run without the demand.',
	'no-launcher': 'Start the console or agentd, which start a launcher; see agentctl daemon status.',
	breaker: 'See what failed, then wait for the probe or reset it: agentctl breaker reset --key KEY.',
	provider: 'Wait, or say that it may go on: agentctl provider clear --provider NAME.',
	rate: 'Wait, or raise the limit startsPerMinute.',
};

/** What to do about it. A budget that time alone gives back is nothing that the operator is asked about. */
const nextStepOf = ({code, retryAfterMs}: QueueReason): string =>
	code === 'budget' && retryAfterMs !== undefined ? 'Wait, or raise the budget runsPerHour in the configuration.' : nextSteps[code];

/** The names that a next step speaks of: the run to look at, the breaker, the provider. */
const namesIn = (state: State, run: Run, code: QueueReason['code']): Readonly<Record<'RUN' | 'KEY' | 'NAME', string>> => {
	const session = state.sessions[run.sessionId]!;
	const others: Readonly<Partial<Record<QueueReason['code'], string | undefined>>> = {
		depends: openDependencies(run, state.runs)[0],
		'session-busy': activeRun(state, session)?.id,
	};
	const keys = [...breakerKeysOf(state, session.agent), ...Object.keys(state.launchers).map(launcherBreakerKey)];
	return {
		RUN: others[code] ?? run.id,
		KEY: keys.find(key => (state.breakers[key]?.state ?? 'closed') !== 'closed') ?? 'KEY',
		NAME: state.agents[session.agent]?.provider ?? 'NAME',
	};
};

const queueIssue = (state: State, run: Run, nowMs: number): Issue => {
	const reason = whyQueued(state, run, nowMs);
	if (!reason) {
		return {code: 'next', sentence: 'Nothing is in the way; it starts as soon as it is its turn.', nextStep: 'Wait a moment.'};
	}

	const names = namesIn(state, run, reason.code);
	const nextStep = nextStepOf(reason).replace(/\b(?:RUN|KEY|NAME)\b/, name => names[name as keyof typeof names]);
	return {code: reason.code, sentence: reason.sentence, nextStep};
};

const openEscalationIds = (state: State, run: Run): readonly string[] =>
	[...state.index.openEscalations].filter(id => state.escalations[id]!.runId === run.id);

const stateOf = (state: State, runId: string): string => `${runInWords(state, runId)}, which is ${state.runs[runId]?.state ?? 'gone'}`;

/** A run that waits for something but a person. */
const awaitedIssue = (state: State, {reason, awaits}: Run, nowMs: number): Issue => {
	if (reason === 'child') {
		const runs = awaits?.runIds.map(id => stateOf(state, id)).join('; ') ?? 'nobody';
		const sentence = `It waits for ${awaits?.mode === 'any' ? 'any of ' : ''}${runs}. It gave its slot back until then.`;
		return {code: 'waiting', sentence, nextStep: `See what keeps that run: agentctl run explain --run-id ${awaits?.runIds[0] ?? 'RUN'}.`};
	}

	if (reason === 'rate-limit') {
		const untilMs = awaits?.untilMs;
		const left = untilMs === undefined ? 'until its provider lets it go on' : `for ${Math.max(0, Math.ceil((untilMs - nowMs) / 1000))} s`;
		const nextStep = 'Wait: it goes on by itself. Or say that it may: agentctl provider clear --provider NAME.';
		return {code: 'waiting', sentence: `Its provider told it to wait ${left}.`, nextStep};
	}

	return {code: 'waiting', sentence: `It waits (${reason ?? 'no reason given'}).`, nextStep: 'Look at its screen.'};
};

const waitingIssue = (state: State, run: Run, nowMs: number): Issue => {
	const [first] = openEscalationIds(state, run);
	return first === undefined
		? awaitedIssue(state, run, nowMs)
		: {
				code: 'waiting',
				sentence: `It waits for a person to decide ${first} (${run.reason ?? 'approval'}).`,
				nextStep: `Decide it in the console, or: agentctl escalation show --escalation-id ${first}.`,
			};
};

/** What a run with a working process may still be in want of. */
const runningIssue = (run: Run, nowMs: number): Issue | undefined => {
	if (run.stuckSinceMs !== undefined) {
		const minutes = Math.floor((nowMs - run.stuckSinceMs) / 60_000);
		return {code: 'stuck', sentence: `Its terminal has been silent for ${minutes} min.`, nextStep: 'Look at its screen; attach to it.'};
	}

	switch (run.status?.activity) {
		case 'blocked': {
			const what = run.status.kind ?? 'something';
			const sentence = `Its own screen asks for ${what} (known from ${run.status.source}).`;
			return {code: 'asks-on-screen', sentence, nextStep: 'Attach to it and answer there.'};
		}

		case 'idle':
		case 'done': {
			return {code: 'idle', sentence: 'The agent has nothing to do: it waits for input.', nextStep: 'Send it a message, or stop it.'};
		}

		default: {
			return undefined;
		}
	}
};

const endedIssue = (run: Run): Issue => ({
	code: 'ended',
	sentence: `It ended as ${run.state}${run.ending === undefined ? '' : `: ${run.ending}`}.`,
	nextStep: 'Send the session another message to go on.',
});

const deadIssue = (run: Run): Issue => ({
	code: 'dead',
	sentence: `It is a dead letter: ${run.ending ?? 'every try failed'}.`,
	nextStep: `Try it again or drop it: agentctl deadletter retry --run-id ${run.id}.`,
});

const issueOf = (state: State, run: Run, isReachable: boolean, nowMs: number): Issue | undefined => {
	if (isQueued(run)) {
		return queueIssue(state, run, nowMs);
	}

	if (!isLive(run)) {
		return run.state === 'dead' ? deadIssue(run) : endedIssue(run);
	}

	if (!isReachable) {
		const sentence = 'Its launcher is not reachable; whether its process still runs is not known.';
		return {code: 'launcher-offline', sentence, nextStep: 'Start the launcher of that machine again; the run is adopted then.'};
	}

	switch (run.state) {
		case 'starting': {
			const sentence = 'It was claimed and its process is being started.';
			return {code: 'starting', sentence, nextStep: `Wait: after ${state.limits.startTimeoutMs / 1000} s it is given up.`};
		}

		case 'waiting': {
			return waitingIssue(state, run, nowMs);
		}

		case 'stopping': {
			const sentence = `It is being stopped by ${run.stop?.by ?? 'somebody'}.`;
			return {code: 'stopping', sentence, nextStep: `Wait: after ${state.limits.stopGraceMs / 1000} s its processes are killed.`};
		}

		default: {
			return runningIssue(run, nowMs);
		}
	}
};

/** How far a breaker is from letting everything through, the farthest last. */
const breakerRanks: ReadonlyArray<Breaker['state']> = ['closed', 'half-open', 'open', 'held'];

/** The state of the breaker that is in the way most, among all the run starts through. */
const worstBreaker = (state: State, run: Run): Breaker['state'] => {
	const launcherId = currentAttempt(run)?.launcherId;
	const keys = [
		...breakerKeysOf(state, state.sessions[run.sessionId]!.agent),
		...(launcherId === undefined ? [] : [launcherBreakerKey(launcherId)]),
	];
	const ranks = keys.map(key => breakerRanks.indexOf(state.breakers[key]?.state ?? 'closed'));
	return breakerRanks[Math.max(...ranks)]!;
};

/** Says why a run does not move: its place in the queue, its worker, the breaker, the limits, the likely issue and the next step. */
export const diagnose = (state: State, run: Run, nowMs: number): Diagnosis => {
	const attempt = currentAttempt(run);
	const launchers = Object.values(state.launchers);
	const isReachable = launchers.some(({id, state: reach}) => id === attempt?.launcherId && reach === 'online');
	const position = isQueued(run) ? predictedOrder(state, nowMs).indexOf(run) : -1;
	return {
		workerId: attempt?.launcherId,
		workerAlive: isLive(run) && isReachable,
		aliveWorkers: launchers.filter(({state: reach}) => reach === 'online').length,
		maxConcurrency: state.limits.concurrent,
		slotsTaken: state.index.slots,
		queueCounts: queueCounts(state),
		queuePosition: position === -1 ? undefined : position + 1,
		activePid: isLive(run) ? attempt?.pid : undefined,
		breaker: worstBreaker(state, run),
		openEscalationIds: openEscalationIds(state, run),
		issue: issueOf(state, run, isReachable, nowMs),
	};
};
