import {type DecisionContext, noAnswer, type Outcome} from '../decision-context.js';
import type {Fact} from '../fact.js';
import {refuse} from '../refusal.js';
import type {Rules} from '../rule.js';
import {newRun, whyNotQueue} from '../run/new-run.js';
import {isLive, isOver, type RunEnd} from '../run/run.js';
import type {State} from '../state.js';
import {boundedTail, type ChildResult, deliveryText, protocolTokensOf, type ResultDelivery, resultsBy, wrapResult} from './outbox.js';
import {planDelivery} from './result-delivery.js';
import {activeRun} from './session.js';

/** That these were delivered, and what reading them costs the run that reads them. */
const delivered = (
	results: readonly ChildResult[],
	{how, runId, text, nowMs}: {how: ResultDelivery; runId: string; text: string; nowMs: number},
): readonly Fact[] => [
	{type: 'result.delivered', runIds: results.map(result => result.runId), how, toRunId: runId, atMs: nowMs},
	{type: 'usage.reported', runId, usage: {protocolTokens: protocolTokensOf(text)}, atMs: nowMs},
];

const queuedFacts = (state: State, parentId: string, results: readonly ChildResult[], context: DecisionContext): readonly Fact[] => {
	const text = deliveryText(results);
	const run = {...newRun(state, {sessionId: parentId, text}, context), by: resultsBy};
	const {nowMs} = context;
	return [{type: 'run.queued', run, atMs: nowMs}, ...delivered(results, {how: 'queued', runId: run.id, text, nowMs})];
};

const typedFacts = (state: State, parentId: string, results: readonly ChildResult[], {nowMs}: DecisionContext): readonly Fact[] => {
	const text = deliveryText(results);
	const {id: runId} = activeRun(state, state.sessions[parentId]!)!;
	const message = {sessionId: parentId, runId, text, by: resultsBy, atMs: nowMs};
	return [{type: 'message.typed', message, atMs: nowMs}, ...delivered(results, {how: 'typed', runId, text, nowMs})];
};

const decideDeliver = (state: State, parentId: string, context: DecisionContext): Outcome => {
	const {results, how, withheld} = planDelivery(state, parentId);
	const facts: Fact[] =
		withheld.length === 0 ? [] : [{type: 'result.withheld', runIds: withheld.map(({runId}) => runId), atMs: context.nowMs}];
	if (how !== undefined) {
		facts.push(...(how === 'typed' ? typedFacts : queuedFacts)(state, parentId, results, context));
	}

	return {facts, answer: {delivered: results.map(({runId}) => runId)}};
};

/** What children leave behind for their parents: kept, then delivered once. */
export const resultRules: Rules<'result.push' | 'result.deliver' | 'result.take'> = {
	'result.push': {
		whyNot(state, {runId}) {
			const run = state.runs[runId];
			if (!run) {
				return refuse('UNKNOWN_RUN', `There is no run ${runId}.`);
			}

			if (!isOver(run)) {
				return refuse('INVALID', `${runId} is ${run.state}: it has left nothing behind yet.`);
			}

			const parentId = state.sessions[run.sessionId]?.parentId;
			if (parentId === undefined || !state.sessions[parentId]) {
				return refuse('INVALID', `${runId} has no parent to tell.`);
			}

			const before = state.outbox[runId];
			// A dead letter that was cleared away is no news to a parent that heard of it.
			const isDropped = before?.state === 'dead' && run.state === 'cancelled';
			const isKnown = before !== undefined && (before.state === run.state || isDropped);
			return isKnown ? refuse('ALREADY_RESOLVED', `What ${runId} left behind is known already.`) : undefined;
		},
		decide(state, {runId, text}, {nowMs}) {
			const run = state.runs[runId]!;
			const parentId = state.sessions[run.sessionId]!.parentId!;
			const result: ChildResult = {
				runId,
				sessionId: run.sessionId,
				parentId,
				state: run.state as RunEnd | 'dead',
				text: boundedTail(text),
				pushedAtMs: nowMs,
			};
			return {facts: [{type: 'result.pushed', result, atMs: nowMs}], answer: noAnswer};
		},
	},
	'result.deliver': {
		whyNot(state, {parentId}) {
			const session = state.sessions[parentId];
			const {how} = planDelivery(state, parentId);
			return session && how === 'queued' ? whyNotQueue(state, session) : undefined;
		},
		decide: (state, {parentId}, context) => decideDeliver(state, parentId, context),
	},
	'result.take': {
		whyNot(state, {runId, byRunId}) {
			const result = state.outbox[runId];
			const isPending = result !== undefined && result.deliveredAtMs === undefined;
			const taker = state.runs[byRunId];
			const isOwn = taker !== undefined && isLive(taker) && result?.parentId === taker.sessionId;
			return isPending && isOwn ? undefined : refuse('INVALID', `${runId} left nothing behind for ${byRunId}.`);
		},
		decide(state, {runId, byRunId}, {nowMs}) {
			const result = state.outbox[runId]!;
			const text = wrapResult(result);
			return {facts: delivered([result], {how: 'wait', runId: byRunId, text, nowMs}), answer: {result: text}};
		},
	},
};
