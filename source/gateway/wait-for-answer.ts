import type {FastifyReply} from 'fastify';
import type {Escalation} from '../../state/escalation.js';
import type {GatewayContext} from './context.js';
import {RequestError} from './request-error.js';
import {until} from './until.js';

/** Resolves with the escalation once it has left `open`; `undefined` when nobody waits for it any more. */
const untilDecided = (context: GatewayContext, escalationId: string, signal: AbortSignal): Promise<Escalation | undefined> =>
	until(
		context.orchestrator,
		() => {
			const escalation = context.orchestrator.getState().escalations[escalationId];
			return escalation && escalation.state !== 'open' ? escalation : undefined;
		},
		{signal},
	);

/**
 * Keeps the request open until there is an answer, and notes what became of the connection. Rejects with a `RequestError` (503) when the
 * gateway closes first.
 */
export const waitForAnswer = async (context: GatewayContext, reply: FastifyReply, escalationId: string): Promise<Escalation> => {
	const {askers, closing} = context;
	const left = new AbortController();
	let isAnswered = false;
	const leave = (): void => {
		if (left.signal.aborted) {
			return;
		}

		left.abort();
		askers.leave(escalationId);
		if (isAnswered && reply.raw.writableFinished) {
			askers.delivered(escalationId);
		}
	};

	askers.arrive(escalationId);
	reply.raw.once('close', leave);
	const isGoneAlready = reply.raw.destroyed;
	if (isGoneAlready) {
		leave();
	}

	const answer = await untilDecided(context, escalationId, AbortSignal.any([closing, left.signal]));
	if (answer === undefined) {
		throw new RequestError(503, 'CLOSING', 'The coordinator is leaving; ask the next one again with the same idempotency key.');
	}

	isAnswered = true;
	return answer;
};
