import {z} from 'zod';
import type {Json} from '../../state/json.js';
import {errorAnswer} from './answers.js';
import type {RouteAbout} from './route.js';

/** A route as the server has it. */
export type KnownRoute = {readonly method: string; readonly url: string; readonly about: RouteAbout};

type JsonObject = {[key: string]: Json};

const tagWords: Readonly<Record<RouteAbout['tag'], string>> = {
	sessions: 'Conversations with agents, and what is said in them.',
	runs: 'Executions inside sessions.',
	queue: 'What waits, in which order, and what failed too often.',
	escalations: 'Requests to a person.',
	fleet: 'Health, breakers, limits, providers, alerts and launchers.',
};

const statusWords: Readonly<Record<number, string>> = {
	400: 'The request could not be read; the sentence names the field.',
	401: 'No token, or one that is not known here.',
	403: 'The token may not do this.',
	404: 'There is no such thing.',
	405: 'This is not done here.',
	409: 'It cannot be done now; the sentence says why.',
	413: 'The body is too large.',
	415: 'The body is not JSON.',
	422: 'It could be read, but cannot be meant.',
	429: 'Too often: the header Retry-After and `retry_after_ms` say when to come back.',
	500: 'Something unexpected went wrong; the log of the coordinator says what.',
	503: 'The coordinator is leaving; ask the next one.',
	507: 'Nothing can be kept: the disk failed.',
};

const definitions = '#/$defs/';
const components = '#/components/schemas/';

/** Schemas with a name of their own stand once in the document; every use refers to them. */
const hoisted = (value: unknown, named: JsonObject): Json => {
	if (Array.isArray(value)) {
		return value.map(item => hoisted(item, named));
	}

	if (typeof value !== 'object' || value === null) {
		return typeof value === 'string' && value.startsWith(definitions) ? components + value.slice(definitions.length) : (value as Json);
	}

	const {$defs = {}, $schema: _, ...rest} = value as Readonly<Record<string, unknown>>;
	for (const [name, schema] of Object.entries($defs as object)) {
		named[name] = hoisted(schema, named);
	}

	return Object.fromEntries(Object.entries(rest).map(([key, item]) => [key, hoisted(item, named)]));
};

type SchemaOf = (schema: z.ZodType, io: 'input' | 'output') => JsonObject;

const schemasInto =
	(named: JsonObject): SchemaOf =>
	(schema, io) =>
		hoisted(z.toJSONSchema(schema, {io, unrepresentable: 'any'}), named) as JsonObject;

const queryParameters = (query: z.ZodType, schemaOf: SchemaOf): readonly JsonObject[] => {
	const {properties = {}, required = []} = schemaOf(query, 'input');
	return Object.entries(properties as JsonObject).map(([name, schema]) => ({
		name,
		in: 'query',
		required: (required as readonly string[]).includes(name),
		schema,
	}));
};

const keyHeader: JsonObject = {
	name: 'Idempotency-Key',
	in: 'header',
	required: false,
	description: 'Asking again with the same key gives the first answer, byte for byte, for 24 hours; also as `idempotency_key` in the body.',
	schema: {type: 'string', minLength: 1, maxLength: 200},
};

const parametersOf = ({params = {}, query, takesKey}: RouteAbout, schemaOf: SchemaOf): readonly JsonObject[] => [
	...Object.entries(params).map(([name, schema]) => ({name, in: 'path', required: true, schema: schemaOf(schema, 'input')})),
	...(query ? queryParameters(query, schemaOf) : []),
	...(takesKey ? [keyHeader] : []),
];

/** The body's schema, with the idempotency key where the route takes one. */
const requestBodyOf = (body: z.ZodType, takesKey: boolean, schemaOf: SchemaOf): JsonObject => {
	const schema = schemaOf(body, 'input');
	const properties = {...(schema['properties'] as JsonObject), ...(takesKey && {idempotency_key: keyHeader['schema']!})};
	const isNeeded = ((schema['required'] as readonly string[] | undefined) ?? []).length > 0 && schema['default'] === undefined;
	return {required: isNeeded, content: {'application/json': {schema: {...schema, properties}}}};
};

/** Every status a route may answer with that is no good answer. */
const refusalsOf = ({isOpen, query, body, refusals = []}: RouteAbout): readonly number[] => [
	...(query || body ? [400] : []),
	...(isOpen ? [] : [401, 403, 429]),
	...(body ? [413, 415, 507] : []),
	...refusals,
	500,
];

const operationOf = ({method, url, about}: KnownRoute, schemaOf: SchemaOf): JsonObject => {
	const {summary, tag, body, answer, answerType = 'application/json', status = 200, isOpen} = about;
	const good = {description: 'Done.', content: {[answerType]: {schema: schemaOf(answer, 'output')}}};
	const refused = refusalsOf(about).map(code => [
		String(code),
		{description: statusWords[code] ?? '', content: {'application/json': {schema: {$ref: `${components}Error`}}}},
	]);
	return {
		operationId: `${method.toLowerCase()}${url.replaceAll(/[^a-z]+([a-z])/gi, (_, letter: string) => letter.toUpperCase())}`,
		summary,
		tags: [tag],
		...(isOpen && {security: []}),
		parameters: parametersOf(about, schemaOf),
		...(body && {requestBody: requestBodyOf(body, about.takesKey === true, schemaOf)}),
		responses: Object.fromEntries([[String(status), good], ...refused]) as JsonObject,
	};
};

/** The OpenAPI 3.1 document of these routes, made from the schemas that validate them. */
export const openapiDocument = (routes: readonly KnownRoute[], version: string): JsonObject => {
	const named: JsonObject = {};
	const schemaOf = schemasInto(named);
	schemaOf(errorAnswer, 'output');
	const paths: Record<string, JsonObject> = {};
	for (const known of routes) {
		const path = known.url.replaceAll(/:(\w+)/g, '{$1}');
		paths[path] = {...paths[path], [known.method.toLowerCase()]: operationOf(known, schemaOf)};
	}

	return {
		openapi: '3.1.1',
		info: {
			title: 'agent-tui',
			version,
			description: 'The gateway of the coordinator: what agentctl, agents and scripts drive the fleet with.',
		},
		tags: Object.entries(tagWords).map(([name, description]) => ({name, description})),
		security: [{bearer: []}],
		paths,
		components: {
			schemas: named,
			securitySchemes: {bearer: {type: 'http', scheme: 'bearer', description: 'An operator’s token, or the token of one attempt.'}},
		},
	};
};
