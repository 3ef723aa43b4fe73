import {Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import type {McpHttpHandler} from '@modelcontextprotocol/server';
import type {FastifyInstance, FastifyReply, FastifyRequest} from 'fastify';
import {z} from 'zod';
import type {GatewayContext} from './context.js';
import {createLoopback} from './loopback.js';
import {type RouteName, route} from './route.js';

const headersOf = ({headers}: FastifyRequest): Headers => {
	const copied = new Headers();
	for (const [name, value] of Object.entries(headers)) {
		copied.set(name, String(value));
	}

	return copied;
};

/** Loaded when the first agent asks for it: most fleets never do. */
const loadHandler = async (context: GatewayContext, request: FastifyRequest): Promise<McpHttpHandler> => {
	const [{createMcpHandler}, {createMcpServer}] = await Promise.all([import('@modelcontextprotocol/server'), import('./mcp-server.js')]);
	const {version, socketPath} = context;
	const call = createLoopback({socketPath, authorization: request.headers.authorization ?? ''});
	const ownRunId = context.callerOf(request).attempt?.runId;
	return createMcpHandler(() => createMcpServer({call, ownRunId, version}));
};

const pass = async (response: Response, reply: FastifyReply): Promise<void> => {
	reply.hijack();
	reply.raw.writeHead(response.status, Object.fromEntries(response.headers));
	if (response.body) {
		await pipeline(Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]), reply.raw).catch(() => reply.raw.destroy());
	} else {
		reply.raw.end();
	}
};

/**
 * `/mcp`: the verbs for agents over streamable HTTP. Every request stands for itself and speaks with the token it came with, so that a
 * coordinator may be restarted between two of them.
 */
export const mcpRoute = (app: FastifyInstance, context: GatewayContext): void => {
	const serve = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
		const left = new AbortController();
		reply.raw.once('close', () => left.abort());
		const signal = AbortSignal.any([left.signal, context.closing]);
		const handler = await loadHandler(context, request);
		const {method} = request;
		const asked = new Request(`http://localhost${request.url}`, {method, headers: headersOf(request), signal});
		try {
			await pass(await handler.fetch(asked, {parsedBody: request.body}), reply);
		} finally {
			await handler.close();
		}
	};

	const about = {tag: 'fleet', answer: z.unknown(), refusals: [405]} as const;
	const names: ReadonlyArray<readonly [name: RouteName, summary: string]> = [
		['POST /mcp', 'Speaks the Model Context Protocol: tools for agents, visible is their own tree'],
		['GET /mcp', 'There is no stream beside the answers: always refused (405)'],
		['DELETE /mcp', 'There is no session to end: always refused (405)'],
	];
	for (const [name, summary] of names) {
		const body = name.startsWith('POST') ? {body: z.unknown()} : {};
		route(app, name, {...about, ...body, summary}, ({request, reply}) => serve(request, reply));
	}
};
