import type {FastifyReply, FastifyRequest} from 'fastify';
import type {Json} from '../../state/json.js';
import {isOver} from '../../state/run.js';
import type {GatewayContext} from './context.js';
import {refusalStatus} from './refusal-status.js';
import {RequestError} from './request-error.js';
import {until} from './until.js';
import {wireRun} from './wire.js';

type Wait = {readonly request: FastifyRequest; readonly reply: FastifyReply; readonly runId: string; readonly timeoutMs: number};

const answerOf = ({orchestrator}: GatewayContext, runId: string): Json => {
	const run = orchestrator.getState().runs[runId]!;
	const isDone = isOver(run);
	return {run: wireRun(run), done: isDone, timed_out: !isDone};
};

/** Resolves when `look` says so, the time is over or the asker has left; rejects when it is the coordinator that leaves. */
const settled = async (context: GatewayContext, {reply, timeoutMs}: Wait, look: () => boolean): Promise<void> => {
	const left = new AbortController();
	reply.raw.once('close', () => left.abort());
	const found = await until(context.orchestrator, () => (look() ? true : undefined), {
		signal: AbortSignal.any([context.closing, left.signal]),
		timeoutMs,
	});
	if (context.closing.aborted && !found) {
		throw new RequestError(503, 'CLOSING', 'The coordinator is leaving; ask the next one.');
	}
};

/**
 * `GET /runs/:id/wait`: answers when the run is over or the time is. An agent that waits gives its own slot back, and is answered once it has
 * it again; waiting that could never end is refused (409) with the circle. Waiting changes nothing else, however it ends.
 */
export const waitForRun = async (context: GatewayContext, wait: Wait): Promise<Json> => {
	const {orchestrator, waits, callerOf} = context;
	const {runId} = wait;
	const hasEnded = (): boolean => isOver(orchestrator.getState().runs[runId]!);
	const waiter = callerOf(wait.request).attempt?.runId;
	if (waiter === undefined || hasEnded()) {
		await settled(context, wait, hasEnded);
		return answerOf(context, runId);
	}

	const refused = await waits.arrive(waiter, runId);
	if (refused) {
		throw new RequestError(refusalStatus(refused), refused.code, refused.sentence);
	}

	try {
		await settled(context, wait, () => hasEnded() && waits.isFree(waiter));
	} finally {
		await waits.leave(waiter, runId);
	}

	return answerOf(context, runId);
};
