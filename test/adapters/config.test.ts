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
import {defaultLimits} from '../../state/limits.js';

const folder = () => mkdtemp(path.join(tmpdir(), 'agent-tui-config-'));

const configOf = async (text: string) => {
	const file = path.join(await folder(), 'config.json');
	await writeFile(file, text);
	return readConfig({AGENT_TUI_CONFIG: file, PATH: '/nowhere'});
};

describe('configuration', () => {
	test('without a file there is the shell, and every coding agent that is on the PATH', async () => {
		const bin = await folder();
		await writeFile(path.join(bin, 'codex'), '#!/bin/sh\n', {mode: 0o755});
		await writeFile(path.join(bin, 'gemini'), 'not executable');
		expect(foundAgents({PATH: bin}).map(({name}) => name)).toEqual(['shell', 'codex']);
		expect(readConfig({AGENT_TUI_CONFIG: path.join(bin, 'none.json'), PATH: '/nowhere'}).limits).toEqual(defaultLimits);
	});

	test('agents and limits of the file are taken; one of the same name replaces a found one', async () => {
		const {agents, limits} = await configOf('{"agents": {"shell": {"argv": ["fish", "-c", "{prompt}"]}}, "limits": {"concurrent": 3}}');
		expect(agents).toEqual([{name: 'shell', adapter: 'command', argv: ['fish', '-c', '{prompt}'], description: 'fish -c {prompt}'}]);
		expect(limits).toEqual({...defaultLimits, concurrent: 3});
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
		expect(adapters.get('command')!.plan({profile, text: prompt, env: {}}).args).toEqual(['--say', prompt]);
		expect(
			adapters
				.get('claude')!
				.plan({profile: {...profile, argv: ['claude']}, text: prompt, env: {}})
				.args.at(-1),
		).toBe(prompt);
		expect(adapters.get('shell')!.plan({profile, text: 'ls | wc', env: {SHELL: '/bin/bash'}})).toEqual({
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
