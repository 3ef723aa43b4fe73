import {describe, expect, test} from 'vitest';
import {claude} from '../../source/agents/claude.js';
import {copilot} from '../../source/agents/copilot.js';
import type {Json} from '../../state/json.js';
import {claudeEvents, copilotEvents} from '../helpers/hook-events.js';
import {attemptHook, startHook} from '../helpers/hook-process.js';
import {type GatewayTestOptions, openGateway, type TestGateway} from '../helpers/open-gateway.js';
import {operator} from '../helpers/state-fleet.js';

const waitMs = {timeout: 20_000};

/** A live run of Claude or Copilot in a folder of its own, and its hooks as the plan wrote them. */
const openAgent = async (agent: 'claude' | 'copilot' = 'claude', options: GatewayTestOptions = {}) => {
	const gateway = await openGateway({agents: [agent], ...options});
	const run = await gateway.live({agent});
	const hookCommand = attemptHook(gateway, run, agent);
	const context = {text: '', env: {}, cwd: gateway.folder, folder: hookCommand.at(-1)!, hookCommand, newUuid: () => 'uuid'};
	const profile = {name: agent, adapter: agent, description: ''};
	const {files} = (agent === 'claude' ? claude : copilot).plan({...context, profile});
	const lineOf = (event: Json): string => {
		const {hook_event_name: name} = event as {readonly hook_event_name?: string};
		const settings = JSON.parse(files![agent === 'claude' ? 'claude-settings.json' : 'copilot-plugin/hooks.json']!);
		return agent === 'claude' ? settings.hooks[name!][0].hooks[0].command : settings.hooks.permissionRequest[0].bash;
	};

	return {
		gateway,
		run,
		hook: (event: Json) => startHook(lineOf(event), event),
		[Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
	};
};

const open = (gateway: TestGateway) => [...gateway.state().index.openEscalations].map(id => gateway.state().escalations[id]!);

const theOpenOne = async (gateway: TestGateway) => {
	await expect.poll(() => open(gateway).length, waitMs).toBe(1);
	return open(gateway)[0]!;
};

const decide = (gateway: TestGateway, id: string, decision: {choice: 'approve' | 'deny' | 'answer'; text?: string}) =>
	gateway.sent(
		{type: 'escalation.decide', escalationId: id, fingerprint: gateway.state().escalations[id]!.fingerprint, word: 'outside', ...decision},
		operator,
	);

const decisionOf = (stdout: string) => JSON.parse(stdout).hookSpecificOutput.decision;

describe('a hook that asks', () => {
	test('holds its agent until the operator approves, and counts as delivered then', async () => {
		await using agent = await openAgent();
		await using hook = agent.hook(claudeEvents.permission);
		const escalation = await theOpenOne(agent.gateway);
		expect(escalation).toMatchObject({kind: 'approval', blocking: true, payload: {argv: ['bash', '-c', 'touch proof.txt']}});
		expect(agent.gateway.state().runs[agent.run.runId]!.state).toBe('waiting');
		await decide(agent.gateway, escalation.id, {choice: 'approve'});
		const {stdout, exitCode} = await hook.exited;
		expect([decisionOf(stdout), exitCode]).toEqual([{behavior: 'allow'}, 0]);
		await expect.poll(() => agent.gateway.state().escalations[escalation.id]!.deliveredAtMs, waitMs).toBeTypeOf('number');
		expect(agent.gateway.state().runs[agent.run.runId]!.state).toBe('running');
	});

	test('tells a denial with its reason', async () => {
		await using agent = await openAgent();
		await using hook = agent.hook(claudeEvents.permission);
		await decide(agent.gateway, (await theOpenOne(agent.gateway)).id, {choice: 'deny', text: 'not on Fridays'});
		expect(decisionOf((await hook.exited).stdout)).toEqual({behavior: 'deny', message: 'not on Fridays'});
	});

	test('tells an expiry as nobody’s answer', async () => {
		let skewMs = 0;
		await using agent = await openAgent('claude', {skewMs: () => skewMs});
		await using hook = agent.hook(claudeEvents.permission);
		await theOpenOne(agent.gateway);
		skewMs = 31 * 60_000;
		await agent.gateway.sent({type: 'clock.tick'});
		expect(decisionOf((await hook.exited).stdout)).toEqual({behavior: 'deny', message: expect.stringContaining('Nobody answered in time')});
	});

	test('brings back the answer to a question', async () => {
		await using agent = await openAgent();
		await using hook = agent.hook(claudeEvents.question);
		await decide(agent.gateway, (await theOpenOne(agent.gateway)).id, {choice: 'answer', text: '2'});
		expect(decisionOf((await hook.exited).stdout).updatedInput.answers).toEqual({'Which colour?': 'Blue'});
	});

	test('lets go, allowing nothing, when the agent went on without it', async () => {
		await using agent = await openAgent();
		await using hook = agent.hook(claudeEvents.permission);
		const {id} = await theOpenOne(agent.gateway);
		await using done = agent.hook(claudeEvents.toolDone);
		expect([(await done.exited).stdout, (await hook.exited).stdout.trim()]).toEqual(['', '{}']);
		expect(agent.gateway.state().escalations[id]).toMatchObject({state: 'withdrawn', closed: {why: expect.stringContaining('own screen')}});
	});

	test('is withdrawn when the agent ends it', async () => {
		await using agent = await openAgent('claude', {askerGraceMs: 50});
		await using hook = agent.hook(claudeEvents.permission);
		const {id} = await theOpenOne(agent.gateway);
		expect(agent.gateway.state().runs[agent.run.runId]!.status?.activity).toBe('blocked');
		hook.kill();
		await expect.poll(() => agent.gateway.state().escalations[id]!.state, waitMs).toBe('withdrawn');
		await expect.poll(() => agent.gateway.state().runs[agent.run.runId]!.status?.activity, waitMs).toBe('idle');
	});

	test('waits through a restart of the coordinator and is asked once', async () => {
		await using agent = await openAgent();
		await using hook = agent.hook(claudeEvents.permission);
		const {id} = await theOpenOne(agent.gateway);
		await agent.gateway.restart();
		await expect.poll(() => agent.gateway.state().escalations[id]!.askerGone ?? false, waitMs).toBe(false);
		expect(open(agent.gateway).map(escalation => escalation.id)).toEqual([id]);
		await decide(agent.gateway, id, {choice: 'approve'});
		expect(decisionOf((await hook.exited).stdout)).toEqual({behavior: 'allow'});
		expect(Object.keys(agent.gateway.state().escalations)).toEqual([id]);
	});

	test('gets an answer that was given while it had no connection', async () => {
		await using agent = await openAgent();
		await using hook = agent.hook(claudeEvents.permission);
		const {id} = await theOpenOne(agent.gateway);
		await agent.gateway.stop();
		await agent.gateway.start();
		await decide(agent.gateway, id, {choice: 'deny', text: 'later'});
		expect(decisionOf((await hook.exited).stdout)).toEqual({behavior: 'deny', message: 'later'});
	});

	test('Copilot is handed its own dialog when the request is withdrawn', async () => {
		await using agent = await openAgent('copilot');
		await using hook = agent.hook(copilotEvents.permission);
		const {id} = await theOpenOne(agent.gateway);
		await agent.gateway.sent({type: 'escalation.withdraw', escalationId: id, why: 'the operator took the screen'}, operator);
		expect((await hook.exited).stdout.trim()).toBe('{}');
	});
});

describe('a hook that only tells', () => {
	test('binds the conversation, proves the prompt, and prints nothing', async () => {
		await using agent = await openAgent();
		await using hook = agent.hook(claudeEvents.prompt);
		expect(await hook.exited).toMatchObject({stdout: '', exitCode: 0});
		const {sessions, runs} = agent.gateway.state();
		expect(sessions[agent.run.sessionId]!.threadId).toBe(claudeEvents.prompt.session_id);
		expect(runs[agent.run.runId]!.attempts[0]!.acceptedAtMs).toBeTypeOf('number');
		expect(runs[agent.run.runId]!.status).toMatchObject({activity: 'working', source: 'hook'});
		expect(Math.abs(runs[agent.run.runId]!.status!.seenMs - Date.now())).toBeLessThan(60_000);
	});

	test('holds no agent while no coordinator is there', async () => {
		await using agent = await openAgent();
		await agent.gateway.stop();
		await using hook = agent.hook(claudeEvents.stop);
		expect(await hook.exited).toMatchObject({stdout: '', exitCode: 0, stderr: expect.stringContaining('No coordinator answers')});
		await agent.gateway.start();
	});
});

describe('the door', () => {
	test('takes hooks from the run’s own agent alone', async () => {
		await using agent = await openAgent();
		const path = `/runs/${agent.run.runId}/hook`;
		expect((await agent.gateway.http({path, body: {event: claudeEvents.stop}})).status).toBe(403);
		const own = await agent.gateway.http({path, token: agent.run.token, body: {event: claudeEvents.stop}});
		expect([own.status, own.json]).toEqual([200, {output: null}]);
		expect((await agent.gateway.http({path, token: agent.run.token, body: {}})).status).toBe(400);
	});

	test('refuses agents whose hooks nobody can read', async () => {
		await using gateway = await openGateway();
		const run = await gateway.live();
		const answer = await gateway.http({path: `/runs/${run.runId}/hook`, token: run.token, body: {event: {}}});
		expect([answer.status, answer.json.error.code]).toEqual([422, 'INVALID']);
	});

	test('a hook of an attempt that is over ends with nothing allowed', async () => {
		await using agent = await openAgent();
		await agent.gateway.ends(agent.run);
		await using hook = agent.hook(claudeEvents.permission);
		expect(await hook.exited).toMatchObject({stdout: '', exitCode: 0, stderr: expect.stringContaining('ended')});
	});
});
