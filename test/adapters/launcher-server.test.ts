import {mkdirSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {createServer as createHttpServer} from 'node:http';
import {connect, createServer} from 'node:net';
import path from 'node:path';
import {describe, expect, test, vi} from 'vitest';
import {WebSocket, WebSocketServer} from 'ws';
import {connectLauncher} from '../../source/launcher/client.js';
import {packBytes, parseLauncherMessage, protocolVersion, unpackBytes} from '../../source/launcher/protocol.js';
import {serveLauncher} from '../../source/launcher/server.js';
import {ptyIdOf} from '../../source/launcher-port.js';
import {createLauncherFolder} from '../helpers/launcher-folder.js';
import {openServedLauncher, openTestLauncher} from '../helpers/launcher-open.js';
import {collectReports, targetOf, untilShown} from '../helpers/launcher-requests.js';
import {createTestViewer} from '../helpers/launcher-viewer.js';

const seen = {timeout: 40_000, interval: 10};

/** A client that says what it likes. */
const openRaw = async (socketPath: string) => {
	const socket = new WebSocket('ws://launcher/', {createConnection: () => connect(socketPath), perMessageDeflate: false});
	const closed = Promise.withResolvers<{code: number; reason: string}>();
	const messages: Array<Record<string, unknown>> = [];
	const packed: Buffer[] = [];
	socket.on('message', (data: Buffer, isBinary) => {
		if (isBinary) {
			packed.push(data);
		} else {
			messages.push(JSON.parse(data.toString()) as Record<string, unknown>);
		}
	});
	socket.on('close', (code, reason) => closed.resolve({code, reason: reason.toString()}));
	await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
	return {
		socket,
		messages,
		packed,
		closed: closed.promise,
		say: (message: unknown) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
		[Symbol.dispose]: () => socket.terminate(),
	};
};

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
		using raw = await openRaw(one.socketPath);
		raw.say({type: 'hello', version: protocolVersion});
		raw.say(nonsense);
		expect(await raw.closed).toMatchObject({code: 4002});
		expect(await one.launcher.list()).toEqual([]);
	});

	test('nothing is done for a client that has not said hello', async () => {
		await using one = await openServedLauncher();
		using raw = await openRaw(one.socketPath);
		raw.say({type: 'list', id: 1});
		expect(await raw.closed).toMatchObject({code: 4002});
		expect(raw.messages).toEqual([]);
	});

	test('broken binary frames and channels that do not exist harm nobody', async () => {
		await using one = await openServedLauncher();
		using raw = await openRaw(one.socketPath);
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
		using raw = await openRaw(one.socketPath);
		raw.say({type: 'hello', version: protocolVersion + 1});
		expect(await raw.closed).toEqual({code: 4001, reason: expect.stringContaining(`version ${protocolVersion}`)});
		expect(raw.messages).toEqual([{type: 'hello', version: protocolVersion, launcherId: 'lch_test', pid: process.pid}]);
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

describe('a connection that breaks', () => {
	test('is made again: reports come again, watches go on, the launcher kept its agents', async () => {
		await using one = await openServedLauncher();
		const connections: boolean[] = [];
		one.launcher.onConnection(isUp => connections.push(isUp));
		const request = await one.start('echo first; while read line; do echo "got $line"; done');
		const shown: string[] = [];
		one.launcher.watch(targetOf(request), {columns: 40, rows: 6, back: 0}, ({rows}) => shown.push(...rows.map(([, ansi]) => ansi)));
		await vi.waitFor(() => expect(shown.join('')).toContain('first'), seen);
		const viewer = createTestViewer();
		const attachment = await one.launcher.attach(ptyIdOf(request), viewer.size, viewer.events);
		await viewer.see('first');

		await one.closeDoor();
		await vi.waitFor(() => expect(connections).toEqual([false]), seen);
		expect(viewer.hasEnded()).toBe(true);
		await expect(one.launcher.typeLine(ptyIdOf(request), 'lost')).rejects.toThrow(/cannot be reached/);
		attachment.input(Buffer.from('into the void\r'));
		const listing = one.launcher.list();
		await one.embedded.typeLine(ptyIdOf(request), 'meanwhile');
		shown.length = 0;
		await one.openDoor();
		await vi.waitFor(() => expect(connections).toEqual([false, true]), seen);
		expect(await listing).toMatchObject([{ptyId: ptyIdOf(request)}]);
		await vi.waitFor(() => expect(shown.join('')).toContain('got meanwhile'), seen);
		expect(one.reports.heard.map(({type}) => type)).toEqual(['started', 'started']);
		await one.launcher.typeLine(ptyIdOf(request), 'afterwards');
		await vi.waitFor(() => expect(shown.join('')).toContain('got afterwards'), seen);
		expect(shown.join('')).not.toContain('void');
	});

	test('brings reports that were acknowledged meanwhile to nobody again', async () => {
		await using one = await openServedLauncher();
		const request = await one.start('sleep 300');
		await one.closeDoor();
		one.launcher.acknowledge(one.reports.heard.map(({id}) => id));
		await one.openDoor();
		await vi.waitFor(() => expect(one.embedded.unacknowledgedCount).toBe(0), seen);
		await one.launcher.stop(ptyIdOf(request), {graceMs: 0});
		await one.reports.until(request, 'exited');
		expect(one.reports.heard.map(({type}) => type)).toEqual(['started', 'exited']);
	});

	test('fails calls at last when nobody comes back', async () => {
		await using one = await openServedLauncher({patienceMs: 200});
		await one.closeDoor();
		await expect(one.launcher.list()).rejects.toThrow(/Could not list the ptys: the launcher cannot be reached/);
		await one.openDoor();
		expect(await one.launcher.list()).toEqual([]);
	});

	test('tells a listener that comes late what is not acknowledged yet', async () => {
		await using one = await openServedLauncher();
		const request = await one.start('exit 0');
		await one.reports.until(request, 'exited');
		const late: string[] = [];
		one.launcher.onReport(({type}) => late.push(type));
		expect(late).toEqual(['started', 'exited']);
		const other = await one.connect();
		const others = collectReports(other);
		await others.until(request, 'exited');
		other.acknowledge(others.heard.map(({id}) => id));
		await vi.waitFor(() => expect(one.embedded.unacknowledgedCount).toBe(0), seen);
		await other.close();
	});

	test('does not outlive its client', async () => {
		await using one = await openServedLauncher();
		const request = await one.start('sleep 300');
		const other = await one.connect();
		const viewer = createTestViewer();
		await other.attach(ptyIdOf(request), viewer.size, viewer.events);
		await vi.waitFor(() => expect(one.clientCount()).toBe(2), seen);
		await other.close();
		expect(viewer.hasEnded()).toBe(true);
		await expect(other.list()).rejects.toThrow(/closed/);
		await vi.waitFor(() => expect(one.clientCount()).toBe(1), seen);
	});

	test('is told when nobody is there at all', async () => {
		using files = createLauncherFolder();
		mkdirSync(files.file('empty'));
		await expect(connectLauncher({socketPath: files.file('empty/launcher.sock')})).rejects.toMatchObject({
			message: expect.stringMatching(/Could not reach the launcher at .*ENOENT/),
			exitCode: 69,
		});
	});
});

describe('a viewer that does not keep up', () => {
	test('is cut at about a megabyte, and gets a fresh picture when it comes back', async () => {
		await using one = await openServedLauncher();
		const request = await one.start(`read _; head -c 8000000 /dev/zero | tr '\\0' x; echo; echo finished; sleep 300`);
		using raw = await openRaw(one.socketPath);
		raw.say({type: 'hello', version: protocolVersion});
		raw.say({type: 'attach', id: 1, channel: 9, ptyId: ptyIdOf(request), columns: 80, rows: 24});
		await vi.waitFor(() => expect(raw.packed.length).toBe(1), seen);
		raw.socket.pause();
		raw.socket.send(packBytes('input', 9, Buffer.from('\r')));
		await untilShown(one.launcher, request, 'finished');
		raw.socket.resume();

		const kinds = () => raw.packed.map(packed => unpackBytes(packed)?.kind);
		await vi.waitFor(() => expect(kinds().slice(1)).toContain('repaint'), seen);
		const received = raw.packed.reduce((bytes, {length}) => bytes + length, 0);
		expect(received).toBeLessThan(4 * 1024 * 1024);
		await vi.waitFor(() => expect(raw.packed.at(-1)?.toString()).toContain('finished'), seen);
	});

	test('gets the latest frame, not all of them', async () => {
		await using one = await openServedLauncher();
		const request = await one.start(
			'read _; for i in $(seq 3000); do echo "number $i is the latest"; sleep 0.001; done; echo finished; sleep 300',
		);
		using raw = await openRaw(one.socketPath);
		raw.say({type: 'hello', version: protocolVersion});
		raw.say({type: 'watch', channel: 3, target: targetOf(request), viewport: {columns: 200, rows: 50, back: 0}});
		await vi.waitFor(() => expect(raw.messages.filter(({type}) => type === 'frame').length).toBe(1), seen);
		raw.socket.pause();
		// Enough to fill what the system buffers, so that the launcher sees that nobody reads.
		for (let id = 0; id < 400; id += 1) {
			raw.say({type: 'text', id, target: targetOf(request), range: 'all'});
		}

		await one.launcher.typeLine(ptyIdOf(request), '');
		await untilShown(one.launcher, request, 'finished');
		raw.socket.resume();
		await vi.waitFor(() => expect(JSON.stringify(raw.messages.filter(({type}) => type === 'frame').at(-1))).toContain('finished'), seen);
	});
});

test('two clients of one launcher see the same, and one’s leaving is not the other’s', async () => {
	await using one = await openServedLauncher();
	const request = await one.start('while read line; do echo "got $line"; done');
	const other = await one.connect();
	const [left, right] = [createTestViewer(), createTestViewer()];
	const first = await one.launcher.attach(ptyIdOf(request), left.size, left.events);
	const second = await other.attach(ptyIdOf(request), right.size, right.events);
	first.input(Buffer.from('from one\r'));
	second.input(Buffer.from('from two\r'));
	await Promise.all([left, right].flatMap(viewer => [viewer.see('got from one'), viewer.see('got from two')]));
	await other.close();
	first.input(Buffer.from('alone\r'));
	await left.see('got alone');
	expect(right.lines().join('')).not.toContain('alone');
});
