import {mkdtemp, realpath, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {describe, expect, it, vi} from 'vitest';
import {keymap} from '../../source/keys/keymap.js';
import {armingRules} from '../../state/escalation/arming.js';
import {openConsole, type World} from '../helpers/open-console.js';

const esc = '\u{1B}';
const enter = '\r';
const soon = {timeout: 10_000, interval: 10};

type Screen = Awaited<ReturnType<typeof openConsole>>;

/** Presses keys one at a time, as fingers do. */
const type = (screen: Screen, text: string): void => {
	for (const key of text) {
		screen.press(key);
	}
};

const asks = async (world: World) => {
	const {run} = await world.start({label: 'planner'});
	await world.raise(run, {text: 'May I run npm ci?', payload: {argv: ['npm', 'ci'], cwd: '/'}});
};

const decisionOf = ({world}: Screen) => Object.values(world.orchestrator.getState().escalations)[0]?.decision;

describe('the header', () => {
	it('says what is unusual about this console', async () => {
		await using screen = await openConsole({columns: 120, fleet: {embedded: true, readOnly: true, project: '/work/shop'}});
		await screen.see(/agent-tui {2}shop {3}nobody waits for you +READ-ONLY EMBEDDED UNSANDBOXED/);
	});

	it('gives up names before numbers where there is little room', async () => {
		await using screen = await openConsole({columns: 40, rows: 10, before: asks});
		const seen = await screen.see('1 waits for you');
		expect(seen.split('\n')[0]).toMatch(/^ 1 waits for you +UNSANDBOXED$|^ +agent-tui +1 waits for you/);
	});

	it('says when nothing can be kept any more', async () => {
		await using screen = await openConsole({columns: 120, before: asks, failure: new Error('ENOSPC: the disk is full.')});
		await screen.see('Nothing can be kept: ENOSPC: the disk is full. Only denying and stopping work.');
	});
});

describe('the screens', () => {
	it('are one key away each', async () => {
		await using screen = await openConsole({before: asks});
		for (const [key, tab] of ['[1 Sessions]', '[2 Queue]', '[3 Limits]', '[4 Escalations 1]', '[5 Events]', '[6 Launchers]'].entries()) {
			screen.press(String(key + 1));
			await screen.see(tab);
		}
	});

	it('redraw at every size, up and down', async () => {
		await using screen = await openConsole({before: asks});
		for (const [columns, rows] of [
			[120, 40],
			[31, 7],
			[200, 60],
			[20, 5],
			[80, 24],
		] as const) {
			screen.resize(columns, rows);
			const end = columns < 30 ? 'too small' : 'q Quit';
			await screen.see(
				lines => lines.length === rows && lines.some(line => line.includes('1 waits for you')) && lines.some(line => line.includes(end)),
			);
		}
	});
});

describe('help', () => {
	it('names every key there is', async () => {
		await using screen = await openConsole({columns: 120, rows: 40});
		screen.press('?');
		await screen.see('Every screen');
		const seen = new Set<string>();
		for (let page = 0; page < 20; page++) {
			for (const line of await screen.lines()) {
				seen.add(line.trim());
			}

			screen.press(' ');
			await screen.settled();
		}

		const text = [...seen].join('\n');
		for (const {title, help} of keymap) {
			expect(text).toMatch(new RegExp(`${title.replaceAll('/', '\\/')} +${help.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}`));
		}

		screen.press(esc);
		await screen.gone('Writing a text');
	});
});

describe('the footer', () => {
	it('says why a key does nothing now, until the next key', async () => {
		await using screen = await openConsole();
		await screen.see('No session yet.');
		screen.press(enter);
		await screen.see('! There is no session here yet: n starts one.');
		screen.press('2');
		await screen.gone('There is no session here yet');
	});
});

describe('the palette', () => {
	it('runs what is found by its name', async () => {
		await using screen = await openConsole({before: asks});
		screen.press(':');
		await screen.see('Palette');
		type(screen, 'launch');
		await screen.see(/› 6 +Launchers/);
		screen.press(enter);
		await screen.see('[6 Launchers]');
		screen.press('\u{10}');
		await screen.see('Palette');
		screen.press(esc);
		await screen.gone('Palette');
	});
});

describe('a new session', () => {
	it('starts in an existing folder, under the chosen agent', async () => {
		const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'folder-')));
		try {
			await using screen = await openConsole({fleet: {project: folder}});
			await screen.see('No session yet.');
			screen.press('n');
			await screen.see('New session');
			type(screen, 'npm test');
			screen.press('\t');
			type(screen, '/nowhere');
			screen.press('\t');
			type(screen, 'tests');
			screen.press('\t');
			await screen.see(/› Agent +‹ claude ›/);
			screen.press(`${esc}[D`);
			await screen.see(/‹ shell › +3 of 3/);
			screen.press(enter);
			await vi.waitFor(() => expect(screen.world.orchestrator.getState().sessions).toEqual({}), soon);
			screen.press('\t');
			screen.press('\t');
			await screen.see(`There is no folder ${folder}/nowhere.`);
			screen.press('\u{15}');
			type(screen, '.');
			screen.press(enter);
			await screen.see(/› ○ tests/);
			const [session] = Object.values(screen.world.orchestrator.getState().sessions);
			expect(session).toMatchObject({agent: 'shell', label: 'tests', cwd: folder});
			expect(Object.values(screen.world.orchestrator.getState().runs)[0]).toMatchObject({text: 'npm test', by: 'ada'});
		} finally {
			await rm(folder, {recursive: true, force: true});
		}
	});
});

