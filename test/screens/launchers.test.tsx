import {describe, expect, test} from 'vitest';
import {LaunchersScreen, rowIds} from '../../source/ui/screens/launchers-screen.js';
import {type DrawOptions, drawScreen} from '../helpers/draw-screen.js';
import {openScreenFleet, type ScreenFleet} from '../helpers/screen-fleet.js';

const draw = (fleet: ScreenFleet, options?: DrawOptions) =>
	drawScreen(fleet, {name: 'launchers', Screen: LaunchersScreen, rowIds}, options);

const other = {role: 'launcher', launcherId: 'lch_2'} as const;

/** One launcher with a live agent, and one that went away. */
const machines = async () => {
	const fleet = await openScreenFleet();
	await fleet.start('api');
	await fleet.runAll();
	await fleet.send({type: 'launcher.join', launcherId: 'lch_2', host: 'gpu-box', pid: 77, embedded: true}, other);
	fleet.pass(120_000);
	await fleet.send({type: 'launcher.change', launcherId: 'lch_2', state: 'offline'}, other);
	fleet.pass(5000);
	return fleet;
};

const sizes = [
	{columns: 80, rows: 24},
	{columns: 120, rows: 40},
] as const;

describe.each(sizes)('the launchers at $columns×$rows', size => {
	test('are listed with state, host, process, live ptys and age, in columns', async () => {
		await using fleet = await machines();
		await using screen = await draw(fleet, size);
		const [heading, first, second] = await screen.lines();
		expect(heading).toMatch(/^ {4}state {4}launcher +host +pid +ptys +age$/);
		expect(first).toMatch(/^› ● online {3}lch_1 +here +4000 +1 +2m$/);
		expect(second).toMatch(/^ {2}✗ offline {2}lch_2 +gpu-box +77 +0 +2m$/);
		expect(new Set([heading, first, second].map(line => line!.length)).size).toBe(1);
		expect([first, second].map(line => line!.search(/lch_/))).toEqual([heading!.indexOf('launcher'), heading!.indexOf('launcher')]);
		await screen.expectToFit();
	});

	test('below it is said what becomes of the agents without a console', async () => {
		await using fleet = await machines();
		await using screen = await draw(fleet, size);
		expect(await screen.text()).toContain(
			'online for 2m on here, process 4000, 1 live ptys\n It is a process of its own: its agents live on without a console.',
		);
		await screen.redraw({type: 'move', by: 1});
		expect(await screen.text()).toContain(
			'offline for 5s on gpu-box, process 77, 0 live ptys\n It lives in the console: its agents end with it.',
		);
	});
});

test('a host may call itself anything', async () => {
	await using fleet = await machines();
	await fleet.send(
		{type: 'launcher.join', launcherId: 'lch_3', host: '\u001B[2J\u202Ehere (trusted)', pid: 1, embedded: false},
		{role: 'launcher', launcherId: 'lch_3'},
	);
	await using screen = await draw(fleet, {intents: [{type: 'select', id: 'lch_3'}]});
	expect(await screen.text()).toContain(' on “\\u{1B}[2J\\u{202E}here (trusted)”, process 1');
});

test('a filter that finds nothing says so', async () => {
	await using fleet = await machines();
	await using screen = await draw(fleet, {intents: [{type: 'filter', text: 'nowhere'}]});
	expect((await screen.lines())[0]).toBe('  Nothing contains that text.');
});

test.each([
	[40, 8],
	[30, 6],
	[20, 5],
	[1, 1],
])('%i×%i is filled and never overflows', async (columns, rows) => {
	await using fleet = await machines();
	await using screen = await draw(fleet, {columns, rows});
	await screen.expectToFit();
});
