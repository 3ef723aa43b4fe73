import {mkdirSync} from 'node:fs';
import {describe, expect, test, vi} from 'vitest';
import {connectLauncher} from '../../source/launcher/client.js';
import {packBytes, protocolVersion, unpackBytes} from '../../source/launcher/protocol.js';
import {ptyIdOf} from '../../source/launcher-port.js';
import {createLauncherFolder} from '../helpers/launcher-folder.js';
import {openServedLauncher} from '../helpers/launcher-open.js';
import {openRawClient} from '../helpers/launcher-raw-client.js';
import {collectReports, targetOf, untilShown} from '../helpers/launcher-requests.js';
import {createTestViewer} from '../helpers/launcher-viewer.js';

const seen = {timeout: 40_000, interval: 10};

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
		using raw = await openRawClient(one.socketPath);
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
		using raw = await openRawClient(one.socketPath);
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
