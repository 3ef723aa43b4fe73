import {execFileSync, spawnSync} from 'node:child_process';
import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {openGateway, type TestGateway} from '../helpers/open-gateway.js';

const create = (gateway: TestGateway, body: object = {}) => gateway.http({path: '/sessions', body: {agent: 'shell', ...body}});

describe('sessions and runs', () => {
	test('a session is made, spoken to, read, waited for, diagnosed and stopped', async () => {
		await using gateway = await openGateway();
		const made = await create(gateway, {label: 'first', cwd: '/tmp'});
		expect(made.status).toBe(201);
		const {session} = made.json;
		expect(session).toMatchObject({agent: 'shell', label: 'first', cwd: '/tmp'});

		const sent = await gateway.http({path: `/sessions/${session.id}/messages`, body: {role: 'user', text: 'hello', lane: 'high'}});
		expect([sent.status, sent.json.run.state, sent.json.run.lane]).toEqual([201, 'queued', 'high']);
		const run = sent.json.run.id;
		const second = await gateway.http({path: '/runs', body: {session_id: session.id, text: 'again'}});
		expect(second.json.run.session_id).toBe(session.id);

		const shown = await gateway.http({path: `/sessions/${session.id}`});
		expect(shown.json.session).toMatchObject({state: 'pending', queued_count: 2, last_run: {id: second.json.run.id}});
		expect(shown.json.messages.map((message: {text: string}) => message.text)).toEqual(['hello', 'again']);
		expect((await gateway.http({path: `/runs/${run}`})).json.run).toMatchObject({id: run, state: 'queued', generation: 0});

		const stopped = await gateway.http({path: `/sessions/${session.id}/stop`, body: {}});
		expect(stopped.status).toBe(200);
		expect((await gateway.http({path: `/runs/${run}/wait?timeout_s=5`})).json).toMatchObject({
			done: true,
			timed_out: false,
			run: {state: 'cancelled'},
		});
		expect((await gateway.http({path: `/sessions/${session.id}/stop`, body: {}})).json.error.code).toBe('NOT_RUNNING');
	});

	test('a run without a session makes one; a session without an agent has Codex', async () => {
		await using gateway = await openGateway();
		const {json} = await gateway.http({path: '/runs', body: {agent: 'shell', text: 'ls'}});
		expect(gateway.state().runs[json.run.id]!.sessionId).toBe(json.session.id);
		expect((await gateway.http({path: '/sessions', body: {}})).json.session).toMatchObject({agent: 'codex', cwd: gateway.folder});
	});

	test('a child has its parent’s folder and agent; an agent’s own session is its child', async () => {
		await using gateway = await openGateway();
		const parent = await gateway.live();
		const spawned = await gateway.http({path: `/runs/${parent.runId}/spawn`, token: parent.token, body: {task: 'dig'}});
		expect(spawned.json.session).toMatchObject({agent: 'shell', cwd: gateway.folder, parent_id: parent.sessionId});
		expect(gateway.state().runs[spawned.json.run.id]!.text).toBe('dig');
		const byName = await gateway.http({path: `/sessions/${parent.sessionId}/spawn`, body: {text: 'dig', label: 'b', lane: 'low'}});
		expect(byName.json.session.parent_id).toBe(parent.sessionId);
		const created = await gateway.http({path: '/sessions', token: parent.token, body: {agent: 'shell', text: 'x'}});
		expect(created.json.session.parent_id).toBe(parent.sessionId);
		await gateway.ends(parent);
		expect((await gateway.http({path: `/sessions/${parent.sessionId}/spawn`, body: {task: 'x'}})).json.error.code).toBe('NOT_RUNNING');
	});

	test('a spawn needs a real, absolute folder; an agent’s lies in its own', async () => {
		await using gateway = await openGateway();
		const parent = await gateway.live();
		writeFileSync(path.join(gateway.folder, 'file'), '');
		mkdirSync(path.join(gateway.folder, 'inside'));
		symlinkSync(tmpdir(), path.join(gateway.folder, 'out'));
		const spawn = (cwd: string, token = gateway.operator()) =>
			gateway.http({path: `/runs/${parent.runId}/spawn`, token, body: {task: 'x', cwd}});
		for (const cwd of ['relative', '../up', path.join(gateway.folder, 'file'), '/no/such/folder', '/tmp\0/x']) {
			const {status, json} = await spawn(cwd);
			expect([status, json.error.code]).toEqual([422, 'INVALID']);
			expect(json.error.message).toMatch(/^The folder ".+" .+\.$/);
			expect((await create(gateway, {cwd})).status).toBe(422);
		}

		for (const cwd of [tmpdir(), '/', path.join(gateway.folder, 'out'), `${gateway.folder}/inside/../../..`]) {
			expect((await spawn(cwd, parent.token)).status).toBe(403);
		}

		expect((await spawn(path.join(gateway.folder, 'inside'), parent.token)).status).toBe(201);
		expect((await spawn(tmpdir())).status).toBe(201);
	});

	test('limits are named: a conflict for spawns', async () => {
		await using gateway = await openGateway({limits: {liveChildren: 1}});
		const parent = await gateway.live();
		const spawn = () => gateway.http({path: `/runs/${parent.runId}/spawn`, token: parent.token, body: {task: 'x'}});
		expect((await spawn()).status).toBe(201);
		const {status, json} = await spawn();
		expect([status, json.error.code]).toEqual([409, 'LIMIT_REACHED']);
		expect(json.error.message).toContain('liveChildren is 1');
	});

	test('only cancelled can be asked for, and it takes the children along', async () => {
		await using gateway = await openGateway();
		const parent = await gateway.live();
		const child = await gateway.live({parent: parent.runId});
		for (const to of ['succeeded', 'running', 'lost', undefined]) {
			const {status} = await gateway.http({path: `/runs/${parent.runId}/transition`, body: {to}});
			expect(status).toBe(422);
		}

		expect((await gateway.http({path: `/runs/${parent.runId}/transition`, body: {state: 'cancelled'}})).status).toBe(200);
		expect(gateway.state().runs[child.runId]!.state).toBe('stopping');
		expect(gateway.state().runs[parent.runId]!.state).toBe('stopping');
		await gateway.ends(parent);
		const again = await gateway.http({path: `/runs/${parent.runId}/cancel`, body: {}});
		expect([again.status, again.json.error.code]).toEqual([409, 'ALREADY_ENDED']);
	});

	test('a wait answers the moment the run ends, and running out of time changes nothing', async () => {
		await using gateway = await openGateway();
		const run = await gateway.live();
		const before = gateway.parts().store.seq;
		const early = await gateway.http({path: `/runs/${run.runId}/wait?timeout_s=0.05&interval_ms=10`});
		expect(early.json).toMatchObject({done: false, timed_out: true, run: {state: 'running', pid: 4242}});
		expect(gateway.parts().store.seq).toBe(before);
		const waiting = gateway.http({path: `/runs/${run.runId}/wait?timeout_s=600`});
		await gateway.http({path: '/daemon/status'});
		await gateway.ends(run, 3);
		expect((await waiting).json).toMatchObject({done: true, run: {state: 'failed', exit_code: 3}});
	});

	test('what is unknown is 404 with its own code, also names that every object has', async () => {
		await using gateway = await openGateway();
		for (const id of ['ses_none', '__proto__', 'constructor', '..%2f..%2fetc%2fpasswd', 'toString']) {
			expect((await gateway.http({path: `/sessions/${id}`})).json.error.code).toBe('UNKNOWN_SESSION');
			expect((await gateway.http({path: `/runs/${id}/diagnose`})).json.error.code).toBe('UNKNOWN_RUN');
			expect((await gateway.http({path: `/escalations/${id}`})).json.error.code).toBe('UNKNOWN_ESCALATION');
			expect((await gateway.http({path: `/breakers/${id}/trip`, body: {}})).json.error.code).toBe('UNKNOWN_BREAKER');
			expect((await create(gateway, {agent: id})).json.error.code).toBe('UNKNOWN_AGENT');
		}

		const route = await gateway.http({path: '/sessions/ses_1/teleport', body: {}});
		expect([route.status, route.json.error.code]).toEqual([404, 'UNKNOWN_ROUTE']);
		expect(route.json.error.message).toContain('newer client');
	});
});

