import {execFileSync} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {commands} from '../../source/ctl/commands.js';
import {exitCodes} from '../../source/errors.js';
import {openGateway, type TestGateway} from '../helpers/open-gateway.js';
import {asked, ctl, operatorEnv} from '../helpers/run-ctl.js';

const queued = async (gateway: TestGateway, ...args: readonly string[]): Promise<string> =>
	(await asked(gateway, 'session', 'create', '--agent', 'shell', '--text', 'work', ...args)).json.run.id;

const order = async (gateway: TestGateway): Promise<readonly string[]> =>
	(await asked(gateway, 'queue', 'list')).json.runs.map((run: {id: string}) => run.id);

const ok = async (gateway: TestGateway, ...args: readonly string[]): Promise<void> => {
	const result = await asked(gateway, ...args);
	expect(result.exitCode, `${args.join(' ')}: ${result.stderr}`).toBe(0);
};

describe('the queue from a script', () => {
	test('runs are held, let go, moved, put into another lane and started', async () => {
		await using gateway = await openGateway({limits: {concurrent: 1}});
		await gateway.live();
		const [a, b, c] = [await queued(gateway), await queued(gateway), await queued(gateway)];
		expect(await order(gateway)).toEqual([a, b, c]);
		await ok(gateway, 'queue', 'move', c, '--to', 'first');
		expect((await order(gateway))[0]).toBe(c);
		await ok(gateway, 'queue', 'hold', '--run-id', a);
		expect(gateway.state().runs[a]!.heldBy).toBeTypeOf('string');
		expect((await asked(gateway, 'queue', 'hold', a)).json.error.code).toBe('INVALID');
		await ok(gateway, 'queue', 'unhold', a);
		await ok(gateway, 'queue', 'prioritise', b, '--lane', 'urgent');
		expect(gateway.state().runs[b]!.lane).toBe('urgent');
		await ok(gateway, 'queue', 'start', a);
		expect((await gateway.sent({type: 'queue.dispatch'})).run.id).toBe(a);
		expect((await asked(gateway, 'queue', 'move', a)).json.error.code).toBe('NOT_QUEUED');
	});

	test('a draining queue takes nothing new', async () => {
		await using gateway = await openGateway();
		await ok(gateway, 'queue', 'drain');
		const refused = await asked(gateway, 'session', 'create', '--agent', 'shell', '--text', 'x');
		expect([refused.exitCode, refused.json.error.code]).toEqual([exitCodes.failure, 'DRAINING']);
		expect((await asked(gateway, 'queue', 'list')).json.draining_by).toBeTypeOf('string');
		await ok(gateway, 'queue', 'undrain');
		await queued(gateway);
	});

	test('what is asked for beside the text reaches the run', async () => {
		await using gateway = await openGateway();
		const first = await queued(gateway, '--tag', 'a', '--tag', 'b');
		const {sessionId} = gateway.state().runs[first]!;
		expect(gateway.state().sessions[sessionId]!.tags).toEqual(['a', 'b']);
		const options = ['--depends-on', first, '--on-dependency-failure', 'release', '--demand', 'gpu', '--retry', '--preemptible'];
		const more = ['--lane', 'low', '--deadline-at-ms', '9000000000000', '--mode', 'queue'];
		const {json} = await asked(gateway, 'message', 'send', sessionId, '--text', 'next', ...options, ...more);
		expect(gateway.state().runs[json.run.id]).toMatchObject({
			dependsOn: [first],
			onDependencyFailure: 'release',
			demands: ['gpu'],
			retry: true,
			isPreemptible: true,
			lane: 'low',
			deadlineAtMs: 9_000_000_000_000,
		});
	});

	test('a run is done again; one that failed too often is listed, shown, retried and dropped', async () => {
		await using gateway = await openGateway();
		const run = await gateway.live();
		await gateway.ends(run);
		const again = await asked(gateway, 'run', 'rerun', run.runId);
		expect(gateway.state().runs[again.json.run.id]).toMatchObject({text: 'work', sessionId: run.sessionId});
		expect((await asked(gateway, 'run', 'retry', run.runId)).json.error.code).toBe('NOT_DEAD');
		expect((await asked(gateway, 'deadletter', 'drop', run.runId)).json.error.code).toBe('NOT_DEAD');
		expect((await asked(gateway, 'deadletter', 'list')).json.runs).toEqual([]);
		expect((await asked(gateway, 'deadletter', 'show', run.runId)).json.run.id).toBe(run.runId);
		expect((await ctl(['deadletter', 'list'], {env: operatorEnv(gateway)})).stdout).toBe('Nothing.\n');
	});

	test('a provider is paused and let go; alerts and limits are listed', async () => {
		await using gateway = await openGateway();
		const agents = [{name: 'codex', adapter: 'codex', description: 'codex', provider: 'openai'}];
		await gateway.sent({type: 'settings.configure', agents, limits: gateway.state().limits});
		expect((await asked(gateway, 'provider', 'limit', 'nobody')).json.error.code).toBe('UNKNOWN_PROVIDER');
		const untilMs = Date.now() + 60_000;
		await ok(gateway, 'provider', 'limit', 'openai', '--text', 'too many requests', '--until-ms', String(untilMs));
		const [listed] = (await asked(gateway, 'provider', 'list')).json.providers;
		expect(listed).toMatchObject({name: 'openai', paused: true, until_ms: untilMs, sentence: 'too many requests'});
		await ok(gateway, 'provider', 'clear', 'openai');
		expect((await asked(gateway, 'alert', 'list')).json.alerts).toBeInstanceOf(Array);
		expect((await asked(gateway, 'alert', 'ack', 'no:such')).json.error.code).toBe('UNKNOWN_ALERT');
		const limits = (await asked(gateway, 'limits', 'list')).json.limits;
		expect(limits).toContainEqual({name: 'concurrent', value: 10, used: 0, meaning: 'runs at once'});
	});

	test('an agent may do none of it', async () => {
		await using gateway = await openGateway();
		const run = await gateway.live();
		const other = await queued(gateway);
		for (const path of [
			`/runs/${run.runId}/hold`,
			'/queue/drain',
			'/queue/pause',
			'/providers/openai/limit',
			'/breakers/agent:shell/trip',
		]) {
			const {status, json} = await gateway.http({path, token: run.token, body: {}});
			expect([path, status, json.error.code]).toEqual([path, 403, 'FORBIDDEN']);
		}

		expect((await gateway.http({path: `/runs/${other}/start`, token: run.token, body: {}})).status).toBe(403);
	});
});

