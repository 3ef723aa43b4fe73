import {describe, expect, test} from 'vitest';
import {BreakersScreen, rowIds} from '../../source/ui/screens/breakers-screen.js';
import {type DrawOptions, drawScreen} from '../helpers/draw-screen.js';
import {launcher, openScreenFleet, type ScreenFleet} from '../helpers/screen-fleet.js';

const draw = (fleet: ScreenFleet, options?: DrawOptions) => drawScreen(fleet, {name: 'breakers', Screen: BreakersScreen, rowIds}, options);

/** One agent whose breaker is open, one that is held, one that fails sometimes. */
const troubled = async () => {
	const fleet = await openScreenFleet({agents: ['codex', 'pi', 'shell'], limits: {concurrent: 2}});
	await fleet.send({type: 'breaker.trip', key: 'agent:pi'});
	await fleet.send({type: 'breaker.hold', key: 'agent:shell'});
	const {runId} = await fleet.start('flaky');
	await fleet.runAll();
	await fleet.send({type: 'attempt.exited', runId, generation: 1, exitCode: 1, signal: null}, launcher);
	await fleet.start('steady');
	await fleet.runAll();
	fleet.pass(12_000);
	return fleet;
};

/** The cells of a table's row, without its lines. */
const cellsOf = (lines: readonly string[], name: string): readonly string[] =>
	(lines.find(line => new RegExp(`│ [> ] ${name} `).test(line)) ?? '')
		.split('│')
		.slice(1, -1)
		.map(cell => cell.trim());

const sizes = [
	{columns: 80, rows: 24},
	{columns: 120, rows: 40},
] as const;

describe.each(sizes)('the breakers at $columns×$rows', size => {
	test('stand in a table: state, how near, what comes next, and why', async () => {
		await using fleet = await troubled();
		await using screen = await draw(fleet, size);
		const lines = await screen.lines();
		expect(cellsOf(lines, 'agent:codex')).toEqual(['> agent:codex', 'closed', '1/5 failed', '', '']);
		expect(cellsOf(lines, 'agent:pi').slice(0, 4)).toEqual(['agent:pi', 'open', 'for 12s', 'probe in 18s']);
		expect(cellsOf(lines, 'agent:pi')[4]).toMatch(/^tripped by a/);
		expect(cellsOf(lines, 'agent:shell')).toEqual(['agent:shell', 'held', 'for 12s', 'until reset', 'held by ada']);
		await screen.expectToFit();
	});

	test('the limits stand below with what the fleet uses of each', async () => {
		await using fleet = await troubled();
		await using screen = await draw(fleet, size);
		const lines = await screen.lines();
		expect(cellsOf(lines, 'concurrent')).toEqual(['concurrent', 'runs at once', '1', '2']);
		expect(cellsOf(lines, 'concurrentPerTree').at(-1)).toBe('10');
		await fleet.start('second');
		await fleet.runAll();
		expect(cellsOf(await screen.redraw(), 'concurrent')).toEqual(['concurrent', 'runs at once', '2 full', '2']);
	});

	test('both tables are as wide as the screen, and every line of a table as long as the others', async () => {
		await using fleet = await troubled();
		await using screen = await draw(fleet, size);
		const tables = (await screen.lines()).filter(line => /^[┌│├└]/.test(line));
		expect(tables.length).toBeGreaterThan(10);
		expect(new Set(tables.map(line => line.length))).toEqual(new Set([size.columns]));
		expect(tables.filter(line => line.startsWith('├'))).toHaveLength(2);
	});

	test('the cursor goes through both tables, and what it is on is told in a sentence', async () => {
		await using fleet = await troubled();
		await using screen = await draw(fleet, {...size, intents: [{type: 'move', by: 1}]});
		expect((await screen.text()).replaceAll(/\s+/g, ' ')).toContain(
			'agent:pi opened 12s ago: tripped by ada. Nothing starts through it; one run probes it in 18s.',
		);
		const lines = await screen.redraw({type: 'move', by: 'last'});
		expect(cellsOf(lines, 'stopGrace')).toEqual(['> stopGrace', 'time between SIGTERM and SIGKILL', '', '5 s']);
		expect(lines.join('\n')).toContain('stopGraceMs is 5000: ms between SIGTERM and SIGKILL.');
		const [first] = await Promise.all([screen.redraw({type: 'select', id: 'limit:depth'})]);
		expect(first.join('\n')).toContain('What is over it is refused.');
	});
});

test('a table that has no room for all says which rows it shows', async () => {
	await using fleet = await troubled();
	await using screen = await draw(fleet, {rows: 19});
	expect(await screen.text()).toMatch(/│ limit 1-\d\/23 +│/);
	expect((await screen.redraw({type: 'move', by: 'last'})).join('\n')).toMatch(/│ limit( \d+-23\/23)? +│/);
	await screen.expectToFit();
});

test('cells are plain ASCII, so that the table counts them right', async () => {
	await using fleet = await openScreenFleet({agents: ['漢字\u202Ecodex👩\u200D💻']});
	await fleet.send({type: 'breaker.trip', key: 'agent:漢字\u202Ecodex👩\u200D💻'}, {role: 'operator', name: 'å\u001B[31m'});
	await using screen = await draw(fleet, {columns: 120});
	const row = (await screen.lines()).find(line => line.includes('agent:'))!;
	expect(row.replaceAll('│', '')).toMatch(/^[ -~]+$/);
	expect(row).toContain('agent:\\u{6F22}');
	expect(row).toContain('tripped by \\u{E5}\\u{1B}[31m');
	expect(row).toHaveLength(120);
});

test('a terminal that only has ASCII gets ASCII lines', async () => {
	await using fleet = await troubled();
	await using screen = await draw(fleet, {env: {LANG: 'C'}});
	expect(await screen.text()).not.toMatch(/[^\n -~]/);
	expect((await screen.lines())[0]).toMatch(/^\+-+\+/);
});

test.each([
	[60, 20],
	[40, 8],
	[30, 6],
	[20, 5],
	[80, 12],
	[80, 13],
	[1, 1],
])('%i×%i is filled and never overflows, wherever the cursor is', async (columns, rows) => {
	await using fleet = await troubled();
	await using screen = await draw(fleet, {columns, rows});
	const ids = rowIds(fleet.state(), screen.view(), fleet.now());
	for (const id of ids) {
		await screen.redraw({type: 'select', id});
		await screen.expectToFit();
		if (columns > 1) {
			expect(await screen.text()).toContain('>');
		}
	}
});
