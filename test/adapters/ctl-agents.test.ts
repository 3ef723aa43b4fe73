import {describe, expect, test} from 'vitest';
import {exitCodes} from '../../source/errors.js';
import {openGateway} from '../helpers/open-gateway.js';
import {agentEnv, asked, ctl} from '../helpers/run-ctl.js';
import {operator} from '../helpers/state-fleet.js';

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
		['approval_request', ['--choice', 'approve', '--word', 'destructive'], 0, {state: 'answered', choice: 'approve'}],
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
			'--word',
			'unknown',
			'--fingerprint',
			gateway.state().escalations[id!]!.fingerprint,
		);
		expect(await asking).toMatchObject({exitCode: 0, json: {id, choice: 'approve'}});
	});

	test('a decision made while it was away reaches it: it does not ask anew', async () => {
		await using gateway = await openGateway();
		const run = await gateway.live();
		const asking = ctl(['tool', 'session-reply-parent', '--text', 'May I?', '--request-kind', 'approval_request', '--wait'], {
			env: agentEnv(gateway, run),
		});
		await expect.poll(() => gateway.state().index.openEscalations.size).toBe(1);
		const [escalationId = ''] = gateway.state().index.openEscalations;
		await gateway.parts().gateway.close();
		const {fingerprint} = gateway.state().escalations[escalationId]!;
		await gateway.sent({type: 'escalation.decide', escalationId, fingerprint, choice: 'approve', word: 'unknown'}, operator);
		await gateway.restart();
		expect(await asking).toMatchObject({exitCode: 0, json: {id: escalationId, choice: 'approve'}});
		expect(Object.keys(gateway.state().escalations)).toEqual([escalationId]);
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
