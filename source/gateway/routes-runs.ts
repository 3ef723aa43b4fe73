import type {FastifyInstance} from 'fastify';
import type {AgentProfile} from '../../state/agent/agent-profile.js';
import {diagnose} from '../../state/run/diagnosis.js';
import {lineText} from '../../state/view/frame-line.js';
import {whyLines} from '../../state/view/why-lines.js';
import * as answers from './answers.js';
import {ask, type GatewayContext, runNamed, sessionNamed} from './context.js';
import {createChild, createSession} from './create-session.js';
import {replyParent} from './reply-parent.js';
import {RequestError} from './request-error.js';
import {route} from './route.js';
import {messageCommand} from './routes-sessions.js';
import {emptyBody, replyParentBody, runBody, runId, spawnBody, transitionBody, waitQuery} from './schemas.js';
import {waitForRun} from './wait-for-run.js';
import {wireDiagnosis, wireRun} from './wire.js';

const params = {id: runId};

/** How Codex is started beyond its own configuration: read from the arguments its profile was given. */
const codexInvocation = (profile: AgentProfile | undefined) => {
	if (profile?.adapter !== 'codex') {
		return null;
	}

	const args = [...(profile.argv?.slice(1) ?? []), ...(profile.args ?? [])];
	const place = args.indexOf('--profile');
	const named = place === -1 ? undefined : args[place + 1];
	return named === undefined ? {profile: null, extra_args: args} : {profile: named, extra_args: args.toSpliced(place, 2)};
};

const cancelRoutes = (app: FastifyInstance, context: GatewayContext): void => {
	const cancelled = {tag: 'runs', params, answer: answers.changedRun, refusals: [404, 409, 422]} as const;

	const cancel = {...cancelled, summary: 'Cancels a run and everything it spawned', body: emptyBody} as const;
	route(app, 'POST /runs/:id/cancel', cancel, ({request, param}) => {
		const {id} = runNamed(context, request, param('id'));
		return ask(context, request, {type: 'run.cancel', runId: id});
	});

	const move = {...cancelled, summary: 'Moves a run to “cancelled”; no other state can be asked for', body: transitionBody} as const;
	route(app, 'POST /runs/:id/transition', {...move, bodyName: 'transition'}, ({request, param, body}) => {
		const {id} = runNamed(context, request, param('id'));
		const {to, state} = body();
		const wanted = to ?? state;
		if (wanted !== 'cancelled') {
			const sentence = `A run is moved by what happens to it; only “cancelled” can be asked for, not ${JSON.stringify(wanted ?? null)}.`;
			throw new RequestError(422, 'INVALID', sentence);
		}

		return ask(context, request, {type: 'run.cancel', runId: id});
	});
};

const lookRoutes = (app: FastifyInstance, context: GatewayContext): void => {
	const {orchestrator} = context;
	const one = {tag: 'runs', params, refusals: [404]} as const;

	route(app, 'GET /runs/:id', {...one, summary: 'Shows one run', answer: answers.oneRun}, ({request, param}) => ({
		run: wireRun(runNamed(context, request, param('id'))),
	}));

	const wait = {
		tag: 'runs',
		params,
		query: waitQuery,
		answer: answers.waited,
		summary: 'Waits until a run has ended. An agent gives its slot back meanwhile; running out of time changes nothing',
		refusals: [404, 409, 503],
	} as const;
	route(app, 'GET /runs/:id/wait', wait, ({request, reply, param, query}) => {
		const {id} = runNamed(context, request, param('id'));
		return waitForRun(context, {request, reply, runId: id, timeoutMs: query().timeout_s * 1000});
	});

	const diagnosis = {...one, summary: 'Says why a run does not move, and what to do', answer: answers.diagnosis} as const;
	route(app, 'GET /runs/:id/diagnose', diagnosis, ({request, param}) => {
		const state = orchestrator.getState();
		const run = runNamed(context, request, param('id'));
		const {agent} = state.sessions[run.sessionId]!;
		const codex = codexInvocation(Object.hasOwn(state.agents, agent) ? state.agents[agent] : undefined);
		const nowMs = orchestrator.now();
		const why = whyLines(state, run, nowMs).map(lineText);
		const diagnostics = {...wireDiagnosis(diagnose(state, run, nowMs)), why, codex_invocation: codex};
		// Scripts read the fields at either place.
		return {run: wireRun(run), diagnostics, ...diagnostics};
	});
};

/** Runs: queueing, watching and ending them, and what their agents ask of the parent. */
export const runRoutes = (app: FastifyInstance, context: GatewayContext): void => {
	const making = {tag: 'runs', status: 201, takesKey: true, refusals: [404, 409, 422]} as const;

	const queue = {
		...making,
		summary: 'Queues a run: of a session that is named, else of a new one',
		body: runBody,
		bodyName: 'run',
	} as const;
	route(app, 'POST /runs', {...queue, answer: answers.made.or(answers.queuedRun)}, ({request, body}) => {
		const {session_id: sessionId, ...rest} = body();
		if (sessionId === undefined) {
			return createSession(context, request, rest);
		}

		const {id} = sessionNamed(context, request, sessionId);
		return ask(context, request, messageCommand(id, rest));
	});

	const spawn = {...making, summary: 'Starts a child of a run with a task', params, body: spawnBody, bodyName: 'spawn'} as const;
	route(app, 'POST /runs/:id/spawn', {...spawn, answer: answers.made}, ({request, param, body}) => {
		const {id} = runNamed(context, request, param('id'));
		const {task, text, ...rest} = body();
		return createChild(context, request, id, {...rest, text: task ?? text});
	});

	const reply = {
		tag: 'runs',
		params,
		body: replyParentBody,
		answer: answers.raised,
		takesKey: true,
		refusals: [404, 409, 422, 503],
	} as const;
	const summary = 'Asks the parent, or the operator; with `wait` it answers with the decision';
	route(app, 'POST /runs/:id/reply-parent', {...reply, summary}, asked => replyParent(context, asked));
	lookRoutes(app, context);
	cancelRoutes(app, context);
};
