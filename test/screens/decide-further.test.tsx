import {expect, test} from 'vitest';
import {defaultLimits} from '../../state/safety/limits.js';
import {foundFor} from '../helpers/asking.js';
import {openConsole, type World} from '../helpers/open-console.js';
import {agentOf, system} from '../helpers/state-fleet.js';

type Opened = Awaited<ReturnType<typeof openConsole>>;

const payload = {argv: ['npm', 'ci'], cwd: '/work'};

const askNpm = async (world: World, runId: string, text = 'May I?') => {
	const plan = {runId, kind: 'approval', text, payload, found: foundFor(payload.argv, '/work')} as const;
	await world.send({type: 'escalation.raise', ...plan, blocking: true, fingerprint: `${runId} ${text}`}, agentOf(runId));
};

const asking = async (world: World) => {
	const {run} = await world.start({label: 'api', cwd: '/work'});
	await askNpm(world, run);
};

const grants = (screen: Opened) => Object.values(screen.world.orchestrator.getState().grants);

const reading = async (screen: Opened): Promise<void> => {
	screen.press('4');
	await screen.see('a approve · r this run · A always · d deny');
};

const type = (screen: Opened, text: string): void => {
	for (const key of text) {
		screen.press(key);
	}
};

test('a request says what a longer approval would be bound to', async () => {
	await using screen = await openConsole({rows: 30, before: asking});
	await reading(screen);
	await screen.see(/ again +can be allowed for longer, for this very command in this folder, by/);
	await screen.see(/ program +\/usr\/bin\/npm/);
});

test('an approval for this run answers the same command from then on', async () => {
	await using screen = await openConsole({rows: 30, before: asking});
	await reading(screen);
	screen.press('r');
	await expect.poll(() => grants(screen).map(({scope}) => scope)).toEqual(['run']);
	const [run] = Object.keys(screen.world.orchestrator.getState().runs);
	await askNpm(screen.world, run!, 'Again?');
	expect(screen.world.orchestrator.getState().index.openEscalations.size).toBe(0);
});

test('for always a lifetime is typed: enter alone approves nothing', async () => {
	await using screen = await openConsole({rows: 30, before: asking});
	await reading(screen);
	screen.press('A');
	await screen.see('type for how long');
	screen.press('\r');
	await screen.see('Type how long it holds');
	expect(grants(screen)).toEqual([]);
	type(screen, '90d');
	screen.press('\r');
	await screen.see('Type how long it holds');
	type(screen, '\u007F\u007F\u007F2h 5x\r');
	await expect.poll(() => grants(screen)).toMatchObject([{scope: 'always', maxUses: 5, agent: 'claude', by: 'ada'}]);
});

test('what cannot be remembered says why, and the keys do nothing', async () => {
	const grave = async (world: World) => {
		const {run} = await world.start({label: 'api', cwd: '/work'});
		await world.raise(run, {payload: {argv: ['git', 'push'], cwd: '/work'}});
	};
	await using screen = await openConsole({rows: 30, before: grave});
	screen.press('4');
	await screen.see('a approve (by typing “sends”) · d deny');
	await screen.see('It cannot be remembered: git push sends data out.');
	screen.press('A');
	await screen.see(/! It cannot be remembered/);
	expect(screen.world.orchestrator.getState().index.openEscalations.size).toBe(1);
});

test('what was decided is listed with the very frame that was shown (E9)', async () => {
	await using screen = await openConsole({rows: 40, before: asking});
	await reading(screen);
	const before = (await screen.lines()).find(line => line.includes('expires in'))!;
	screen.press('r');
	await expect.poll(() => grants(screen)).toHaveLength(1);
	screen.press('\t');
	await screen.see('decided: tab shows the next list');
	await screen.see('The frame that was shown, 80 × 35');
	expect((await screen.lines()).join('\n')).toContain(before.trim());
	await screen.see('by ada');
	expect((await screen.lines()).join('\n')).not.toContain('␠');
	await screen.see('has not taken the answer yet');
});

test('grants are listed and revoked, which asks first (E10)', async () => {
	await using screen = await openConsole({rows: 30, before: asking});
	await reading(screen);
	screen.press('r');
	await expect.poll(() => grants(screen)).toHaveLength(1);
	screen.press('\t');
	await screen.see('decided:');
	screen.press('\t');
	await screen.see(/› ✓ run +for [78]h/);
	await screen.see("'/usr/bin/npm' 'ci'");
	screen.press('R');
	await screen.see('Revoke it?');
	screen.press('y');
	await expect.poll(() => grants(screen)[0]?.revoked?.by).toBe('ada');
	await screen.see('revoked by ada');
});

test('a policy that allows everything is said in a row of its own, and rings no bell', async () => {
	const full = async (world: World) => {
		const agents = ['claude'].map(name => ({name, adapter: 'command', argv: ['true'], description: name}));
		const policies = [{name: 'yolo', mode: 'full', agents: ['*'], iUnderstand: true}] as const;
		await world.send({type: 'settings.configure', agents, limits: defaultLimits, policies}, system);
		await asking(world);
	};
	await using screen = await openConsole({before: full});
	await screen.see('! Everything is allowed without asking by the policy yolo.');
	expect(screen.world.orchestrator.getState().index.openEscalations.size).toBe(0);
});

test('a request that comes never moves what is being looked at into a group', async () => {
	await using screen = await openConsole({rows: 30, before: asking});
	await reading(screen);
	const {run} = await screen.world.start({label: 'web', cwd: '/work'});
	await askNpm(screen.world, run);
	await screen.see('2 agents');
	const lines = await screen.lines();
	expect(lines.find(line => line.startsWith('›'))).toMatch(/\+ approval .* api/);
	screen.press('r');
	await expect.poll(() => grants(screen)).toHaveLength(1);
});
