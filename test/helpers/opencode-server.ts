import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {createServer, type ServerResponse} from 'node:http';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {json as readJson} from 'node:stream/consumers';

type Waiting = {readonly id: string} & Record<string, unknown>;

/** An OpenCode server on a real port, with the paths and events that version 1.18 has; port and password lie in `folder`. */
export const openOpencodeServer = async () => {
	const folder = mkdtempSync(path.join(tmpdir(), 'opencode-'));
	const password = 'sesame';
	const streams = new Set<ServerResponse>();
	const waiting = {permission: new Map<string, Waiting>(), question: new Map<string, Waiting>()};
	const replies: Array<{readonly path: string; readonly body: unknown}> = [];
	const prompts: Array<{readonly session: string; readonly body: unknown}> = [];
	let promptsToRefuse = 0;
	let strangers = 0;
	let status = 'idle';

	const emit = (type: string, properties: object): void => {
		for (const stream of streams) {
			// In two pieces: an event may be cut anywhere.
			const text = `data: ${JSON.stringify({id: 'evt', type, properties})}\n\n`;
			stream.write(text.slice(0, 9));
			stream.write(text.slice(9));
		}
	};

	const server = createServer(async (request, response) => {
		const send = (code: number, body: unknown): void => {
			response.writeHead(code, {'content-type': 'application/json'}).end(JSON.stringify(body));
		};
		const {pathname} = new URL(request.url ?? '/', 'http://127.0.0.1');
		if (request.headers.authorization !== `Basic ${Buffer.from(`opencode:${password}`).toString('base64')}`) {
			strangers += 1;
			send(401, {});
			return;
		}

		const [, kind, id] = /^\/(permission|question)\/(\w+)\/(?:reply|reject)$/.exec(pathname) ?? [];
		const [, session] = /^\/session\/(\w+)\/prompt_async$/.exec(pathname) ?? [];
		if (session !== undefined && promptsToRefuse > 0) {
			promptsToRefuse -= 1;
			send(503, {});
		} else if (session !== undefined) {
			prompts.push({session, body: await readJson(request)});
			send(204, undefined);
		} else if (pathname === '/event') {
			response.writeHead(200, {'content-type': 'text/event-stream'});
			streams.add(response);
			response.on('close', () => streams.delete(response));
			response.write('data: {"type":"server.connected","properties":{}}\n\n');
		} else if (pathname === '/permission' || pathname === '/question') {
			send(200, [...waiting[pathname.slice(1) as 'permission' | 'question'].values()]);
		} else if (pathname === '/session/status') {
			send(200, {ses_1: {type: status}});
		} else if (kind !== undefined && id !== undefined) {
			const body = await readJson(request);
			const isWaiting = waiting[kind as 'permission' | 'question'].delete(id);
			replies.push({path: pathname, body});
			send(isWaiting ? 200 : 404, isWaiting);
			emit(`${kind}.replied`, {sessionID: 'ses_1', requestID: id});
		} else {
			send(200, true);
		}
	});
	await new Promise<void>(done => {
		server.listen(0, '127.0.0.1', done);
	});
	const address = server.address();
	const files = {portFile: path.join(folder, 'opencode.port'), passwordFile: path.join(folder, 'opencode.password')};
	writeFileSync(files.portFile, String(typeof address === 'object' && address ? address.port : 0));
	writeFileSync(files.passwordFile, password);

	return {
		...files,
		replies,
		/** What sessions were given to do. */
		prompts,
		/** The next prompts are not taken. */
		refusePrompts(count: number): void {
			promptsToRefuse = count;
		},
		strangers: () => strangers,
		isHeard: () => streams.size > 0,
		emit,
		setStatus(next: 'busy' | 'idle') {
			status = next;
			emit('session.status', {sessionID: 'ses_1', status: {type: next}});
		},
		ask(kind: 'permission' | 'question', request: Waiting) {
			waiting[kind].set(request.id, request);
			emit(`${kind}.asked`, request);
		},
		/** Answered on its own screen; `isTold` says whether anybody hears it. */
		leave(id: string, isTold = true) {
			waiting.permission.delete(id);
			if (isTold) {
				emit('permission.replied', {sessionID: 'ses_1', requestID: id, reply: 'once'});
			}
		},
		cut() {
			for (const stream of streams) {
				stream.destroy();
			}
		},
		async [Symbol.asyncDispose]() {
			server.closeAllConnections();
			await new Promise(done => {
				server.close(done);
			});
			rmSync(folder, {recursive: true, force: true});
		},
	};
};