describe('a line for a session', () => {
	it('is kept while it is unsent, and queued when the session is idle', async () => {
		await using screen = await openConsole({
			async before(world) {
				const {run} = await world.start({label: 'docs'});
				await world.exited(run);
			},
		});
		await screen.see('docs');
		screen.press('i');
		await screen.see('To docs');
		type(screen, 'go on');
		screen.press(esc);
		await screen.gone('To docs');
		screen.press('i');
		await screen.see('› go on');
		screen.press(`${esc}[200~ and on${esc}[201~`);
		await screen.see('› go on and on');
		screen.press(enter);
		await screen.see('Queued for docs.');
		expect(Object.values(screen.world.orchestrator.getState().runs).at(-1)).toMatchObject({text: 'go on and on', state: 'queued'});
	});

	it('is typed into a live agent', async () => {
		await using screen = await openConsole({before: async world => void (await world.start({label: 'planner'}))});
		await screen.see('planner');
		screen.press('i');
		type(screen, 'hello');
		screen.press(enter);
		await screen.see('Typed into planner.');
		expect(screen.world.orchestrator.getState().messages).toMatchObject([{text: 'hello', by: 'ada'}]);
	});
});

describe('stopping', () => {
	it('names what it would end, and does nothing without a yes', async () => {
		await using screen = await openConsole({
			async before(world) {
				const {run} = await world.start({label: 'planner'});
				await world.start({label: 'tester', parentRunId: run});
			},
		});
		await screen.see('tester');
		screen.press('x');
		const seen = await screen.see('Stop these 2 sessions?');
		expect(seen).toMatch(/│ planner +│/);
		expect(seen).toMatch(/│ planner \/ tester +│/);
		screen.press(enter);
		screen.press('n');
		await screen.gone('Stop these');
		expect(Object.values(screen.world.orchestrator.getState().runs).map(({state}) => state)).toEqual(['running', 'running']);
		screen.press('x');
		await screen.see('Stop these 2 sessions?');
		screen.press('y');
		await screen.see('planner is told to stop.');
		expect(Object.values(screen.world.orchestrator.getState().runs).map(({state}) => state)).toEqual(['stopping', 'stopping']);
	});

	it('stops everything, shows the proof of each tree, and ends', async () => {
		await using screen = await openConsole();
		const planner = await screen.world.start({label: 'planner'});
		const docs = await screen.world.start({label: 'docs'});
		await screen.see('docs');
		screen.press('Q');
		await screen.see('Stop everything, prove it, and quit?');
		screen.press('y');
		await screen.see('Stopping: 2 of 2 left');
		await screen.world.exited(planner.run, null, 9);
		await screen.see('planner: tree of 9, 0 survivors');
		await screen.see('docs: stopping');
		await screen.world.exited(docs.run, null, 1);
		await screen.see('Everything has stopped');
		expect(await screen.ended).toEqual({how: 'stopped', proof: ['planner: tree of 9, 0 survivors', 'docs: tree of 1, 0 survivors']});
	});

	it('quits at once where the agents run on, and asks where they would end', async () => {
		const running = async (world: World) => void (await world.start({label: 'planner'}));
		await using screen = await openConsole({before: running});
		await screen.see('planner');
		screen.press('q');
		expect(await screen.ended).toEqual({how: 'quit', proof: []});
		await using embedded = await openConsole({before: running, fleet: {embedded: true}});
		await embedded.see('planner');
		embedded.press('q');
		await embedded.see('The agents live in this process and end with it.');
		embedded.press('y');
		expect(await embedded.ended).toMatchObject({how: 'quit'});
	});
});

