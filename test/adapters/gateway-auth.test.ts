import {chmodSync, lstatSync, statSync, symlinkSync, writeFileSync} from 'node:fs';
import {mkdtemp, rm} from 'node:fs/promises';
import {createServer as createHttpServer} from 'node:http';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import WebSocket from 'ws';
import {listenOnSocket} from '../../source/gateway/listen.js';
import {http} from '../helpers/http.js';
import {type LiveRun, openGateway, type TestGateway} from '../helpers/open-gateway.js';

type Route = {readonly method: 'GET' | 'POST'; readonly path: (run: LiveRun) => string; readonly body?: object};

const routes: readonly Route[] = [
	{method: 'GET', path: () => '/sessions'},
	{method: 'POST', path: () => '/sessions', body: {agent: 'shell'}},
	{method: 'GET', path: run => `/sessions/${run.sessionId}`},
	{method: 'POST', path: run => `/sessions/${run.sessionId}/messages`, body: {text: 'hi'}},
	{method: 'POST', path: run => `/sessions/${run.sessionId}/send`, body: {text: 'hi'}},
	{method: 'POST', path: run => `/sessions/${run.sessionId}/spawn`, body: {task: 'hi'}},
	{method: 'POST', path: run => `/sessions/${run.sessionId}/stop`, body: {}},
	{method: 'GET', path: run => `/sessions/${run.sessionId}/events`},
	{method: 'GET', path: run => `/stream?sessionId=${run.sessionId}`},
	{method: 'POST', path: () => '/runs', body: {text: 'hi'}},
	{method: 'GET', path: run => `/runs/${run.runId}`},
	{method: 'GET', path: run => `/runs/${run.runId}/wait?timeout_s=0`},
	{method: 'GET', path: run => `/runs/${run.runId}/diagnose`},
	{method: 'POST', path: run => `/runs/${run.runId}/cancel`, body: {}},
	{method: 'POST', path: run => `/runs/${run.runId}/transition`, body: {to: 'cancelled'}},
	{method: 'POST', path: run => `/runs/${run.runId}/spawn`, body: {task: 'hi'}},
	{method: 'POST', path: run => `/runs/${run.runId}/reply-parent`, body: {text: 'may I?', request_kind: 'question'}},
	{method: 'GET', path: () => '/daemon/status'},
	{method: 'GET', path: () => '/escalations'},
	{method: 'GET', path: () => '/escalations/esc_1'},
	{method: 'POST', path: () => '/escalations/esc_1/decide', body: {choice: 'approve', fingerprint: '0'.repeat(64)}},
	{method: 'GET', path: () => '/breakers'},
	{method: 'POST', path: () => '/breakers/agent:shell/trip', body: {}},
	{method: 'POST', path: () => '/breakers/agent:shell/hold', body: {}},
	{method: 'POST', path: () => '/breakers/agent:shell/reset', body: {}},
	{method: 'GET', path: () => '/queue'},
	{method: 'POST', path: () => '/queue/pause', body: {}},
	{method: 'POST', path: () => '/queue/resume', body: {}},
	{method: 'GET', path: () => '/launchers'},
	{method: 'GET', path: () => '/limits'},
	{method: 'GET', path: () => '/no/such/route'},
];

