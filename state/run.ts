import type {Actor} from './actor.js';
import {actorName} from './actor.js';
import type {Lane} from './lane.js';
import {type Refusal, refuse} from './refusal.js';

/** Where a run is. The last five are ends: they never change. */
export type RunState = 'queued' | 'starting' | 'running' | 'waiting' | 'stopping' | RunEnd;

export type RunEnd = 'succeeded' | 'failed' | 'timed_out' | 'cancelled' | 'lost';

/** Why a run waits. A waiting run holds no slot. */
export type WaitingReason = 'approval' | 'question' | 'child' | 'rate-limit' | 'breaker' | 'input';

/** The one table of transitions. What is not here is refused. */
export const runTransitions: Readonly<Record<RunState, readonly RunState[]>> = {
	queued: ['starting', 'cancelled', 'timed_out', 'failed'],
	// Back to queued: the claim was rolled back because the spawn failed or its launcher vanished before it began.
	starting: ['running', 'queued', 'stopping', 'succeeded', 'failed', 'timed_out', 'lost'],
	running: ['waiting', 'stopping', 'succeeded', 'failed', 'timed_out', 'lost'],
	waiting: ['running', 'stopping', 'succeeded', 'failed', 'timed_out', 'lost'],
	stopping: ['cancelled', 'timed_out', 'lost'],
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
	readonly lane: Lane;
	/** Place in the order of arrival, over all lanes. */
	readonly order: number;
	readonly queuedAtMs: number;
	/** Who asked for it, in words. */
	readonly by: string;
	state: RunState;
	/** When the run came into `state`. */
	sinceMs: number;
	/** Only while `state` is `waiting`. */
	reason?: WaitingReason;
	/** The number of the newest attempt; 0 before the first. */
	generation: number;
	readonly attempts: Attempt[];
	/** What a stop in progress will end as, and who asked for it. */
	stop?: {readonly ending: 'cancelled' | 'timed_out'; readonly by: string};
	/** One sentence about how it ended, where there is more to say than the state. */
	ending?: string;
};

export const isQueued = (run: Run): boolean => run.state === 'queued';

/** Has, or is about to have, a process. */
export const isLive = (run: Run): boolean =>
	run.state === 'starting' || run.state === 'running' || run.state === 'waiting' || run.state === 'stopping';

/** Takes one of the concurrency slots. */
export const holdsSlot = (run: Run): boolean => run.state === 'starting' || run.state === 'running' || run.state === 'stopping';

export const isEnded = (run: Run): boolean => runTransitions[run.state].length === 0;

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

	if (isQueued(run)) {
		return refuse('STALE_GENERATION', `${actorName(actor)} reports attempt ${generation} of ${runId}, which was taken back; it is queued.`);
	}

	return isLegal(run.state, to) ? undefined : refuse('ILLEGAL_TRANSITION', `A run that is ${run.state} cannot become ${to}.`);
};
