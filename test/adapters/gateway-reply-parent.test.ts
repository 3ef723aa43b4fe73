import {describe, expect, test} from 'vitest';
import {wordToApprove} from '../../state/escalation/decide-decision.js';
import type {HttpResponse} from '../helpers/http.js';
import {http} from '../helpers/http.js';
import {type LiveRun, openGateway, type TestGateway} from '../helpers/open-gateway.js';

const plan = {
	text: 'May I?',
	request_kind: 'approval_request',
	payload: {tool: 'Bash', argv: ['npm', 'ci'], cwd: '/repo', env: {CI: '1'}, why: 'tests'},
};

const asks = (gateway: TestGateway, run: LiveRun, body: object = {}, signal?: AbortSignal): Promise<HttpResponse> =>
	http(gateway.place(), {
		path: `/runs/${run.runId}/reply-parent`,
		token: run.token,
		body: {...plan, ...body},
		...(signal && {signal}),
	});

const open = (gateway: TestGateway) => [...gateway.state().index.openEscalations].map(id => gateway.state().escalations[id]!);

/** The one open escalation, once it is there. */
const theOpenOne = async (gateway: TestGateway) => {
	await expect.poll(() => open(gateway).length).toBe(1);
	return open(gateway)[0]!;
};

const decide = (gateway: TestGateway, id: string, body: object) => {
	const escalation = gateway.state().escalations[id]!;
	const word = wordToApprove(gateway.state(), escalation);
	return gateway.http({path: `/escalations/${id}/decide`, body: {fingerprint: escalation.fingerprint, ...(word && {word}), ...body}});
};

