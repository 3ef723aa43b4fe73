import type {FastifyInstance, FastifyRequest} from 'fastify';
import type {AgentProfile} from '../../state/agent-profile.js';
import {diagnose} from '../../state/diagnosis.js';
import {isEnded} from '../../state/run.js';
import {ask, type GatewayContext, runNamed, sessionNamed} from './context.js';
import {createChild, createSession} from './create-session.js';
import {replyParent} from './reply-parent.js';
import {RequestError} from './request-error.js';
import {read, runBody, spawnBody, transitionBody, waitQuery} from './schemas.js';
import {until} from './until.js';
import {wireDiagnosis, wireRun} from './wire.js';

const idOf = (request: FastifyRequest): string => (request.params as {id: string}).id;

/** How Codex is started beyond its own configuration: read from the arguments its profile was given. */
const codexInvocation = (profile: AgentProfile | undefined) => {
	if (profile?.adapter !== 'codex') {
		return null;
	}

	const args = profile.argv?.slice(1) ?? [];
	const [first, name, ...rest] = args;
	return first === '--profile' && name !== undefined ? {profile: name, extra_args: rest} : {profile: null, extra_args: args};
};

const cancelRoutes = (app: FastifyInstance, context: GatewayContext): void => {
	app.post('/runs/:id/cancel', async request => {
		const {id} = runNamed(context, request, idOf(request));
		return ask(context, request, {type: 'run.cancel', runId: id});
	});

	app.post('/runs/:id/transition', async request => {
		const {id} = runNamed(context, request, idOf(request));
		const {to, state} = read(transitionBody, request.body, 'transition');
		const wanted = to ?? state;
		if (wanted !== 'cancelled') {
			const sentence = `A run is moved by what happens to it; only “cancelled” can be asked for, not ${JSON.stringify(wanted ?? null)}.`;
			throw new RequestError(422, 'INVALID', sentence);
		}

		return ask(context, request, {type: 'run.cancel', runId: id});
	});
};

const lookRoutes = (app: FastifyInstance, context: GatewayContext): void => {
	const {orchestrator, closing} = context;

	app.get('/runs/:id', async request => ({run: wireRun(runNamed(context, request, idOf(request)))}));

	app.get('/runs/:id/wait', async (request, reply) => {
		const {id} = runNamed(context, request, idOf(request));
		const {timeout_s: timeoutS} = read(waitQuery, request.query, 'query');
		const left = new AbortController();
		reply.raw.once('close', () => left.abort());
		const ended = () => (isEnded(orchestrator.getState().runs[id]!) ? true : undefined);
		const found = await until(orchestrator, ended, {signal: AbortSignal.any([closing, left.signal]), timeoutMs: timeoutS * 1000});
		if (closing.aborted && !found) {
			throw new RequestError(503, 'CLOSING', 'The coordinator is leaving; ask the next one.');
		}

		return {run: wireRun(orchestrator.getState().runs[id]!), done: found === true, timed_out: found !== true};
	});

	app.get('/runs/:id/diagnose', async request => {
		const state = orchestrator.getState();
		const run = runNamed(context, request, idOf(request));
		const {agent} = state.sessions[run.sessionId]!;
		const codex = codexInvocation(Object.hasOwn(state.agents, agent) ? state.agents[agent] : undefined);
		const diagnostics = {...wireDiagnosis(diagnose(state, run, orchestrator.now())), codex_invocation: codex};
		// Scripts read the fields at either place.
		return {run: wireRun(run), diagnostics, ...diagnostics};
	});
};

/** Runs: queueing, watching and ending them, and what their agents ask of the parent. */
export const runRoutes = (app: FastifyInstance, context: GatewayContext): void => {
	app.post('/runs', async (request, reply) => {
		const {session_id: sessionId, ...body} = read(runBody, request.body, 'run');
		if (sessionId === undefined) {
			return reply.code(201).send(await createSession(context, request, body));
		}

		const {id} = sessionNamed(context, request, sessionId);
		const {text, lane} = body;
		return reply.code(201).send(await ask(context, request, {type: 'message.send', sessionId: id, text, ...(lane && {lane})}));
	});

	app.post('/runs/:id/spawn', async (request, reply) => {
		const {id} = runNamed(context, request, idOf(request));
		const {task, text, ...rest} = read(spawnBody, request.body, 'spawn');
		return reply.code(201).send(await createChild(context, request, id, {...rest, text: task ?? text}));
	});

	app.post('/runs/:id/reply-parent', async (request, reply) => replyParent(context, request, reply, idOf(request)));
	lookRoutes(app, context);
	cancelRoutes(app, context);
};
