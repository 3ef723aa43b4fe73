import {execFile} from 'node:child_process';
import {existsSync} from 'node:fs';
import path from 'node:path';
import {promisify} from 'node:util';
import {describe, expect, test} from 'vitest';
import {openAcpAgent} from './acp-client.js';
import {type AgentHome, createAgentHome} from './agent-home.js';
import {seededAgents} from './agent-seeds.js';
import {createModelServer, type ModelServer} from './model-server.js';
import {realAgent, whyNoAgent} from './real-agent.js';

const adapters = ['claude-agent-acp', 'codex-acp'] as const;
const terminalAgents = seededAgents.filter(name => name !== 'claude-agent-acp' && name !== 'codex-acp');

/** The mode of an adapter in which it asks first. */
const askingMode = {'claude-agent-acp': 'default', 'codex-acp': 'read-only'} as const;

const printed = async (file: string, {cwd, env, manual, headless}: AgentHome, prompt: string): Promise<string> => {
	const running = promisify(execFile)(file, [...manual, ...(headless?.(prompt) ?? [])], {cwd, env, timeout: 150_000});
	running.child.stdin?.end();
	const {stdout} = await running;
	return stdout;
};

const heard = ({requests}: ModelServer, text: string): boolean =>
	requests.some(({conversation}) => conversation.turns.some(turn => turn.from === 'user' && turn.text.includes(text)));

describe('an agent reaches the scripted model', () => {
	test.for(terminalAgents)('%s prints its answer', async (name, {skip}) => {
		const problem = whyNoAgent(name);
		skip(problem !== undefined, problem);
		const server = await createModelServer();
		using home = createAgentHome(name, server.url);
		expect(await printed(realAgent(name).file, home, 'SAY: hello')).toMatch(/^hello\b/m);
		expect(heard(server, 'SAY: hello')).toBe(true);
		await server.close();
	});

	test.for(adapters)('%s answers over ACP', async (name, {skip}) => {
		const problem = whyNoAgent(name);
		skip(problem !== undefined, problem);
		const server = await createModelServer();
		using home = createAgentHome(name, server.url);
		await using agent = openAcpAgent({file: realAgent(name).file, args: [], cwd: home.cwd, env: home.env, kind: 'reject_once'});
		const answer = await agent.ask({prompt: 'SAY: hello', modeId: askingMode[name]});
		expect(answer.text).toContain('hello');
		expect(answer.stopReason).toBe('end_turn');
		expect(heard(server, 'SAY: hello')).toBe(true);
		await server.close();
	});

	test.for(adapters)('%s asks over ACP before it runs a command', async (name, {skip}) => {
		const problem = whyNoAgent(name);
		skip(problem !== undefined, problem);
		const server = await createModelServer();
		using home = createAgentHome(name, server.url);
		await using agent = openAcpAgent({file: realAgent(name).file, args: [], cwd: home.cwd, env: home.env, kind: 'allow_once'});
		const answer = await agent.ask({prompt: 'RUN: touch proof.txt && echo went-through', modeId: askingMode[name]});
		expect(answer.permissions.map(({command}) => command)).toEqual(['touch proof.txt && echo went-through']);
		expect(existsSync(path.join(home.cwd, 'proof.txt'))).toBe(true);
		expect(answer.text).toMatch(/RESULT:/);
		expect(answer.text).toContain('went-through');
		await server.close();
	});
});
