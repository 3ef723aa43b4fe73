import {chmod, mkdir, mkdtemp, stat, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {agentEnvironment} from '../../source/agent-env.js';
import {adapters} from '../../source/agents/registry.js';
import {foundAgents, readConfig} from '../../source/config.js';
import {ExpectedError, exitCodes} from '../../source/errors.js';
import {findExecutable} from '../../source/find-executable.js';
import {whyNotThisNode} from '../../source/node-version.js';
import {pathsOf, stateFolder} from '../../source/paths.js';
import {openTokens} from '../../source/run-token.js';
import {defaultRetry} from '../../state/run/retry.js';
import {defaultLimits} from '../../state/safety/limits.js';

const folder = () => mkdtemp(path.join(tmpdir(), 'agent-tui-config-'));

const configOf = async (text: string) => {
	const file = path.join(await folder(), 'config.json');
	await writeFile(file, text);
	return readConfig({AGENT_TUI_CONFIG: file, PATH: '/nowhere'}, adapters);
};

describe('configuration', () => {
	test('without a file there is the shell, and every coding agent that is on the PATH', async () => {
		const bin = await folder();
		await writeFile(path.join(bin, 'codex'), '#!/bin/sh\n', {mode: 0o755});
		await writeFile(path.join(bin, 'gemini'), 'not executable');
		expect(foundAgents({PATH: bin}, adapters).map(({name}) => name)).toEqual(['shell', 'codex']);
		const {limits} = await readConfig({AGENT_TUI_CONFIG: path.join(bin, 'none.json'), PATH: '/nowhere'}, adapters);
		expect(limits).toEqual(defaultLimits);
	});

	test('agents and limits of the file are taken; one of the same name replaces a found one', async () => {
		const {agents, limits} = await configOf('{"agents": {"shell": {"argv": ["fish", "-c", "{prompt}"]}}, "limits": {"concurrent": 3}}');
		expect(agents).toEqual([{name: 'shell', adapter: 'command', argv: ['fish', '-c', '{prompt}'], description: 'fish -c {prompt}'}]);
		expect(limits).toEqual({...defaultLimits, concurrent: 3});
	});

	test('an agent may be one of a known program with other settings, and has what its adapter knows', async () => {
		const config = await configOf(
			JSON.stringify({
				agents: {
					careful: {
						adapter: 'claude',
						args: ['--verbose'],
						env: {LANG: 'C'},
						model: 'opus',
						tags: ['gpu', 'net:lan'],
						retry: {waitsMs: [0, 5000], lostCap: 2},
						budget: {tokens: 100_000, costUsd: 2.5, runsPerHour: 10, wallMs: 3_600_000},
						runTimeoutMs: 60_000,
						stuckAfterMs: 120_000,
						policy: 'reading',
					},
					own: {adapter: 'claude', argv: ['/opt/claude'], provider: 'proxy', retry: true},
					plain: {argv: ['tool'], retry: false},
				},
				limitOverrides: [{label: 'nightly*', limits: {concurrent: 2}}],
				budgets: {session: {tokens: 1000}, tree: {costUsd: 1}, all: {runsPerHour: 100}},
				launcherTags: ['linux'],
				quietHours: '22:00-07:00',
				policies: [{name: 'reading', mode: 'ask'}],
			}),
		);
		expect(config.agents.slice(1)).toEqual([
			{
				name: 'careful',
				adapter: 'claude',
				description: 'Claude Code',
				provider: 'anthropic',
				provesAcceptance: true,
				args: ['--verbose'],
				env: {LANG: 'C'},
				model: 'opus',
				tags: ['gpu', 'net:lan'],
				retry: {...defaultRetry, waitsMs: [0, 5000], lostCap: 2},
				budget: {tokens: 100_000, costUsd: 2.5, runsPerHour: 10, wallMs: 3_600_000},
				runTimeoutMs: 60_000,
				stuckAfterMs: 120_000,
				policy: 'reading',
			},
			{
				name: 'own',
				adapter: 'claude',
				argv: ['/opt/claude'],
				description: '/opt/claude',
				provider: 'proxy',
				provesAcceptance: true,
				retry: defaultRetry,
			},
			{name: 'plain', adapter: 'command', argv: ['tool'], description: 'tool'},
		]);
		expect(config).toMatchObject({
			limitOverrides: [{label: 'nightly*', limits: {concurrent: 2}}],
			budgets: {session: {tokens: 1000}, tree: {costUsd: 1}, all: {runsPerHour: 100}},
			launcherTags: ['linux'],
			quietHours: {from: 22 * 60, to: 7 * 60},
			policies: [{name: 'reading', mode: 'ask'}],
		});
	});

	test('every limit there is may be set', async () => {
		const limits = Object.fromEntries(Object.keys(defaultLimits).map(limit => [limit, 10_000_000]));
		expect((await configOf(JSON.stringify({limits}))).limits).toEqual(limits);
	});

	test.each([
		['{', 'is not JSON'],
		['[]', 'is not a JSON object'],
		['{"agent": {}}', 'unknown key "agent"'],
		['{"agents": {"a": {}}}', 'gives agent a no "argv"'],
		['{"agents": {"-rf": {"argv": ["x"]}}}', 'names an agent "-rf"'],
		['{"agents": {"a": {"argv": ["x"], "autoApprove": true}}}', 'unknown key "autoApprove"'],
		['{"limits": {"concurent": 3}}', 'unknown limit "concurent"'],
		['{"limits": {"concurrent": -1}}', 'must be a whole number'],
		['{"limits": {"concurrent": 1.5}}', 'is not right at limits.concurrent'],
		['{"limits": []}', 'must be a set of limits'],
		['{"agents": []}', 'is not right at agents: it must be a set of agents'],
		['{"agents": {"a": "x"}}', 'is not right at agents.a: it must be a set of settings'],
		['{"agents": {"a/b": {"argv": ["x"]}}}', 'names an agent "a/b"'],
		['{"agents": {"a": {"argv": []}}}', 'is not right at agents.a.argv'],
		['{"agents": {"a": {"argv": ["x"], "env": {"A": 1}}}}', 'is not right at agents.a.env.A: it must be a set of texts'],
		['{"agents": {"a": {"adapter": "clod"}}}', 'gives agent a the adapter "clod": known are shell, command, claude'],
		['{"agents": {"a": {"adapter": "acp"}}}', 'gives agent a no "argv"'],
		['{"agents": {"a": {"argv": ["x"], "retry": 3}}}', 'must be true, false, or a set of waitsMs'],
		['{"agents": {"a": {"argv": ["x"], "budget": {"tokens": 0}}}}', 'is not right at agents.a.budget.tokens: it must be a number above 0'],
		['{"agents": {"a": {"argv": ["x"], "budget": {"coins": 1}}}}', 'has an unknown key "coins" in agents.a.budget'],
		['{"agents": {"a": {"argv": ["x"], "policy": "none"}}}', 'the policy "none", which "policies" does not have'],
		['{"agents": {"a": {"argv": ["x"], "tags": ["a b"]}}}', 'must be a list of tags'],
		['{"agents": {"a": {"argv": ["x"], "stuckAfterMs": 5}}}', 'stuckAfterMs (5 ms) must not be shorter than acceptanceTimeoutMs'],
		[
			'{"limits": {"launcherGoneMs": 1000}}',
			'launcherGoneMs (1000 ms) must not be shorter than startTimeoutMs (60000 ms), which it guards',
		],
		['{"limitOverrides": [{"label": "x", "limits": {"orphanGraceMs": 1}}]}', 'has limits for "x" that do not go together'],
		['{"limitOverrides": [{"label": "x", "limits": {"nope": 1}}]}', 'has an unknown limit "nope" in limitOverrides[0].limits'],
		['{"budgets": {"fleet": {}}}', 'has an unknown key "fleet" in budgets'],
		['{"budgets": {"all": {"runsPerHour": 0.5}}}', 'is not right at budgets.all.runsPerHour: it must be a whole number, 1 or more'],
		['{"quietHours": "late"}', 'is not right at quietHours: it must be two times of day'],
		['{"policies": [{"name": "p", "mode": "full"}]}', 'has a policy that is not right'],
	])('%s is told with its file and what is wrong', async (text, what) => {
		const failure = await configOf(text).catch((error: unknown) => error);
		expect(failure).toBeInstanceOf(ExpectedError);
		expect(failure).toMatchObject({exitCode: exitCodes.config});
		expect((failure as Error).message).toContain('config.json');
		expect((failure as Error).message).toContain(what);
	});
});

describe('what an agent is started with', () => {
	const environment = (passed: readonly string[] = []) =>
		agentEnvironment({
			env: {
				HOME: '/home/ada',
				PATH: '/usr/bin',
				OPENAI_API_KEY: 'key',
				SSH_AUTH_SOCK: '/s',
				TMUX: '/t',
				AGENT_TUI_TOKEN_FILE: '/operator',
				LC_ALL: 'C',
			},
			passed,
			added: {},
			identity: {AGENT_TUI_RUN_ID: 'run_1'},
			binFolder: '/bin-of-agents',
		});

	test('only what is allow-listed reaches it (P17)', () => {
		expect(environment()).toEqual({
			HOME: '/home/ada',
			LC_ALL: 'C',
			TERM: 'xterm-256color',
			COLORTERM: 'truecolor',
			PATH: '/bin-of-agents:/usr/bin',
			AGENT_TUI_RUN_ID: 'run_1',
		});
	});

	test('an adapter names what its agent needs; another agent does not get it', () => {
		expect(environment(adapters.get('codex')!.passedEnv)['OPENAI_API_KEY']).toBe('key');
		expect(environment(adapters.get('claude')!.passedEnv)['OPENAI_API_KEY']).toBeUndefined();
	});

	test('arguments are a list from the first to the last: nothing in a prompt becomes a word of its own', () => {
		const prompt = '"; rm -rf / #\n$(reboot) `x`';
		const profile = {name: 'x', adapter: 'command', argv: ['tool', '--say', '{prompt}'], description: ''};
		const place = {cwd: '/w', folder: '/f', hookCommand: ['/bin/agentctl', 'hook'], newUuid: () => '00000000-0000-4000-8000-000000000000'};
		expect(adapters.get('command')!.plan({...place, profile, text: prompt, env: {}}).args).toEqual(['--say', prompt]);
		const claude = {...profile, argv: ['claude']};
		expect(
			adapters
				.get('claude')!
				.plan({...place, profile: claude, text: prompt, env: {}})
				.args.at(-1),
		).toBe(prompt);
		expect(adapters.get('shell')!.plan({...place, profile, text: 'ls | wc', env: {SHELL: '/bin/bash'}})).toEqual({
			file: '/bin/bash',
			args: ['-c', 'ls | wc'],
			env: {},
		});
	});
});

test('a program is found as a shell would find it, and only if it can be run', async () => {
	const [first, second] = [await folder(), await folder()];
	await mkdir(path.join(first, 'tool'));
	await writeFile(path.join(second, 'tool'), '#!/bin/sh\n', {mode: 0o755});
	await writeFile(path.join(first, 'plain'), '');
	const where = {searchPath: `${first}:${second}::relative`, cwd: second};
	expect(findExecutable('tool', where)).toBe(path.join(second, 'tool'));
	expect(findExecutable('./tool', where)).toBe(path.join(second, 'tool'));
	expect(findExecutable('plain', where)).toBeUndefined();
	expect(findExecutable('', where)).toBeUndefined();
	await chmod(path.join(second, 'tool'), 0o644);
	expect(findExecutable('tool', where)).toBeUndefined();
});

describe('where state lives', () => {
	test('flag before environment before the folder of the project; two projects of one name never share it', () => {
		const env = {AGENT_TUI_HOME: '/from-env', XDG_STATE_HOME: '/xdg'};
		expect(stateFolder({stateDir: '/flag', project: '/p', env})).toBe('/flag');
		expect(stateFolder({stateDir: undefined, project: '/p', env})).toBe('/from-env');
		const [one, two] = ['/a/site', '/b/site'].map(project => stateFolder({stateDir: undefined, project, env: {XDG_STATE_HOME: '/xdg'}}));
		expect(one).toMatch(/^\/xdg\/agent-tui\/site-/);
		expect(one).not.toBe(two);
	});

	test('a socket whose path the kernel would refuse lies in a short folder that is ours alone', async () => {
		const deep = path.join(await folder(), 'x'.repeat(120));
		const {gatewaySocket} = pathsOf(deep);
		expect(Buffer.byteLength(gatewaySocket)).toBeLessThanOrEqual(107);
		expect((await stat(path.dirname(gatewaySocket))).mode & 0o777).toBe(0o700);
		expect(pathsOf('/short').gatewaySocket).toBe('/short/gateway.sock');
	});
});

describe('tokens', () => {
	test('an attempt has its own, good after a restart, worth nothing for another attempt', async () => {
		const file = path.join(await folder(), 'operator.token');
		const token = openTokens(file).ofAttempt({runId: 'run_a', generation: 2});
		expect((await stat(file)).mode & 0o777).toBe(0o600);
		const tokens = openTokens(file);
		expect(tokens.bearer(token)).toEqual({role: 'agent', runId: 'run_a', generation: 2});
		expect(tokens.bearer(tokens.operator)).toEqual({role: 'operator'});
		for (const forged of [token.replace('.2.', '.3.'), token.replace('run_a', 'run_b'), `${token}x`, '', 'a.b', '..']) {
			expect(tokens.bearer(forged)).toBeUndefined();
		}
	});

	test('another state folder knows none of them', async () => {
		const [one, two] = await Promise.all([1, 2].map(async () => openTokens(path.join(await folder(), 'operator.token'))));
		expect(two!.bearer(one!.operator)).toBeUndefined();
		expect(two!.bearer(one!.ofAttempt({runId: 'run_a', generation: 1}))).toBeUndefined();
	});
});

test('an older Node is told in one sentence', () => {
	expect(['v24.16.0', 'v24.21.0', 'v26.0.0'].map(whyNotThisNode)).toEqual([undefined, undefined, undefined]);
	expect(whyNotThisNode('v20.20.2')).toMatch(/needs Node 24\.16 or newer and this is v20\.20\.2/);
	expect(whyNotThisNode('v24.15.0')).toBeDefined();
});

test('a link to a program is a program', async () => {
	const bin = await folder();
	await symlink('/bin/sh', path.join(bin, 'mine'));
	expect(findExecutable('mine', {searchPath: bin, cwd: '/'})).toBe(path.join(bin, 'mine'));
});
