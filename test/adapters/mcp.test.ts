import {describe, expect, test} from 'vitest';
import {tools} from '../../source/gateway/mcp-tools.js';
import {type McpClient, mcpOverHttp, mcpOverStdio} from '../helpers/mcp-client.js';
import {type LiveRun, openGateway, type TestGateway} from '../helpers/open-gateway.js';
import {launcher} from '../helpers/state-fleet.js';

type Connect = (gateway: TestGateway, run: LiveRun) => Promise<McpClient>;

const ways: ReadonlyArray<readonly [name: string, connect: Connect]> = [
	['over the standard input and output of a process', mcpOverStdio],
	['over HTTP', (gateway, {token}) => mcpOverHttp(gateway, token)],
];

/** Lets the next queued run run, as its launcher would report it. */
const starts = async (gateway: TestGateway): Promise<LiveRun> => {
	const {id: runId, generation} = (await gateway.sent({type: 'queue.dispatch'})).run;
	await gateway.sent({type: 'attempt.started', runId, generation, pid: 7}, launcher);
	return {
		sessionId: gateway.state().runs[runId]!.sessionId,
		runId,
		generation,
		token: gateway.parts().tokens.ofAttempt({runId, generation}),
	};
};

describe.each(ways)('%s', (_, connect) => {
	test('the tools are the verbs for agents, with schemas of what goes in and comes out', async () => {
		await using gateway = await openGateway({tcp: true});
		await using mcp = await connect(gateway, await gateway.live());
		const {tools: listed} = await mcp.client.listTools();
		expect(listed.map(({name}) => name)).toEqual(['spawn', 'send', 'wait', 'reply_parent', 'diagnose', 'list']);
		expect(listed.map(({name}) => name)).toEqual(tools.map(({name}) => name));
		for (const {name, description, inputSchema, outputSchema} of listed) {
			expect(description, name).toMatch(/\.$/);
			expect([inputSchema.type, outputSchema?.type ?? 'object'], name).toEqual(['object', 'object']);
		}
	});

	test('an agent spawns a child, waits for it and gets what it left behind', async () => {
		await using gateway = await openGateway({tcp: true, hasOutbox: true});
		const parent = await gateway.live();
		await using mcp = await connect(gateway, parent);
		const spawned = await mcp.call('spawn', {task: 'dig a hole', label: 'digger'});
		expect(spawned).toMatchObject({isError: false, data: {session: {parent_id: parent.sessionId, label: 'digger'}}});
		const {id: runId} = spawned.data.run;
		expect(spawned.text).toContain(runId);
		expect(gateway.state().runs[runId]).toMatchObject({text: 'dig a hole', by: `agent ${parent.runId}`});
		expect((await mcp.call('diagnose', {run_id: runId})).data.diagnostics).toMatchObject({issue_code: 'next', queue_position: 1});

		const waiting = mcp.call('wait', {run_id: runId, timeout_s: 60});
		await expect.poll(() => gateway.state().runs[parent.runId]!.state, {timeout: 20_000}).toBe('waiting');
		const child = await starts(gateway);
		expect(child.runId).toBe(runId);
		await gateway.ends(child);
		await gateway.sent({type: 'queue.dispatch'});
		const waited = await waiting;
		expect(waited.data).toMatchObject({done: true, run: {id: runId, state: 'succeeded'}});
		expect(waited.text).toContain(`${runId} ended: succeeded.\n<child-result session="${child.sessionId}"`);

		const listed = await mcp.call('list');
		expect(listed.data.sessions.map((session: {id: string}) => session.id).sort()).toEqual([parent.sessionId, child.sessionId].sort());
		expect(listed.text.split('\n')).toHaveLength(2);
	});

	test('a wait that runs out of time cancels nothing; a circle is told', async () => {
		await using gateway = await openGateway({tcp: true});
		const parent = await gateway.live();
		const child = await gateway.live({parent: parent.runId});
		await using above = await connect(gateway, parent);
		await using below = await connect(gateway, child);
		const late = await above.call('wait', {run_id: child.runId, timeout_s: 0.1});
		expect(late).toMatchObject({isError: false, data: {done: false, timed_out: true}});
		expect(late.text).toContain('it was not cancelled');
		expect(gateway.state().runs[child.runId]!.state).toBe('running');

		const waiting = above.call('wait', {run_id: child.runId, timeout_s: 60});
		await expect.poll(() => gateway.state().runs[parent.runId]!.state, {timeout: 20_000}).toBe('waiting');
		const refused = await below.call('wait', {run_id: parent.runId});
		expect(refused.isError).toBe(true);
		expect(refused.text).toMatch(/^DEADLOCK_DETECTED: .+ → .+ → /);
		await gateway.ends(child);
		await gateway.sent({type: 'queue.dispatch'});
		expect((await waiting).data.done).toBe(true);
	});

	test('what is beyond its own tree is forbidden, and it decides nothing', async () => {
		await using gateway = await openGateway({tcp: true});
		const [own, stranger] = [await gateway.live(), await gateway.live()];
		await using mcp = await connect(gateway, own);
		const beyond = [
			await mcp.call('wait', {run_id: stranger.runId}),
			await mcp.call('diagnose', {run_id: stranger.runId}),
			await mcp.call('send', {session_id: stranger.sessionId, text: 'hello'}),
		];
		for (const {isError, text} of beyond) {
			expect([isError, text]).toEqual([true, expect.stringMatching(/^FORBIDDEN: /)]);
		}

		expect(gateway.state().sessions[stranger.sessionId]!.runIds).toHaveLength(1);
		expect((await mcp.call('list')).data.sessions).toHaveLength(1);
		expect((await mcp.call('spawn', {task: 'x', cwd: '/'})).text).toMatch(/^FORBIDDEN: /);
	});

	test('it asks its parent, and hears the decision', async () => {
		await using gateway = await openGateway({tcp: true});
		const run = await gateway.live();
		await using mcp = await connect(gateway, run);
		const asking = mcp.call('reply_parent', {text: 'Which branch?', request_kind: 'question'});
		await expect.poll(() => gateway.state().index.openEscalations.size, {timeout: 20_000}).toBe(1);
		const [id] = gateway.state().index.openEscalations;
		const {fingerprint} = gateway.state().escalations[id!]!;
		await gateway.http({path: `/escalations/${id}/decide`, body: {choice: 'answer', text: 'main', fingerprint}});
		expect((await asking).text).toBe(`${id}: answer: main`);
		const notice = await mcp.call('reply_parent', {text: 'half way', request_kind: 'notice'});
		expect(notice.isError).toBe(false);
	});

	test('its token is worth nothing once its attempt has ended', async () => {
		await using gateway = await openGateway({tcp: true});
		const run = await gateway.live();
		await using mcp = await connect(gateway, run);
		expect((await mcp.call('list')).isError).toBe(false);
		await gateway.ends(run);
		const refused = await mcp.call('list').catch((error: Error) => ({isError: true, text: error.message}));
		expect(refused.isError).toBe(true);
		expect(refused.text).toContain('has ended');
	});
});

