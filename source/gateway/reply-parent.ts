import {escalationAnswer} from '../../state/escalation/decide-escalation.js';
import type {EscalationPayload} from '../../state/escalation/escalation.js';
import {canonicalPlan} from '../../state/escalation/fingerprint.js';
import type {Json} from '../../state/json.js';
import {sha256} from '../digest.js';
import {ask, type GatewayContext, runNamed} from './context.js';
import {kindOfRequest} from './messages.js';
import {RequestError} from './request-error.js';
import type {Asked} from './route.js';
import type {ReplyParentBody} from './schemas.js';
import {waitForAnswer} from './wait-for-answer.js';

const payloadOf = ({tool, argv, cwd, diff, env, ...rest}: NonNullable<ReplyParentBody['payload']>): EscalationPayload => ({
	...(tool !== undefined && {tool}),
	...(argv && {argv}),
	...(cwd !== undefined && {cwd}),
	...(diff !== undefined && {diff}),
	...(env && {env}),
	...(Object.keys(rest).length > 0 && {extra: rest as Json}),
});

const escalationIdOf = (answer: Json): string => (answer as {readonly escalation: {readonly id: string}}).escalation.id;

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
	return wait ? escalationAnswer(await waitForAnswer(context, reply, escalationIdOf(answer))) : answer;
};
