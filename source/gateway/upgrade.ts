import type {IncomingMessage, Server} from 'node:http';
import type {Duplex} from 'node:stream';
import {type WebSocket, WebSocketServer} from 'ws';
import type {Caller} from './auth.js';
import {type GatewayContext, isVisible} from './context.js';
import {serveConsole} from './fleet-socket.js';
import {errorBody, RequestError} from './request-error.js';
import {read, streamQuery} from './schemas.js';
import {streamSocket} from './stream.js';

const statusTexts: Readonly<Record<number, string>> = {400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found'};

const refuseUpgrade = (socket: Duplex, error: RequestError): void => {
	const body = JSON.stringify(errorBody(error.code, error.message));
	const head = [
		`HTTP/1.1 ${error.status} ${statusTexts[error.status] ?? 'Refused'}`,
		'content-type: application/json; charset=utf-8',
		`content-length: ${Buffer.byteLength(body)}`,
		'connection: close',
	];
	socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
};

/** What to do with a socket once it is open; throws a `RequestError` when it may not be opened. */
const serviceFor = (context: GatewayContext, caller: Caller, url: URL): ((socket: WebSocket) => void) => {
	if (url.pathname === '/fleet') {
		if (caller.actor.role !== 'operator') {
			throw new RequestError(403, 'FORBIDDEN', 'Only an operator connects a console.');
		}

		return socket => serveConsole(context, socket, caller);
	}

	if (url.pathname !== '/stream') {
		throw new RequestError(404, 'UNKNOWN_ROUTE', `There is no WebSocket at ${url.pathname}.`);
	}

	const {sessionId, session_id: sameId, cursor} = read(streamQuery, Object.fromEntries(url.searchParams), 'query');
	const named = sessionId ?? sameId;
	const session = named === undefined ? undefined : context.orchestrator.getState().sessions[named];
	if (named !== undefined && !session) {
		throw new RequestError(404, 'UNKNOWN_SESSION', `There is no session ${named}.`);
	}

	if (session && !isVisible(context, caller, session)) {
		throw new RequestError(403, 'FORBIDDEN', 'An agent sees only the sessions of its own tree.');
	}

	return socket => streamSocket(context, socket, {caller, sessionId: named}, cursor);
};

/**
 * Answers WebSocket upgrades of a server: `admit` says who it is (or throws) before anything is upgraded. Returns how to close every
 * open socket.
 */
export const acceptSockets = (server: Server, context: GatewayContext, admit: (request: IncomingMessage) => Caller): (() => void) => {
	const sockets = new WebSocketServer({noServer: true, maxPayload: 2 * 1024 * 1024});
	server.on('upgrade', (request, socket, head) => {
		socket.on('error', () => socket.destroy());
		try {
			const caller = admit(request);
			const serve = serviceFor(context, caller, new URL(request.url ?? '/', 'http://localhost'));
			sockets.handleUpgrade(request, socket, head, opened => {
				opened.on('error', error => context.log('A WebSocket broke.', error));
				serve(opened);
			});
		} catch (error) {
			const isExpected = error instanceof RequestError;
			if (!isExpected) {
				context.log('Could not answer an upgrade.', error);
			}

			refuseUpgrade(socket, isExpected ? error : new RequestError(400, 'MALFORMED', 'The request could not be read.'));
		}
	});
	return () => {
		for (const socket of sockets.clients) {
			socket.close(1001, 'the coordinator is leaving');
			socket.terminate();
		}
	};
};
