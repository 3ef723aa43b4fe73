import type {FastifyInstance} from 'fastify';
import {z} from 'zod';
import type {AgentReport} from '../../state/agent/agent-report.js';
import {agentActivities, statusSources} from '../../state/agent/agent-status.js';
import * as answers from './answers.js';
import {ask, type GatewayContext, runNamed} from './context.js';
import {RequestError} from './request-error.js';
import {route} from './route.js';
import {runId} from './schemas.js';

const words = z.string().max(4096);
const count = z.number().min(0).max(Number.MAX_SAFE_INTEGER);
const moment = z.number().min(0);

const status = z.object({
	activity: z.enum(agentActivities),
	kind: z.enum(['permission', 'question', 'auth']).optional(),
	source: z.enum(statusSources),
	confidence: z.number().min(0).max(1),
	sinceMs: moment,
	seenMs: moment,
	evidence: words,
});

const usage = z.object({inputTokens: count, outputTokens: count, protocolTokens: count, costUsd: count}).partial();

/** An `AgentReport` as it comes from outside. */
const agentReport = z.discriminatedUnion('kind', [
	z.object({kind: z.literal('thread'), threadId: z.string().min(1).max(512)}),
	z.object({kind: z.literal('status'), status}),
	z.object({kind: z.literal('accepted')}),
	z.object({kind: z.literal('usage'), usage, isTotal: z.boolean().optional()}),
	z.object({kind: z.literal('tool'), tool: words, summary: words, digest: z.string().max(128)}),
	z.object({kind: z.literal('limited'), sentence: words, untilMs: moment.optional()}),
]);

const reportBody = z.object({generation: z.int().min(1), report: agentReport});

/** What an agent says was said now, by its own protocol, whatever it says about that. */
const heardNow = (report: AgentReport, nowMs: number): AgentReport =>
	report.kind === 'status' ? {kind: 'status', status: {...report.status, source: 'protocol', sinceMs: nowMs, seenMs: nowMs}} : report;

/**
 * `POST /runs/:id/reports`: how an agent fares, told by the program that speaks its protocol. Only with the token of that very run: it
 * informs, and decides nothing.
 */
export const reportRoutes = (app: FastifyInstance, context: GatewayContext): void => {
	route(
		app,
		'POST /runs/:id/reports',
		{
			summary: 'Tells how the run’s agent fares',
			tag: 'runs',
			params: {id: runId},
			body: reportBody,
			bodyName: 'report',
			answer: answers.nothing,
			refusals: [404, 409, 422],
		},
		({request, param, body}) => {
			const run = runNamed(context, request, param('id'));
			if (context.callerOf(request).attempt?.runId !== run.id) {
				throw new RequestError(403, 'FORBIDDEN', 'Reports are the agent’s own: this needs the token of that very run.');
			}

			const {generation, report} = body();
			// What zod leaves out is not there, which is all that its type cannot say.
			const told = heardNow(report as AgentReport, context.orchestrator.now());
			return ask(context, request, {type: 'agent.report', runId: run.id, generation, report: told});
		},
	);
};
