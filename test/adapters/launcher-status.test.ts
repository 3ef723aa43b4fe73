import {mkdirSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {describe, expect, test, vi} from 'vitest';
import {WebSocketServer} from 'ws';
import {connectLauncher} from '../../source/launcher/client.js';
import {createRuleBook} from '../../source/launcher/rule-book.js';
import {type Activity, type LauncherPort, ptyIdOf, type SpawnRequest} from '../../source/launcher-port.js';
import {agentScreen, bytesOf} from '../helpers/agent-screens.js';
import {createLauncherFolder} from '../helpers/launcher-folder.js';
import {openServedLauncher, openTestLauncher} from '../helpers/launcher-open.js';
import {untilShown} from '../helpers/launcher-requests.js';

const deadline = {timeout: 40_000, interval: 20};

/** What a launcher tells of its ptys. */
const hear = (launcher: LauncherPort) => {
	const told: Activity[] = [];
	launcher.onActivity(activity => told.push(activity));
	const of = (request: SpawnRequest) => told.filter(({ptyId}) => ptyId === ptyIdOf(request));
	return {
		of,
		/** The last word, once it fits. */
		until: async (request: SpawnRequest, expected: object) =>
			vi.waitFor(() => {
				const last = of(request).at(-1);
				expect(last).toMatchObject(expected);
				return last!;
			}, deadline),
	};
};

/** Shell words that print bytes one at a time, each in a write of its own. */
const byteByByte = (bytes: string): string =>
	[...Buffer.from(bytes)].map(byte => `printf '\\${byte.toString(8).padStart(3, '0')}'; sleep 0.002`).join('\n');

describe('what an agent reports', () => {
	test('is understood byte by byte, and gone when it ends', async () => {
		await using one = openTestLauncher();
		const heard = hear(one.launcher);
		const message = Buffer.from('touch x').toString('base64');
		const request = await one.start(`${byteByByte('\u001B]7501;state=working:app=t\u001B\\')}
			read go
			${byteByByte(`\u001B]7501;state=blocked:kind=question:msg=${message}\u0007`)}
			read go
			printf '\\033]7501;nonsense\\033\\\\\\033]7501;state=\\377\\007'
			head -c 9000 /dev/zero | tr '\\0' A | sed 's/^/\\o033]7501;state=error:msg=/'; printf '\\007over-long is over'
			read go`);
		await heard.until(request, {status: {activity: 'working', source: 'osc', evidence: 't reported working'}});
		await one.launcher.typeLine(ptyIdOf(request), 'go');
		await heard.until(request, {status: {activity: 'blocked', kind: 'question', evidence: expect.stringContaining('touch x')}});
		await one.launcher.typeLine(ptyIdOf(request), 'go');
		await untilShown(one.launcher, request, 'over-long is over');
		await one.launcher.typeLine(ptyIdOf(request), 'go');
		await one.reports.until(request, 'exited');
		expect(heard.of(request).at(-1)?.status).toMatchObject({activity: 'exited', source: 'process', evidence: 'it exited with 0'});
		// Neither the garbage nor the one that was too long ever counted.
		const activities = new Set(heard.of(request).flatMap(({status}) => status?.activity ?? []));
		expect([...activities]).toEqual(['working', 'blocked', 'exited']);
	});

	test('is invited: the question is answered once, with the same bytes', async () => {
		await using one = openTestLauncher();
		const request = await one.start(
			`stty raw -echo; printf '\\033]7501;?\\033\\\\'; timeout --foreground 2 cat | od -An -tx1 | tr -d '\\n'; printf ' all'`,
		);
		const lines = await untilShown(one.launcher, request, ' all');
		expect(lines.join('').replaceAll(/\s+/g, ' ').trim()).toBe(
			`${[...Buffer.from('\u001B]7501;?\u001B\\')].map(byte => byte.toString(16).padStart(2, '0')).join(' ')} all`,
		);
	});
});

