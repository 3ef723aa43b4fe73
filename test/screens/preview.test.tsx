import {describe, expect, it, vi} from 'vitest';
import {quietMs} from '../../source/ui/quiet-runs.js';
import {armingRules} from '../../state/escalation/arming.js';
import {openConsole, type World} from '../helpers/open-console.js';
import {createScriptedLauncher, frameOf} from '../helpers/scripted-launcher.js';

const soon = {timeout: 10_000, interval: 10};
const detach = '\u{1D}';

const two = async (world: World) => {
	await world.start({label: 'planner'});
	await world.start({label: 'docs'});
};

const ptyIds = ({world}: {readonly world: World}): readonly string[] =>
	Object.values(world.orchestrator.getState().runs).map(({id, generation}) => `${id}.${generation}`);

describe('the live screen', () => {
	it('is that of the selected session, and only that one is watched', async () => {
		const scripted = createScriptedLauncher();
		await using screen = await openConsole({launcher: scripted.launcher, before: two});
		const [planner, docs] = ptyIds(screen);
		await screen.see(`screen of ${planner}`);
		expect(scripted.watched().map(({ptyId}) => ptyId)).toEqual([planner]);
		expect(scripted.watched()[0]?.viewport).toEqual({columns: 44, rows: 15, back: 0});
		screen.press('j');
		await screen.see(`screen of ${docs}`);
		await screen.gone(`screen of ${planner}`);
		expect(scripted.watched().map(({ptyId}) => ptyId)).toEqual([docs]);
	});

	it('is painted as it changes, beside the tree', async () => {
		const scripted = createScriptedLauncher();
		await using screen = await openConsole({launcher: scripted.launcher, before: two});
		await screen.see('screen of');
		scripted.watched()[0]!.show(frameOf(['first line', '\u{1B}[31mred line\u{1B}[0m']));
		const lines = (await screen.see('red line')).split('\n');
		expect(lines[7]).toMatch(/ │ first line *$/);
		expect(lines[8]).toMatch(/ │ red line *$/);
		expect(lines[3]).toMatch(/^› ● planner +working +\d+s │ planner · claude · working/);
	});

	it('scrolls back and comes to rest where its history ends', async () => {
		const scripted = createScriptedLauncher();
		await using screen = await openConsole({launcher: scripted.launcher, before: two});
		await screen.see('screen of');
		screen.press('[');
		await screen.see('9 lines back');
		await screen.see(', 9 back');
		screen.press('[');
		screen.press('[');
		await screen.see('20 lines back');
		screen.press(']');
		await screen.see('11 lines back');
		screen.press('j');
		await screen.gone('lines back');
	});

	it('gives way to what covers it, and comes back', async () => {
		const scripted = createScriptedLauncher();
		await using screen = await openConsole({launcher: scripted.launcher, before: two});
		await screen.see('screen of');
		screen.press('?');
		await screen.see('Every screen');
		await screen.gone('screen of');
		expect(scripted.watched()).toEqual([]);
		screen.press('?');
		await screen.see('screen of');
		screen.press('2');
		await screen.gone('screen of');
	});

	it('follows the size of the terminal', async () => {
		const scripted = createScriptedLauncher();
		await using screen = await openConsole({launcher: scripted.launcher, before: two});
		await screen.see('screen of');
		screen.resize(120, 40);
		await vi.waitFor(() => expect(scripted.watched()[0]?.viewport).toEqual({columns: 68, rows: 30, back: 0}), soon);
		await screen.see(lines => lines.some(line => /^.{50}│ screen of/.test(line)));
		screen.resize(60, 20);
		await screen.gone('screen of');
	});

	it('is not there before the session started', async () => {
		const scripted = createScriptedLauncher();
		await using screen = await openConsole({
			launcher: scripted.launcher,
			before: async world => void (await world.queue({label: 'later'})),
		});
		await screen.see('Its screen is shown here once it starts.');
		expect(scripted.watched()).toEqual([]);
	});
});

describe('attaching', () => {
	it('gives the whole terminal to the agent until the detach key', async () => {
		const scripted = createScriptedLauncher();
		await using screen = await openConsole({launcher: scripted.launcher, before: two});
		const [planner] = ptyIds(screen);
		await screen.see(`screen of ${planner}`);
		screen.press('\rls -l');
		await screen.see(`attached to ${planner}`);
		await screen.gone('agent-tui');
		expect(scripted.sizes()).toEqual(['80x24']);
		expect(scripted.watched()).toEqual([]);
		await vi.waitFor(() => expect(scripted.typed()).toBe('ls -l'), soon);
		scripted.output('total 0\r\n');
		await screen.see('total 0');
		screen.press(`q${detach}j`);
		await screen.see('agent-tui');
		expect(scripted.typed()).toBe('ls -lq');
		await screen.see(/^› ● docs/m);
		await screen.see(`screen of ${ptyIds(screen)[1]}`);
	});

	it('comes back by itself when the agent ends', async () => {
		const scripted = createScriptedLauncher();
		await using screen = await openConsole({launcher: scripted.launcher, before: two});
		await screen.see('screen of');
		screen.press('\r');
		await screen.see('attached to');
		scripted.end();
		await screen.see('planner ended.');
	});

	it('says when there is nobody to attach to', async () => {
		await using screen = await openConsole({before: two});
		await screen.see('planner');
		screen.press('\r');
		await screen.see('The launcher is not reached yet');
	});

	it('makes a request count as unseen again', async () => {
		const scripted = createScriptedLauncher();
		await using screen = await openConsole({
			launcher: scripted.launcher,
			async before(world) {
				const {run} = await world.start({label: 'planner'});
				await world.raise(run, {text: 'May I?', payload: {argv: ['npm', 'ci'], cwd: '/'}});
			},
		});
		await screen.see('screen of');
		screen.press('4');
		await screen.see('a approve · d deny');
		screen.press('\r');
		await screen.see('[1 Sessions]');
		screen.press('\r');
		await screen.see('attached to');
		screen.press(`${detach}4`);
		await screen.see('[4 Escalations 1]');
		screen.press('a');
		await screen.see(/just been shown|not on the screen yet/);
		await screen.see('a approve · d deny');
		screen.world.advance(armingRules.repeatMs);
		screen.press('a');
		await screen.see('Approved.');
	});
});

describe('an agent that falls silent', () => {
	it('may be stuck, until it writes again', async () => {
		const scripted = createScriptedLauncher();
		await using screen = await openConsole({launcher: scripted.launcher, before: two});
		await screen.see('screen of');
		screen.world.advance(quietMs);
		await screen.see(/\? planner +stuck\?/);
		scripted.isActive(ptyIds(screen)[0]!);
		await screen.see(/● planner +working/);
		await screen.see(/\? docs +stuck\?/);
	});
});
