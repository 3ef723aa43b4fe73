import {describe, expect, test} from 'vitest';
import {agentLook, approve, deny, openAgentConsole, showRequest, startAgent} from './agent-console.js';
import {consoleAgents} from './console-agents.js';
import {whyNoAgent} from './real-agent.js';

const prompt = 'RUN: touch proof.txt && echo went-through';

describe('what an agent asks is decided in the console', () => {
	test.for(consoleAgents)('$name runs what was approved', async (agent, {skip}) => {
		const problem = whyNoAgent(agent.cli);
		skip(problem !== undefined, problem);
		await using opened = await openAgentConsole(agent);
		const screen = opened.console();
		await startAgent(screen, agent, prompt);
		const request = await showRequest(screen);
		expect(request).toContain('touch proof.txt');
		if (agent.tellsCommand) {
			expect(request).toMatch(/^.*command +.*\S/m);
			expect(request).toContain(opened.cwd);
		}

		expect(opened.isMade('proof.txt')).toBe(false);
		await approve(screen);
		await opened.made('proof.txt');
		await opened.resultSaying(/went-through/);
	});

	test.for(consoleAgents)('$name does not run what was denied, and is told why', async (agent, {skip}) => {
		const problem = whyNoAgent(agent.cli);
		skip(problem !== undefined, problem);
		await using opened = await openAgentConsole(agent);
		const screen = opened.console();
		await startAgent(screen, agent, prompt);
		await showRequest(screen);
		await deny(screen, 'not on a Friday');
		if (agent.hearsWords) {
			await opened.modelHears(/not on a Friday/);
		}

		screen.press('1');
		await screen.see(/idle|done/, agentLook);
		expect(opened.isMade('proof.txt')).toBe(false);
	});
});
