import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {text as textOf} from 'node:stream/consumers';
import {fileURLToPath} from 'node:url';
import {describe, expect, test} from 'vitest';
import {commands} from '../../source/ctl/commands.js';
import {exitCodes} from '../../source/errors.js';
import {type LiveRun, openGateway, type TestGateway} from '../helpers/open-gateway.js';
import {ctl, operatorEnv, startCtl} from '../helpers/run-ctl.js';
import {compiledFile} from '../helpers/store-compiled.js';

/** agentctl as the operator, with JSON. */
const asked = (gateway: TestGateway, ...args: readonly string[]) => ctl(['--format', 'json', ...args], {env: operatorEnv(gateway)});

/** The environment an agent has. */
const agentEnv = (gateway: TestGateway, run: LiveRun): NodeJS.ProcessEnv => {
	const file = path.join(gateway.folder, `token-${run.runId}`);
	writeFileSync(file, run.token, {mode: 0o600});
	return {
		AGENT_TUI_SOCKET: gateway.place().socketPath,
		AGENT_TUI_RUN_ID: run.runId,
		AGENT_TUI_SESSION_ID: run.sessionId,
		AGENT_TUI_TOKEN_FILE: file,
	};
};

describe('what scripts do', () => {
	test('a session, a message, its run and events, as the contract has them', async () => {
		await using gateway = await openGateway();
		const env = operatorEnv(gateway);
		const session = (await ctl(['--field', 'session.id', 'session', 'create', '--agent', 'shell', '--label', 'mine'], {env})).stdout.trim();
		expect(session).toMatch(/^ses_/);
		expect(gateway.state().sessions[session]).toMatchObject({cwd: '/tmp', label: 'mine'});
		const send = [
			'--field',
			'run.id',
			'message',
			'send',
			'--session-id',
			session,
			'--text',
			'- a list',
			'--lane=high',
			'--idempotency-key',
			'k',
		];
		const [first, again] = [await ctl(send, {env}), await ctl(send, {env})];
		expect(again.stdout).toBe(first.stdout);
		const run = first.stdout.trim();
		expect(gateway.state().runs[run]).toMatchObject({text: '- a list', lane: 'high'});

		expect((await asked(gateway, 'run', 'show', run)).json.run.id).toBe(run);
		expect((await asked(gateway, 'run', 'diagnose', '--run-id', run)).json.diagnostics.queue_position).toBe(1);
		expect((await ctl(['--field', 'queue_counts.queued_count', 'daemon', 'status'], {env})).stdout).toBe('1\n');
		expect(
			(await asked(gateway, 'events', 'list', '--session-id', session)).json.events.map((event: {type: string}) => event.type),
		).toEqual(['session.created', 'run.queued']);
		expect((await asked(gateway, 'events', 'list', session, '--limit', '1')).json.has_more).toBe(true);

		expect((await asked(gateway, 'run', 'cancel', '--run-id', run)).exitCode).toBe(0);
		const waited = await asked(gateway, 'run', 'wait', '--run-id', run);
		expect([waited.exitCode, waited.json.run.state]).toEqual([1, 'cancelled']);
		expect((await asked(gateway, 'session', 'stop', session)).json.error.code).toBe('NOT_RUNNING');
	});

	test('queue, breakers, limits and launchers', async () => {
		await using gateway = await openGateway();
		expect((await asked(gateway, 'queue', 'pause')).exitCode).toBe(0);
		expect((await asked(gateway, 'queue', 'list')).json.paused_by).toBeTypeOf('string');
		expect((await asked(gateway, 'queue', 'resume')).exitCode).toBe(0);
		expect((await asked(gateway, 'breaker', 'trip', 'agent:shell')).json.breaker.state).toBe('open');
		expect((await asked(gateway, 'breaker', 'hold', '--key', 'agent:shell')).json.breaker.state).toBe('held');
		expect((await asked(gateway, 'breaker', 'reset', 'agent:shell')).json.breaker.state).toBe('closed');
		const table = await ctl(['limits', 'list'], {env: operatorEnv(gateway)});
		expect(table.stdout).toMatch(/│ depth +│ 5 +│ levels below a root +│/);
		expect((await ctl(['launcher', 'list'], {env: operatorEnv(gateway)})).stdout).toContain('lch_1');
	});

	test('a wait tells success, failure and running out of time apart', async () => {
		await using gateway = await openGateway();
		const [good, bad] = [await gateway.live(), await gateway.live()];
		const late = await asked(gateway, 'run', 'wait', good.runId, '--timeout-s', '0.1');
		expect([late.exitCode, late.json.error.code]).toEqual([exitCodes.timedOut, 'TIMED_OUT']);
		const [winning, losing] = [good, bad].map(({runId}) => asked(gateway, 'tool', 'session-wait', '--run-id', runId));
		await gateway.ends(good);
		await gateway.ends(bad, 2);
		expect((await winning!).exitCode).toBe(0);
		expect((await losing!).exitCode).toBe(1);
	});

	test('a wait survives a restart of the coordinator', async () => {
		await using gateway = await openGateway();
		const run = await gateway.live();
		const waiting = asked(gateway, 'run', 'wait', run.runId);
		await gateway.http({path: '/daemon/status'});
		await gateway.restart();
		await gateway.ends(run);
		expect((await waiting).json).toMatchObject({done: true, run: {state: 'succeeded'}});
	});
});

