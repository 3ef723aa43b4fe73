import type {Fact} from '../fact.js';
import {limitsOf} from '../safety/limits-of-state.js';
import type {State} from '../state.js';
import {isMatched} from './capability.js';
import {currentAttempt, isLive, isQueued, type Run} from './run.js';
import {type EndContext, endFacts} from './run-end.js';

/** A moment at which a run runs out of something, and what it is. */
type TimeOut = {
	readonly dueMs: number;
	/** Who ends it, for the operator. */
	readonly by: string;
	/** What a live run comes to. */
	readonly ending: 'timed_out' | 'queued';
};

const at = (sinceMs: number, limitMs: number, by: string): readonly TimeOut[] =>
	limitMs === 0 ? [] : [{dueMs: sinceMs + limitMs, by, ending: 'timed_out'}];

const deadline = ({deadlineAtMs}: Run): readonly TimeOut[] =>
	deadlineAtMs === undefined ? [] : [{dueMs: deadlineAtMs, by: 'its deadline', ending: 'timed_out'}];

/** What a run with a process may run out of: time to start, to take its prompt, to work. Waiting costs nothing. */
const liveTimeOuts = (state: State, run: Run): readonly TimeOut[] => {
	const session = state.sessions[run.sessionId]!;
	const limits = limitsOf(state, session);
	const profile = state.agents[session.agent];
	const {startedAtMs, acceptedAtMs, waitedMs = 0} = currentAttempt(run)!;
	if (run.state === 'starting') {
		return at(run.sinceMs, limits.startTimeoutMs, 'the start time-out');
	}

	if (startedAtMs === undefined || run.state === 'stopping') {
		return [];
	}

	const worked = at(startedAtMs + waitedMs, profile?.runTimeoutMs ?? limits.runTimeoutMs, 'the run time-out');
	if (run.state === 'waiting') {
		// Waiting costs nothing, but does not make good what was used up before it began.
		return worked.filter(({dueMs}) => dueMs <= run.sinceMs);
	}

	const isUnproved = profile?.provesAcceptance === true && run.text !== '' && acceptedAtMs === undefined;
	const accepting = isUnproved ? at(startedAtMs + waitedMs, limits.acceptanceTimeoutMs, 'the acceptance time-out') : [];
	return [...worked, ...accepting.map(one => ({...one, ending: 'queued'}) as const)];
};

/** What a queued run may run out of: its place's time to live, and the hope that somebody can do what it demands. */
const queuedTimeOuts = (state: State, run: Run): readonly TimeOut[] => {
	const session = state.sessions[run.sessionId]!;
	const limits = limitsOf(state, session);
	const isHopeless = run.demands !== undefined && !isMatched(state, session.agent, run.demands);
	return [
		...at(run.sinceMs, limits.queueTtlMs, 'the time to live in the queue'),
		...(isHopeless ? at(run.sinceMs, limits.noMatchMs, 'the wait for an agent or launcher with what it demands') : []),
	];
};

const timeOutsOf = (state: State, run: Run): readonly TimeOut[] => {
	const isEnding = run.state === 'stopping' && run.stop?.ending !== 'queued';
	if (isEnding) {
		return [];
	}

	return [...deadline(run), ...(isQueued(run) ? queuedTimeOuts(state, run) : isLive(run) ? liveTimeOuts(state, run) : [])];
};

/** The runs that can run out of time at all: those with a process, those with a deadline or a demand, all when the queue has a time to live. */
const candidates = (state: State): readonly Run[] => {
	const {index, limits, limitOverrides, runs} = state;
	const isAnyLimited = limits.queueTtlMs !== 0 || limitOverrides.some(override => (override.limits.queueTtlMs ?? 0) !== 0);
	const queued = isAnyLimited ? [...index.lines.values()].flatMap(line => line.queued.map(({id}) => id)) : index.demanding;
	return [...new Set([...index.live, ...index.deadlines.keys(), ...queued])].map(id => runs[id]!);
};

const outFacts = (state: State, run: Run, {by, ending}: TimeOut, context: EndContext): readonly Fact[] => {
	if (isQueued(run)) {
		return context.ending?.has(run.id) ? [] : endFacts(state, run, {end: 'timed_out', sentence: `ended by ${by}`}, context);
	}

	const counts = ending === 'queued' ? ({counts: 'loss'} as const) : {};
	return [{type: 'run.stopping', runId: run.id, ending, ...counts, by, atMs: context.nowMs}];
};

/** What has run out of time by now: queued runs end, live ones begin to stop. */
export const timeOutFacts = (state: State, context: EndContext): readonly Fact[] => {
	const ending = context.ending ?? new Set<string>();
	return candidates(state).flatMap(run => {
		const due = timeOutsOf(state, run).find(({dueMs}) => context.nowMs >= dueMs);
		return due ? outFacts(state, run, due, {...context, ending}) : [];
	});
};

/** When the next run runs out of time. */
export const nextTimeOutMs = (state: State): readonly number[] =>
	candidates(state).flatMap(run => timeOutsOf(state, run).map(({dueMs}) => dueMs));
