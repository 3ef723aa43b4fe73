import type {FastifyInstance} from 'fastify';
import {z} from 'zod';
import type {AgentReport} from '../../state/agent/agent-report.js';
import type {Command} from '../../state/command.js';
import type {Escalation} from '../../state/escalation/escalation.js';
import type {Json} from '../../state/json.js';
import type {Run} from '../../state/run/run.js';
import type {AgentHooks, HookCall} from '../agent-adapter.js';
import {answerOf, raiseOf, requestIdOf} from '../agent-request.js';
import {ask, type GatewayContext, runNamed} from './context.js';
import {RequestError} from './request-error.js';
import {type Asked, route} from './route.js';
import {runId} from './schemas.js';
import {waitForAnswer} from './wait-for-answer.js';

/** Agents tell whole files in their hooks; what is larger is no request that a person could read. */
const largestHookBody = 8 * 1024 * 1024;

const hookBody = z.object({
	event: z.json().describe('what the agent gave its hook'),
	idempotency_key: z.string().min(1).max(200).optional(),
});

const hookAnswer = z.object({output: z.json().describe('what the hook prints')});

type HookBody = z.output<typeof hookBody>;

/** The run the caller may speak for: its own, and only while its attempt is the current one. */
const ownRun = (context: GatewayContext, {request, param}: Asked<unknown, HookBody>): Run => {
	const run = runNamed(context, request, param('id'));
	if (context.callerOf(request).attempt?.runId !== run.id) {
		throw new RequestError(403, 'FORBIDDEN', 'Hooks are the agent’s own: this needs the token of that very run.');
	}

	return run;
};

const hooksOfRun = ({orchestrator, hooksOf}: GatewayContext, run: Run): AgentHooks => {
	const {sessions, agents} = orchestrator.getState();
	const {agent} = sessions[run.sessionId]!;
	const adapter = Object.hasOwn(agents, agent) ? agents[agent]!.adapter : agent;
	const hooks = hooksOf(adapter);
	if (!hooks) {
		throw new RequestError(422, 'INVALID', `Agent ${agent} has no hooks that are known here.`);
	}

	return hooks;
};

/** A hook's reader has no clock: what it says is said now. */
const dated = (report: AgentReport, nowMs: number): AgentReport =>
	report.kind === 'status' ? {...report, status: {...report.status, sinceMs: nowMs, seenMs: nowMs}} : report;

/** Whatever the answer was, the agent goes on with it. */
const goesOn: AgentReport = {
	kind: 'status',
	status: {activity: 'working', source: 'hook', confidence: 0.9, sinceMs: 0, seenMs: 0, evidence: 'its request was answered'},
};

/** It hung up on us: whoever sat at its screen answered there, or broke its turn off. */
const stoppedWaiting: AgentReport = {
	kind: 'status',
	status: {activity: 'idle', source: 'hook', confidence: 0.6, sinceMs: 0, seenMs: 0, evidence: 'it no longer waits for the answer'},
};

/** Sends what a call tells. What is refused (an old attempt, a repeated word) changes nothing and stops nothing. */
const tell = async ({orchestrator, log}: GatewayContext, {id, generation}: Run, commands: readonly Command[]): Promise<void> => {
	for (const command of commands) {
		const sent = await orchestrator.send(command, {actor: {role: 'agent', runId: id}});
		if (sent.refused && command.type === 'agent.report') {
			log(`A hook of ${id}.${generation} changed nothing: ${sent.refused.sentence}`);
		}
	}
};

const reportsOf = ({orchestrator}: GatewayContext, {id, generation}: Run, reports: HookCall['reports']): readonly Command[] =>
	reports.map(report => ({type: 'agent.report', runId: id, generation, report: dated(report, orchestrator.now())}));

/** The open requests of this attempt's hooks that a call closes. */
const withdrawalsOf = ({orchestrator}: GatewayContext, {id, generation}: Run, closes: HookCall['closes']): readonly Command[] => {
	if (!closes) {
		return [];
	}

	const {escalations, index} = orchestrator.getState();
	const {requestIds, tool, why} = closes;
	return [...index.openEscalations].flatMap(escalationId => {
		const escalation = escalations[escalationId]!;
		const requestId = requestIdOf(escalation);
		const isOwn = escalation.runId === id && escalation.generation === generation && escalation.blocking && requestId !== undefined;
		const isMeant =
			(requestIds === undefined || requestIds.includes(requestId!)) && (tool === undefined || escalation.payload?.tool === tool);
		return isOwn && isMeant ? [{type: 'escalation.withdraw', escalationId, why} as const] : [];
	});
};

const escalationIdOf = (answer: Json): string => (answer as {readonly escalation: {readonly id: string}}).escalation.id;

/** What became of the request. One whose agent hangs up is blocked no more, which no hook tells. */
const awaited = async (context: GatewayContext, run: Run, reply: Asked<unknown, HookBody>['reply'], id: string): Promise<Escalation> => {
	try {
		return await waitForAnswer(context, reply, id);
	} catch (error) {
		if (!context.closing.aborted) {
			await tell(context, run, reportsOf(context, run, [stoppedWaiting]));
		}

		throw error;
	}
};

const takeHook = async (context: GatewayContext, asked: Asked<unknown, HookBody>): Promise<Json> => {
	const run = ownRun(context, asked);
	const hooks = hooksOfRun(context, run);
	const event = asked.body().event as Json;
	const {reports, request, closes, output} = hooks.read(event);
	await tell(context, run, [...withdrawalsOf(context, run, closes), ...reportsOf(context, run, reports)]);
	if (!request) {
		return {output: output ?? null};
	}

	const raised = await ask(context, asked.request, raiseOf({runId: run.id, generation: run.generation}, request));
	const escalation = await awaited(context, run, asked.reply, escalationIdOf(raised));
	const answer = answerOf(escalation);
	if (answer.choice !== 'withdrawn') {
		await tell(context, run, reportsOf(context, run, [goesOn]));
	}

	return {output: hooks.reply(event, answer)};
};

/**
 * `POST /runs/:id/hook`: what an agent's own hooks tell and ask. One that asks is held until somebody decides; all others are answered at
 * once. Asking again with the same key, as after a restart of the coordinator, joins the same request.
 */
export const hookRoutes = (app: FastifyInstance, context: GatewayContext): void => {
	route(
		app,
		'POST /runs/:id/hook',
		{
			summary: 'Tells or asks what a hook of the run’s agent was given; answers what the hook prints',
			tag: 'runs',
			params: {id: runId},
			body: hookBody,
			bodyName: 'hook call',
			answer: hookAnswer,
			refusals: [404, 409, 422, 503],
			takesKey: true,
			bodyLimit: largestHookBody,
		},
		asked => takeHook(context, asked),
	);
};
