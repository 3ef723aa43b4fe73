import {choicesOf, type Escalation} from '../../state/escalation/escalation.js';
import type {Json} from '../../state/json.js';
import type {QueueCounts} from '../../state/queue/queue-counts.js';
import type {Diagnosis} from '../../state/run/diagnosis.js';
import {currentAttempt, isQueued, type Run} from '../../state/run/run.js';
import type {Breaker} from '../../state/safety/breaker.js';
import {activeRun, childrenOf, lastRun, type Session, sessionState} from '../../state/session/session.js';
import type {State} from '../../state/state.js';

/** What these hold is named by others (variables, limits, askers); their keys are left alone. */
const opaque = new Set(['env', 'extra', 'answer', 'limits', 'executables', 'files']);

const snake = (name: string): string => name.replaceAll(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);

/** The same data with the keys of the wire: `atMs` → `at_ms`. What is `undefined` is left out. */
export const snakeCased = (value: unknown): Json => {
	if (Array.isArray(value)) {
		return value.map(snakeCased);
	}

	if (typeof value !== 'object' || value === null) {
		return value as Json;
	}

	const entries = Object.entries(value).filter(([, item]) => item !== undefined);
	return Object.fromEntries(entries.map(([key, item]) => [snake(key), opaque.has(key) ? (item as Json) : snakeCased(item)]));
};

/** A run as scripts read it: its own fields, and those of its newest attempt that they ask for most. */
export const wireRun = (run: Run): Json => {
	const attempt = currentAttempt(run);
	return snakeCased({...run, pid: attempt?.pid, exitCode: attempt?.exitCode, signal: attempt?.signal});
};

const briefRun = (run: Run | undefined): Json =>
	run ? snakeCased({id: run.id, state: run.state, reason: run.reason, sinceMs: run.sinceMs}) : null;

/** A session with what is derived from its runs. */
export const wireSession = (state: State, session: Session): Json =>
	snakeCased({
		...session,
		state: sessionState(state, session),
		activeRun: briefRun(activeRun(state, session)),
		lastRun: briefRun(lastRun(state, session)),
		queuedCount: session.runIds.filter(id => isQueued(state.runs[id]!)).length,
		childIds: childrenOf(state, session.id).map(({id}) => id),
	});

/** An escalation as deciders and askers read it. */
export const wireEscalation = (escalation: Escalation): Json =>
	snakeCased({
		...escalation,
		choices: choicesOf(escalation),
		choice: escalation.decision?.choice,
		by: escalation.decision?.by,
		why: escalation.closed?.why,
	});

/** A breaker with what it protects. */
export const wireBreaker = (key: string, breaker: Breaker): Json => snakeCased({key, ...breaker});

/** Counts of the queue under the names that scripts know. */
export const wireQueueCounts = (counts: QueueCounts): Json =>
	Object.fromEntries(Object.entries(counts).map(([state, count]) => [`${state}_count`, count]));

/** A diagnosis, with the issue's sentence as `likely_issue` and `null` for what there is not. */
export const wireDiagnosis = ({issue, queueCounts, ...rest}: Diagnosis) => ({
	worker_id: rest.workerId ?? null,
	worker_alive: rest.workerAlive,
	alive_workers: rest.aliveWorkers,
	max_concurrency: rest.maxConcurrency,
	slots_taken: rest.slotsTaken,
	queue_counts: wireQueueCounts(queueCounts),
	queue_position: rest.queuePosition ?? null,
	active_pid: rest.activePid ?? null,
	breaker: rest.breaker,
	open_escalations: rest.openEscalationIds,
	likely_issue: issue?.sentence ?? null,
	issue_code: issue?.code ?? null,
	next_step: issue?.nextStep ?? null,
});
