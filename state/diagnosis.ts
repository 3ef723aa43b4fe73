import {agentBreakerKey, type Breaker, closedBreaker} from './breaker.js';
import {type QueueCounts, queueCounts} from './queue-counts.js';
import {queueOrder} from './queue-order.js';
import {currentAttempt, isLive, isQueued, type Run} from './run.js';
import {type QueueReason, whyQueued} from './run-wait.js';
import type {State} from './state.js';

/** Stable names of what can keep a run from moving. */
export type IssueCode = QueueReason['code'] | 'next' | 'starting' | 'launcher-offline' | 'waiting' | 'stopping' | 'ended';

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
	paused: 'Resume the queue: agentctl queue resume.',
	'session-busy': 'Wait for that run, or cancel it: agentctl run cancel --run-id RUN.',
	'session-order': 'Wait: messages of one session run in the order they came.',
	concurrent: 'Wait for a run to end, or raise the limit concurrent.',
	'concurrent-tree': 'Wait for a run of the same tree to end, or raise the limit concurrentPerTree.',
	breaker: 'See what failed, then wait for the probe or reset it: agentctl breaker reset --key KEY.',
	'no-launcher': 'Start the console or agentd, which start a launcher; see agentctl daemon status.',
};

const queueIssue = (state: State, run: Run, nowMs: number): Issue => {
	const reason = whyQueued(state, run, nowMs);
	return reason
		? {...reason, nextStep: nextSteps[reason.code]}
		: {code: 'next', sentence: 'Nothing is in the way; it starts as soon as it is its turn.', nextStep: 'Wait a moment.'};
};

const openEscalationIds = (state: State, run: Run): readonly string[] =>
	[...state.index.openEscalations].filter(id => state.escalations[id]!.runId === run.id);

const waitingIssue = (state: State, run: Run): Issue => {
	const [first] = openEscalationIds(state, run);
	return first === undefined
		? {code: 'waiting', sentence: `It waits (${run.reason ?? 'no reason given'}).`, nextStep: 'Look at its screen.'}
		: {
				code: 'waiting',
				sentence: `It waits for a person to decide ${first} (${run.reason ?? 'approval'}).`,
				nextStep: `Decide it in the console, or: agentctl escalation show --escalation-id ${first}.`,
			};
};

const endedIssue = (run: Run): Issue => ({
	code: 'ended',
	sentence: `It ended as ${run.state}${run.ending === undefined ? '' : `: ${run.ending}`}.`,
	nextStep: 'Send the session another message to go on.',
});

const issueOf = (state: State, run: Run, isReachable: boolean, nowMs: number): Issue | undefined => {
	if (isQueued(run)) {
		return queueIssue(state, run, nowMs);
	}

	if (!isLive(run)) {
		return endedIssue(run);
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
			return waitingIssue(state, run);
		}

		case 'stopping': {
			const sentence = `It is being stopped by ${run.stop?.by ?? 'somebody'}.`;
			return {code: 'stopping', sentence, nextStep: `Wait: after ${state.limits.stopGraceMs / 1000} s its processes are killed.`};
		}

		default: {
			return undefined;
		}
	}
};

/** Says why a run does not move: its place in the queue, its worker, the breaker, the limits, the likely issue and the next step. */
export const diagnose = (state: State, run: Run, nowMs: number): Diagnosis => {
	const attempt = currentAttempt(run);
	const launchers = Object.values(state.launchers);
	const isReachable = launchers.some(({id, state: reach}) => id === attempt?.launcherId && reach === 'online');
	const position = queueOrder(state).indexOf(run);
	const {agent} = state.sessions[run.sessionId]!;
	return {
		workerId: attempt?.launcherId,
		workerAlive: isLive(run) && isReachable,
		aliveWorkers: launchers.filter(({state: reach}) => reach === 'online').length,
		maxConcurrency: state.limits.concurrent,
		slotsTaken: state.index.slots,
		queueCounts: queueCounts(state),
		queuePosition: position === -1 ? undefined : position + 1,
		activePid: isLive(run) ? attempt?.pid : undefined,
		breaker: (state.breakers[agentBreakerKey(agent)] ?? closedBreaker).state,
		openEscalationIds: openEscalationIds(state, run),
		issue: issueOf(state, run, isReachable, nowMs),
	};
};
