import {actorName} from '../actor.js';
import type {CommandOf} from '../command.js';
import {type Refusal, refuse} from '../refusal.js';
import type {Rules} from '../rule.js';
import type {State} from '../state.js';
import {newRun, runAnswer, whyNotQueue} from './new-run.js';
import {isQueued, type Run} from './run.js';
import {deadlock, waitPath} from './wait-cycle.js';

type Verb = 'run.hold' | 'run.unhold' | 'run.move' | 'run.prioritise' | 'run.force-start';

const whyNotQueued = (state: State, runId: string): Refusal | undefined => {
	const run = state.runs[runId];
	if (!run) {
		return refuse('UNKNOWN_RUN', `There is no run ${runId}.`);
	}

	return isQueued(run) ? undefined : refuse('NOT_QUEUED', `${runId} is ${run.state}; only a queued run has a place in the queue.`);
};

const lineOf = (state: State, {sessionId}: Run): readonly Run[] => state.index.lines.get(sessionId)?.queued ?? [];

/**
 * The place in the order of arrival that a move gives: before all that its session has and ever had, so that no run that comes back
 * (a retry, a dead letter) meets it at its own place; or behind everything.
 */
const orderAfter = (state: State, run: Run, to: 'first' | 'last'): number => {
	if (to === 'last') {
		return state.nextOrder;
	}

	const others = state.sessions[run.sessionId]!.runIds.filter(id => id !== run.id).map(id => state.runs[id]!.order);
	return Math.min(run.order, ...others.map(order => order - 1));
};

/** Within its session a moved run changes who waits for whom: no one may come to stand before what it depends on. */
const whyNotMove = (state: State, {runId, to}: CommandOf<'run.move'>): Refusal | undefined => {
	const refusal = whyNotQueued(state, runId);
	if (refusal) {
		return refusal;
	}

	const run = state.runs[runId]!;
	const overtaken = lineOf(state, run).filter(({order}) => (to === 'first' ? order < run.order : order > run.order));
	for (const {id} of overtaken) {
		const [waiter, awaited] = to === 'first' ? [id, runId] : [runId, id];
		const back = waitPath(state, {from: awaited, to: waiter, exceptOrderOf: run.sessionId});
		if (back) {
			return deadlock(state, [waiter, ...back]);
		}
	}

	return undefined;
};

/** What the operator may do to one queued run. */
export const runRules: Rules<Verb | 'run.rerun'> = {
	'run.hold': {
		whyNot(state, {runId}) {
			const heldBy = state.runs[runId]?.heldBy;
			return whyNotQueued(state, runId) ?? (heldBy === undefined ? undefined : refuse('INVALID', `${runId} is held already by ${heldBy}.`));
		},
		decide: (_state, {runId}, {nowMs, actor}) => ({
			facts: [{type: 'run.held', runId, by: actorName(actor), atMs: nowMs}],
			answer: {run: {id: runId}},
		}),
	},
	'run.unhold': {
		whyNot: (state, {runId}) =>
			whyNotQueued(state, runId) ?? (state.runs[runId]!.heldBy === undefined ? refuse('INVALID', `${runId} is not held.`) : undefined),
		decide: (_state, {runId}, {nowMs, actor}) => ({
			facts: [{type: 'run.unheld', runId, by: actorName(actor), atMs: nowMs}],
			answer: {run: {id: runId}},
		}),
	},
	'run.move': {
		whyNot: whyNotMove,
		decide(state, {runId, to}, {nowMs, actor}) {
			const order = orderAfter(state, state.runs[runId]!, to);
			return {
				facts: [{type: 'run.moved', runId, isFirst: to === 'first', order, by: actorName(actor), atMs: nowMs}],
				answer: {run: {id: runId}},
			};
		},
	},
	'run.prioritise': {
		whyNot: (state, {runId, lane}) =>
			whyNotQueued(state, runId) ??
			(state.runs[runId]!.lane === lane ? refuse('INVALID', `${runId} is in the lane ${lane} already.`) : undefined),
		decide: (_state, {runId, lane}, {nowMs, actor}) => ({
			facts: [{type: 'run.prioritised', runId, lane, by: actorName(actor), atMs: nowMs}],
			answer: {run: {id: runId, lane}},
		}),
	},
	'run.force-start': {
		whyNot: (state, {runId}) =>
			whyNotQueued(state, runId) ?? (state.runs[runId]!.isForced ? refuse('INVALID', `${runId} is to start now already.`) : undefined),
		decide: (_state, {runId}, {nowMs, actor}) => ({
			facts: [{type: 'run.forced', runId, by: actorName(actor), atMs: nowMs}],
			answer: {run: {id: runId}},
		}),
	},
	'run.rerun': {
		whyNot: (state, {runId}) =>
			state.runs[runId]
				? whyNotQueue(state, state.sessions[state.runs[runId].sessionId]!)
				: refuse('UNKNOWN_RUN', `There is no run ${runId}.`),
		decide(state, {runId}, context) {
			const {sessionId, text, lane, demands, retry, isPreemptible, preempts} = state.runs[runId]!;
			const options = {
				...(demands && {demands}),
				...(retry !== undefined && {retry}),
				...(isPreemptible && {isPreemptible}),
				...(preempts && {preempts}),
			};
			const run = newRun(state, {sessionId, text, lane, options}, context);
			return {facts: [{type: 'run.queued', run, atMs: context.nowMs}], answer: {run: runAnswer(run)}};
		},
	},
};
