import type {FastifyReply} from 'fastify';
import {escalationAnswer} from '../../state/decide-escalation.js';
import type {EscalationPayload} from '../../state/escalation.js';
import {canonicalPlan} from '../../state/fingerprint.js';
import type {Json} from '../../state/json.js';
import {sha256} from '../digest.js';
import {ask, type GatewayContext, runNamed} from './context.js';
import {kindOfRequest} from './messages.js';
import {RequestError} from './request-error.js';
import type {Asked} from './route.js';
import type {ReplyParentBody} from './schemas.js';
import {until} from './until.js';

const payloadOf = ({tool, argv, cwd, diff, env, ...rest}: NonNullable<ReplyParentBody['payload']>): EscalationPayload => ({
	...(tool !== undefined && {tool}),
	...(argv && {argv}),
	...(cwd !== undefined && {cwd}),
	...(diff !== undefined && {diff}),
	...(env && {env}),
	...(Object.keys(rest).length > 0 && {extra: rest as Json}),
});

const escalationIdOf = (answer: Json): string => (answer as {readonly escalation: {readonly id: string}}).escalation.id;

/** Resolves with what the asker is told once its escalation has left `open`; `undefined` when nobody waits for it any more. */
const untilDecided = (context: GatewayContext, escalationId: string, signal: AbortSignal): Promise<Json | undefined> =>
	until(
		context.orchestrator,
		() => {
			const escalation = context.orchestrator.getState().escalations[escalationId];
			return escalation && escalation.state !== 'open' ? escalationAnswer(escalation) : undefined;
		},
		{signal},
	);

/** Keeps the request open until there is an answer, and notes what became of the connection. */
const waitForAnswer = async (context: GatewayContext, reply: FastifyReply, escalationId: string): Promise<Json> => {
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

/**
 * `POST /runs/:id/reply-parent`: raises what the agent asks. With `wait` the agent is held and the request stays open until somebody
 * decides, it expires or is withdrawn. Asking the same again, by key or by the same plan, joins the same escalation.
 */
export const replyParent = async (
	context: GatewayContext,
	{request, reply, param, body}: Asked<unknown, ReplyParentBody>,
): Promise<Json> => {
	const run = runNamed(context, request, param('id'));
	const {text, request_kind: requestKind, payload: sent, wait} = body();
	if (wait && requestKind === 'notice') {
		throw new RequestError(422, 'INVALID', 'A notice has no answer to wait for.');
	}

	const kind = kindOfRequest[requestKind];
	const payload = sent && payloadOf(sent);
	const plan = {runId: run.id, generation: run.generation, kind, text, ...(payload && {payload})};
	const fingerprint = sha256(canonicalPlan(plan));
	const {generation: _, ...asked} = plan;
	const answer = await ask(context, request, {type: 'escalation.raise', ...asked, blocking: wait, fingerprint});
	return wait ? waitForAnswer(context, reply, escalationIdOf(answer)) : answer;
};
