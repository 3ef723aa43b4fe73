import type {FastifyInstance, FastifyRequest} from 'fastify';
import type {Escalation} from '../../state/escalation/escalation.js';
import {riskOf} from '../../state/escalation/risk.js';
import type {Json} from '../../state/json.js';
import {whyNotPermitted} from '../../state/permission.js';
import * as answers from './answers.js';
import {ask, checkVisible, type GatewayContext, isVisible} from './context.js';
import {RequestError} from './request-error.js';
import {route} from './route.js';
import {decideBody, escalationId, escalationsQuery, lookQuery} from './schemas.js';
import {until} from './until.js';
import {wireEscalation} from './wire.js';

const params = {id: escalationId};

type Named = {readonly request: FastifyRequest; param(name: string): string};

const escalationNamed = (context: GatewayContext, {request, param}: Named): Escalation => {
	const id = param('id');
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

/** A request with what its decider needs to know: how grave it is, and the word without which it is not approved. */
const wired = ({orchestrator}: GatewayContext, escalation: Escalation): Json => {
	const state = orchestrator.getState();
	const risk = riskOf(escalation, state.sessions[escalation.sessionId]?.cwd ?? '/');
	return {
		...(wireEscalation(escalation) as Readonly<Record<string, Json>>),
		...(risk && {risk: risk.word, risk_level: risk.level, because: risk.because}),
		...(risk?.level === 'high' && {word: risk.word}),
	};
};

const mayDecide = (context: GatewayContext, {request, param}: Named): boolean => {
	const {actor} = context.callerOf(request);
	const denial = {type: 'escalation.decide', escalationId: param('id'), fingerprint: '', choice: 'deny'} as const;
	return actor.role === 'operator' || whyNotPermitted(context.orchestrator.getState(), denial, actor) === undefined;
};

const lookRoutes = (app: FastifyInstance, context: GatewayContext): void => {
	const {orchestrator, askers, closing} = context;

	const list = {summary: 'Lists the requests to a person', tag: 'escalations', query: escalationsQuery} as const;
	route(app, 'GET /escalations', {...list, answer: answers.escalations}, ({request, query}) => {
		const {state: wanted, session_id: sessionId} = query();
		const state = orchestrator.getState();
		const caller = context.callerOf(request);
		const found = Object.values(state.escalations).filter(
			escalation =>
				(wanted === 'all' || escalation.state === 'open') &&
				(sessionId === undefined || escalation.sessionId === sessionId) &&
				isVisible(context, caller, state.sessions[escalation.sessionId]!),
		);
		return {escalations: found.map(escalation => wired(context, escalation))};
	});

	const one = {summary: 'Shows a request; with `wait_s` once it is closed', tag: 'escalations', params, query: lookQuery} as const;
	route(app, 'GET /escalations/:id', {...one, answer: answers.oneEscalation, refusals: [404]}, async asked => {
		const {request, reply} = asked;
		const found = escalationNamed(context, asked);
		const {id} = found;
		const {wait_s: waitS} = asked.query();
		const left = new AbortController();
		let isClosed: true | undefined;
		reply.raw.once('close', () => {
			left.abort();
			const escalation = orchestrator.getState().escalations[id];
			if (escalation && isClosed && reply.raw.writableFinished && isAsker(context, request, escalation)) {
				askers.delivered(id);
			}
		});
		const closed = () => (orchestrator.getState().escalations[id]?.state === 'open' ? undefined : (true as const));
		const signal = AbortSignal.any([closing, left.signal]);
		isClosed = waitS === 0 ? closed() : await until(orchestrator, closed, {signal, timeoutMs: waitS * 1000});
		// One that closed so long ago that only the ledger has it was told as it was found.
		return {escalation: wired(context, orchestrator.getState().escalations[id] ?? found)};
	});
};

/** Requests to a person: reading them, waiting for their end, deciding them. */
export const escalationRoutes = (app: FastifyInstance, context: GatewayContext): void => {
	lookRoutes(app, context);

	const decide = {summary: 'Decides a request: the operator’s alone', tag: 'escalations', params, body: decideBody} as const;
	const deciding = {...decide, bodyName: 'decision', answer: answers.nothing, takesKey: true, refusals: [404, 409, 422]} as const;
	route(app, 'POST /escalations/:id/decide', deciding, asked => {
		const {request} = asked;
		// Before the body is looked at: an agent learns nothing here but this, unless a policy lets it decide for those below it.
		if (!mayDecide(context, asked)) {
			context.log(`An agent tried to decide ${JSON.stringify(asked.param('id')).slice(0, 80)}; it was refused.`);
			throw new RequestError(403, 'FORBIDDEN', whyOnlyOperators);
		}

		const {id} = escalationNamed(context, asked);
		const {choice, text, fingerprint, word, scope, lifetime_ms: lifetimeMs, max_uses: maxUses} = asked.body();
		return ask(context, request, {
			type: 'escalation.decide',
			escalationId: id,
			fingerprint,
			choice,
			...(text !== undefined && {text}),
			...(word !== undefined && {word}),
			...(scope !== undefined && {scope}),
			...(lifetimeMs !== undefined && {lifetimeMs}),
			...(maxUses !== undefined && {maxUses}),
		});
	});
};
