import fastify, {type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest} from 'fastify';
import {z} from 'zod';
import type {Caller} from './auth.js';
import type {GatewayContext} from './context.js';
import {hookRoutes} from './hook-door.js';
import {mcpRoute} from './mcp-route.js';
import {type KnownRoute, openapiDocument} from './openapi.js';
import {whyNotPlain} from './plain-json.js';
import {reportRoutes} from './reports-door.js';
import {errorBody, type GatewayCode, RequestError} from './request-error.js';
import {route} from './route.js';
import {agentRoutes} from './routes-agents.js';
import {escalationRoutes} from './routes-escalations.js';
import {fleetRoutes} from './routes-fleet.js';
import {ledgerRoutes} from './routes-ledger.js';
import {queueRoutes} from './routes-queue.js';
import {runRoutes} from './routes-runs.js';
import {sessionRoutes} from './routes-sessions.js';
import {streamRoute} from './stream.js';

const largestBody = 1024 * 1024;

const frameworkCodes: Readonly<Record<number, GatewayCode>> = {
	400: 'MALFORMED',
	413: 'TOO_LARGE',
	415: 'UNSUPPORTED_MEDIA_TYPE',
};

const frameworkSentences: Readonly<Record<number, string>> = {
	400: 'The body is not JSON that is taken here.',
	413: `The body is larger than ${largestBody} bytes.`,
	415: 'The body must be JSON: send the header “Content-Type: application/json”.',
};

/** What is told about an error: its own words when it was expected, and nothing of the inside when it was not. */
const told = (error: unknown, log: GatewayContext['log'], request: FastifyRequest): RequestError => {
	if (error instanceof RequestError) {
		return error;
	}

	const status = (error as Partial<FastifyError>).statusCode ?? 500;
	const code = frameworkCodes[status];
	if (code) {
		return new RequestError(status, code, frameworkSentences[status] ?? 'The request could not be read.');
	}

	// The path alone: a query may hold what does not belong in a log.
	log(`${request.method} ${request.routeOptions.url ?? '(no route)'} failed.`, error);
	return new RequestError(500, 'INTERNAL', 'Something unexpected went wrong; the log of the coordinator says what.');
};

/** `GET /openapi.json`: the document of every route that is registered after this. */
const documentRoute = (app: FastifyInstance, {version}: GatewayContext): void => {
	const known: KnownRoute[] = [];
	app.addHook('onRoute', ({method, url, config}) => {
		if (config?.about) {
			known.push({method: String(method), url, about: config.about});
		}
	});
	const about = {summary: 'This document', tag: 'fleet', answer: z.looseObject({openapi: z.string()})} as const;
	let document: unknown;
	route(app, 'GET /openapi.json', about, () => {
		document ??= openapiDocument(known, version);
		return document;
	});
};

/**
 * The HTTP side of the gateway, not yet listening. Every request is admitted (`admit` throws a `RequestError`) before its body is read,
 * and whatever goes wrong is told as `{error: {code, message}}`.
 */
export const createApp = async (
	context: GatewayContext,
	{
		checkOrigin,
		admit,
		checkRate,
		callers,
	}: {
		checkOrigin: (request: FastifyRequest['raw']) => void;
		admit: (request: FastifyRequest['raw']) => Caller;
		/** Throws a `RequestError` (429) when the caller asks too often. */
		checkRate: (caller: Caller, request: FastifyRequest) => void;
		callers: WeakMap<FastifyRequest['raw'], Caller>;
	},
): Promise<FastifyInstance> => {
	const app = fastify({bodyLimit: largestBody, exposeHeadRoutes: false, routerOptions: {maxParamLength: 200}});
	app.removeContentTypeParser('text/plain');
	app.addHook('onRequest', async (request, reply) => {
		reply.header('x-agent-tui-version', context.version).header('cache-control', 'no-store');
		checkOrigin(request.raw);
		if (!request.routeOptions.config.isOpen) {
			const caller = admit(request.raw);
			callers.set(request.raw, caller);
			checkRate(caller, request);
		}
	});
	app.addHook('preValidation', async request => {
		const why = whyNotPlain(request.body);
		if (why !== undefined) {
			throw new RequestError(400, 'MALFORMED', `The body is not taken: ${why}.`);
		}
	});
	app.setErrorHandler((error, request, reply: FastifyReply) => {
		const {status, code, message, retryAfterMs} = told(error, context.log, request);
		if (retryAfterMs !== undefined) {
			reply.header('retry-after', Math.ceil(retryAfterMs / 1000));
		}

		return reply.code(status).send(errorBody(code, message, retryAfterMs));
	});
	app.setNotFoundHandler((request, reply) => {
		const sentence = `This server (agent-tui ${context.version}) does not know ${request.method} here; a newer client may expect a newer server.`;
		return reply.code(404).send(errorBody('UNKNOWN_ROUTE', sentence));
	});
	documentRoute(app, context);
	for (const routes of [
		fleetRoutes,
		agentRoutes,
		sessionRoutes,
		runRoutes,
		queueRoutes,
		escalationRoutes,
		ledgerRoutes,
		hookRoutes,
		reportRoutes,
		streamRoute,
		mcpRoute,
	]) {
		routes(app, context);
	}

	await app.ready();
	return app;
};