describe('what agents do', () => {
	test('spawn a child, write to it, and find their own run by themselves', async () => {
		await using gateway = await openGateway();
		const run = await gateway.live();
		const env = agentEnv(gateway, run);
		const spawned = await ctl(['--format=json', 'tool', 'session-spawn', '--task', 'dig'], {env});
		expect(gateway.state().sessions[spawned.json.session.id]!.parentRunId).toBe(run.runId);
		expect(gateway.state().runs[spawned.json.run.id]!.text).toBe('dig');
		const child = await ctl(['--format=json', 'session', 'create', '--agent', 'shell'], {env});
		expect(gateway.state().sessions[child.json.session.id]).toMatchObject({parentRunId: run.runId, cwd: gateway.folder});
		expect((await ctl(['tool', 'session-send', '--session-id', spawned.json.session.id, '--text', 'more'], {env})).exitCode).toBe(0);
		expect((await ctl(['--field', 'run.id', 'run', 'show'], {env})).stdout.trim()).toBe(run.runId);
		const own = await ctl(['--format', 'json', 'run', 'wait'], {env});
		expect([own.exitCode, own.json.error.code]).toEqual([exitCodes.usage, 'USAGE']);
	});

	test.each([
		['approval_request', ['--choice', 'approve'], 0, {state: 'answered', choice: 'approve'}],
		['permission_request', ['--choice', 'deny', '--text', 'no'], 10, {state: 'answered', choice: 'deny', text: 'no'}],
		['question', ['--choice', 'answer', '--text', 'main'], 0, {state: 'answered', choice: 'answer', text: 'main'}],
	])('ask with --wait: %s %j exits %i', async (kind, decision, exitCode, expected) => {
		await using gateway = await openGateway();
		const run = await gateway.live();
		const args = [
			'tool',
			'session-reply-parent',
			'--text',
			'May I?',
			'--request-kind',
			kind,
			'--tool',
			'Bash',
			'--argv',
			'rm',
			'--argv',
			'-rf',
			'--wait',
		];
		const asking = ctl(args, {env: agentEnv(gateway, run)});
		await expect.poll(() => gateway.state().index.openEscalations.size).toBe(1);
		const [id] = gateway.state().index.openEscalations;
		expect(gateway.state().escalations[id!]).toMatchObject({blocking: true, payload: {tool: 'Bash', argv: ['rm', '-rf']}});
		const shown = await asked(gateway, 'escalation', 'show', id!);
		const fingerprint = shown.json.escalation.fingerprint.slice(0, 8);
		expect((await asked(gateway, 'escalation', 'decide', id!, ...decision, '--fingerprint', fingerprint)).exitCode).toBe(0);
		const told = await asking;
		expect(told.exitCode).toBe(exitCode);
		expect(told.json).toMatchObject({id, ...expected});
	});

	test('11 is an expiry or a withdrawal, 124 their own time', async () => {
		await using gateway = await openGateway({askerGraceMs: 0});
		const run = await gateway.live();
		const env = agentEnv(gateway, run);
		const args = ['--format', 'json', 'tool', 'session-reply-parent', '--text', 'May I?', '--wait'];
		const late = await ctl([...args, '--timeout-s', '0.3'], {env});
		expect([late.exitCode, late.json.error.code]).toEqual([exitCodes.timedOut, 'TIMED_OUT']);
		await expect.poll(() => gateway.state().index.openEscalations.size).toBe(0);
		const asking = ctl(args, {env});
		await expect.poll(() => gateway.state().index.openEscalations.size).toBe(1);
		await gateway.ends(run);
		const told = await asking;
		expect([told.exitCode, told.json.state]).toEqual([exitCodes.notDecided, 'withdrawn']);
	});

	test('an agent that waits survives a restart of the coordinator, and asks only once', async () => {
		await using gateway = await openGateway({askerGraceMs: 0});
		const run = await gateway.live();
		const asking = ctl(['tool', 'session-reply-parent', '--text', 'May I?', '--request-kind', 'approval_request', '--wait'], {
			env: agentEnv(gateway, run),
		});
		await expect.poll(() => gateway.state().index.openEscalations.size).toBe(1);
		await gateway.stop();
		await gateway.start();
		const [id] = gateway.state().index.openEscalations;
		await expect.poll(() => gateway.state().escalations[id!]!.askerGone, {timeout: 20_000}).toBe(false);
		expect(Object.keys(gateway.state().escalations)).toEqual([id]);
		await asked(
			gateway,
			'escalation',
			'decide',
			id!,
			'--choice',
			'approve',
			'--fingerprint',
			gateway.state().escalations[id!]!.fingerprint,
		);
		expect(await asking).toMatchObject({exitCode: 0, json: {id, choice: 'approve'}});
	});

	test('an agent cannot decide, and is told so', async () => {
		await using gateway = await openGateway();
		const run = await gateway.live();
		const env = agentEnv(gateway, run);
		const raised = await ctl(['--format=json', 'tool', 'session-reply-parent', '--text', 'x', '--request-kind', 'approval_request'], {env});
		const decided = await ctl(['--format=json', 'escalation', 'decide', raised.json.escalation.id, '--choice', 'deny'], {env});
		expect([decided.exitCode, decided.json.error.code]).toEqual([1, 'FORBIDDEN']);
	});
});

