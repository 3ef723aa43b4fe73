import {describe, expect, it, vi} from 'vitest';
import type {StatusCorrection} from '../../state/agent/screen-correction.js';
import {openConsole} from '../helpers/open-console.js';
import {createScriptedLauncher} from '../helpers/scripted-launcher.js';

const esc = '\u{1B}';
const screenText = ['Welcome', '', '⠋ Pondering 3 of 9', '│ > \u{202E}evil │', ''];

/** A console whose agents all show the same screen. */
const openCorrecting = async (size: {readonly columns: number; readonly rows: number}, readOnly = false) => {
	const corrections: StatusCorrection[] = [];
	const scripted = createScriptedLauncher();
	const screen = await openConsole({
		...size,
		launcher: {...scripted.launcher, text: async () => screenText},
		fleet: {readOnly},
		async correctStatus(correction) {
			corrections.push(correction);
			return 'The rule is in force.';
		},
		before: async world => void (await world.start({label: 'planner'})),
	});
	return {screen, corrections};
};

const sizes = [
	{columns: 80, rows: 24},
	{columns: 120, rows: 40},
	{columns: 40, rows: 12},
] as const;

describe.each(sizes)('what an agent does, at $columns×$rows', size => {
	it('is explained, and corrected by the lines that were shown before', async () => {
		const {screen, corrections} = await openCorrecting(size);
		await using _ = screen;
		await screen.see('planner');
		screen.press('w');
		await screen.see('planner runs claude');
		screen.press('c');
		const form = await screen.see('What does planner really do?');
		expect(form).toContain('‹working›');
		expect(form).toContain(String.raw`│ > \u{202E}evil │`);
		expect(form).toMatch(/\[x\] ⠋ Pondering 3 of 9/);
		expect(Math.max(...(await screen.lines()).map(line => line.length))).toBeLessThanOrEqual(size.columns);
		expect(corrections).toEqual([]);
		screen.press(`${esc}[C`);
		await screen.see('‹blocked›');
		screen.press('\r');
		await screen.see('The rule is in force.');
		expect(corrections).toEqual([
			{
				adapter: 'command',
				activity: 'blocked',
				from: 'screen',
				lines: [{text: '⠋ Pondering 3 of 9', fromBottom: 1}],
				screen: screenText,
			},
		]);
	});
});

it('writes nothing when it is left, and goes back to why', async () => {
	const {screen, corrections} = await openCorrecting({columns: 80, rows: 24});
	await using _ = screen;
	await screen.see('planner');
	screen.press('w');
	await screen.see('Where it stands');
	screen.press('c');
	await screen.see('really do?');
	screen.press(esc);
	await screen.see('Where it stands');
	screen.press(esc);
	await screen.gone('Where it stands');
	expect(corrections).toEqual([]);
});

it('is not corrected in a read-only console', async () => {
	const {screen, corrections} = await openCorrecting({columns: 80, rows: 24}, true);
	await using _ = screen;
	await screen.see('planner');
	screen.press('w');
	await screen.see('Where it stands');
	screen.press('c');
	await screen.see('read-only');
	expect(corrections).toEqual([]);
});

it('scrolls where there is no room, and changes with the fleet', async () => {
	const {screen} = await openCorrecting({columns: 40, rows: 12});
	await using _ = screen;
	await screen.see('planner');
	screen.press('w');
	await screen.see(/lines 1-\d+ of \d+/);
	const {sessions} = screen.world.orchestrator.getState();
	const runId = Object.values(sessions)[0]!.runIds[0]!;
	screen.press('j');
	await screen.see(/lines 2-\d+ of \d+/);
	await screen.world.exited(runId, 3);
	screen.press('k');
	await vi.waitFor(async () => expect((await screen.lines()).join(' ')).toContain('failed for'), {timeout: 20_000, interval: 20});
});
