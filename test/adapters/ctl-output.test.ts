import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, rmSync} from 'node:fs';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {text as textOf} from 'node:stream/consumers';
import {fileURLToPath} from 'node:url';
import {describe, expect, test} from 'vitest';
import {commands} from '../../source/ctl/commands.js';
import {exitCodes} from '../../source/errors.js';
import {openGateway, type TestGateway} from '../helpers/open-gateway.js';
import {agentEnv, asked, ctl, operatorEnv} from '../helpers/run-ctl.js';
import {compiledFile} from '../helpers/store-compiled.js';

describe('what is printed', () => {
	const nasty = 'rm\u{1b}[2J\u{202e}\u{200d}\u{9b}x\u{7}';

	test('nothing an agent wrote reaches a terminal unescaped, and JSON keeps its meaning', async () => {
		await using gateway = await openGateway();
		const run = await gateway.live();
		const body = {text: nasty, request_kind: 'approval_request', payload: {argv: [nasty]}};
		const {json} = await gateway.http({path: `/runs/${run.runId}/reply-parent`, token: run.token, body});
		const {id} = json.escalation;
		await gateway.http({path: '/sessions', body: {agent: 'shell', label: nasty}});
		const hidden = /[^\n -~─-╿]/u;
		for (const args of [
			['escalation', 'list'],
			['session', 'list'],
			['escalation', 'show', id],
			['--format=json', 'escalation', 'show', id],
			['--field', 'escalation.text', 'escalation', 'show', id],
			['events', 'tail', run.sessionId],
			['events', 'list', run.sessionId],
		]) {
			const {stdout, exitCode} = await ctl(args, {env: operatorEnv(gateway), isTerminal: true});
			expect(exitCode).toBe(0);
			expect(stdout).not.toMatch(hidden);
			expect(stdout).toContain('rm');
		}

		const shown = await asked(gateway, 'escalation', 'show', id);
		expect(shown.json.escalation.text).toBe(nasty);
		const piped = await ctl(['--field', 'escalation.text', 'escalation', 'show', id], {env: operatorEnv(gateway)});
		expect(piped.stdout).toBe(`${nasty}\n`);
		const missing = await ctl(['session', 'show', `ses_${nasty}`], {env: operatorEnv(gateway), isTerminal: true});
		expect(missing.stderr).not.toMatch(hidden);
	});

	test('a field that is not there names those that are', async () => {
		await using gateway = await openGateway();
		const {exitCode, stderr} = await ctl(['--field', 'queue_counts.queued', 'daemon', 'status'], {env: operatorEnv(gateway)});
		expect(exitCode).toBe(exitCodes.usage);
		expect(stderr).toContain('queued_count');
	});
});