describe('completions', () => {
	test('a real bash completes nouns, verbs and flags from them', async () => {
		await using gateway = await openGateway();
		const script = path.join(gateway.folder, 'completion.bash');
		const {stdout, exitCode} = await ctl(['completion', 'bash']);
		expect(exitCode).toBe(0);
		writeFileSync(script, stdout);
		const complete = (...words: readonly string[]): readonly string[] => {
			const setup = `source ${script}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _agentctl; printf '%s\\n' "\${COMPREPLY[@]}"`;
			return execFileSync('bash', ['-c', setup, 'bash', 'agentctl', ...words], {encoding: 'utf8'})
				.trim()
				.split('\n');
		};
		expect(complete('dead')).toEqual(['deadletter']);
		expect(complete('queue', 'pri')).toEqual(['prioritise']);
		expect(complete('queue', 'prioritise', '--la')).toEqual(['--lane']);
		expect(complete('--format', 'run', 'wa')).toEqual(['wait']);
		for (const {words} of commands) {
			const [noun = '', verb] = words;
			expect(verb === undefined || complete(noun, '').includes(verb), words.join(' ')).toBe(true);
		}
	});

	test('other shells have theirs, and an unknown one is told', async () => {
		expect((await ctl(['completion', 'zsh'])).stdout).toMatch(/^autoload -U \+X bashcompinit/);
		expect((await ctl(['completion', 'fish'])).stdout).toContain('__fish_seen_subcommand_from deadletter');
		const {exitCode, stderr} = await ctl(['completion', 'tcsh']);
		expect(exitCode).toBe(exitCodes.usage);
		expect(stderr).toContain('knows bash, zsh, fish');
	});
});
