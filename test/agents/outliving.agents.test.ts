import process from 'node:process';
import {describe, expect, test, vi} from 'vitest';
import {agentLook, approve, openAgentConsole, sendLine, showRequest, startAgent} from './agent-console.js';
import {consoleAgents} from './console-agents.js';
import {whyNoAgent} from './real-agent.js';

describe('what outlives a kill -9', () => {
	test.for(consoleAgents)('$name is asked about once by the next console, which lets it go on', async (agent, {skip}) => {
		const problem = whyNoAgent(agent.cli);
		skip(problem !== undefined, problem);
		await using opened = await openAgentConsole(agent);
		const first = opened.console();
		await startAgent(first, agent, 'RUN: touch proof.txt && echo went-through');
		await first.see('1 waits for you', agentLook);
		first.kill('SIGKILL');
		await first.exited;

		const second = opened.console();
		await showRequest(second);
		expect(opened.isMade('proof.txt')).toBe(false);
		await approve(second);
		await opened.made('proof.txt');
		await opened.resultSaying(/went-through/);
		expect((await opened.requests()).map(({state}) => state)).toEqual(['answered']);
	});

	test.for(consoleAgents.filter(({resumes}) => resumes))(
		'$name goes on with its conversation after its launcher was killed',
		async (agent, {skip}) => {
			const problem = whyNoAgent(agent.cli);
			skip(problem !== undefined, problem);
			await using opened = await openAgentConsole(agent);
			const screen = opened.console();
			await startAgent(screen, agent, 'RUN: touch first.txt && echo first-words');
			await showRequest(screen);
			await approve(screen);
			await opened.resultSaying(/first-words/);
			screen.press('1');
			await screen.see(/RESULT:/, agentLook);
			await vi.waitFor(() => expect(opened.threadId()).resolves.toBeTruthy(), {timeout: 60_000, interval: 500});
			const thread = await opened.threadId();
			process.kill(opened.built.launcherPid()!, 'SIGKILL');
			await screen.see(/lost|failed/, agentLook);
			await expect.poll(opened.agentProcesses, {timeout: 30_000, interval: 200}).toEqual([]);
			await sendLine(screen, 'SAY: second-words');
			await vi.waitFor(
				() => {
					const conversations = opened.server.requests.map(({conversation}) => conversation.turns.map(({text}) => text).join('\n'));
					expect(conversations).toContainEqual(expect.stringMatching(/echo first-words[\s\S]*SAY: second-words/));
				},
				{timeout: 120_000, interval: 200},
			);
			expect(await opened.threadId()).toBe(thread);
		},
	);
});