describe('the fleet', () => {
	test('status, limits, launchers, queue and breakers', async () => {
		await using gateway = await openGateway();
		await create(gateway, {text: 'work', label: 'one'});
		const {json: status} = await gateway.http({path: '/daemon/status'});
		expect(status).toMatchObject({daemon_health: 'ok', alive_workers: 1, max_concurrency: 10, queue_counts: {queued_count: 1}});
		expect((await gateway.http({path: '/limits'})).json.limits).toContainEqual({
			name: 'depth',
			value: 5,
			used: 0,
			meaning: 'levels below a root',
		});
		expect((await gateway.http({path: '/launchers'})).json.launchers).toMatchObject([{id: 'lch_1', state: 'online'}]);

		expect((await gateway.http({path: '/queue/pause', body: {}})).status).toBe(200);
		const {json: queue} = await gateway.http({path: '/queue'});
		expect(queue.runs).toMatchObject([{position: 1, label: 'one', reason: 'paused'}]);
		expect((await gateway.http({path: '/queue/pause', body: {}})).status).toBe(422);
		expect((await gateway.http({method: 'POST', path: '/queue/resume'})).status).toBe(200);

		expect((await gateway.http({path: '/breakers/agent:shell/trip', body: {}})).json.breaker.state).toBe('open');
		expect((await gateway.http({path: '/breakers/agent%3Ashell/hold', body: {}})).json.breaker.state).toBe('held');
		expect((await gateway.http({path: '/breakers'})).json.breakers).toMatchObject([
			{key: 'agent:shell', state: 'held'},
			{key: 'agent:codex', state: 'closed', failures: 0},
		]);
		expect((await gateway.http({path: '/breakers/agent:shell/reset', body: {}})).json.breaker.state).toBe('closed');
	});

	test('without a launcher it is degraded and says so', async () => {
		await using gateway = await openGateway({hasLauncher: false});
		const {json} = await gateway.http({path: '/daemon/status'});
		expect(json).toMatchObject({daemon_health: 'degraded', alive_workers: 0});
		expect(json.why).toContain('No launcher');
	});
});

