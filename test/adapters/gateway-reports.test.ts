import {expect, test} from 'vitest';
import {openGateway} from '../helpers/open-gateway.js';

const status = {activity: 'working', source: 'hook', confidence: 1, sinceMs: 5, seenMs: 5, evidence: 'a turn'};

test('a run’s own program tells how its agent fares, as its protocol and now', async () => {
	await using gateway = await openGateway();
	const {runId, generation, token, sessionId} = await gateway.live();
	const tell = (report: unknown) => gateway.http({method: 'POST', path: `/runs/${runId}/reports`, token, body: {generation, report}});
	expect((await tell({kind: 'status', status})).status).toBe(200);
	expect(gateway.state().runs[runId]?.status).toMatchObject({activity: 'working', source: 'protocol'});
	expect(gateway.state().runs[runId]?.status?.seenMs).toBeGreaterThan(1_000_000);
	expect((await tell({kind: 'thread', threadId: 'thr_1'})).status).toBe(200);
	expect(gateway.state().sessions[sessionId]?.threadId).toBe('thr_1');
});

test('nobody else speaks for a run, and nothing but a report is taken', async () => {
	await using gateway = await openGateway();
	const {runId, generation, token} = await gateway.live();
	const other = await gateway.live();
	const path = `/runs/${runId}/reports`;
	const body = {generation, report: {kind: 'accepted'}};
	expect((await gateway.http({method: 'POST', path, body})).status).toBe(403);
	expect((await gateway.http({method: 'POST', path, token: other.token, body})).status).toBe(403);
	expect((await gateway.http({method: 'POST', path, token, body: {generation, report: {kind: 'approve'}}})).status).toBe(400);
	const negative = {kind: 'usage', usage: {inputTokens: -5}};
	expect((await gateway.http({method: 'POST', path, token, body: {generation, report: negative}})).status).toBe(400);
	expect((await gateway.http({method: 'POST', path, token, body: {...body, generation: generation + 1}})).status).toBeGreaterThanOrEqual(
		400,
	);
	expect(gateway.state().runs[runId]?.attempts.at(-1)?.acceptedAtMs).toBeUndefined();
});
