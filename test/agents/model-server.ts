import {randomBytes} from 'node:crypto';
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import {text as readText} from 'node:stream/consumers';
import {type JsonObject, objectOf} from './json-value.js';
import {replyTo} from './scenario.js';
import type {Conversation, Reply, ServerEvent, Wire} from './wire.js';
import {chatWire} from './wire-chat.js';
import {geminiWire} from './wire-gemini.js';
import {messagesWire} from './wire-messages.js';
import {responsesWire} from './wire-responses.js';

/** One question that an agent asked, and what it was answered. */
export type ModelRequest = {
	readonly wire: Wire['name'];
	readonly path: string;
	readonly headers: Readonly<Record<string, unknown>>;
	/** The body as it came. */
	readonly body: JsonObject;
	readonly conversation: Conversation;
	readonly reply: Reply;
};

/** A scripted model on a loopback port; see `replyTo` for what it understands. */
export type ModelServer = {
	/** `http://127.0.0.1:<port>`, without a slash at the end. */
	readonly url: string;
	/** Every question so far, the oldest first. */
	readonly requests: readonly ModelRequest[];
	/** Requests that no wire format knows, as `METHOD /path`. They were answered with 404. */
	readonly strays: readonly string[];
	/** Ends it at once, cutting off whoever is still being answered. */
	close(): Promise<void>;
};

const routes: readonly {readonly path: RegExp; readonly wire: Wire; readonly isCount?: true}[] = [
	{path: /\/responses$/, wire: responsesWire},
	{path: /\/chat\/completions$/, wire: chatWire},
	{path: /\/messages$/, wire: messagesWire},
	{path: /\/messages\/count_tokens$/, wire: messagesWire, isCount: true},
	{path: /\/models\/[^/]+:(generateContent|streamGenerateContent)$/, wire: geminiWire},
	{path: /\/models\/[^/]+:countTokens$/, wire: geminiWire, isCount: true},
];

const sendJson = (response: ServerResponse, status: number, body: JsonObject, headers: Readonly<Record<string, string>> = {}): void => {
	response.writeHead(status, {'content-type': 'application/json', ...headers}).end(JSON.stringify(body));
};

const eventText = ({event, data}: ServerEvent): string => {
	const name = event === undefined ? '' : `event: ${event}\n`;
	return `${name}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
};

const sendEvents = (response: ServerResponse, events: readonly ServerEvent[]): void => {
	response.writeHead(200, {'content-type': 'text/event-stream', 'cache-control': 'no-cache'});
	for (const event of events) {
		response.write(eventText(event));
	}

	response.end();
};

const bodyOf = async (request: IncomingMessage): Promise<JsonObject> => {
	const text = await readText(request);
	return text === '' ? {} : objectOf(JSON.parse(text));
};

const models = {object: 'list', data: [{id: 'scripted', object: 'model', created: 0, owned_by: 'test'}]};

const answer = (response: ServerResponse, wire: Wire, {conversation, reply}: ModelRequest): void => {
	if (reply.kind === 'limit') {
		sendJson(response, 429, wire.limited(reply.seconds), {'retry-after': String(reply.seconds)});
		return;
	}

	const named = {id: randomBytes(9).toString('hex'), model: conversation.model};
	if (conversation.isStreaming) {
		sendEvents(response, wire.events(reply, named));
	} else {
		sendJson(response, 200, wire.whole(reply, named));
	}
};

const createHandler = (requests: ModelRequest[], strays: string[]) => async (request: IncomingMessage, response: ServerResponse) => {
	const url = new URL(request.url ?? '/', 'http://127.0.0.1');
	const body = await bodyOf(request);
	const isModelList = request.method === 'GET' && url.pathname.endsWith('/models');
	const route = request.method === 'POST' ? routes.find(({path}) => path.test(url.pathname)) : undefined;
	if (isModelList) {
		sendJson(response, 200, models);
	} else if (!route) {
		strays.push(`${request.method} ${url.pathname}`);
		sendJson(response, 404, {error: {message: `The scripted model has no ${url.pathname}.`}});
	} else if (route.isCount) {
		sendJson(response, 200, route.wire.counted());
	} else {
		const conversation = route.wire.read(body, url);
		const asked = {wire: route.wire.name, path: url.pathname, headers: request.headers, body, conversation, reply: replyTo(conversation)};
		requests.push(asked);
		answer(response, route.wire, asked);
	}
};

/** Starts a scripted model on a free port of the loopback interface. */
export const createModelServer = async (): Promise<ModelServer> => {
	const requests: ModelRequest[] = [];
	const strays: string[] = [];
	const handle = createHandler(requests, strays);
	const server = createServer((request, response) => {
		handle(request, response).catch((error: unknown) => {
			sendJson(response, 400, {error: {message: String(error)}});
		});
	});
	await new Promise<void>(resolve => {
		server.listen(0, '127.0.0.1', resolve);
	});
	const address = server.address();
	const port = typeof address === 'object' && address ? address.port : 0;

	return {
		url: `http://127.0.0.1:${port}`,
		requests,
		strays,
		async close() {
			server.closeAllConnections();
			await new Promise(resolve => {
				server.close(resolve);
			});
		},
	};
};
