import {connect} from 'node:net';
import type {WebSocket} from 'ws';
import {ExpectedError, exitCodes} from '../errors.js';
import {type Fields, fieldsOf, parsedJson} from '../untrusted-json.js';

/** An id as JSON-RPC has it. */
export type RpcId = string | number;

/** One open connection that speaks JSON-RPC in WebSocket messages. */
export type RpcLink = {
	/** Asks and gives the result. Rejects with an `ExpectedError` for an error, after ten seconds, or when the connection is gone. */
	request(method: string, params?: Fields): Promise<Fields>;
	notify(method: string, params?: Fields): void;
	/** Answers a request of the other side; `false` when the connection is gone. */
	respond(id: RpcId, result: Fields): boolean;
	close(): void;
};

export type RpcHearing = {
	readonly onNotification: (method: string, params: Fields) => void;
	readonly onRequest: (id: RpcId, method: string, params: Fields) => void;
	/** Comes once, after the link was opened. */
	readonly onClose: () => void;
};

const timeoutMs = 10_000;
const largestMessage = 64 * 1024 * 1024;

type Waiting = {readonly resolve: (result: Fields) => void; readonly reject: (error: Error) => void};

const failed = (what: string, why: string): ExpectedError =>
	new ExpectedError(`Could not ask the agent ${what}: ${why}.`, {exitCode: exitCodes.unavailable});

const isId = (id: unknown): id is RpcId => typeof id === 'string' || typeof id === 'number';

/** The library is loaded when the first agent needs it: the first frame of a console need not wait for it. */
const openSocket = async (socketPath: string): Promise<WebSocket> => {
	const ws = await import('ws');
	return new ws.WebSocket('ws://localhost/', {
		createConnection: () => connect(socketPath),
		perMessageDeflate: false,
		handshakeTimeout: timeoutMs,
		maxPayload: largestMessage,
	});
};

/** Opens a connection over a unix socket. Rejects when nobody takes it within ten seconds. */
export const openRpcLink = async (socketPath: string, hearing: RpcHearing): Promise<RpcLink> => {
	const socket = await openSocket(socketPath);
	const waiting = new Map<RpcId, Waiting>();
	let lastId = 0;

	const send = (message: Fields): boolean => {
		if (socket.readyState !== socket.OPEN) {
			return false;
		}

		socket.send(JSON.stringify(message));
		return true;
	};

	const request: RpcLink['request'] = (method, params = {}) =>
		new Promise((resolve, reject) => {
			lastId += 1;
			const id = `agent-tui-${lastId}`;
			const settle = (): void => {
				clearTimeout(timer);
				waiting.delete(id);
			};
			const fail = (error: Error): void => {
				settle();
				reject(error);
			};
			const succeed = (result: Fields): void => {
				settle();
				resolve(result);
			};
			const timer = setTimeout(() => fail(failed(method, 'it did not answer in time')), timeoutMs);
			timer.unref();
			waiting.set(id, {resolve: succeed, reject: fail});
			if (!send({id, method, params})) {
				fail(failed(method, 'the connection is gone'));
			}
		});

	const takeAnswer = (id: RpcId, {result, error}: Fields): void => {
		const asked = waiting.get(id);
		if (error === undefined) {
			asked?.resolve(fieldsOf(result));
		} else {
			asked?.reject(failed('that', String(fieldsOf(error)['message'] ?? 'it refused')));
		}
	};

	const take = (text: string): void => {
		const message = fieldsOf(parsedJson(text));
		const {id, method, params} = message;
		if (typeof method !== 'string') {
			if (isId(id)) {
				takeAnswer(id, message);
			}
		} else if (isId(id)) {
			hearing.onRequest(id, method, fieldsOf(params));
		} else {
			hearing.onNotification(method, fieldsOf(params));
		}
	};

	return new Promise((resolve, reject) => {
		socket.on('message', data => take(String(data)));
		socket.once('error', reject);
		socket.once('open', () => {
			// What goes wrong from now on is told by the close that follows it.
			socket.on('error', () => undefined);
			socket.once('close', () => {
				for (const {reject: fail} of [...waiting.values()]) {
					fail(failed('that', 'the connection is gone'));
				}

				hearing.onClose();
			});
			resolve({
				request,
				notify: (method, params) => void send({method, ...(params && {params})}),
				respond: (id, result) => send({id, result}),
				close: () => socket.terminate(),
			});
		});
	});
};