describe('idempotency keys', () => {
	const requests = (sessionId: string, runId: string): ReadonlyArray<readonly [path: string, body: object, other: object]> => [
		[`/sessions/${sessionId}/messages`, {role: 'user', text: 'a'}, {role: 'user', text: 'b'}],
		[`/sessions/${sessionId}/send`, {text: 'a'}, {text: 'a', lane: 'low'}],
		[`/sessions/${sessionId}/spawn`, {task: 'a'}, {task: 'a', label: 'other'}],
		[`/runs/${runId}/spawn`, {task: 'a'}, {task: 'b'}],
		[`/runs/${runId}/reply-parent`, {text: 'a', request_kind: 'notice'}, {text: 'a', request_kind: 'question'}],
		['/sessions', {agent: 'shell'}, {agent: 'codex'}],
	];

	test('the same request has the first answer byte for byte, at once, later and after a restart; another is a conflict', async () => {
		await using gateway = await openGateway();
		const live = await gateway.live();
		for (const [place, [url, body, other]] of requests(live.sessionId, live.runId).entries()) {
			const key = `key-${place}`;
			const same = () => gateway.http({path: url, body: {...body, idempotency_key: key}});
			const [first, ...together] = await Promise.all([same(), same(), same()]);
			const factsAfter = gateway.parts().store.seq;
			for (const answer of [...together, await same(), await gateway.http({path: url, body, headers: {'idempotency-key': key}})]) {
				expect([answer.status, answer.text]).toEqual([first!.status, first!.text]);
			}

			expect(first!.status).toBeLessThan(300);
			const conflict = await gateway.http({path: url, body: {...other, idempotency_key: key}});
			expect([conflict.status, conflict.json.error.code]).toEqual([409, 'IDEMPOTENCY_CONFLICT']);
			expect(gateway.parts().store.seq).toBe(factsAfter);

			await gateway.restart();
			const later = await same();
			expect([later.status, later.text]).toEqual([first!.status, first!.text]);
			expect((await gateway.http({path: url, body: {...other, idempotency_key: key}})).status).toBe(409);
		}
	});

	test('two senders do not share keys', async () => {
		await using gateway = await openGateway();
		const live = await gateway.live();
		const body = {task: 'a', idempotency_key: 'k'};
		const path = `/runs/${live.runId}/spawn`;
		const [operators, agents] = [await gateway.http({path, body}), await gateway.http({path, body, token: live.token})];
		expect(agents.status).toBe(201);
		expect(agents.json.session.id).not.toBe(operators.json.session.id);
	});

	test('a key must be a text of some length', async () => {
		await using gateway = await openGateway();
		for (const key of ['', 7, {}, 'x'.repeat(201)]) {
			expect((await create(gateway, {idempotency_key: key})).status).toBe(400);
		}
	});
});

