import type {FastifyInstance, FastifyRequest} from 'fastify';
import type {Escalation} from '../../state/escalation.js';
import {ask, checkVisible, type GatewayContext, isVisible} from './context.js';
import {RequestError} from './request-error.js';
import {decideBody, escalationId, escalationsQuery, lookQuery, read} from './schemas.js';
import {until} from './until.js';
import {wireEscalation} from './wire.js';

const escalationNamed = (context: GatewayContext, request: FastifyRequest): Escalation => {
	const {id} = request.params as {id: string};
	const state = context.orchestrator.getState();
	const escalation = escalationId.safeParse(id).success ? state.escalations[id] : undefined;
	if (!escalation) {
		throw new RequestError(404, 'UNKNOWN_ESCALATION', `There is no request ${id}.`);
	}

	checkVisible(context, request, state.sessions[escalation.sessionId]!);
	return escalation;
};

const isAsker = (context: GatewayContext, request: FastifyRequest, {runId, generation}: Escalation): boolean => {
	const {attempt} = context.callerOf(request);
	return attempt?.runId === runId && attempt.generation === generation;
};

const whyOnlyOperators = 'Only an operator decides: no agent may, whoever the request came from.';

/** Requests to a person: reading them, waiting for their end, deciding them. */
export const escalationRoutes = (app: FastifyInstance, context: GatewayContext): void => {
	const {orchestrator, askers, closing} = context;

	app.get('/escalations', async request => {
		const {state: wanted, session_id: sessionId} = read(escalationsQuery, request.query, 'query');
		const state = orchestrator.getState();
		const caller = context.callerOf(request);
		const found = Object.values(state.escalations).filter(
			escalation =>
				(wanted === 'all' || escalation.state === 'open') &&
				(sessionId === undefined || escalation.sessionId === sessionId) &&
				isVisible(context, caller, state.sessions[escalation.sessionId]!),
		);
		return {escalations: found.map(wireEscalation)};
	});

	app.get('/escalations/:id', async (request, reply) => {
		const {id} = escalationNamed(context, request);
		const {wait_s: waitS} = read(lookQuery, request.query, 'query');
		const left = new AbortController();
		let isClosed: true | undefined;
		reply.raw.once('close', () => {
			left.abort();
			const escalation = orchestrator.getState().escalations[id]!;
			if (isClosed && reply.raw.writableFinished && isAsker(context, request, escalation)) {
				askers.delivered(id);
			}
		});
		const closed = () => (orchestrator.getState().escalations[id]?.state === 'open' ? undefined : (true as const));
		const signal = AbortSignal.any([closing, left.signal]);
		isClosed = waitS === 0 ? closed() : await until(orchestrator, closed, {signal, timeoutMs: waitS * 1000});
		return {escalation: wireEscalation(orchestrator.getState().escalations[id]!)};
	});

	app.post('/escalations/:id/decide', async request => {
		// Before the body or the id is looked at: an agent learns nothing here but this.
		if (context.callerOf(request).actor.role !== 'operator') {
			context.log(`An agent tried to decide ${JSON.stringify((request.params as {id: string}).id).slice(0, 80)}; it was refused.`);
			throw new RequestError(403, 'FORBIDDEN', whyOnlyOperators);
		}

		const {id} = escalationNamed(context, request);
		const {choice, text, fingerprint} = read(decideBody, request.body, 'decision');
		return ask(context, request, {
			type: 'escalation.decide',
			escalationId: id,
			fingerprint,
			choice,
			...(text !== undefined && {text}),
		});
	});
};
