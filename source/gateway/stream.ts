import {once} from 'node:events';
import type {ServerResponse} from 'node:http';
import type {FastifyInstance} from 'fastify';
import type {WebSocket} from 'ws';
import {z} from 'zod';
import type {Recorded} from '../store-port.js';
import {type Caller, whyNotAttempt} from './auth.js';
import {type GatewayContext, isVisible, sessionNamed} from './context.js';
import type {Gap} from './event-page.js';
import {followFacts} from './follow.js';
import {route} from './route.js';
import {streamQuery} from './schemas.js';
import {isEventOf, type WireEvent, wireEvent} from './wire-event.js';

/** A follower that is further behind than this is cut off; it comes back with its cursor. */
const mostBehindBytes = 1024 * 1024;

const tooFarBehind = 'too far behind: come back with the cursor';

/** Comments that keep proxies and half-open connections honest. */
const heartbeatMs = 15_000;

/** Stands in a stream for what the journal does not hold any more. */
const gapEvent = (gap: Gap) => ({seq: gap.to_seq, type: 'gap', data: gap});

/** What a follower may see and wants to. */
export type Audience = {readonly caller: Caller; readonly sessionId: string | undefined};

/** The events of a batch that are for this audience. */
const eventsFor = (context: GatewayContext, {caller, sessionId}: Audience, batch: readonly Recorded[]): readonly WireEvent[] => {
	const state = context.orchestrator.getState();
	const isWanted = (event: WireEvent): boolean => {
		const session = event.session_id === undefined ? undefined : state.sessions[event.session_id];
		const isSeen = session ? isVisible(context, caller, session) : caller.attempt === undefined;
		return isSeen && (sessionId === undefined || isEventOf(state, event, sessionId));
	};

	return batch.map(recorded => wireEvent(state, recorded)).filter((event): event is WireEvent => event !== undefined && isWanted(event));
};

const isOver = (context: GatewayContext, {attempt}: Caller): boolean =>
	attempt !== undefined && whyNotAttempt(context.orchestrator.getState(), attempt) !== undefined;

/**
 * Writes events as server-sent ones until the reader leaves, lags or may not read any more. Only the last event of a batch carries the id:
 * a reader that was cut in its middle gets all of it again.
 */
const streamOver = (context: GatewayContext, response: ServerResponse, audience: Audience, afterSeq: number | undefined): void => {
	const send = (event: string, data: unknown, id?: number): void => {
		response.write(`event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`);
	};

	const end = followFacts(context, afterSeq, {
		take(batch) {
			const events = eventsFor(context, audience, batch);
			for (const [place, event] of events.entries()) {
				send(event.type, event, place === events.length - 1 ? event.seq : undefined);
			}

			if (isOver(context, audience.caller)) {
				response.end();
			} else if (response.writableLength > mostBehindBytes) {
				response.destroy();
			}
		},
		skip: gap => send('gap', gapEvent(gap), gap.to_seq),
		async drained() {
			if (response.writableNeedDrain) {
				await Promise.race([once(response, 'drain'), once(response, 'close')]);
			}
		},
		fail: () => response.destroy(),
	});
	const heartbeat = setInterval(() => response.write(': still here\n\n'), heartbeatMs);
	const leave = (): void => {
		clearInterval(heartbeat);
		end();
		context.closing.removeEventListener('abort', close);
	};
	const close = (): void => {
		response.end();
	};

	context.closing.addEventListener('abort', close);
	response.once('close', leave);
};

const lastEventId = (header: string | readonly string[] | undefined): number | undefined =>
	typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : undefined;

/** `GET /stream`: events as they happen, after those behind `Last-Event-ID` (or `cursor`). */
export const streamRoute = (app: FastifyInstance, context: GatewayContext): void => {
	const about = {
		summary: 'Streams events as they happen, as server-sent events; the same over a WebSocket, one JSON text an event',
		tag: 'sessions',
		query: streamQuery,
		answer: z.string(),
		answerType: 'text/event-stream',
		refusals: [404],
	} as const;
	route(app, 'GET /stream', about, ({request, reply, query}) => {
		const {sessionId, session_id: sameId, cursor} = query();
		const named = sessionId ?? sameId;
		if (named !== undefined) {
			sessionNamed(context, request, named);
		}

		const audience = {caller: context.callerOf(request), sessionId: named};
		reply.hijack();
		reply.raw.writeHead(200, {'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-agent-tui-version': context.version});
		reply.raw.write(': connected\n\n');
		streamOver(context, reply.raw, audience, lastEventId(request.headers['last-event-id']) ?? cursor);
	});
};

/** The same over a WebSocket: one JSON text an event. Close code 1013 means: too slow, come back with the cursor. */
export const streamSocket = (context: GatewayContext, socket: WebSocket, audience: Audience, afterSeq: number | undefined): void => {
	const end = followFacts(context, afterSeq, {
		take(batch) {
			for (const event of eventsFor(context, audience, batch)) {
				socket.send(JSON.stringify(event));
			}

			if (isOver(context, audience.caller)) {
				socket.close(1008, 'the attempt has ended');
			} else if (socket.bufferedAmount > mostBehindBytes) {
				end();
				socket.close(1013, tooFarBehind);
			}
		},
		skip: gap => socket.send(JSON.stringify(gapEvent(gap))),
		async drained() {
			while (socket.bufferedAmount > mostBehindBytes / 4 && socket.readyState === socket.OPEN) {
				await new Promise(resolve => {
					setTimeout(resolve, 10);
				});
			}
		},
		fail: () => socket.close(1013, tooFarBehind),
	});
	socket.once('close', end);
};
