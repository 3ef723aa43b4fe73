import type {Actor} from '../actor.js';
import {actorName} from '../actor.js';
import type {AgentStatus} from '../agent/agent-status.js';
import type {Lane} from '../queue/lane.js';
import {type Refusal, refuse} from '../refusal.js';
import type {Usage} from '../safety/usage.js';

/**
 * Where a run is. The ends (`RunEnd`) never change. `dead` is no end: every try failed, and it lies there until the operator takes it
 * up again or drops it.
 */
export type RunState = 'queued' | 'starting' | 'running' | 'waiting' | 'stopping' | 'dead' | RunEnd;

export type RunEnd = 'succeeded' | 'failed' | 'timed_out' | 'cancelled' | 'lost';

/** Why a run waits. A waiting run holds no slot, and the time it waits does not count as work. */
export type WaitingReason = 'approval' | 'question' | 'child' | 'rate-limit' | 'budget' | 'input';

/** The one table of transitions. What is not here is refused. */
export const runTransitions: Readonly<Record<RunState, readonly RunState[]>> = {
	queued: ['starting', 'cancelled', 'timed_out', 'failed'],
	// Back to queued: the claim was rolled back, the run will be tried again, or it was pre-empted or taken back.
	starting: ['running', 'queued', 'stopping', 'dead', 'succeeded', 'failed', 'timed_out', 'lost'],
	running: ['waiting', 'queued', 'stopping', 'dead', 'succeeded', 'failed', 'timed_out', 'lost'],
	waiting: ['running', 'queued', 'stopping', 'dead', 'succeeded', 'failed', 'timed_out', 'lost'],
	// Succeeded: it was only to be taken back, and came to a good end by itself first.
	stopping: ['queued', 'dead', 'succeeded', 'cancelled', 'timed_out', 'lost'],
	dead: ['queued', 'cancelled'],
	succeeded: [],
	failed: [],
	timed_out: [],
	cancelled: [],
	lost: [],
};

export const isLegal = (from: RunState, to: RunState): boolean => runTransitions[from].includes(to);

/** One start of a run. */
export type Attempt = {
	readonly generation: number;
	readonly launcherId: string;
	readonly claimedAtMs: number;
	startedAtMs?: number;
	pid?: number;
	/** When the agent proved that it took its prompt. */
	acceptedAtMs?: number;
	/** How long it waited so far, without the wait that is under way. */
	waitedMs?: number;
	endedAtMs?: number;
	/** The exit status, or `null` when a signal ended it. */
	exitCode?: number | null;
	signal?: number | null;
	/** How a stop was proved: processes the tree had, and how many outlived it. */
	proof?: {readonly processes: number; readonly survivors: number; readonly killed: boolean};
	/** Why it ended without an exit: the spawn failed, the launcher vanished. */
	sentence?: string;
};

/** One execution inside a session. */
export type Run = {
	/** `run_…` */
	readonly id: string;
	readonly sessionId: string;
	/** The prompt, or the command line for agent `shell`; empty for an interactive start. */
	readonly text: string;
	lane: Lane;
	/** Place in the order of arrival, over all lanes; the operator may give it another. */
	order: number;
	readonly queuedAtMs: number;
	/** Who asked for it, in words. */
	readonly by: string;
	state: RunState;
	/** When the run came into `state`. */
	sinceMs: number;
	/** Only while `state` is `waiting`. */
	reason?: WaitingReason;
	/** Only while it waits for other runs (`child`) or for a moment (`rate-limit`). */
	awaits?: Awaits;
	/** The number of the newest attempt; 0 before the first. */
	generation: number;
	readonly attempts: Attempt[];
	/** What a stop in progress will end as, and who asked for it; `queued` when it is to be tried again. */
	stop?: {readonly ending: 'cancelled' | 'timed_out' | 'queued'; readonly counts?: 'loss' | 'taken-back'; readonly by: string};
	/** One sentence about how it ended, where there is more to say than the state. */
	ending?: string;
	/** Attempts that failed, and attempts whose machine went away, since it was queued or revived. */
	failures?: number;
	losses?: number;
	/** Only while it waits in the queue for its next try. */
	dueAtMs?: number;
	/** The operator keeps it in the queue. */
	heldBy?: string;
	/** The operator wants it started next, before every lane. */
	isFirst?: true;
	/** The operator wants it started now, over the limits. */
	isForced?: true;
	/** What the agent is doing, as far as its own channel tells. */
	status?: AgentStatus;
	/** The newest tool call and how often in a row it was made. */
	calls?: {readonly digest: string; readonly summary: string; readonly count: number};
	/** What it used, all attempts together. */
	usage?: Usage;
	/** Since when it has been silent for too long. */
	stuckSinceMs?: number;
} & RunOptions;

/** What whoever queues a run may ask for. */
export type RunOptions = {
	/** Runs that must have succeeded before this one starts. */
	readonly dependsOn?: readonly string[];
	/** When one of those ends badly: `fail` this one too (the default), or start without it. */
	readonly onDependencyFailure?: 'fail' | 'release';
	/** Tags that the agent or its launcher must have. */
	readonly demands?: readonly string[];
	/** Whether it is tried again when it fails, whatever its agent's profile says. */
	readonly retry?: boolean;
	/** It may be stopped and queued again when a run that pre-empts needs its slot. */
	readonly isPreemptible?: boolean;
	/** It may take the slot of a pre-emptible run in a lower lane. */
	readonly preempts?: boolean;
	/** It is of no use after this moment. */
	readonly deadlineAtMs?: number;
};

/** What a waiting run waits for: other runs, all of them or any; or a moment. */
export type Awaits = {readonly runIds: readonly string[]; readonly mode: 'all' | 'any'; readonly untilMs?: number};

export const isQueued = (run: Run): boolean => run.state === 'queued';

/** Has, or is about to have, a process. */
export const isLive = (run: Run): boolean =>
	run.state === 'starting' || run.state === 'running' || run.state === 'waiting' || run.state === 'stopping';

/** Takes one of the concurrency slots. */
export const holdsSlot = (run: Run): boolean => run.state === 'starting' || run.state === 'running' || run.state === 'stopping';

export const isEnded = (run: Run): boolean => runTransitions[run.state].length === 0;

/** Nothing more comes of it by itself: it ended, or is dead until the operator takes it up. */
export const isOver = (run: Run): boolean => isEnded(run) || run.state === 'dead';

export const currentAttempt = (run: Run): Attempt | undefined => run.attempts.at(-1);

/** Why a report about an attempt cannot be taken: an unknown run, an older generation, a run that has ended. */
export const whyNotReport = (
	run: Run | undefined,
	{runId, generation}: {readonly runId: string; readonly generation: number},
	to: RunState,
	actor: Actor,
): Refusal | undefined => {
	if (!run) {
		return refuse('UNKNOWN_RUN', `There is no run ${runId}.`);
	}

	if (generation !== run.generation) {
		return refuse(
			'STALE_GENERATION',
			`${actorName(actor)} reports attempt ${generation} of ${runId}, but attempt ${run.generation} is the current one.`,
		);
	}

	if (isEnded(run)) {
		return refuse('ALREADY_ENDED', `${runId} already ended as ${run.state}; the late report of ${actorName(actor)} changes nothing.`);
	}

	if (!isLive(run)) {
		return refuse(
			'STALE_GENERATION',
			`${actorName(actor)} reports attempt ${generation} of ${runId}, which is over; the run is ${run.state}.`,
		);
	}

	return isLegal(run.state, to) ? undefined : refuse('ILLEGAL_TRANSITION', `A run that is ${run.state} cannot become ${to}.`);
};
