import '../helpers/force-colour.js';
import {expect, test} from 'vitest';
import {EscalationsScreen, rowIds} from '../../source/ui/screens/escalations-screen.js';
import {type DrawOptions, drawScreen} from '../helpers/draw-screen.js';
import {openScreenFleet, type ScreenFleet} from '../helpers/screen-fleet.js';

const draw = (fleet: ScreenFleet, options?: DrawOptions) =>
	drawScreen(fleet, {name: 'escalations', Screen: EscalationsScreen, rowIds}, options);

const asking = async (fleet: ScreenFleet) => {
	const {runId} = await fleet.start('api');
	await fleet.runAll();
	await fleet.ask({runId, payload: {argv: ['rm', '-rf', 'x']}});
	await fleet.ask({runId, text: '\u001B[31mred\u001B[0m \u001B[8mhidden\u001B[0m', payload: {argv: ['\u001B[42mls\u001B[5m']}});
};

test('without colours the same is said, and nothing is coloured', async () => {
	await using fleet = await openScreenFleet();
	await asking(fleet);
	await using coloured = await draw(fleet);
	await using plain = await draw(fleet, {env: {LANG: 'C.UTF-8', NO_COLOR: '1'}});
	expect(await plain.lines()).toEqual(await coloured.lines());
	const isColoured = ({foreground, background}: {foreground: number; background: number}) => foreground !== -1 || background !== -1;
	expect(plain.cells(0, 24).flat().filter(isColoured)).toEqual([]);
	expect(coloured.cells(0, 24).flat().some(isColoured)).toBe(true);
});

test('colours and attributes of an agent are text, never a look', async () => {
	await using fleet = await openScreenFleet();
	await asking(fleet);
	await using screen = await draw(fleet, {intents: [{type: 'move', by: 1}], env: {LANG: 'C.UTF-8', NO_COLOR: '1'}});
	const lines = await screen.lines();
	const row = lines.findIndex(line => line.startsWith(' ┃ '));
	expect(lines[row]).toBe(' ┃ \\u{1B}[31mred\\u{1B}[0m \\u{1B}[8mhidden\\u{1B}[0m');
	const cells = screen.cells(row, row + 1)[0]!;
	const start = lines[row]!.indexOf('\\u{1B}');
	// What was spelt out stands in inverse, so that nobody can write it by hand; what follows is drawn as any other text.
	expect(cells.slice(start, start + 6).every(({inverse}) => inverse)).toBe(true);
	expect(cells.slice(start + 6, start + 10).every(({inverse, foreground}) => !inverse && foreground === -1)).toBe(true);
	expect(lines.join('\n')).toContain("'\\u{1B}[42mls\\u{1B}[5m'");
	expect(
		screen
			.cells(0, 24)
			.flat()
			.every(({background}) => background === -1),
	).toBe(true);
});