describe('who may come in', () => {
	let gateway: TestGateway;
	let run: LiveRun;
	let stranger: LiveRun;
	let ended: LiveRun;

	beforeAll(async () => {
		gateway = await openGateway({extraOperatorTokens: ['second-operator']});
		[run, stranger, ended] = [await gateway.live(), await gateway.live(), await gateway.live()];
		await gateway.ends(ended);
	});
	afterAll(() => gateway[Symbol.asyncDispose]());

	const ask = ({method, path: pathOf, body}: Route, token: string | undefined, headers?: Record<string, string>) =>
		gateway.http({method, path: pathOf(run), token, ...(body && {body}), ...(headers && {headers})});

	test.each(routes.map(route => [`${route.method} ${route.path({sessionId: 'S', runId: 'R', generation: 1, token: ''})}`, route] as const))(
		'%s: nobody without a good token',
		async (_name, route) => {
			const factsBefore = gateway.parts().store.seq;
			const forged = `${run.runId}.${run.generation}.${'A'.repeat(43)}`;
			for (const token of [undefined, 'wrong', '', forged, `${gateway.operator()}x`, gateway.operator().slice(0, -1)]) {
				const {status, json} = await ask(route, token);
				expect([status, json.error.code]).toEqual([401, 'UNAUTHORIZED']);
			}

			const older = gateway.parts().tokens.ofAttempt({runId: run.runId, generation: 0});
			for (const token of [ended.token, older, gateway.parts().tokens.ofAttempt({runId: 'run_gone', generation: 1})]) {
				const {status, json} = await ask(route, token);
				expect([status, json.error.code]).toEqual([403, 'FORBIDDEN']);
				expect(json.error.message).toMatch(/^The token is of .+\.$/);
			}

			expect(gateway.parts().store.seq).toBe(factsBefore);
		},
	);

	test.each([
		['GET', '/sessions/SES'],
		['GET', '/sessions/SES/events'],
		['GET', '/stream?sessionId=SES'],
		['GET', '/runs/RUN'],
		['GET', '/runs/RUN/wait?timeout_s=0'],
		['GET', '/runs/RUN/diagnose'],
		['POST', '/sessions/SES/messages'],
		['POST', '/sessions/SES/send'],
		['POST', '/sessions/SES/spawn'],
		['POST', '/sessions/SES/stop'],
		['POST', '/runs/RUN/cancel'],
		['POST', '/runs/RUN/transition'],
		['POST', '/runs/RUN/spawn'],
		['POST', '/runs/RUN/reply-parent'],
		['POST', '/queue/pause'],
		['POST', '/queue/resume'],
		['POST', '/breakers/agent:shell/trip'],
		['POST', '/breakers/agent:shell/hold'],
		['POST', '/breakers/agent:shell/reset'],
	])('%s %s: another tree is closed to an agent', async (method, template) => {
		const factsBefore = gateway.parts().store.seq;
		const {status, json} = await gateway.http({
			method,
			path: template.replace('SES', run.sessionId).replace('RUN', run.runId),
			token: stranger.token,
			...(method === 'POST' && {body: {text: 'hi', task: 'hi', to: 'cancelled', request_kind: 'question', role: 'user'}}),
		});
		expect([status, json.error.code]).toEqual([403, 'FORBIDDEN']);
		expect(gateway.parts().store.seq).toBe(factsBefore);
	});

	test('an agent sees its own tree and no other', async () => {
		const {json} = await gateway.http({path: '/sessions', token: run.token});
		expect(json.sessions.map((session: {id: string}) => session.id)).toEqual([run.sessionId]);
		expect((await gateway.http({path: `/sessions/${run.sessionId}`, token: run.token})).status).toBe(200);
		const all = await gateway.http({path: '/sessions', token: 'second-operator'});
		expect(all.json.sessions).toHaveLength(3);
	});

	test('health needs no token and tells nothing else', async () => {
		const {status, json} = await gateway.http({path: '/health', token: undefined});
		expect(status).toBe(200);
		expect(Object.keys(json).sort()).toEqual(['name', 'status', 'version']);
	});

	test('tokens never reach the log', () => {
		const log = gateway.parts().log.join('\n');
		for (const token of [gateway.operator(), run.token, ended.token, 'second-operator']) {
			expect(log).not.toContain(token);
		}
	});
});

describe('an agent can never decide', () => {
	test('its own, its parent’s, its child’s, a stranger’s or an unknown request, whatever it claims to be', async () => {
		await using gateway = await openGateway();
		const parent = await gateway.live();
		const own = await gateway.live({parent: parent.runId});
		const child = await gateway.live({parent: own.runId});
		const stranger = await gateway.live();
		for (const asker of [parent, own, child, stranger]) {
			const raised = await gateway.http({
				path: `/runs/${asker.runId}/reply-parent`,
				token: asker.token,
				body: {text: 'rm -rf /', request_kind: 'approval_request', payload: {argv: ['rm', '-rf', '/']}},
			});
			expect(raised.status).toBe(200);
			const escalation = gateway.state().escalations[raised.json.escalation.id]!;
			for (const choice of ['approve', 'deny']) {
				for (const headers of [{}, {'x-role': 'operator', 'x-agent-tui-role': 'operator'}]) {
					const {status, json} = await gateway.http({
						path: `/escalations/${escalation.id}/decide?role=operator`,
						token: own.token,
						headers,
						body: {choice, fingerprint: escalation.fingerprint, role: 'operator', actor: {role: 'operator', name: 'root'}},
					});
					expect([status, json.error.code]).toEqual([403, 'FORBIDDEN']);
				}
			}

			expect(gateway.state().escalations[escalation.id]!.state).toBe('open');
		}

		const unknown = await gateway.http({path: '/escalations/esc_none/decide', token: own.token, body: {}});
		expect(unknown.status).toBe(403);
		expect(gateway.parts().log.some(sentence => sentence.includes('tried to decide'))).toBe(true);
	});
});

const upgrade = (url: string, options: WebSocket.ClientOptions): Promise<number | 'open'> =>
	new Promise(resolve => {
		const socket = new WebSocket(url, options);
		socket.on('error', () => {});
		socket.on('unexpected-response', (_request, response) => {
			resolve(response.statusCode ?? 0);
			socket.terminate();
		});
		socket.on('open', () => {
			resolve('open');
			socket.terminate();
		});
	});

