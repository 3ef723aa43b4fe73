import {expect, test} from 'vitest';
import {openGateway} from '../helpers/open-gateway.js';
import {asked, ctl, operatorEnv} from '../helpers/run-ctl.js';

test('says why a run is where it is in the words of the console, or as a list for scripts', async () => {
	await using gateway = await openGateway();
	const env = operatorEnv(gateway);
	const created = await asked(gateway, 'session', 'create', '--agent', 'shell', '--label', 'mine\u001B[2J', '--text', 'true');
	const runId = created.json.run.id as string;
	await asked(gateway, 'queue', 'hold', '--run-id', runId);
	const {stdout, exitCode} = await ctl(['run', 'explain', runId], {env});
	expect(exitCode).toBe(0);
	expect(stdout).toContain(`“mine\\u{1B}[2J” runs shell: ${runId}, queued for`);
	expect(stdout).toMatch(/^It is held by .*\.$/m);
	expect(stdout).toContain('queue     1 of 1, lane normal');
	const {json} = await asked(gateway, 'run', 'explain', runId);
	expect(json).toMatchObject({run_id: runId, why: expect.arrayContaining(['Where it stands']) as string[]});
	expect((await asked(gateway, 'run', 'diagnose', runId)).json.diagnostics.why[0]).toContain('runs shell');
});