describe('who comes in over HTTP', () => {
	test('nobody without a token, and no web page', async () => {
		await using gateway = await openGateway({tcp: true});
		const ask = (token: string | undefined, headers: Record<string, string> = {}) =>
			gateway.http({path: '/mcp', token, headers, body: {jsonrpc: '2.0', id: 1, method: 'tools/list'}});
		expect((await ask(undefined)).status).toBe(401);
		expect((await ask('forged')).status).toBe(401);
		expect((await ask(gateway.operator(), {origin: 'http://evil.example'})).status).toBe(403);
		expect((await gateway.http({path: '/mcp'})).status).toBe(405);
	});

	test('an operator sees everything and has no parent to ask', async () => {
		await using gateway = await openGateway({tcp: true});
		await Promise.all([gateway.live(), gateway.live()]);
		await using mcp = await mcpOverHttp(gateway, gateway.operator());
		expect((await mcp.call('list')).data.sessions).toHaveLength(2);
		expect(await mcp.call('reply_parent', {text: 'x', request_kind: 'notice'})).toMatchObject({isError: true});
		expect((await mcp.call('spawn', {task: 'x', agent: 'shell'})).data.session).not.toHaveProperty('parent_id');
	});
});

test('a process that serves an agent outlives a restart of the coordinator, and does nothing twice', async () => {
	await using gateway = await openGateway();
	const parent = await gateway.live();
	await using mcp = await mcpOverStdio(gateway, parent);
	await mcp.call('list');
	await gateway.stop();
	const spawning = mcp.call('spawn', {task: 'once'});
	await gateway.start();
	expect((await spawning).isError).toBe(false);
	expect(Object.keys(gateway.state().sessions)).toHaveLength(2);
});
