import {describe, expect, test, vi} from 'vitest';
import {type AgentConsole, agentLook, attach, openAgentConsole, startAgent} from './agent-console.js';
import {consoleAgents, dialogAgents} from './console-agents.js';
import {whyNoAgent} from './real-agent.js';

const prompt = 'RUN: touch proof.txt && echo went-through';

/** That somebody said no. */
const byPerson = /(denied|rejected|declined|refused) by (the )?(user|operator)|(user|operator) (has )?(denied|rejected|declined|refused)/i;

const detach = '\u001D';

const expectStates = (opened: AgentConsole, states: readonly string[]) =>
	vi.waitFor(async () => expect((await opened.requests()).map(({state}) => state)).toEqual(states), {timeout: 120_000, interval: 500});

describe('what nobody decides in the console', () => {
	test.for(consoleAgents)('$name is told that nobody answered in time', async (agent, {skip}) => {
		const problem = whyNoAgent(agent.cli);
		skip(problem !== undefined, problem);
		await using opened = await openAgentConsole(agent, {escalationExpiryMs: 2000});
		const screen = opened.console();
		await startAgent(screen, agent, prompt);
		await expectStates(opened, ['expired']);
		if (agent.hearsWords) {
			await opened.modelHears(/nobody answered in time/i);
		}

		await screen.see(agent.keepsDialog ? 'needs you: permission' : 'nobody waits for you', agentLook);
		expect(opened.isMade('proof.txt')).toBe(false);
		for (const {text} of opened.turns().filter(({from}) => from === 'tool' || from === 'user')) {
			expect(text.replace(agent.ownRefusal ?? '', '')).not.toMatch(byPerson);
		}

		await expectStates(opened, ['expired']);
	});

	test.for(
		dialogAgents.flatMap(agent => [
			{...agent, answer: 'yes' as const},
			{...agent, answer: 'no' as const},
		]),
	)('$name is answered $answer on its own screen, which withdraws the request', async (agent, {skip}) => {
		const problem = whyNoAgent(agent.cli);
		skip(problem !== undefined, problem);
		await using opened = await openAgentConsole(agent);
		const screen = opened.console();
		await startAgent(screen, agent, prompt);
		await screen.see('1 waits for you', agentLook);
		const {question, [agent.answer]: key} = agent.dialog!;
		await attach(screen, question);
		await vi.waitFor(
			async () => {
				if ((await screen.lines()).join('\n').includes(question)) {
					screen.press(key);
				}

				await screen.gone(question, {withinMs: 2000});
			},
			{timeout: 60_000, interval: 100},
		);
		if (agent.answer === 'yes') {
			await opened.made('proof.txt');
		}

		await expectStates(opened, ['withdrawn']);
		screen.press(detach);
		await screen.see('nobody waits for you', agentLook);
		expect(opened.isMade('proof.txt')).toBe(agent.answer === 'yes');
		await expectStates(opened, ['withdrawn']);
	});
});