describe('what goes wrong', () => {
	test.each([
		[['sesion', 'list'], 'Did you mean session?'],
		[['session', 'lst'], 'Did you mean list?'],
		[['session'], 'session knows create, list, show, stop'],
		[[], 'A command is missing'],
		[['session', 'create', '--lable', 'x'], 'Did you mean label?'],
		[['session', 'list', '--tree'], 'takes no --tree'],
		[['session', 'show'], '--session-id is missing'],
		[['session', 'show', 'a', 'b'], 'does not take "b"'],
		[['session', 'create', '--label'], '--label needs a value'],
		[['session', 'list', '--format', 'xml'], '--format must be json or text'],
		[['session', 'stop', 'x', '--tree=yes'], '--tree takes no value'],
		[['session', 'create', '--label', 'a', '--label', 'b'], 'given twice'],
		[['run', 'wait', 'r', '--timeout-s', 'soon'], '--timeout-s must be a number'],
		[['session', 'list', '--url', 'ftp://x'], 'neither'],
	])('%j is a usage error', async (args, sentence) => {
		const {exitCode, stderr, stdout} = await ctl(args, {
			env: {AGENT_TUI_HOME: '/nonexistent', AGENTCTL_AUTH_TOKEN: 'x', AGENT_TUI_SOCKET: '/nonexistent/s'},
		});
		expect([exitCode, stdout]).toEqual([exitCodes.usage, '']);
		expect(stderr).toContain(sentence);
	});

	test('no server is a clear sentence and 69; with JSON it is JSON', async () => {
		const folder = mkdtempSync(path.join(tmpdir(), 'ctl-'));
		const never = await ctl(['session', 'list', '--state-dir', folder]);
		expect(never.exitCode).toBe(exitCodes.unavailable);
		expect(never.stderr).toMatch(/^agentctl: No coordinator answers at .+\.\nStart the console/);
		await using gateway = await openGateway();
		await gateway.stop();
		const gone = await asked(gateway, 'session', 'list');
		expect([gone.exitCode, gone.json.error.code]).toEqual([exitCodes.unavailable, 'UNAVAILABLE']);
		expect(gone.stdout.trim().split('\n')).toHaveLength(1);
		const asking = await ctl(['tool', 'session-reply-parent', '--run-id', 'run_1', '--text', 'x', '--wait'], {env: operatorEnv(gateway)});
		expect(asking.exitCode).toBe(exitCodes.unavailable);
		await gateway.start();
		rmSync(folder, {recursive: true, force: true});
	});

	test('a wrong token, and one of an attempt that has ended', async () => {
		await using gateway = await openGateway();
		const wrong = await ctl(['--format=json', '--auth-token', 'wrong', 'session', 'list'], {env: operatorEnv(gateway)});
		expect([wrong.exitCode, wrong.json.error.code]).toEqual([1, 'UNAUTHORIZED']);
		const run = await gateway.live();
		const env = agentEnv(gateway, run);
		await gateway.ends(run);
		expect((await ctl(['session', 'list'], {env})).stderr).toContain('has ended');
		rmSync(env['AGENT_TUI_TOKEN_FILE']!);
		expect((await ctl(['session', 'list'], {env})).stderr).toContain('The token of this attempt is gone');
	});

	test('a server that is older says so, and one that is no agent-tui is found out', async () => {
		const older = createServer((request, response) => {
			const isOlder = request.headers.authorization === 'Bearer older';
			response.writeHead(404, {'x-agent-tui-version': '0.0.1', 'content-type': 'application/json'});
			response.end(isOlder ? JSON.stringify({error: {code: 'UNKNOWN_ROUTE', message: 'no'}}) : '<html>');
		});
		older.listen(0, '127.0.0.1');
		await once(older, 'listening');
		const url = `http://127.0.0.1:${(older.address() as AddressInfo).port}`;
		expect((await ctl(['session', 'list', '--url', url, '--auth-token', 'older'])).stderr).toContain(
			'The server (agent-tui 0.0.1) does not know',
		);
		expect((await ctl(['session', 'list', '--url', url, '--auth-token', 'other'])).stderr).toContain('not as an agent-tui does');
		older.close();
	});

	test('the operator’s token goes nowhere but to this machine', async () => {
		await using gateway = await openGateway();
		const {exitCode, stderr} = await ctl(['session', 'list', '--url', 'http://example.invalid:8765'], {env: operatorEnv(gateway)});
		expect(exitCode).toBe(exitCodes.usage);
		expect(stderr).toContain('is not this machine');
	});
});

describe('help', () => {
	test('is made from the commands: every one is listed, and tells its flags', async () => {
		const {stdout, exitCode} = await ctl(['--help']);
		expect(exitCode).toBe(0);
		for (const {words, about, flags} of commands) {
			expect(stdout).toContain(`${words.join(' ')} `);
			expect(stdout).toContain(about);
			const own = await ctl([...words, '-h']);
			expect(own.exitCode).toBe(0);
			for (const flag of flags) {
				expect(own.stdout).toContain(`--${flag}`);
			}
		}

		expect((await ctl(['help', 'queue'])).stdout).not.toContain('session create');
		expect((await ctl(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
	});
});

describe('as a program', () => {
	const cli = fileURLToPath(compiledFile('cli.js'));
	const start = (gateway: TestGateway, args: readonly string[]) =>
		spawn(process.execPath, [cli, 'ctl', ...args], {
			env: {...operatorEnv(gateway), PATH: process.env['PATH']},
			stdio: ['ignore', 'pipe', 'pipe'],
		});

	test('it answers over TCP and the unix socket alike', async () => {
		await using gateway = await openGateway({tcp: true});
		for (const url of [gateway.parts().gateway.address!, `unix:${gateway.place().socketPath}`]) {
			const child = start(gateway, ['--format=json', 'daemon', 'status', '--url', url]);
			const [stdout] = await Promise.all([textOf(child.stdout), once(child, 'close')]);
			expect(JSON.parse(stdout).daemon_health).toBe('ok');
			expect(child.exitCode).toBe(0);
		}
	});

	test('a reader that leaves early is no error', async () => {
		await using gateway = await openGateway();
		const {json} = await gateway.http({path: '/sessions', body: {agent: 'shell'}});
		const child = start(gateway, ['events', 'tail', json.session.id, '--follow']);
		const stderr = textOf(child.stderr);
		await once(child.stdout, 'data');
		child.stdout.destroy();
		const ended = once(child, 'close');
		await gateway.http({path: `/sessions/${json.session.id}/messages`, body: {text: 'x'}});
		await ended;
		expect([child.exitCode, await stderr]).toEqual([0, '']);
	});
});
