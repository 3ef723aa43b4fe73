import {expect, test} from 'vitest';
import {foundFor} from '../helpers/asking.js';
import {openConsole, type World} from '../helpers/open-console.js';
import {agentOf} from '../helpers/state-fleet.js';

type Opened = Awaited<ReturnType<typeof openConsole>>;

const npmCi = {argv: ['npm', 'ci'], cwd: '/srv'};

/** Raises `npm ci` as the coordinator would have found it: by what was looked up. */
const askNpm = async (world: World, runId: string, text: string) => {
	const {generation} = world.orchestrator.getState().runs[runId]!;
	const plan = {runId, kind: 'approval', text, payload: npmCi, found: foundFor(npmCi.argv, '/srv')} as const;
	await world.send({type: 'escalation.raise', ...plan, blocking: true, fingerprint: `${runId} ${generation} ${text}`}, agentOf(runId));
};

/** Agents that each ask for the same harmless command */
const asking = (count: number) => async (world: World) => {
	for (let index = 1; index <= count; index++) {
		const {run} = await world.start({label: `agent-${index}`, cwd: '/srv'});
		await askNpm(world, run, `Please, ${index}.`);
	}
};

const openRequests = (screen: Opened): number => screen.world.orchestrator.getState().index.openEscalations.size;

/** The keys of this line live: the request, or the list of a group, was seen to its end. */
const readToEnd = async (screen: Opened): Promise<void> => {
	for (let page = 0; page < 12; page++) {
		const text = (await screen.lines()).join('\n');
		if (text.includes(', the end') || text.includes('the whole')) {
			return;
		}

		const [place] = /lines \d+-\d+/.exec(text) ?? [''];
		screen.press(']');
		await screen.gone(place);
	}
};

const onGroup = async (screen: Opened): Promise<void> => {
	screen.press('4');
	await screen.see('agent-1');
	// The request that was looked at keeps its row; the group stands below it.
	screen.press('G');
	await screen.see('agents ask for the same');
};

test('several agents that ask for the same are one row, approved after its end was seen (E8)', async () => {
	await using screen = await openConsole({rows: 24, limits: {concurrent: 20, concurrentPerTree: 20}, before: asking(7)});
	await onGroup(screen);
	await screen.see('7 agents');
	await screen.see('read on before you approve');
	screen.press('a');
	await screen.see('Scroll to its end');
	await readToEnd(screen);
	await screen.see(/^ 7 of 7: a approve/m);
	screen.press('a');
	await screen.see(/Approving 7 × npm ci in \d\.\d s: u undo/);
	expect(openRequests(screen)).toBe(7);
	await expect.poll(() => openRequests(screen), {timeout: 15_000}).toBe(0);
	await screen.see('Decided 7 of 7.');
});

test('what was decided on a group is taken back before anything is sent', async () => {
	await using screen = await openConsole({rows: 40, before: asking(2)});
	await onGroup(screen);
	await readToEnd(screen);
	await screen.see(/: a approve/);
	screen.press('a');
	await screen.see('u undo');
	screen.press('u');
	await screen.see('Taken back: nothing was sent.');
	expect(openRequests(screen)).toBe(2);
	expect(Object.values(screen.world.orchestrator.getState().escalations).every(({state}) => state === 'open')).toBe(true);
});

test('leaving the console sends nothing that was held', async () => {
	const screen = await openConsole({rows: 40, before: asking(2)});
	await onGroup(screen);
	await readToEnd(screen);
	await screen.see(/: a approve/);
	screen.press('a');
	await screen.see('u undo');
	screen.press('q');
	expect(await screen.ended).toMatchObject({how: 'quit'});
	expect(openRequests(screen)).toBe(2);
	await screen[Symbol.asyncDispose]();
});

test('some of a group are left out and stay open', async () => {
	await using screen = await openConsole({rows: 50, limits: {concurrent: 20, concurrentPerTree: 20}, before: asking(3)});
	await onGroup(screen);
	screen.press('o');
	await screen.see('+ approval');
	screen.press('j');
	await screen.see('one of a group');
	screen.press('x');
	await screen.see('- approval');
	screen.press('k');
	await screen.see('agents ask for the same');
	await readToEnd(screen);
	await screen.see(/^ 2 of 3: a approve/m);
	screen.press('a');
	await screen.see('Approving 2 × npm ci');
	await expect.poll(() => openRequests(screen), {timeout: 15_000}).toBe(1);
});

test('an agent that joins makes another list to read', async () => {
	await using screen = await openConsole({rows: 40, limits: {concurrent: 20, concurrentPerTree: 20}, before: asking(2)});
	await onGroup(screen);
	await readToEnd(screen);
	await screen.see(/: a approve/);
	const {run} = await screen.world.start({label: 'late', cwd: '/srv'});
	await askNpm(screen.world, run, 'Me too.');
	screen.press('a');
	await screen.see('3 agents ask for the same');
	screen.press('5');
	await screen.see('following');
	expect((await screen.lines()).join('\n')).not.toContain('undo');
	expect(screen.world.orchestrator.getState().index.openEscalations.size).toBe(3);
});

test('after a change of size a list is read from its start again', async () => {
	await using screen = await openConsole({rows: 24, limits: {concurrent: 20, concurrentPerTree: 20}, before: asking(4)});
	await onGroup(screen);
	await readToEnd(screen);
	await screen.see(/: a approve/);
	screen.resize(90, 24);
	await screen.see('[ read it from its start');
	screen.press('a');
	await screen.see('Scroll to its end');
	expect(openRequests(screen)).toBe(4);
});