describe('deciding from a script', () => {
	test('an approval needs the fingerprint of what was seen, a denial does not', async () => {
		await using gateway = await openGateway();
		const run = await gateway.live();
		const {json} = await gateway.http({path: `/runs/${run.runId}/reply-parent`, body: {text: 'x', request_kind: 'approval_request'}});
		const {id} = json.escalation;
		const decide = (...args: readonly string[]) => asked(gateway, 'escalation', 'decide', id, ...args);
		expect((await decide('--choice', 'approve')).exitCode).toBe(exitCodes.usage);
		expect((await decide('--choice', 'approve', '--fingerprint', 'abc')).exitCode).toBe(exitCodes.usage);
		expect((await decide('--choice', 'approve', '--fingerprint', '0'.repeat(64))).json.error.code).toBe('CHANGED');
		expect((await decide('--choice', 'maybe')).exitCode).toBe(exitCodes.usage);
		expect(gateway.state().escalations[id]!.state).toBe('open');
		expect((await decide('--choice', 'deny', '--text', 'no')).json.escalation).toMatchObject({choice: 'deny', text: 'no'});
		expect((await asked(gateway, 'escalation', 'list')).json.escalations).toEqual([]);
		expect((await asked(gateway, 'escalation', 'list', '--all')).json.escalations).toHaveLength(1);
	});
});

describe('events', () => {
	test('a tail prints what was and follows what comes, over a restart, each once', async () => {
		await using gateway = await openGateway();
		const {json} = await gateway.http({path: '/sessions', body: {agent: 'shell'}});
		const {id} = json.session;
		const leaving = new AbortController();
		const tail = startCtl(['--format=json', 'events', 'tail', '--session-id', id, '--follow'], {
			env: operatorEnv(gateway),
			signal: leaving.signal,
		});
		const texts = () =>
			tail
				.stdout()
				.split('\n')
				.filter(line => line !== '')
				.map(line => JSON.parse(line))
				.map(event => event.data.run?.text ?? event.type);
		await expect.poll(texts).toEqual(['session.created']);
		await gateway.http({path: `/sessions/${id}/messages`, body: {text: 'one'}});
		await expect.poll(texts).toEqual(['session.created', 'one']);
		await gateway.stop();
		await gateway.start();
		await gateway.http({path: `/sessions/${id}/messages`, body: {text: 'two'}});
		await expect.poll(texts, {timeout: 20_000}).toEqual(['session.created', 'one', 'two']);
		leaving.abort();
		expect(await tail.exited).toBe(0);
		expect(tail.stderr()).toBe('');
	});

	test('a tail without --follow ends', async () => {
		await using gateway = await openGateway();
		const {json} = await gateway.http({path: '/sessions', body: {agent: 'shell', text: 'x'}});
		const {stdout, exitCode} = await ctl(['events', 'tail', json.session.id, '--limit', '1'], {env: operatorEnv(gateway)});
		expect([exitCode, stdout.split('\n').length]).toEqual([0, 2]);
		expect(stdout).toContain('run.queued');
	});
});

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
