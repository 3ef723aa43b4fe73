import {existsSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, test, vi} from 'vitest';
import {openProgram} from '../helpers/open-program.js';
import {createAgentHome} from './agent-home.js';
import {createModelServer} from './model-server.js';
import {realAgent, whyNoAgent} from './real-agent.js';

/** The last line of each agent's question, so that the whole of it is there, and the key that says yes once. */
const dialogs = [
	{name: 'claude', question: 'Esc to cancel', yes: '1'},
	{name: 'codex', question: 'Press enter to confirm or esc to cancel', yes: 'y'},
	{name: 'gemini', question: 'No, suggest changes (esc)', yes: '1'},
	{name: 'opencode', question: 'enter confirm', yes: '\r'},
	{name: 'qwen', question: 'No, suggest changes (esc)', yes: '1'},
	{name: 'copilot', question: 'esc to cancel', yes: '1'},
] as const;

const open = (name: (typeof dialogs)[number]['name'] | 'pi', url: string, prompt: string) => {
	const home = createAgentHome(name, url);
	const args = [...home.manual, ...home.interactive(prompt)];
	const program = openProgram({file: realAgent(name).file, args, cwd: home.cwd, env: home.env, columns: 110, rows: 45});
	const proof = path.join(home.cwd, 'proof.txt');
	const hasRun = () => existsSync(proof);
	return {
		program,
		hasRun,
		/** A key sent in the first moment of a question was lost on Codex. It is sent again only while the question stands. */
		async pressUntilRun(question: string, key: string): Promise<void> {
			const isAsking = (await program.lines()).join('\n').includes(question);
			if (isAsking && !hasRun()) {
				program.press(key);
			}

			expect(hasRun()).toBe(true);
		},
		async [Symbol.asyncDispose]() {
			await program.close();
			home[Symbol.dispose]();
		},
	};
};

const look = {withinMs: 60_000};
const deadline = {timeout: 60_000, interval: 1000};

describe('an agent in manual mode, in its own terminal', () => {
	test.for(dialogs)('$name asks before it runs a command, and runs it once it may', async ({name, question, yes}, {skip}) => {
		const problem = whyNoAgent(name);
		skip(problem !== undefined, problem);
		const server = await createModelServer();
		await using agent = open(name, server.url, 'RUN: touch proof.txt');
		await agent.program.see(question, look);
		expect(agent.hasRun()).toBe(false);
		await vi.waitFor(() => agent.pressUntilRun(question, yes), deadline);
		await agent.program.see('RESULT:', look);
		await server.close();
	});

	test('pi runs a command without asking', async ({skip}) => {
		const problem = whyNoAgent('pi');
		skip(problem !== undefined, problem);
		const server = await createModelServer();
		await using agent = open('pi', server.url, 'RUN: touch proof.txt');
		await vi.waitFor(() => expect(agent.hasRun()).toBe(true), deadline);
		await agent.program.see('RESULT:', look);
		await server.close();
	});
});
