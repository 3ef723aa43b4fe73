import type {FastifyInstance, FastifyRequest} from 'fastify';
import type {Command} from '../../state/command.js';
import {activeRun} from '../../state/session/session.js';
import * as answers from './answers.js';
import {ask, type GatewayContext, isVisible, sessionNamed} from './context.js';
import {createChild, createSession} from './create-session.js';
import {eventPage, newestEvents} from './event-page.js';
import {messagesOf} from './messages.js';
import {RequestError} from './request-error.js';
import {route} from './route.js';
import {runOptionsOf} from './run-options.js';
import {eventsQuery, type MessageBody, messageBody, sendBody, sessionBody, sessionId, spawnBody, stopBody} from './schemas.js';
import {wireRun, wireSession} from './wire.js';
import {isEventOf, type WireEvent} from './wire-event.js';

const params = {id: sessionId};

/** The command of a message: `queue` is what a message is anyway. */
export const messageCommand = (id: string, {text, mode, ...options}: Omit<MessageBody, 'role'>): Command => ({
	type: 'message.send',
	sessionId: id,
	text,
	...(mode && mode !== 'queue' && {mode}),
	...runOptionsOf(options),
});

type Named = (asked: {readonly request: FastifyRequest; param(name: string): string}) => ReturnType<typeof sessionNamed>;

const readingRoutes = (app: FastifyInstance, context: GatewayContext, named: Named): void => {
	const {orchestrator} = context;

	route(app, 'GET /sessions', {summary: 'Lists the sessions', tag: 'sessions', answer: answers.sessions}, ({request}) => {
		const state = orchestrator.getState();
		const caller = context.callerOf(request);
		const sessions = Object.values(state.sessions).filter(session => isVisible(context, caller, session));
		return {sessions: sessions.map(session => wireSession(state, session))};
	});

	const one = {summary: 'Shows a session, its runs and what was said in it', tag: 'sessions', params, answer: answers.oneSession} as const;
	route(app, 'GET /sessions/:id', {...one, refusals: [404]}, asked => {
		const state = orchestrator.getState();
		const session = named(asked);
		const runs = session.runIds.map(id => wireRun(state.runs[id]!));
		return {session: wireSession(state, session), runs, messages: messagesOf(state, session)};
	});

	const events = {summary: 'Lists what happened in a session, page by page', tag: 'sessions', params, query: eventsQuery} as const;
	route(app, 'GET /sessions/:id/events', {...events, answer: answers.eventPage, refusals: [404]}, asked => {
		const {id} = named(asked);
		const {cursor, limit, last} = asked.query();
		const isWanted = (event: WireEvent) => isEventOf(orchestrator.getState(), event, id);
		return last === undefined ? eventPage(context, {cursor, limit, isWanted}) : newestEvents(context, {last, isWanted});
	});
};

const talkingRoutes = (app: FastifyInstance, context: GatewayContext, named: Named): void => {
	const message = {tag: 'sessions', params, bodyName: 'message', answer: answers.queuedRun, status: 201, takesKey: true} as const;

	const queue = {...message, summary: 'Sends a message; it becomes the session’s next run', body: messageBody} as const;
	route(app, 'POST /sessions/:id/messages', {...queue, refusals: [404, 409, 422]}, asked => {
		const {id} = named(asked);
		const {role: _, ...body} = asked.body();
		return ask(context, asked.request, messageCommand(id, body));
	});

	const send = {...message, summary: 'Sends a message, or types it into the live terminal', body: sendBody} as const;
	route(app, 'POST /sessions/:id/send', {...send, refusals: [404, 409, 422]}, asked => {
		const {id} = named(asked);
		const {mode, ...body} = asked.body();
		const typed = {type: 'message.type', sessionId: id, text: body.text} as const;
		return ask(context, asked.request, mode === 'type' ? typed : messageCommand(id, {...body, mode}));
	});

	const spawn = {summary: 'Starts a child of the session’s live run', tag: 'sessions', params, body: spawnBody, bodyName: 'spawn'} as const;
	const child = {...spawn, answer: answers.made, status: 201, takesKey: true, refusals: [404, 409, 422]} as const;
	route(app, 'POST /sessions/:id/spawn', child, asked => {
		const session = named(asked);
		const {task, text, ...rest} = asked.body();
		const parent = activeRun(context.orchestrator.getState(), session);
		if (!parent) {
			throw new RequestError(409, 'NOT_RUNNING', `${session.id} has no live run that could have a child.`);
		}

		return createChild(context, asked.request, parent.id, {...rest, text: task ?? text});
	});
};

/** Sessions: making them, reading them, talking to them. */
export const sessionRoutes = (app: FastifyInstance, context: GatewayContext): void => {
	const named: Named = ({request, param}) => sessionNamed(context, request, param('id'));

	const create = {summary: 'Starts a conversation with an agent', tag: 'sessions', body: sessionBody, bodyName: 'session'} as const;
	const creating = {...create, answer: answers.made, status: 201, takesKey: true, refusals: [404, 409, 422]} as const;
	route(app, 'POST /sessions', creating, asked => createSession(context, asked.request, asked.body()));
	readingRoutes(app, context, named);
	talkingRoutes(app, context, named);

	const stop = {summary: 'Stops what a session runs and withdraws what it has queued', tag: 'sessions', params, body: stopBody} as const;
	route(app, 'POST /sessions/:id/stop', {...stop, bodyName: 'stop', answer: answers.nothing, refusals: [404, 409]}, asked => {
		const {id} = named(asked);
		return ask(context, asked.request, {type: 'session.stop', sessionId: id, tree: asked.body().tree});
	});
};
