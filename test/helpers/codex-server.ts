import {mkdtempSync, rmSync} from 'node:fs';
import {createServer} from 'node:http';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {type WebSocket, WebSocketServer} from 'ws';

type Message = {
	readonly id?: string | number;
	readonly method?: string;
	readonly params?: Record<string, unknown>;
	readonly result?: unknown;
};

const thread = (id: string, status: unknown, ephemeral = false) => ({id, ephemeral, parentThreadId: null, status, turns: []});

/**
 * A Codex app-server on a real unix socket, with the messages that version 0.169 sends: one thread, requests that are told again to
 * whoever joins, and `serverRequest/resolved` for everybody once one client has answered.
 */
export const openCodexServer = async ({isLoaded = true}: {isLoaded?: boolean} = {}) => {
	const folder = mkdtempSync(path.join(tmpdir(), 'codex-'));
	const socketPath = path.join(folder, 'codex.sock');
	const http = createServer();
	const server = new WebSocketServer({server: http});
	const clients = new Set<WebSocket>();
	const joined = new Set<WebSocket>();
	const heard: Message[] = [];
	const pending = new Map<number, Message>();
	let status: unknown = {type: 'idle'};
	let canJoin = true;
	let nextId = 0;
	let loaded = isLoaded;

	const send = (client: WebSocket, message: object): void => client.send(JSON.stringify(message));
	const tellAll = (method: string, params: object): void => {
		for (const client of clients) {
			send(client, {method, params});
		}
	};

	const resolve = (requestId: number): void => {
		pending.delete(requestId);
		tellAll('serverRequest/resolved', {threadId: 'thr_1', requestId});
	};

	const replies: Record<string, (client: WebSocket, id: string | number) => void> = {
		initialize: (client, id) => send(client, {id, result: {userAgent: 'codex'}}),
		'thread/loaded/list': (client, id) => send(client, {id, result: {data: loaded ? ['thr_1', 'title'] : [], nextCursor: null}}),
		'thread/resume'(client, id) {
			if (!canJoin) {
				send(client, {id, error: {code: -32600, message: 'no rollout found for thread id thr_1'}});
				return;
			}

			joined.add(client);
			send(client, {id, result: {thread: thread('thr_1', status)}});
			for (const request of pending.values()) {
				send(client, request);
			}
		},
		'turn/steer': (client, id) => send(client, {id, result: {}}),
		'turn/interrupt': (client, id) => send(client, {id, result: {}}),
	};

	server.on('connection', client => {
		clients.add(client);
		client.on('close', () => {
			clients.delete(client);
			joined.delete(client);
		});
		client.on('message', data => {
			const message = JSON.parse(String(data)) as Message;
			heard.push(message);
			const {id, method, params} = message;
			const isTitle = method === 'thread/resume' && params?.['threadId'] === 'title';
			if (isTitle) {
				send(client, {id, error: {code: -32600, message: 'no rollout found for thread id title'}});
			} else if (method !== undefined && id !== undefined) {
				replies[method]?.(client, id);
			} else if (typeof id === 'number') {
				resolve(id);
			}
		});
	});
	await new Promise<void>(done => {
		http.listen(socketPath, done);
	});

	return {
		socketPath,
		/** Every message of every client. */
		heard,
		tellAll,
		joined,
		/** Whether a thread can be joined: not in its first second. */
		letJoin(can: boolean) {
			canJoin = can;
		},
		/** Its screen opened the thread. */
		load() {
			loaded = true;
		},
		startThread: () => tellAll('thread/started', {thread: thread('thr_1', {type: 'idle'})}),
		startTitleThread: () => tellAll('thread/started', {thread: thread('title', {type: 'idle'}, true)}),
		setStatus(next: object, threadId = 'thr_1') {
			status = next;
			tellAll('thread/status/changed', {threadId, status: next});
		},
		/** Asks everybody who has joined. */
		ask(method: string, params: object): number {
			const id = nextId;
			nextId += 1;
			const request = {id, method, params: {threadId: 'thr_1', turnId: 'turn_1', ...params}};
			pending.set(id, request);
			for (const client of joined) {
				send(client, request);
			}

			return id;
		},
		/** Somebody answers on Codex's own screen. */
		resolve,
		cut() {
			for (const client of clients) {
				client.terminate();
			}
		},
		async [Symbol.asyncDispose]() {
			for (const client of clients) {
				client.terminate();
			}

			await new Promise(done => {
				server.close();
				http.close(done);
			});
			rmSync(folder, {recursive: true, force: true});
		},
	};
};
