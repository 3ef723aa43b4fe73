import type {FastifyInstance, FastifyReply, FastifyRequest} from 'fastify';
import type {z} from 'zod';
import {read} from './schemas.js';

/** The parts of the document of the interface. */
export type RouteTag = 'sessions' | 'runs' | 'queue' | 'escalations' | 'fleet';

/** Everything that is told about a route. The schemas are the ones that validate; the document is made from them. */
export type RouteAbout<Query extends z.ZodType = z.ZodType, Body extends z.ZodType = z.ZodType> = {
	/** What it does, in one line. */
	readonly summary: string;
	readonly tag: RouteTag;
	/** The schemas of the parts of its path, by their names. */
	readonly params?: Readonly<Record<string, z.ZodType>>;
	readonly query?: Query;
	readonly body?: Body;
	/** What the body is called when it is not right; `request` unless told otherwise. */
	readonly bodyName?: string;
	/** What the body of a good answer looks like. */
	readonly answer: z.ZodType;
	/** The media type of a good answer, when it is not JSON. */
	readonly answerType?: string;
	/** The status of a good answer: 200 unless told otherwise. */
	readonly status?: 201;
	/** The statuses of its refusals, beside those that every route may give. */
	readonly refusals?: ReadonlyArray<404 | 405 | 409 | 422 | 503>;
	/** Asking again with the same idempotency key gives the first answer. */
	readonly takesKey?: true;
	/** It answers without a token. */
	readonly isOpen?: true;
	/** Bytes its body may have, where that is more than usual. */
	readonly bodyLimit?: number;
};

declare module 'fastify' {
	interface FastifyContextConfig {
		/** The route answers without a token. */
		isOpen?: boolean;
		/** What the document of the interface tells about the route. */
		about?: RouteAbout;
	}
}

/** A request with its parts read on demand: what it may not see is refused before what it says is looked at. */
export type Asked<Query, Body> = {
	readonly request: FastifyRequest;
	readonly reply: FastifyReply;
	/** A part of the path. */
	param(name: string): string;
	/** The query as its schema has it; throws a `RequestError` (400). */
	query(): Query;
	/** The body as its schema has it; throws a `RequestError` (400). */
	body(): Body;
};

/** The head of a route: `GET /runs/:id`. */
export type RouteName = `${'GET' | 'POST' | 'DELETE'} /${string}`;

/** Registers a route with everything that is told about it. What the handler resolves with is the answer's body. */
export const route = <Query extends z.ZodType = z.ZodType<undefined>, Body extends z.ZodType = z.ZodType<undefined>>(
	app: FastifyInstance,
	name: RouteName,
	about: RouteAbout<Query, Body>,
	handle: (asked: Asked<z.output<Query>, z.output<Body>>) => unknown,
): void => {
	const [method = 'GET', url = '/'] = name.split(' ');
	app.route({
		method,
		url,
		...(about.bodyLimit !== undefined && {bodyLimit: about.bodyLimit}),
		config: {about, ...(about.isOpen && {isOpen: true})},
		async handler(request, reply) {
			const answer = await handle({
				request,
				reply,
				param: part => (request.params as Readonly<Record<string, string>>)[part] ?? '',
				query: () => read(about.query!, request.query, 'query'),
				body: () => read(about.body!, request.body, about.bodyName ?? 'request'),
			});
			return reply.sent ? reply : reply.code(about.status ?? 200).send(answer);
		},
	});
};
