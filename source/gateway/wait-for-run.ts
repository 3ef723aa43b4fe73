import type {FastifyReply, FastifyRequest} from 'fastify';
import type {Json} from '../../state/json.js';
import {isOver} from '../../state/run/run.js';
import type {GatewayContext} from './context.js';
import {refusalStatus} from './refusal-status.js';
import {RequestError} from './request-error.js';
import {until} from './until.js';
import {wireRun} from './wire.js';

type Wait = {
	readonly request: FastifyRequest;
	readonly reply: FastifyReply;
	readonly runId: string;
	readonly timeoutMs: number;
};

/** How long an ended child's last words may take to be read from its screen. */
const lastWordsMs = 3000;

const answerOf = ({orchestrator}: GatewayContext, runId: string): Readonly<Record<string, Json>> => {
	const run = orchestrator.getState().runs[runId]!;
	const isDone = isOver(run);
	return {run: wireRun(run), done: isDone, timed_out: !isDone};
};

const signalOf = ({closing}: GatewayContext, {reply}: Wait): AbortSignal => {
	const left = new AbortController();
	reply.raw.once('close', () => left.abort());
	return AbortSignal.any([closing, left.signal]);
};

/** Resolves when `look` says so, the time is over or the asker has left; rejects when it is the coordinator that leaves. */
const settled = async (context: GatewayContext, signal: AbortSignal, timeoutMs: number, look: () => boolean): Promise<void> => {
	const found = await until(context.orchestrator, () => (look() ? true : undefined), {signal, timeoutMs});
	if (context.closing.aborted && !found) {
		throw new RequestError(503, 'CLOSING', 'The coordinator is leaving; ask the next one.');
	}
};

/** What a child left behind, for the parent that waited for it; it is told once. `undefined` for everybody else. */
const takeResult = async (
	{orchestrator}: GatewayContext,
	waiter: string,
	runId: string,
	signal: AbortSignal,
): Promise<Json | undefined> => {
	const {runs, sessions} = orchestrator.getState();
	const isParent = sessions[runs[runId]?.sessionId ?? '']?.parentId === runs[waiter]?.sessionId;
	const isKept = () => orchestrator.getState().outbox[runId]?.state === runs[runId]?.state || undefined;
	const isThere = isParent && (await until(orchestrator, isKept, {signal, timeoutMs: lastWordsMs}));
	if (!isThere || signal.aborted) {
		return undefined;
	}

	const sent = await orchestrator.send({type: 'result.take', runId, byRunId: waiter}, {actor: {role: 'system'}});
	return sent.refused ? undefined : (sent.answer as {readonly result: Json}).result;
};

/**
 * `GET /runs/:id/wait`: answers when the run is over or the time is. An agent that waits gives its own slot back, and is answered once it has
 * it again, with what its child left behind; waiting that could never end is refused (409) with the circle. Waiting changes nothing else,
 * however it ends.
 */
export const waitForRun = async (context: GatewayContext, wait: Wait): Promise<Json> => {
	const {orchestrator, waits, callerOf} = context;
	const {runId, timeoutMs} = wait;
	const signal = signalOf(context, wait);
	const hasEnded = (): boolean => isOver(orchestrator.getState().runs[runId]!);
	const waiter = callerOf(wait.request).attempt?.runId;
	if (waiter === undefined) {
		await settled(context, signal, timeoutMs, hasEnded);
		return answerOf(context, runId);
	}

	const refused = await waits.arrive(waiter, runId);
	if (refused) {
		throw new RequestError(refusalStatus(refused), refused.code, refused.sentence);
	}

	try {
		await settled(context, signal, timeoutMs, () => hasEnded() && waits.isFree(waiter));
	} finally {
		await waits.leave(waiter, runId);
	}

	const result = hasEnded() ? await takeResult(context, waiter, runId, signal) : undefined;
	return {...answerOf(context, runId), ...(result !== undefined && {result})};
};
