import {describe, expect, test} from 'vitest';
import {type LiveRun, openGateway, type TestGateway} from '../helpers/open-gateway.js';

const waits = (
	gateway: TestGateway,
	waiter: LiveRun,
	runId: string,
	{timeoutS = 60, signal}: {timeoutS?: number; signal?: AbortSignal} = {},
) => gateway.http({path: `/runs/${runId}/wait?timeout_s=${timeoutS}`, token: waiter.token, ...(signal && {signal})});

const stateOf = (gateway: TestGateway, {runId}: LiveRun) => gateway.state().runs[runId]!.state;

const untilWaiting = (gateway: TestGateway, run: LiveRun) => expect.poll(() => stateOf(gateway, run), {timeout: 20_000}).toBe('waiting');

const queuedChild = async (gateway: TestGateway, parent: LiveRun) =>
	(await gateway.http({path: `/runs/${parent.runId}/spawn`, token: parent.token, body: {task: 'dig'}})).json.run.id as string;

describe('an agent that waits', () => {
	test('gives its slot back, so that its child can start where there is only one, and gets it back first', async () => {
		await using gateway = await openGateway({hasOutbox: true, limits: {concurrent: 1}});
		const parent = await gateway.live();
		const childId = await queuedChild(gateway, parent);
		const other = (await gateway.http({path: '/sessions', body: {agent: 'shell', text: 'later'}})).json.run.id;
		const waiting = waits(gateway, parent, childId);
		await untilWaiting(gateway, parent);
		expect(gateway.state().runs[parent.runId]).toMatchObject({reason: 'child', awaits: {runIds: [childId]}});

		const {run} = await gateway.sent({type: 'queue.dispatch'});
		const started = [run.id];
		const generation = 1;
		const token = gateway.parts().tokens.ofAttempt({runId: run.id, generation});
		const first = {sessionId: gateway.state().runs[run.id]!.sessionId, runId: run.id, generation, token};
		await gateway.sent({type: 'attempt.started', runId: run.id, generation, pid: 7}, {role: 'launcher', launcherId: 'lch_1'});
		expect(started).toEqual([childId]);
		await gateway.ends(first);
		await gateway.sent({type: 'queue.dispatch'});
		const {json} = await waiting;
		expect(json).toMatchObject({done: true, timed_out: false, run: {id: childId, state: 'succeeded'}});
		expect(stateOf(gateway, parent)).toBe('running');
		expect(gateway.state().runs[other]!.state).toBe('queued');
	});

	test('is not answered before it has its slot again', async () => {
		await using gateway = await openGateway({hasOutbox: true});
		const parent = await gateway.live();
		const child = await gateway.live({parent: parent.runId});
		let isAnswered = false;
		const waiting = waits(gateway, parent, child.runId).finally(() => {
			isAnswered = true;
		});
		await untilWaiting(gateway, parent);
		const watching = gateway.http({path: `/runs/${child.runId}/wait?timeout_s=60`});
		await gateway.ends(child);
		expect((await watching).json.done).toBe(true);
		expect([isAnswered, stateOf(gateway, parent)]).toEqual([false, 'waiting']);
		await gateway.sent({type: 'queue.dispatch'});
		expect((await waiting).json.done).toBe(true);
		expect(stateOf(gateway, parent)).toBe('running');
	});

	test('running out of time cancels nothing: it goes on, and so does the child', async () => {
		await using gateway = await openGateway({hasOutbox: true});
		const parent = await gateway.live();
		const child = await gateway.live({parent: parent.runId});
		const {status, json} = await waits(gateway, parent, child.runId, {timeoutS: 0.2});
		expect([status, json.done, json.timed_out]).toEqual([200, false, true]);
		expect([stateOf(gateway, parent), stateOf(gateway, child)]).toEqual(['running', 'running']);
	});

	test('a closed connection ends the wait', async () => {
		await using gateway = await openGateway({hasOutbox: true});
		const parent = await gateway.live();
		const child = await gateway.live({parent: parent.runId});
		const leaving = new AbortController();
		const waiting = waits(gateway, parent, child.runId, {signal: leaving.signal});
		waiting.catch(() => {});
		await untilWaiting(gateway, parent);
		leaving.abort();
		await expect.poll(() => stateOf(gateway, parent), {timeout: 20_000}).toBe('running');
		expect(stateOf(gateway, child)).toBe('running');
	});

	test('two waits at once are one wait for both; each is answered when its own run has ended', async () => {
		await using gateway = await openGateway({hasOutbox: true});
		const parent = await gateway.live();
		const [a, b] = [await gateway.live({parent: parent.runId}), await gateway.live({parent: parent.runId})];
		const [first, second] = [waits(gateway, parent, a.runId), waits(gateway, parent, b.runId)];
		await expect
			.poll(() => [...(gateway.state().runs[parent.runId]!.awaits?.runIds ?? [])].sort(), {timeout: 20_000})
			.toEqual([a.runId, b.runId].sort());
		await gateway.ends(a);
		expect((await first).json).toMatchObject({done: true, run: {id: a.runId}});
		expect(stateOf(gateway, parent)).toBe('waiting');
		await gateway.ends(b);
		await gateway.sent({type: 'queue.dispatch'});
		expect((await second).json.done).toBe(true);
		await expect.poll(() => stateOf(gateway, parent), {timeout: 20_000}).toBe('running');
	});

	test('a circle is told by name and leaves no trace', async () => {
		await using gateway = await openGateway({hasOutbox: true});
		const parent = await gateway.live();
		const child = await gateway.live({parent: parent.runId});
		const waiting = waits(gateway, parent, child.runId);
		await untilWaiting(gateway, parent);
		const refused = await waits(gateway, child, parent.runId);
		expect([refused.status, refused.json.error.code]).toEqual([409, 'DEADLOCK_DETECTED']);
		expect(refused.json.error.message).toContain(`(${child.runId}) → `);
		expect(refused.json.error.message).toContain(`(${parent.runId}) → `);
		expect(stateOf(gateway, child)).toBe('running');
		const own = await waits(gateway, child, child.runId);
		expect([own.status, own.json.error.code]).toEqual([409, 'DEADLOCK_DETECTED']);
		await gateway.ends(child);
		await gateway.sent({type: 'queue.dispatch'});
		expect((await waiting).json.done).toBe(true);
	});

	test('a restart of the coordinator keeps the wait; the agent comes back to it', async () => {
		await using gateway = await openGateway({hasOutbox: true});
		const parent = await gateway.live();
		const child = await gateway.live({parent: parent.runId});
		const waiting = waits(gateway, parent, child.runId);
		await untilWaiting(gateway, parent);
		const restarted = gateway.restart();
		expect((await waiting).json.error.code).toBe('CLOSING');
		await restarted;
		expect(stateOf(gateway, parent)).toBe('waiting');
		const again = waits(gateway, parent, child.runId);
		await gateway.ends(child);
		await gateway.sent({type: 'queue.dispatch'});
		expect((await again).json.done).toBe(true);
	});

	test('a parent that waits is told what the child left behind, once; an operator’s wait takes nothing', async () => {
		await using gateway = await openGateway({hasOutbox: true});
		const parent = await gateway.live();
		const child = await gateway.live({parent: parent.runId});
		const watching = gateway.http({path: `/runs/${child.runId}/wait?timeout_s=60`});
		const waiting = waits(gateway, parent, child.runId);
		await untilWaiting(gateway, parent);
		await gateway.ends(child);
		await gateway.sent({type: 'queue.dispatch'});
		expect((await watching).json).not.toHaveProperty('result');
		const wrapped = `<child-result session="${child.sessionId}" run="${child.runId}" state="succeeded">`;
		expect((await waiting).json.result).toContain(wrapped);
		expect((await waits(gateway, parent, child.runId)).json).not.toHaveProperty('result');
		expect(gateway.state().outbox[child.runId]).toMatchObject({how: 'wait', text: ''});
	});
});
