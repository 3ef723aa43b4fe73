import type {FastifyInstance, FastifyRequest} from 'fastify';
import {z} from 'zod';
import {whyNotHolding} from '../../state/escalation/grant.js';
import {ledgerEntries} from '../../state/escalation/ledger.js';
import {ask, type GatewayContext} from './context.js';
import {RequestError} from './request-error.js';
import {route} from './route.js';
import {grantId} from './schemas.js';
import {snakeCased} from './wire.js';

const ledgerQuery = z.object({limit: z.coerce.number().int().min(1).max(1000).default(500)});
const grantsAnswer = z.object({grants: z.array(z.looseObject({id: z.string(), scope: z.string(), agent: z.string()}))});
const ledgerAnswer = z.object({entries: z.array(z.looseObject({id: z.string(), outcome: z.string(), by: z.string()}))});

/** What was decided, and by whom, is for people: an agent could learn from it what passes. */
const checkOperator = (context: GatewayContext, request: FastifyRequest): void => {
	if (context.callerOf(request).actor.role !== 'operator') {
		throw new RequestError(403, 'FORBIDDEN', 'Only an operator sees the ledger and the grants.');
	}
};

/** The ledger, as far as State has it, and the approvals that hold for longer than once. */
export const ledgerRoutes = (app: FastifyInstance, context: GatewayContext): void => {
	const {orchestrator} = context;
	const tag = 'escalations';

	const ledger = {summary: 'Lists what was decided, newest first; the 500 newest at most', tag, query: ledgerQuery} as const;
	route(app, 'GET /ledger', {...ledger, answer: ledgerAnswer}, ({request, query}) => {
		checkOperator(context, request);
		return {entries: ledgerEntries(orchestrator.getState()).slice(0, query().limit).map(snakeCased)};
	});

	const list = {summary: 'Lists the approvals that hold for longer than once', tag, answer: grantsAnswer} as const;
	route(app, 'GET /grants', list, ({request}) => {
		checkOperator(context, request);
		const state = orchestrator.getState();
		const grants = Object.values(state.grants).map(grant => ({...grant, ended: whyNotHolding(state, grant, orchestrator.now()) ?? null}));
		return {grants: grants.map(snakeCased)};
	});

	const revoke = {summary: 'Revokes such an approval', tag, params: {id: grantId}, answer: z.looseObject({}), refusals: [404]} as const;
	route(app, 'POST /grants/:id/revoke', revoke, asked => {
		checkOperator(context, asked.request);
		return ask(context, asked.request, {type: 'grant.revoke', grantId: asked.param('id')});
	});
};