/** Draws screens one after another, one more after each key; prints which keys it got. */
const drawing = (one: {files: {file(name: string): string}}, ...names: readonly string[]): string => {
	const files = names.map((name, at) => {
		const file = one.files.file(`screen-${at}`);
		writeFileSync(file, bytesOf(agentScreen(name)));
		return file;
	});
	return `stty raw -echo; ${files
		.map(file => `cat ${file}; dd bs=1 count=1 2>/dev/null | od -An -tx1 >> ${one.files.file('keys')}`)
		.join('; ')}; printf '\\033[2J\\033[Hover'; sleep 60`;
};

const sized = {columns: 100, rows: 30};

describe('a prompt on a screen', () => {
	test('is told with the status, over the wire, and answered when it is still the same', async () => {
		await using one = await openServedLauncher();
		const heard = hear(one.launcher);
		const request = await one.start(drawing(one, 'claude-permission', 'claude-idle'), {adapter: 'claude', ...sized});
		const {prompt} = await heard.until(request, {
			status: {activity: 'blocked', kind: 'permission', source: 'screen'},
			prompt: {rule: 'permission prompt', text: expect.stringContaining('sleep 4 && touch proof.txt')},
		});
		expect(prompt?.fingerprint).toMatch(/^[\da-f]{64}$/);

		const ptyId = ptyIdOf(request);
		expect(await one.launcher.pressKeys(ptyId, {fingerprint: 'another', keys: 'approve'})).toEqual({
			pressed: false,
			why: expect.stringContaining('not the one that was shown'),
		});
		expect(await one.launcher.pressKeys(ptyId, {fingerprint: prompt!.fingerprint, keys: 'dance'})).toEqual({
			pressed: false,
			why: expect.stringContaining('no keys for "dance"'),
		});
		expect(await one.launcher.pressKeys(ptyId, {fingerprint: prompt!.fingerprint, keys: 'approve'})).toEqual({pressed: true, left: true});
		const after = await heard.until(request, {status: {activity: 'idle', source: 'screen'}});
		expect(after.prompt).toBeUndefined();
		expect(await one.launcher.pressKeys(ptyId, {fingerprint: prompt!.fingerprint, keys: 'approve'})).toEqual({
			pressed: false,
			why: expect.stringContaining('no prompt on the screen'),
		});
		await expect(one.launcher.text({ptyId, recordingPath: request.recordingPath}, 'screen')).resolves.not.toContain('over');
	});

	test('that another one has replaced gets no key', async () => {
		await using one = openTestLauncher();
		const heard = hear(one.launcher);
		const request = await one.start(drawing(one, 'claude-permission', 'claude-write', 'claude-idle'), {adapter: 'claude', ...sized});
		const {prompt: first} = await heard.until(request, {prompt: {text: expect.stringContaining('touch proof.txt')}});
		const ptyId = ptyIdOf(request);
		expect(await one.launcher.pressKeys(ptyId, {fingerprint: first!.fingerprint, keys: 'deny'})).toEqual({pressed: true, left: true});
		expect(await one.launcher.pressKeys(ptyId, {fingerprint: first!.fingerprint, keys: 'deny'})).toMatchObject({pressed: false});
		const {prompt: second} = await heard.until(request, {prompt: {text: expect.stringContaining('Create file')}});
		expect(second!.fingerprint).not.toBe(first!.fingerprint);
	});

	test('that stays after its keys was not answered, and takes no second order meanwhile', async () => {
		await using one = openTestLauncher();
		const heard = hear(one.launcher);
		const request = await one.start(drawing(one, 'pi-permission', 'pi-permission'), {adapter: 'pi', ...sized});
		const {prompt} = await heard.until(request, {prompt: {rule: 'gate'}});
		const order = {fingerprint: prompt!.fingerprint, keys: 'approve'};
		const [one1, one2] = await Promise.all([
			one.launcher.pressKeys(ptyIdOf(request), order),
			one.launcher.pressKeys(ptyIdOf(request), order),
		]);
		expect(one1).toEqual({pressed: true, left: false, why: 'the prompt is still on the screen'});
		expect(one2).toEqual({pressed: false, why: expect.stringContaining('just been pressed')});
	});

	test('of an agent without rules, or without a live pty, cannot be answered', async () => {
		await using one = openTestLauncher();
		const request = await one.start('printf ready; sleep 60');
		await untilShown(one.launcher, request, 'ready');
		expect(await one.launcher.pressKeys(ptyIdOf(request), {fingerprint: 'x', keys: 'deny'})).toEqual({
			pressed: false,
			why: expect.stringContaining('no screen rules'),
		});
		await expect(one.launcher.pressKeys('run_gone.1', {fingerprint: 'x', keys: 'deny'})).rejects.toThrow(/run_gone\.1/);
	});

	test('an older launcher is not asked what it does not know', async () => {
		const files = createLauncherFolder();
		const server = createServer();
		const sockets = new WebSocketServer({server});
		sockets.on('connection', socket =>
			socket.once('message', () => socket.send(JSON.stringify({type: 'hello', version: 1, launcherId: 'lch_old', pid: 1}))),
		);
		const socketPath = files.file('old.sock');
		await new Promise<void>(resolve => {
			server.listen(socketPath, resolve);
		});
		const client = await connectLauncher({socketPath});
		await expect(client.pressKeys('run_1.1', {fingerprint: 'x', keys: 'deny'})).rejects.toThrow(/older agent-tui/);
		await client.close();
		sockets.close();
		server.close();
		files[Symbol.dispose]();
	});
});