describe('over TCP', () => {
	let gateway: TestGateway;
	beforeAll(async () => {
		gateway = await openGateway({tcp: true});
	});
	afterAll(() => gateway[Symbol.asyncDispose]());

	const authorised = () => ({authorization: `Bearer ${gateway.operator()}`});

	test('a page of another origin gets nothing, also with a token', async () => {
		const port = gateway.port();
		for (const origin of ['https://evil.example', 'null', `http://localhost:${port + 1}`, `https://127.0.0.1:${port}`]) {
			for (const path of ['/health', '/sessions', '/stream']) {
				const {status} = await http({port}, {path, headers: {...authorised(), origin}});
				expect(status).toBe(403);
			}

			for (const path of ['/stream', '/fleet']) {
				expect(await upgrade(`ws://127.0.0.1:${port}${path}`, {headers: {...authorised(), origin}})).toBe(403);
			}
		}
	});

	test('a rebound name gets nothing', async () => {
		const port = gateway.port();
		for (const host of ['evil.example', `evil.example:${port}`, `127.0.0.1.evil.example:${port}`, '127.0.0.1']) {
			expect((await http({port}, {path: '/sessions', headers: {...authorised(), host}})).status).toBe(403);
		}

		for (const host of [`127.0.0.1:${port}`, `localhost:${port}`]) {
			expect((await http({port}, {path: '/sessions', headers: {...authorised(), host}})).status).toBe(200);
		}
	});

	test('no origin is no proof: the token still decides, for sockets too', async () => {
		const port = gateway.port();
		expect((await http({port}, {path: '/sessions'})).status).toBe(401);
		expect(await upgrade(`ws://127.0.0.1:${port}/stream`, {})).toBe(401);
		expect(await upgrade(`ws://127.0.0.1:${port}/fleet`, {})).toBe(401);
		expect(await upgrade(`ws://127.0.0.1:${port}/stream`, {headers: authorised()})).toBe('open');
	});

	test('an agent cannot connect as a console', async () => {
		const {token} = await gateway.live();
		const headers = {authorization: `Bearer ${token}`};
		expect(await upgrade(`ws://127.0.0.1:${gateway.port()}/fleet`, {headers})).toBe(403);
	});

	test('a form, a plain text and a preflight change nothing', async () => {
		const port = gateway.port();
		const before = gateway.parts().store.seq;
		for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
			const {status} = await http({port}, {path: '/sessions', headers: {...authorised(), 'content-type': type}, body: '{"agent":"shell"}'});
			expect(status).toBe(415);
		}

		const preflight = await http({port}, {method: 'OPTIONS', path: '/sessions', headers: authorised()});
		expect(preflight.status).toBe(404);
		expect(preflight.headers['access-control-allow-origin']).toBeUndefined();
		expect(gateway.parts().store.seq).toBe(before);
	});

	test('it listens on this machine alone', () => {
		expect(gateway.parts().gateway.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
	});
});

describe('the unix socket', () => {
	test('is private, and a living one is not taken over', async () => {
		await using gateway = await openGateway();
		const {gatewaySocket} = gateway.parts().paths;
		expect(statSync(gatewaySocket).mode & 0o777).toBe(0o600);
		expect(statSync(path.dirname(gatewaySocket)).mode & 0o777).toBe(0o700);
		await expect(listenOnSocket(createHttpServer(), gatewaySocket)).rejects.toThrow('another coordinator answers there');
		expect((await gateway.http({path: '/health'})).status).toBe(200);
	});

	test('replaces what a dead process left, and nothing else', async () => {
		const folder = await mkdtemp(path.join(tmpdir(), 'gws-'));
		chmodSync(folder, 0o700);
		const socketPath = path.join(folder, 'gateway.sock');
		// A file beside a closed listener is what a killed process leaves.
		const dead = createServer();
		await new Promise<void>(resolve => {
			dead.listen(path.join(folder, 'other.sock'), () => resolve());
		});
		const {renameSync} = await import('node:fs');
		renameSync(path.join(folder, 'other.sock'), socketPath);
		await new Promise(resolve => {
			dead.close(resolve);
		});
		expect(lstatSync(socketPath).isSocket()).toBe(true);
		const server = createHttpServer((_request, response) => response.end('mine'));
		await listenOnSocket(server, socketPath);
		expect((await http({socketPath}, {path: '/'})).text).toBe('mine');
		server.closeAllConnections();
		await new Promise(resolve => {
			server.close(resolve);
		});

		writeFileSync(path.join(folder, 'precious'), 'keep me');
		symlinkSync(path.join(folder, 'precious'), socketPath);
		await expect(listenOnSocket(createHttpServer(), socketPath)).rejects.toThrow('not a socket');
		expect(lstatSync(socketPath).isSymbolicLink()).toBe(true);
		await rm(folder, {recursive: true, force: true});
	});
});
