import {renameSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {createServer as createHttpServer} from 'node:http';
import {createServer} from 'node:net';
import path from 'node:path';
import {describe, expect, test, vi} from 'vitest';
import {WebSocketServer} from 'ws';
import {connectLauncher} from '../../source/launcher/client.js';
import {packBytes, parseLauncherMessage, protocolVersion, unpackBytes} from '../../source/launcher/protocol.js';
import {serveLauncher} from '../../source/launcher/server.js';
import {createLauncherFolder} from '../helpers/launcher-folder.js';
import {openServedLauncher, openTestLauncher} from '../helpers/launcher-open.js';
import {openRawClient} from '../helpers/launcher-raw-client.js';
import {createTestViewer} from '../helpers/launcher-viewer.js';

const seen = {timeout: 40_000, interval: 10};

describe('the socket', () => {
	test('is for this user alone, as is its folder', async () => {
		await using one = await openServedLauncher();
		expect(statSync(one.socketPath).mode & 0o777).toBe(0o600);
		expect(statSync(path.dirname(one.socketPath)).mode & 0o777).toBe(0o700);
	});

	test('of a dead launcher is replaced, of a living one is not', async () => {
		await using one = openTestLauncher();
		const socketPath = one.files.file('launcher/launcher.sock');
		// A socket whose listener is gone: Node removes its own, so bind by another name and move it.
		const dead = createServer().listen(`${socketPath}.dead`);
		await new Promise(resolve => dead.once('listening', resolve));
		renameSync(`${socketPath}.dead`, socketPath);
		await new Promise(resolve => dead.close(resolve));
		expect(statSync(socketPath).isSocket()).toBe(true);

		const server = await serveLauncher({launcher: one.launcher, socketPath});
		await expect(serveLauncher({launcher: one.launcher, socketPath})).rejects.toThrow(/another launcher answers there/);
		await (await connectLauncher({socketPath})).close();
		await server.close();
	});

	test('with a path the system would cut is refused in a sentence', async () => {
		await using one = openTestLauncher();
		const socketPath = one.files.file(`${'x'.repeat(120)}.sock`);
		await expect(serveLauncher({launcher: one.launcher, socketPath})).rejects.toThrow(/its path has \d+ bytes, the system takes 107/);
	});

	test('that is no socket but somebody’s file is left alone', async () => {
		await using one = openTestLauncher();
		const socketPath = one.files.file('launcher.sock');
		writeFileSync(socketPath, 'precious');
		await expect(serveLauncher({launcher: one.launcher, socketPath})).rejects.toThrow(/Could not listen on/);
		expect(statSync(socketPath).size).toBe(8);
	});

	test('that somebody cleaned away is made again, and nobody is cut off by that', async () => {
		await using one = openTestLauncher();
		const socketPath = one.files.file('launcher/launcher.sock');
		const server = await serveLauncher({launcher: one.launcher, socketPath});
		const before = await connectLauncher({socketPath});
		rmSync(socketPath);
		await expect(connectLauncher({socketPath})).rejects.toThrow(/Could not reach the launcher/);
		await server.ensureSocket();
		const after = await connectLauncher({socketPath});
		expect(await Promise.all([before.list(), after.list()])).toEqual([[], []]);
		expect(statSync(socketPath).mode & 0o777).toBe(0o600);
		await Promise.all([before.close(), after.close()]);
		await server.close();
	});
});

describe('the protocol', () => {
	test.each<[string, unknown]>([
		['something that is no JSON', '{'],
		['no object', '[1]'],
		['an unknown word', {type: 'explode'}],
		['a word of JavaScript', {type: 'constructor'}],
		['a call without its number', {type: 'list'}],
		['a stop without its time', {type: 'stop', id: 1, ptyId: 'run_1.1'}],
		['a negative size', {type: 'resize', channel: 1, columns: -1, rows: 5}],
		['an environment that holds numbers', {type: 'spawn', id: 1, request: {env: {A: 1}}}],
		['a second greeting of another kind', {type: 'hello', version: '1'}],
	])('%s ends the connection, and nothing else', async (_, nonsense) => {
		await using one = await openServedLauncher();
		using raw = await openRawClient(one.socketPath);
		raw.say({type: 'hello', version: protocolVersion});
		raw.say(nonsense);
		expect(await raw.closed).toMatchObject({code: 4002});
		expect(await one.launcher.list()).toEqual([]);
	});

	test('nothing is done for a client that has not said hello', async () => {
		await using one = await openServedLauncher();
		using raw = await openRawClient(one.socketPath);
		raw.say({type: 'list', id: 1});
		expect(await raw.closed).toMatchObject({code: 4002});
		expect(raw.messages).toEqual([]);
	});

	test('broken binary frames and channels that do not exist harm nobody', async () => {
		await using one = await openServedLauncher();
		using raw = await openRawClient(one.socketPath);
		raw.say({type: 'hello', version: protocolVersion});
		for (const bytes of [[], [0], [9, 0, 0, 0, 0, 1], [2, 1, 0, 0, 0, 65], [255, 255, 255, 255, 255]]) {
			raw.socket.send(Buffer.from(bytes));
		}

		for (const type of ['repaint', 'detach', 'unwatch']) {
			raw.say({type, channel: 77});
		}

		raw.say({type: 'list', id: 5});
		await vi.waitFor(() => expect(raw.messages).toContainEqual({type: 'result', id: 5, value: []}), seen);
	});

	test('bytes are carried as they are', () => {
		const bytes = Buffer.from(Array.from({length: 256}, (_, byte) => byte));
		expect(unpackBytes(packBytes('output', 0xfffffffe, bytes))).toEqual({kind: 'output', channel: 0xfffffffe, bytes});
		expect(unpackBytes(Buffer.from([1, 2, 3]))).toBeUndefined();
	});

	test('a client of another version is told so, in its words and in ours', async () => {
		await using one = await openServedLauncher();
		using raw = await openRawClient(one.socketPath);
		raw.say({type: 'hello', version: protocolVersion + 1});
		expect(await raw.closed).toEqual({code: 4001, reason: expect.stringContaining(`version ${protocolVersion}`)});
		expect(raw.messages).toEqual([
			{type: 'hello', version: protocolVersion, launcherId: 'lch_test', pid: process.pid, features: ['pressKeys']},
		]);
	});

	test('a launcher of another version is refused with both versions and what to do', async () => {
		using files = createLauncherFolder();
		const socketPath = files.file('other.sock');
		const http = createHttpServer();
		const server = new WebSocketServer({server: http});
		server.on('connection', socket => socket.send(JSON.stringify({type: 'hello', version: 99, launcherId: 'lch_new', pid: 4242})));
		await new Promise<void>(resolve => http.listen(socketPath, resolve));
		const refusal = await connectLauncher({socketPath}).catch((error: unknown) => error);
		expect(refusal).toMatchObject({message: expect.stringMatching(/version 99 .* version \d/), hint: expect.stringContaining('kill 4242')});
		server.close();
		http.close();
	});

	test('refusals arrive as sentences', async () => {
		await using one = await openServedLauncher();
		const viewer = createTestViewer();
		await expect(one.launcher.attach('run_x.1', viewer.size, viewer.events)).rejects.toThrow(
			'Could not attach to run_x.1: the launcher has no such pty.',
		);
		const request = await one.start('sleep 300', {generation: 2});
		await expect(one.launcher.spawn({...request, generation: 1})).rejects.toMatchObject({
			message: expect.stringContaining('STALE_GENERATION'),
			hint: expect.any(String),
		});
	});

	test('what a launcher says that nobody should say is not believed', () => {
		expect(() => parseLauncherMessage('{"type":"report","report":{"type":"exited"}}')).toThrow(/expected/);
		expect(() =>
			parseLauncherMessage('{"type":"frame","channel":1,"frame":{"full":true,"rows":[["0","x"]],"back":0,"historyLines":0}}'),
		).toThrow(/rows/);
	});
});