describe('a title', () => {
	test('tells what a weaker screen rule does not, and loses to a report', async () => {
		await using one = openTestLauncher();
		const heard = hear(one.launcher);
		const request = await one.start(
			`printf '\\033]2;✦  Working… (x)\\007'; read go; printf '\\033]7501;state=done\\007'; read go; printf '\\033]133;A\\007'; sleep 60`,
			{adapter: 'gemini', ...sized},
		);
		await heard.until(request, {status: {activity: 'working', source: 'title'}});
		await one.launcher.typeLine(ptyIdOf(request), 'go');
		await heard.until(request, {status: {activity: 'done', source: 'osc'}});
	});
});

describe('rules of the operator', () => {
	const ruleOf = (name: string) =>
		JSON.stringify({agent: 'mine', rules: [{name, activity: 'error', region: 5, all: ['^boom'], confidence: 1}]});

	test('are read when they come, change and go, in a folder that was not there', async () => {
		const files = createLauncherFolder();
		const folder = files.file('config/agent-tui/screen-rules');
		const logged: string[] = [];
		const book = createRuleBook({folder, log: sentence => logged.push(sentence)});
		const ruleNow = () => book.readerOf('mine')?.screen(['boom'])?.rule.name;
		await book.loaded();
		expect(ruleNow()).toBeUndefined();
		expect(book.readerOf('claude')).toBeDefined();

		mkdirSync(folder, {recursive: true});
		await vi.waitFor(
			() => {
				writeFileSync(`${folder}/mine.json`, ruleOf('first'));
				expect(ruleNow()).toBe('first');
			},
			{timeout: 40_000, interval: 400},
		);
		writeFileSync(`${folder}/mine.json`, ruleOf('second'));
		await vi.waitFor(() => expect(ruleNow()).toBe('second'), deadline);
		writeFileSync(`${folder}/mine.json`, '{"agent": "mine", "rules": [{}]}');
		await vi.waitFor(() => expect(logged.join('\n')).toContain('mine.json'), deadline);
		await vi.waitFor(() => expect(ruleNow()).toBeUndefined(), deadline);
		expect(book.readerOf('claude')).toBeDefined();
		book.close();
		files[Symbol.dispose]();
	});

	test('reach a screen that already stands there', async () => {
		await using one = openTestLauncher();
		const folder = one.files.file('rules');
		mkdirSync(folder);
		await using two = openTestLauncher({rulesFolder: folder});
		const heard = hear(two.launcher);
		const request = await two.start('printf boom; sleep 60', {adapter: 'mine'});
		await untilShown(two.launcher, request, 'boom');
		writeFileSync(`${folder}/mine.json`, ruleOf('late'));
		await heard.until(request, {status: {activity: 'error', source: 'screen', evidence: expect.stringContaining('"late"')}});
	});
});
