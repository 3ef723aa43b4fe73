import {describe, expect, test} from 'vitest';
import type {Policy} from '../../state/escalation/policy.js';
import {defaultLimits} from '../../state/safety/limits.js';
import {foundFor} from '../helpers/asking.js';
import {type LiveRun, openGateway, type TestGateway} from '../helpers/open-gateway.js';
import {agentEnv, asked, ctl} from '../helpers/run-ctl.js';
import {agentOf} from '../helpers/state-fleet.js';

const digest = (letter: string) => letter.repeat(64);

/** Raises a request as the coordinator would have found it. */
const raise = async (gateway: TestGateway, {runId}: LiveRun, argv: readonly string[], letter = 'a', cwd = gateway.folder) => {
	const plan = {runId, kind: 'approval', text: 'May I?', payload: {argv, cwd}, found: foundFor(argv, cwd)} as const;
	const answer = await gateway.sent({type: 'escalation.raise', ...plan, blocking: true, fingerprint: digest(letter)}, agentOf(runId));
	return (answer as {escalation: {id: string}}).escalation.id;
};

const approve = (id: string, ...more: readonly string[]) =>
	['escalation', 'decide', id, '--choice', 'approve', '--fingerprint', 'aaaaaaaa', ...more] as const;

describe('decisions of scripts', () => {
	test('a high risk needs its word, which a look at the request tells', async () => {
		await using gateway = await openGateway();
		const id = await raise(gateway, await gateway.live(), ['rm', '-rf', 'x']);
		const refused = await asked(gateway, ...approve(id));
		expect([refused.exitCode, refused.json.error.code]).toEqual([1, 'NOT_ARMED']);
		const {escalation} = (await asked(gateway, 'escalation', 'show', id)).json;
		expect(escalation).toMatchObject({word: 'destructive', risk_level: 'high', because: 'rm destroys'});
		expect((await asked(gateway, ...approve(id, '--word', escalation.word))).exitCode).toBe(0);
	});

	test('an approval for longer is listed, used and revoked', async () => {
		await using gateway = await openGateway();
		const run = await gateway.live();
		const id = await raise(gateway, run, ['npm', 'ci']);
		expect((await asked(gateway, ...approve(id, '--scope', 'always', '--lifetime', '90d'))).exitCode).toBe(2);
		expect((await asked(gateway, ...approve(id, '--scope', 'always', '--lifetime', '2h 3x'))).exitCode).toBe(0);
		const [grant] = (await asked(gateway, 'grant', 'list')).json.grants;
		expect(grant).toMatchObject({scope: 'always', agent: 'shell', max_uses: 3, ended: null});
		const again = await raise(gateway, run, ['npm', 'ci'], 'b');
		expect((await asked(gateway, 'escalation', 'show', again)).json.escalation).toMatchObject({choice: 'approve', by: `grant ${grant.id}`});
		expect((await asked(gateway, 'grant', 'revoke', grant.id)).exitCode).toBe(0);
		expect((await asked(gateway, 'grant', 'list')).json.grants[0].ended).toMatch(/^revoked by /);
		expect((await asked(gateway, 'grant', 'revoke', 'grt_none')).json.error.code).toBe('UNKNOWN_GRANT');
	});

	test('the ledger is for people: agents see neither it nor the grants', async () => {
		await using gateway = await openGateway();
		const run = await gateway.live();
		const id = await raise(gateway, run, ['npm', 'ci']);
		await asked(gateway, 'escalation', 'decide', id, '--choice', 'deny', '--text', 'no');
		expect((await asked(gateway, 'ledger', 'list')).json.entries).toMatchObject([{id, outcome: 'denied', agent: 'shell'}]);
		for (const words of [
			['ledger', 'list'],
			['grant', 'list'],
			['grant', 'revoke', 'grt_x'],
		]) {
			const {json} = await ctl(['--format', 'json', ...words], {env: agentEnv(gateway, run)});
			expect(json.error.code).toBe('FORBIDDEN');
		}
	});
});

describe('agents', () => {
	test('decide for those below them only where a policy lets them (E2)', async () => {
		await using gateway = await openGateway();
		const parent = await gateway.live();
		const child = await gateway.live({parent: parent.runId});
		const id = await raise(gateway, child, ['npm', 'ci'], 'a', gateway.state().sessions[child.sessionId]!.cwd);
		const decide = (run: LiveRun) => ctl(['--format', 'json', ...approve(id)], {env: agentEnv(gateway, run)});
		expect((await decide(parent)).json.error.code).toBe('FORBIDDEN');
		const policy: Policy = {name: 'parents', mode: 'ask', agents: ['*'], mayDecideChildren: [{executable: 'npm'}]};
		const agents = Object.values(gateway.state().agents);
		await gateway.sent({type: 'settings.configure', agents, limits: defaultLimits, policies: [policy]});
		expect((await decide(child)).json.error.code).toBe('FORBIDDEN');
		expect((await decide(parent)).exitCode).toBe(0);
		expect(gateway.state().escalations[id]?.decision?.by).toBe(`agent ${parent.runId}`);
	});

	test('wait for the request that took the place of theirs (rule 11)', async () => {
		await using gateway = await openGateway();
		const run = await gateway.live();
		const args = ['tool', 'session-reply-parent', '--text', 'May I?', '--request-kind', 'approval_request', '--argv', 'ls', '--wait'];
		const asking = ctl(args, {env: agentEnv(gateway, run)});
		await expect.poll(() => gateway.state().index.openEscalations.size).toBe(1);
		const [beforeId = ''] = gateway.state().index.openEscalations;
		const {runId, kind, text, payload, blocking, fingerprint} = gateway.state().escalations[beforeId]!;
		const plan = {runId, kind, text, ...(payload && {payload}), blocking, fingerprint};
		await gateway.sent({type: 'escalation.raise', ...plan, found: foundFor(['ls'], '/')});
		const [afterId = ''] = gateway.state().index.openEscalations;
		expect(afterId).not.toBe(beforeId);
		await asked(gateway, 'escalation', 'decide', afterId, '--choice', 'deny', '--text', 'changed');
		expect((await asking).json).toMatchObject({id: afterId, choice: 'deny', text: 'changed'});
	});
});