describe('reply-parent with wait', () => {
	test.each([
		['approve', undefined, 'approval_request'],
		['deny', 'not on Fridays', 'permission_request'],
		['answer', 'use main', 'question'],
	])('%s reaches the asker, and then counts as delivered', async (choice, text, kind) => {
		await using gateway = await openGateway();
		const run = await gateway.live();
		const asked = asks(gateway, run, {request_kind: kind, wait: true});
		const escalation = await theOpenOne(gateway);
		expect(gateway.state().runs[run.runId]!.state).toBe('waiting');
		expect(escalation).toMatchObject({
			blocking: true,
			text: 'May I?',
			payload: {tool: 'Bash', argv: ['npm', 'ci'], cwd: '/repo', env: {CI: '1'}, extra: {why: 'tests'}},
		});

		const decided = await decide(gateway, escalation.id, {choice, ...(text && {text})});
		expect(decided.status).toBe(200);
		const answer = await asked;
		expect(answer.status).toBe(200);
		expect(answer.json.escalation).toMatchObject({id: escalation.id, state: 'answered', choice, ...(text && {text})});
		expect(gateway.state().runs[run.runId]!.state).toBe('running');
		await expect.poll(() => gateway.state().escalations[escalation.id]!.deliveredAtMs).toBeTypeOf('number');
	});

	test('an expiry is told as nobody’s answer, never as a denial', async () => {
		let skewMs = 0;
		await using gateway = await openGateway({skewMs: () => skewMs});
		const run = await gateway.live();
		const asked = asks(gateway, run, {wait: true});
		const {id, fingerprint} = await theOpenOne(gateway);
		skewMs = 31 * 60_000;
		const late = await gateway.http({path: `/escalations/${id}/decide`, body: {choice: 'approve', fingerprint}});
		expect([late.status, late.json.error.code]).toEqual([409, 'EXPIRED']);
		await gateway.sent({type: 'clock.tick'});
		const {json} = await asked;
		expect(json.escalation).toMatchObject({state: 'expired', why: 'nobody answered in time'});
		expect(json.escalation.choice).toBeUndefined();
	});

	test('the end of the run withdraws it', async () => {
		await using gateway = await openGateway();
		const run = await gateway.live();
		const asked = asks(gateway, run, {wait: true});
		await theOpenOne(gateway);
		await gateway.ends(run, 1);
		expect((await asked).json.escalation).toMatchObject({state: 'withdrawn', why: 'the run ended (failed)'});
	});

	test('first decision wins, the same again is no news, another is refused, a changed fingerprint too', async () => {
		await using gateway = await openGateway();
		const run = await gateway.live();
		const asked = asks(gateway, run, {wait: true});
		const {id} = await theOpenOne(gateway);
		expect((await decide(gateway, id, {choice: 'approve', fingerprint: 'f'.repeat(64)})).json.error.code).toBe('CHANGED');
		expect((await decide(gateway, id, {choice: 'answer', text: 'x'})).json.error.code).toBe('INVALID');
		const race = await Promise.all([decide(gateway, id, {choice: 'approve'}), decide(gateway, id, {choice: 'deny'})]);
		expect(race.map(({status}) => status).sort()).toEqual([200, 409]);
		const won = (await asked).json.escalation.choice;
		expect((await decide(gateway, id, {choice: won})).status).toBe(200);
		const lost = await decide(gateway, id, {choice: won === 'deny' ? 'approve' : 'deny'});
		expect([lost.status, lost.json.error.code]).toEqual([409, 'ALREADY_RESOLVED']);
	});

	test('an asker that leaves is withdrawn after the grace', async () => {
		await using gateway = await openGateway({askerGraceMs: 50});
		const run = await gateway.live();
		const leaving = new AbortController();
		const asked = asks(gateway, run, {wait: true}, leaving.signal).catch((error: unknown) => error);
		const {id} = await theOpenOne(gateway);
		leaving.abort();
		await asked;
		await expect.poll(() => gateway.state().escalations[id]!.state).toBe('withdrawn');
		expect(gateway.state().escalations[id]!.closed!.why).toBe('the agent stopped waiting for the answer');
		expect(gateway.state().runs[run.runId]!.state).toBe('running');
		expect(gateway.state().escalations[id]!.deliveredAtMs).toBeUndefined();
	});

	test('one that comes back within it finds the same escalation, with and without a key', async () => {
		await using gateway = await openGateway({askerGraceMs: 2000});
		const run = await gateway.live();
		for (const key of [undefined, 'k1']) {
			const body = {wait: true, ...(key && {idempotency_key: key})};
			const leaving = new AbortController();
			const first = asks(gateway, run, body, leaving.signal).catch(() => 'gone');
			const {id} = await theOpenOne(gateway);
			leaving.abort();
			expect(await first).toBe('gone');
			const again = asks(gateway, run, body);
			// Longer than the grace: the withdrawal that was planned must not come.
			const other = await gateway.http({path: `/escalations/${id}?wait_s=3`});
			expect(other.json.escalation.state).toBe('open');
			await decide(gateway, id, {choice: 'approve'});
			expect((await again).json.escalation).toMatchObject({id, choice: 'approve'});
		}
	});

	test('two connections for one escalation: it stays while one of them does', async () => {
		await using gateway = await openGateway({askerGraceMs: 0});
		const run = await gateway.live();
		const leaving = new AbortController();
		const staying = asks(gateway, run, {wait: true});
		const {id} = await theOpenOne(gateway);
		const other = asks(gateway, run, {wait: true}, leaving.signal).catch(() => 'gone');
		await gateway.http({path: '/daemon/status'});
		leaving.abort();
		await other;
		await gateway.http({path: `/escalations/${id}?wait_s=0.3`});
		expect(gateway.state().escalations[id]!.state).toBe('open');
		await decide(gateway, id, {choice: 'deny'});
		expect((await staying).json.escalation.choice).toBe('deny');
	});

	test('a restart withdraws nothing, marks the asker gone, and takes it back with its key', async () => {
		await using gateway = await openGateway({askerGraceMs: 0});
		const run = await gateway.live();
		const asked = asks(gateway, run, {wait: true, idempotency_key: 'k'});
		const {id} = await theOpenOne(gateway);
		await gateway.parts().gateway.close();
		for (const type of ['queue.pause', 'queue.resume'] as const) {
			// Time enough for a withdrawal to be written, were one planned.
			await gateway.sent({type});
		}

		await gateway.restart();
		const told = await asked;
		expect([told.status, told.json.error.code]).toEqual([503, 'CLOSING']);
		expect(gateway.state().escalations[id]).toMatchObject({state: 'open', askerGone: true});

		const again = asks(gateway, run, {wait: true, idempotency_key: 'k'});
		await expect.poll(() => gateway.state().escalations[id]!.askerGone).toBe(false);
		expect(open(gateway)).toHaveLength(1);
		await decide(gateway, id, {choice: 'approve'});
		expect((await again).json.escalation).toMatchObject({id, choice: 'approve'});

		const late = await asks(gateway, run, {wait: true, idempotency_key: 'k'});
		expect(late.json.escalation).toMatchObject({id, choice: 'approve'});
	});
});

