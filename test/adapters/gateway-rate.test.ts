import {expect, test} from 'vitest';
import {openGateway} from '../helpers/open-gateway.js';
import {agentEnv, ctl} from '../helpers/run-ctl.js';

const perMinute = 60;

test('an agent that calls too often is told when to come back, and is served in the order it came', async () => {
	let skewMs = 0;
	await using gateway = await openGateway({skewMs: () => skewMs});
	const run = await gateway.live();
	const calls = (path: string) => gateway.http({path, token: run.token});
	for (let call = 0; call < perMinute; call += 1) {
		expect((await calls('/queue')).status).toBe(200);
	}

	const first = await calls('/sessions');
	expect([first.status, first.json.error.code]).toEqual([429, 'RATE_LIMITED']);
	const {retry_after_ms: firstMs} = first.json.error;
	expect(firstMs).toBeGreaterThan(0);
	expect(firstMs).toBeLessThanOrEqual(1000);
	expect(Number(first.headers['retry-after'])).toBe(Math.ceil(firstMs / 1000));
	const second = await calls('/escalations');
	expect(second.json.error.retry_after_ms).toBeGreaterThan(firstMs);
	// Asking again before its time neither helps nor costs another place.
	expect((await calls('/sessions')).json.error.retry_after_ms).toBeLessThanOrEqual(firstMs);

	skewMs += second.json.error.retry_after_ms;
	const late = await calls('/health?late');
	expect(late.status).toBe(200);
	expect((await calls('/launchers')).status).toBe(429);
	expect([(await calls('/escalations')).status, (await calls('/sessions')).status]).toEqual([200, 200]);
	expect((await calls('/sessions')).status).toBe(429);
});

test('operators and other agents are not counted with it; a minute later it may call again', async () => {
	let skewMs = 0;
	await using gateway = await openGateway({skewMs: () => skewMs});
	const [busy, calm] = [await gateway.live(), await gateway.live()];
	for (let call = 0; call <= perMinute; call += 1) {
		await gateway.http({path: '/queue', token: busy.token});
	}

	expect((await gateway.http({path: '/queue?more', token: busy.token})).status).toBe(429);
	expect((await gateway.http({path: '/queue', token: calm.token})).status).toBe(200);
	expect((await gateway.http({path: '/queue'})).status).toBe(200);
	skewMs += 120_000;
	expect((await gateway.http({path: '/queue?more', token: busy.token})).status).toBe(200);
	expect((await gateway.http({path: '/queue?again', token: busy.token})).status).toBe(200);
});

test('agentctl comes back by itself when it is told to', async () => {
	await using gateway = await openGateway();
	const run = await gateway.live();
	for (let call = 0; call <= perMinute; call += 1) {
		await gateway.http({path: '/queue', token: run.token});
	}

	const result = await ctl(['--format', 'json', 'session', 'list'], {env: agentEnv(gateway, run)});
	expect([result.exitCode, result.json.sessions.length]).toEqual([0, 1]);
});
