import {actorName} from '../actor.js';
import type {DecisionContext} from '../decision-context.js';
import {type Lane, lanes} from '../queue/lane.js';
import {queueLength} from '../queue/queue-order.js';
import {type Refusal, refuse} from '../refusal.js';
import {limitReached} from '../safety/limit-reached.js';
import {limitsOf} from '../safety/limits-of-state.js';
import type {Session} from '../session/session.js';
import type {State} from '../state.js';
import {isOver, isQueued, type Run, type RunOptions} from './run.js';

/** Why nothing can be queued now; with a session also why nothing more can be queued for it. */
export const whyNotQueue = (state: State, session?: Session): Refusal | undefined => {
	if (state.drainingBy !== undefined) {
		return refuse('DRAINING', `The queue is being drained by ${state.drainingBy}: it takes nothing new.`);
	}

	const limits = limitsOf(state, session);
	const waiting = session?.runIds.filter(id => isQueued(state.runs[id]!)).length ?? 0;
	if (session && waiting >= limits.queuedPerSession) {
		return limitReached(limits, 'queuedPerSession', `${session.label} has ${waiting} messages waiting`);
	}

	return queueLength(state) >= state.limits.queueLength ? limitReached(state.limits, 'queueLength', 'The queue is full') : undefined;
};

/** Why a run cannot be had with these options. A new run closes no circle: nobody waits for it yet. */
export const whyNotOptions = (state: State, {dependsOn = [], demands = [], onDependencyFailure}: RunOptions): Refusal | undefined => {
	const unknown = dependsOn.find(id => !state.runs[id]);
	if (unknown !== undefined) {
		return refuse('UNKNOWN_RUN', `There is no run ${unknown} to depend on.`);
	}

	const dead = dependsOn.map(id => state.runs[id]!).find(run => isOver(run) && run.state !== 'succeeded');
	if (dead && onDependencyFailure !== 'release') {
		return refuse('ALREADY_ENDED', `${dead.id}, which it would depend on, already ended as ${dead.state}.`);
	}

	const wrong = demands.find(tag => !/^[\w.:/-]{1,64}$/.test(tag));
	return wrong === undefined
		? undefined
		: refuse('INVALID', `${JSON.stringify(wrong)} is no tag: use up to 64 letters, digits, dots, colons, slashes, dashes and underscores.`);
};

const optionsOf = ({dependsOn, onDependencyFailure, demands, retry, isPreemptible, preempts, deadlineAtMs}: RunOptions): RunOptions => ({
	...(dependsOn && dependsOn.length > 0 && {dependsOn: [...new Set(dependsOn)]}),
	...(onDependencyFailure && {onDependencyFailure}),
	...(demands && demands.length > 0 && {demands: [...new Set(demands)].sort()}),
	...(retry !== undefined && {retry}),
	...(isPreemptible && {isPreemptible}),
	...(preempts && {preempts}),
	...(deadlineAtMs !== undefined && {deadlineAtMs}),
});

/** Without what it need not wait for: only a run that is told to go on without can have named it. */
const openDependencies = (state: State, {dependsOn, ...options}: RunOptions): RunOptions => {
	const open = dependsOn?.filter(id => !isOver(state.runs[id]!) || state.runs[id]!.state === 'succeeded');
	return {...options, ...(open && {dependsOn: open})};
};

/** What an agent asks for is never more urgent than its own run, and takes nobody's slot unless its own run might have. */
const asUrgentAs = (asking: Run | undefined, lane: Lane, {preempts, ...options}: RunOptions): {lane: Lane; options: RunOptions} => {
	if (!asking) {
		return {lane, options: {...options, ...(preempts && {preempts})}};
	}

	const isTooUrgent = lanes.indexOf(lane) < lanes.indexOf(asking.lane);
	return {lane: isTooUrgent ? asking.lane : lane, options: {...options, ...(preempts && asking.preempts && {preempts})}};
};

/** A queued run as it begins. */
export const newRun = (
	state: State,
	{
		sessionId,
		text,
		lane: askedLane = 'normal',
		options: asked = {},
	}: {sessionId: string; text: string; lane?: Lane | undefined; options?: RunOptions},
	{nowMs, newId, actor}: DecisionContext,
): Run => {
	const asking = actor.role === 'agent' ? state.runs[actor.runId] : undefined;
	const {lane, options} = asUrgentAs(asking, askedLane, asked);
	return {
		id: newId('run'),
		sessionId,
		text,
		lane,
		order: state.nextOrder,
		queuedAtMs: nowMs,
		by: actorName(actor),
		state: 'queued',
		sinceMs: nowMs,
		generation: 0,
		attempts: [],
		...optionsOf(openDependencies(state, options)),
	};
};

/** What whoever queued a run is told of it. */
export const runAnswer = (run: Run) => ({id: run.id, session_id: run.sessionId, state: run.state, lane: run.lane});