/** Lets no file of this process grow beyond so many bytes: the next append to the journal fails as on a full disk. */
const limitFiles = (bytes: string): void => {
	execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`]);
};

const canLimit = process.platform === 'linux' && spawnSync('prlimit', ['--version']).status === 0;

describe('bodies', () => {
	const deep = (levels: number): string => `{"agent":"shell","x":${'['.repeat(levels)}${']'.repeat(levels)}}`;

	test.each([
		['no JSON', '{', 400],
		['NaN', '{"agent":NaN}', 400],
		['an array', '[]', 400],
		['a text', '"x"', 400],
		['a prototype', '{"agent":"shell","__proto__":{"polluted":true}}', 400],
		['a constructor’s prototype', '{"agent":"shell","constructor":{"prototype":{"polluted":true}}}', 400],
		['100,000 levels', deep(100_000), 400],
		['40 levels', deep(40), 400],
		['half a surrogate pair', '{"agent":"shell","label":"\\ud800"}', 400],
		['a number for a text', '{"agent":7}', 400],
		['a huge number', '{"agent":"shell","label":1e999}', 400],
		['a long label', JSON.stringify({agent: 'shell', label: 'x'.repeat(201)}), 400],
		['more than 1 MB', JSON.stringify({agent: 'shell', text: 'x'.repeat(1024 * 1024)}), 413],
	])('%s', async (_name, body, status) => {
		await using gateway = await openGateway();
		const before = gateway.parts().store.seq;
		const answer = await gateway.http({path: '/sessions', body});
		expect(answer.status).toBe(status);
		expect(answer.json.error.message).toMatch(/\.$/);
		expect(gateway.parts().store.seq).toBe(before);
		expect(({} as {polluted?: boolean}).polluted).toBeUndefined();
	});

	test('whatever JSON comes in, it is answered with a status below 500 and without a trace inside', async () => {
		await using gateway = await openGateway();
		const live = await gateway.live();
		const paths = ['/sessions', `/sessions/${live.sessionId}/send`, `/runs/${live.runId}/reply-parent`, `/runs/${live.runId}/transition`];
		await fc.assert(
			fc.asyncProperty(fc.constantFrom(...paths), fc.jsonValue({maxDepth: 5}), async (path, value) => {
				const {status, json} = await gateway.http({path, body: JSON.stringify(value)});
				expect(status).toBeLessThan(500);
				expect(json.error?.message ?? '').not.toMatch(/\n\s+at /);
			}),
			{numRuns: 100},
		);
		expect((await gateway.http({path: '/health'})).status).toBe(200);
	});

	test.skipIf(!canLimit)('a disk that fails is 507 with a sentence; reading, denying and stopping go on', async () => {
		await using gateway = await openGateway();
		const run = await gateway.live();
		const raise = () => gateway.http({path: `/runs/${run.runId}/reply-parent`, body: {text: 'may I?', request_kind: 'approval_request'}});
		const {id} = (await raise()).json.escalation;
		const {fingerprint} = gateway.state().escalations[id]!;
		limitFiles('1');
		try {
			const failed = await create(gateway);
			expect([failed.status, failed.json.error.code]).toEqual([507, 'STORE_FAILED']);
			const refused = await create(gateway);
			expect([refused.status, refused.json.error.code]).toEqual([507, 'STORE_FAILED']);
			expect((await gateway.http({path: '/health'})).json.status).toBe('failing');
			expect((await gateway.http({path: '/sessions'})).status).toBe(200);
			const decide = (choice: string) => gateway.http({path: `/escalations/${id}/decide`, body: {word: 'unknown', choice, fingerprint}});
			expect((await decide('approve')).status).toBe(507);
			expect((await decide('deny')).status).toBe(200);
			expect((await gateway.http({path: `/runs/${run.runId}/cancel`, body: {}})).status).toBe(200);
		} finally {
			limitFiles('unlimited');
		}
	});
});