describe('an export', () => {
	it('asks for the form and says where the file went', async () => {
		const wanted: unknown[] = [];
		await using screen = await openConsole({
			before: async world => void (await world.start({label: 'planner'})),
			exportSession: async (...asked) => {
				wanted.push(asked);
				return '/exports/planner.cast';
			},
		});
		await screen.see('planner');
		screen.press('e');
		await screen.see('Export planner');
		screen.press('k');
		await screen.see('› asciicast');
		screen.press(enter);
		await screen.see('Written to /exports/planner.cast');
		expect(wanted).toEqual([[Object.keys(screen.world.orchestrator.getState().sessions)[0], 'asciicast']]);
	});

	it('says why there is none', async () => {
		await using screen = await openConsole({
			before: async world => void (await world.start({label: 'planner'})),
			exportSession: () => Promise.reject(new Error('Could not write /exports: it is full.')),
		});
		await screen.see('planner');
		screen.press('e');
		screen.press(enter);
		await screen.see('! Could not write /exports: it is full.');
	});
});

describe('deciding', () => {
	const seeArmed = async (screen: Screen) => {
		await screen.see('a approve · d deny', {withinMs: 10_000});
	};

	it('approves with a single key, once the request was read', async () => {
		await using screen = await openConsole({before: asks});
		await screen.see('planner');
		screen.press('4');
		await seeArmed(screen);
		screen.press('a');
		await screen.see('Approved.');
		expect(decisionOf(screen)).toMatchObject({choice: 'approve', by: 'ada'});
	});

	it('ignores a key that was typed before the request could be read', async () => {
		await using screen = await openConsole({before: asks});
		await screen.see('planner');
		screen.press('4');
		screen.press('a');
		await screen.see(/not on the screen yet|just been shown/);
		screen.press('aa');
		await screen.see(/Several keys came at once|just been shown/);
		await seeArmed(screen);
		expect(decisionOf(screen)).toBeUndefined();
	});

	it('denies with a reason, or leaves it undecided', async () => {
		await using screen = await openConsole({before: asks});
		await screen.see('planner');
		screen.press('4');
		await seeArmed(screen);
		screen.press('d');
		await screen.see('Deny planner: why?');
		screen.press(esc);
		await screen.gone('Deny planner');
		expect(decisionOf(screen)).toBeUndefined();
		await seeArmed(screen);
		screen.world.advance(armingRules.repeatMs);
		screen.press('d');
		await screen.see('Deny planner: why?');
		type(screen, 'not now');
		screen.press(enter);
		await screen.see('Denied.');
		expect(decisionOf(screen)).toMatchObject({choice: 'deny', text: 'not now'});
	});

	it('journals once what was shown', async () => {
		await using screen = await openConsole({before: asks});
		await screen.see('planner');
		screen.press('4');
		await seeArmed(screen);
		const [escalation] = Object.values(screen.world.orchestrator.getState().escalations);
		expect(escalation?.shown).toMatchObject({columns: 80, rows: 19, frame: expect.stringMatching(/^[0-9a-f]{64}$/) as string});
		const shown = screen.world.orchestrator.recent().filter(({fact}) => fact.type === 'escalation.shown');
		expect(shown).toHaveLength(1);
	});

	it('is refused in a read-only console, which journals nothing either', async () => {
		await using screen = await openConsole({before: asks, fleet: {readOnly: true}});
		await screen.see('planner');
		screen.press('4');
		await screen.see('read-only console');
		screen.press('a');
		await screen.see('This console is read-only: it does not approve.');
		expect(decisionOf(screen)).toBeUndefined();
		expect(Object.values(screen.world.orchestrator.getState().escalations)[0]?.shown).toBeUndefined();
	});
});

describe('a new request', () => {
	it('rings once', async () => {
		await using screen = await openConsole();
		let bells = 0;
		screen.outer.onBell(() => {
			bells += 1;
		});
		const {run} = await screen.world.start({label: 'planner'});
		await screen.see('working');
		expect(bells).toBe(0);
		await screen.world.raise(run, {text: 'May I?'});
		await screen.see('1 waits for you');
		await vi.waitFor(() => expect(bells).toBe(1), soon);
	});

	it('moves nothing that is being read', async () => {
		await using screen = await openConsole({before: asks});
		await screen.see('planner');
		screen.press('4');
		await screen.see('May I run npm ci?');
		const {run} = await screen.world.start({label: 'second'});
		await screen.world.raise(run, {text: 'Another one'});
		await screen.see('[4 Escalations 2]');
		const seen = await screen.see('Another one');
		expect(seen).toMatch(/^› ! approval.*npm ci/m);
		expect(seen).toContain('approval 1 of 2');
	});
});
