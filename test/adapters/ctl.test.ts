import {describe, expect, test} from 'vitest';
import {exitCodes} from '../../source/errors.js';
import {openGateway} from '../helpers/open-gateway.js';
import {asked, ctl, operatorEnv, startCtl} from '../helpers/run-ctl.js';

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
		expect(table.stdout).toMatch(/│ depth +│ 5 +│ 0 +│ levels below a root +│/);
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
