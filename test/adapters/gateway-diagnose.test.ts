import {describe, expect, test} from 'vitest';
import {openGateway, type TestGateway} from '../helpers/open-gateway.js';
import {launcher} from '../helpers/state-fleet.js';

const queued = async (gateway: TestGateway, body: object = {}): Promise<string> =>
	(await gateway.http({path: '/sessions', body: {agent: 'shell', text: 'work', label: 'mine', ...body}})).json.run.id;

const diagnose = async (gateway: TestGateway, runId: string) => (await gateway.http({path: `/runs/${runId}/diagnose`})).json.diagnostics;

describe('why a queued run does not start', () => {
	test('the queue is paused', async () => {
		await using gateway = await openGateway();
		await gateway.http({path: '/queue/pause', body: {}});
		const run = await queued(gateway);
		expect(await diagnose(gateway, run)).toMatchObject({
			issue_code: 'paused',
			likely_issue: expect.stringMatching(/^The queue is paused by .+\.$/),
			next_step: expect.stringContaining('queue resume'),
			queue_position: 1,
			queue_counts: {queued_count: 1, running_count: 0},
			worker_id: null,
			worker_alive: false,
			alive_workers: 1,
			max_concurrency: 10,
			active_pid: null,
		});
	});

	test('its session is busy', async () => {
		await using gateway = await openGateway();
		const live = await gateway.live();
		const {json} = await gateway.http({path: `/sessions/${live.sessionId}/messages`, body: {text: 'next'}});
		expect(await diagnose(gateway, json.run.id)).toMatchObject({issue_code: 'session-busy', slots_taken: 1});
	});

	test('an earlier message goes first', async () => {
		await using gateway = await openGateway();
		const {json} = await gateway.http({path: '/sessions', body: {agent: 'shell', text: 'first'}});
		const second = await gateway.http({path: `/sessions/${json.session.id}/messages`, body: {text: 'second'}});
		expect(await diagnose(gateway, second.json.run.id)).toMatchObject({issue_code: 'session-order', queue_position: 2});
	});

	test('all slots are taken', async () => {
		await using gateway = await openGateway({limits: {concurrent: 1}});
		await gateway.live();
		expect(await diagnose(gateway, await queued(gateway))).toMatchObject({issue_code: 'concurrent', max_concurrency: 1});
	});

	test('all slots of its tree are taken', async () => {
		await using gateway = await openGateway({limits: {concurrentPerTree: 1}});
		const parent = await gateway.live();
		const {json} = await gateway.http({path: `/runs/${parent.runId}/spawn`, body: {task: 'x'}});
		expect(await diagnose(gateway, json.run.id)).toMatchObject({issue_code: 'concurrent-tree'});
	});

	test.each(['trip', 'hold'] as const)('its breaker is open (%s)', async action => {
		await using gateway = await openGateway();
		await gateway.http({path: `/breakers/agent:shell/${action}`, body: {}});
		const found = await diagnose(gateway, await queued(gateway));
		expect(found).toMatchObject({issue_code: 'breaker', breaker: action === 'trip' ? 'open' : 'held'});
		expect(found.next_step).toContain('breaker reset');
	});

	test('no launcher is reachable', async () => {
		await using gateway = await openGateway({hasLauncher: false});
		expect(await diagnose(gateway, await queued(gateway))).toMatchObject({issue_code: 'no-launcher', alive_workers: 0});
	});

	test('nothing is in the way', async () => {
		await using gateway = await openGateway();
		expect(await diagnose(gateway, await queued(gateway))).toMatchObject({issue_code: 'next'});
	});
});

describe('what holds a live run', () => {
	test('nothing while it runs; then its launcher, a decision, a stop and its end', async () => {
		await using gateway = await openGateway();
		const run = await gateway.live();
		expect(await diagnose(gateway, run.runId)).toMatchObject({
			likely_issue: null,
			worker_id: 'lch_1',
			worker_alive: true,
			active_pid: 4242,
			queue_position: null,
		});

		await gateway.sent({type: 'launcher.change', launcherId: 'lch_1', state: 'offline'}, launcher);
		expect(await diagnose(gateway, run.runId)).toMatchObject({issue_code: 'launcher-offline', worker_alive: false, alive_workers: 0});
		await gateway.sent({type: 'launcher.change', launcherId: 'lch_1', state: 'online'}, launcher);

		const leaving = new AbortController();
		const body = {text: 'May I?', request_kind: 'approval_request', wait: true};
		const asking = gateway.http({path: `/runs/${run.runId}/reply-parent`, token: run.token, body, signal: leaving.signal});
		asking.catch(() => {});
		await expect.poll(() => gateway.state().runs[run.runId]!.state).toBe('waiting');
		const waiting = await diagnose(gateway, run.runId);
		const [escalation] = waiting.open_escalations;
		expect(waiting).toMatchObject({issue_code: 'waiting', likely_issue: expect.stringContaining(escalation)});
		leaving.abort();

		await gateway.http({path: `/runs/${run.runId}/cancel`, body: {}});
		expect(await diagnose(gateway, run.runId)).toMatchObject({issue_code: 'stopping'});
		await gateway.ends(run);
		expect(await diagnose(gateway, run.runId)).toMatchObject({issue_code: 'ended', worker_alive: false, active_pid: null});
	});

	test('it was claimed and has not started yet', async () => {
		await using gateway = await openGateway();
		const run = await queued(gateway);
		await gateway.sent({type: 'queue.dispatch'});
		expect(await diagnose(gateway, run)).toMatchObject({issue_code: 'starting', worker_id: 'lch_1'});
	});
});

test('how Codex is started is told, for its runs alone; fields are found at either place', async () => {
	await using gateway = await openGateway();
	const codex = await queued(gateway, {agent: 'codex'});
	const {json} = await gateway.http({path: `/runs/${codex}/diagnose`});
	expect(json.diagnostics.codex_invocation).toEqual({profile: 'work', extra_args: ['-v']});
	expect(json).toMatchObject(json.diagnostics);
	expect((await diagnose(gateway, await queued(gateway))).codex_invocation).toBeNull();
});
