import type {FastifyInstance, FastifyRequest} from 'fastify';
import {activeRun} from '../../state/session.js';
import {ask, type GatewayContext, isVisible, sessionNamed} from './context.js';
import {createChild, createSession} from './create-session.js';
import {eventPage, newestEvents} from './event-page.js';
import {messagesOf} from './messages.js';
import {RequestError} from './request-error.js';
import {eventsQuery, messageBody, read, sendBody, sessionBody, spawnBody, stopBody} from './schemas.js';
import {wireRun, wireSession} from './wire.js';
import {isEventOf, type WireEvent} from './wire-event.js';

type WithId = {Params: {id: string}};

const idOf = (request: FastifyRequest): string => (request.params as WithId['Params']).id;

/** Sessions: making them, reading them, talking to them. */
export const sessionRoutes = (app: FastifyInstance, context: GatewayContext): void => {
	const {orchestrator} = context;
	const named = (request: FastifyRequest) => sessionNamed(context, request, idOf(request));

	app.post('/sessions', async (request, reply) => {
		const answer = await createSession(context, request, read(sessionBody, request.body, 'session'));
		return reply.code(201).send(answer);
	});

	app.get('/sessions', async request => {
		const state = orchestrator.getState();
		const caller = context.callerOf(request);
		const sessions = Object.values(state.sessions).filter(session => isVisible(context, caller, session));
		return {sessions: sessions.map(session => wireSession(state, session))};
	});

	app.get('/sessions/:id', async request => {
		const state = orchestrator.getState();
		const session = named(request);
		const runs = session.runIds.map(id => wireRun(state.runs[id]!));
		return {session: wireSession(state, session), runs, messages: messagesOf(state, session)};
	});

	app.post('/sessions/:id/messages', async (request, reply) => {
		const {id} = named(request);
		const {text, lane} = read(messageBody, request.body, 'message');
		return reply.code(201).send(await ask(context, request, {type: 'message.send', sessionId: id, text, ...(lane && {lane})}));
	});

	app.post('/sessions/:id/send', async (request, reply) => {
		const {id} = named(request);
		const {text, lane, mode} = read(sendBody, request.body, 'message');
		const command =
			mode === 'type'
				? ({type: 'message.type', sessionId: id, text} as const)
				: ({type: 'message.send', sessionId: id, text, ...(lane && {lane})} as const);
		return reply.code(201).send(await ask(context, request, command));
	});

	app.post('/sessions/:id/spawn', async (request, reply) => {
		const session = named(request);
		const {task, text, ...rest} = read(spawnBody, request.body, 'spawn');
		const parent = activeRun(orchestrator.getState(), session);
		if (!parent) {
			throw new RequestError(409, 'NOT_RUNNING', `${session.id} has no live run that could have a child.`);
		}

		return reply.code(201).send(await createChild(context, request, parent.id, {...rest, text: task ?? text}));
	});

	app.post('/sessions/:id/stop', async request => {
		const {id} = named(request);
		const {tree} = read(stopBody, request.body, 'stop');
		return ask(context, request, {type: 'session.stop', sessionId: id, tree});
	});

	app.get('/sessions/:id/events', async request => {
		const {id} = named(request);
		const {cursor, limit, last} = read(eventsQuery, request.query, 'query');
		const isWanted = (event: WireEvent) => isEventOf(orchestrator.getState(), event, id);
		return last === undefined ? eventPage(context, {cursor, limit, isWanted}) : newestEvents(context, {last, isWanted});
	});
};
