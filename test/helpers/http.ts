import {request as httpRequest, type IncomingHttpHeaders, type IncomingMessage} from 'node:http';
import {text as textOf} from 'node:stream/consumers';

export type HttpRequest = {
	readonly method?: string;
	readonly path: string;
	readonly token?: string | undefined;
	readonly headers?: Readonly<Record<string, string>>;
	/** An object is sent as JSON; a text as it is, with the content type of JSON unless `headers` say otherwise. */
	readonly body?: unknown;
	readonly signal?: AbortSignal;
};

export type HttpResponse = {
	readonly status: number;
	readonly headers: IncomingHttpHeaders;
	/** The body, byte for byte. */
	readonly text: string;
	// biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of many shapes.
	readonly json: any;
};

export type HttpPlace = {readonly socketPath: string} | {readonly port: number};

const parsed = (text: string): unknown => {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
};

/** Sends one request on a connection of its own; resolves with the head, the body still to be read. */
export const openHttp = (place: HttpPlace, {method, path, token, headers, body, signal}: HttpRequest): Promise<IncomingMessage> =>
	new Promise((resolve, reject) => {
		const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
		const request = httpRequest({
			...('port' in place ? {host: '127.0.0.1', port: place.port} : place),
			method: method ?? (text === undefined ? 'GET' : 'POST'),
			path,
			agent: false,
			headers: {
				...(token !== undefined && {authorization: `Bearer ${token}`}),
				...(text !== undefined && {'content-type': 'application/json'}),
				...headers,
			},
			...(signal && {signal}),
		});
		request.on('response', resolve);
		request.on('error', reject);
		request.end(text);
	});

/** Sends one request and reads the whole answer. */
export const http = async (place: HttpPlace, request: HttpRequest): Promise<HttpResponse> => {
	const response = await openHttp(place, request);
	const text = await textOf(response);
	return {status: response.statusCode ?? 0, headers: response.headers, text, json: parsed(text)};
};
