import type {FastifyReply} from 'fastify';
import type {Escalation} from '../../state/escalation/escalation.js';
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
	let awaited = escalationId;
	let isAnswered = false;
	const leave = (): void => {
		if (left.signal.aborted) {
			return;
		}

		left.abort();
		askers.leave(awaited);
		if (isAnswered && reply.raw.writableFinished) {
			askers.delivered(awaited);
		}
	};

	askers.arrive(awaited);
	reply.raw.once('close', leave);
	const isGoneAlready = reply.raw.destroyed;
	if (isGoneAlready) {
		leave();
	}

	const signal = AbortSignal.any([closing, left.signal]);
	let answer = await untilDecided(context, awaited, signal);
	// What it would do changed while it waited: it waits for the request that took its place.
	while (answer?.supersededBy !== undefined) {
		askers.leave(awaited);
		awaited = answer.supersededBy;
		askers.arrive(awaited);
		answer = await untilDecided(context, awaited, signal);
	}

	if (answer === undefined) {
		throw new RequestError(503, 'CLOSING', 'The coordinator is leaving; ask the next one again with the same idempotency key.');
	}

	isAnswered = true;
	return answer;
};
