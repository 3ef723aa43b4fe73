import {type ClientRequest, request as httpRequest, type IncomingMessage} from 'node:http';
import type {Json} from '../../state/json.js';
import {exitCodes, systemErrorCode} from '../errors.js';
import {CtlFailure, Unreachable} from './failure.js';
import {pause} from './persist.js';
import type {Place} from './server.js';

/** What is asked of the server. `quietMs` is how long it may say nothing; 0 for as long as it likes. */
export type HttpCall = {
	readonly method: 'GET' | 'POST';
	readonly path: string;
	readonly body?: Readonly<Record<string, unknown>>;
	readonly headers?: Readonly<Record<string, string>>;
	readonly quietMs?: number;
	readonly signal?: AbortSignal | undefined;
};

/** An answer of the gateway: any JSON object. */
export type Answer = Readonly<Record<string, Json | undefined>>;

export type Client = {
	/** The answer's body. Rejects with a `CtlFailure` when the server says no, with `Unreachable` when there is none. */
	call(call: HttpCall): Promise<Answer>;
	/** The open response of a stream, once its head was read and is good. */
	open(call: HttpCall): Promise<IncomingMessage>;
};

const usualQuietMs = 30_000;
const largestAnswer = 64 * 1024 * 1024;

const bodyOf = async (response: IncomingMessage): Promise<string> => {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of response as AsyncIterable<Buffer>) {
		size += chunk.length;
		if (size > largestAnswer) {
			throw new CtlFailure('TOO_LARGE', 'The answer of the server is larger than 64 MB.');
		}

		chunks.push(chunk);
	}

	return Buffer.concat(chunks).toString('utf8');
};

const parsed = (text: string): unknown => {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
};

type ErrorBody = {readonly error?: {readonly code?: unknown; readonly message?: unknown; readonly retry_after_ms?: unknown}};

/** A server that asks for more patience than this is told about instead. */
const longestPauseMs = 60_000;

/** When to ask again, of an answer that says “too often”. */
const comeBackMs = (text: string): number | undefined => {
	const {error} = (parsed(text) ?? {}) as ErrorBody;
	const afterMs = error?.retry_after_ms;
	return typeof afterMs === 'number' && afterMs <= longestPauseMs ? afterMs : undefined;
};

/** What a refusal of the server means here. A 404 without our own body is no answer of an agent-tui at all. */
const failureOf = (response: IncomingMessage, text: string, version: string, place: string): CtlFailure => {
	const {error} = (parsed(text) ?? {}) as ErrorBody;
	const status = response.statusCode ?? 0;
	if (typeof error?.code !== 'string' || typeof error.message !== 'string') {
		return new CtlFailure('UNEXPECTED', `${place} answered ${status}, but not as an agent-tui does.`, {
			hint: 'Is another program listening there? See --url and --state-dir.',
			exitCode: exitCodes.unavailable,
		});
	}

	const theirs = response.headers['x-agent-tui-version'];
	if (error.code === 'UNKNOWN_ROUTE') {
		const message = `The server (agent-tui ${String(theirs)}) does not know this request; this is agentctl ${version}.`;
		return new CtlFailure(error.code, message, {hint: 'Restart the console or agentd so that both are of one version.'});
	}

	const isClosing = error.code === 'CLOSING';
	return isClosing ? new Unreachable(error.message, {wasReached: true}) : new CtlFailure(error.code, error.message);
};

const unreachable = (error: unknown, {shown}: Place, wasReached: boolean): Unreachable => {
	const code = systemErrorCode(error);
	const isAbsent = code === 'ENOENT' || code === 'ECONNREFUSED';
	const why = isAbsent ? 'nobody listens there' : error instanceof Error ? error.message : String(error);
	const what = wasReached ? `The connection to the coordinator at ${shown} was lost` : `No coordinator answers at ${shown}`;
	return new Unreachable(`${what}: ${why}.`, {wasReached, cause: error});
};

/** A small HTTP client for one server; every request has its own connection, so that nothing keeps the process alive. */
export const createClient = ({place, token, version}: {place: Place; token: string; version: string}): Client => {
	const send = ({method, path, body, headers, quietMs = usualQuietMs, signal}: HttpCall): Promise<IncomingMessage> =>
		new Promise((resolve, reject) => {
			const text = body && JSON.stringify(body);
			let wasReached = false;
			const request: ClientRequest = httpRequest({
				...(place.socketPath === undefined ? {host: place.host, port: place.port} : {socketPath: place.socketPath}),
				method,
				path,
				agent: false,
				headers: {
					authorization: `Bearer ${token}`,
					accept: 'application/json, text/event-stream',
					...(text !== undefined && {'content-type': 'application/json', 'content-length': Buffer.byteLength(text)}),
					...headers,
				},
				...(signal && {signal}),
			});
			request.setTimeout(quietMs, () => request.destroy(new Error(`it said nothing for ${quietMs / 1000} s`)));
			request.on('socket', socket => {
				socket.once('connect', () => {
					wasReached = true;
				});
			});
			request.on('response', resolve);
			request.on('error', error => reject(signal?.aborted ? error : unreachable(error, place, wasReached)));
			request.end(text);
		});

	const open: Client['open'] = async call => {
		for (;;) {
			const response = await send(call);
			const isGood = response.statusCode !== undefined && response.statusCode < 300;
			if (isGood) {
				return response;
			}

			const text = await bodyOf(response);
			const pauseMs = comeBackMs(text);
			if (pauseMs === undefined) {
				throw failureOf(response, text, version, place.shown);
			}

			// Nothing was done, and the server keeps a place for this very request.
			await pause(pauseMs, call.signal);
			call.signal?.throwIfAborted();
		}
	};

	return {
		open,
		async call(call) {
			const response = await open(call);
			let text: string;
			try {
				text = await bodyOf(response);
			} catch (error) {
				throw error instanceof CtlFailure || call.signal?.aborted ? error : unreachable(error, place, true);
			}

			const answer = parsed(text);
			if (typeof answer !== 'object' || answer === null) {
				throw new CtlFailure('UNEXPECTED', `${place.shown} did not answer with JSON.`, {exitCode: exitCodes.unavailable});
			}

			return answer as Answer;
		},
	};
};