describe('reply-parent without wait', () => {
	test('does not hold the agent; the answer is read later and counts as delivered then', async () => {
		await using gateway = await openGateway();
		const run = await gateway.live();
		const {json} = await asks(gateway, run);
		const {id} = json.escalation;
		expect(json.escalation).toMatchObject({state: 'open', kind: 'approval', run_id: run.runId});
		expect(gateway.state().runs[run.runId]!.state).toBe('running');
		const looking = gateway.http({path: `/escalations/${id}?wait_s=600`, token: run.token});
		await gateway.http({path: '/daemon/status'});
		await decide(gateway, id, {choice: 'approve'});
		expect((await looking).json.escalation).toMatchObject({state: 'answered', choice: 'approve', choices: ['approve', 'deny']});
		await expect.poll(() => gateway.state().escalations[id]!.deliveredAtMs).toBeTypeOf('number');
	});

	test('an operator who looks is no asker', async () => {
		await using gateway = await openGateway();
		const run = await gateway.live();
		const {id} = (await asks(gateway, run)).json.escalation;
		await decide(gateway, id, {choice: 'approve'});
		await gateway.http({path: `/escalations/${id}`});
		await gateway.http({path: '/daemon/status'});
		expect(gateway.state().escalations[id]!.deliveredAtMs).toBeUndefined();
	});

	test('too many open requests are told to slow down', async () => {
		await using gateway = await openGateway({limits: {openEscalations: 2}});
		const run = await gateway.live();
		for (const text of ['1', '2']) {
			expect((await asks(gateway, run, {text})).status).toBe(200);
		}

		const {status, json} = await asks(gateway, run, {text: '3'});
		expect([status, json.error.code]).toEqual([429, 'LIMIT_REACHED']);
		expect((await asks(gateway, run, {text: '2'})).status).toBe(200);
	});

	test('a notice has no answer to wait for, and an unknown kind is named', async () => {
		await using gateway = await openGateway();
		const run = await gateway.live();
		expect((await asks(gateway, run, {request_kind: 'notice', wait: true})).status).toBe(422);
		const {status, json} = await asks(gateway, run, {request_kind: 'order'});
		expect([status, json.error.code]).toEqual([400, 'MALFORMED']);
		expect(json.error.message).toContain('request_kind');
	});

	test('what a child asks is an event and a message of its parent, as a child’s words', async () => {
		await using gateway = await openGateway();
		const parent = await gateway.live();
		const child = await gateway.live({parent: parent.runId});
		const {id} = (await asks(gateway, child)).json.escalation;
		const events = await gateway.http({path: `/sessions/${parent.sessionId}/events`, token: parent.token});
		expect(events.json.events.at(-1)).toMatchObject({type: 'escalation.raised', session_id: child.sessionId, data: {escalation: {id}}});
		const {json} = await gateway.http({path: `/sessions/${parent.sessionId}`, token: parent.token});
		expect(json.messages.at(-1)).toMatchObject({role: 'child', text: 'May I?', request_kind: 'approval_request', escalation_id: id});
		const list = await gateway.http({path: '/escalations', token: parent.token});
		expect(list.json.escalations).toMatchObject([{id, payload: {env: {CI: '1'}, extra: {why: 'tests'}}}]);
	});
});
