import {describe, expect, test} from 'vitest';
import {BreakersScreen, rowIds} from '../../source/ui/screens/breakers-screen.js';
import {defaultLimits} from '../../state/safety/limits.js';
import {type DrawOptions, drawScreen} from '../helpers/draw-screen.js';
import {launcher, openScreenFleet, type ScreenFleet, system} from '../helpers/screen-fleet.js';

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
		const [name, meaning, now, of] = cellsOf(lines, 'stopGrace');
		expect([name, now, of]).toEqual(['> stopGrace', '', '5 s']);
		expect('time between SIGTERM and SIGKILL').toContain(meaning!.replace('~', ''));
		expect(lines.join('\n')).toContain('stopGraceMs is 5 s: time between SIGTERM and SIGKILL.');
		const [first] = await Promise.all([screen.redraw({type: 'select', id: 'limit:depth'})]);
		expect(first.join(' ').replaceAll(/\s+/g, ' ')).toContain('What is over it is refused.');
	});
});

const fleetWithBudgets = async () => {
	const fleet = await openScreenFleet({agents: ['codex'], profiles: {codex: {provider: 'openai'}}});
	const profile = {name: 'codex', adapter: 'command', argv: ['true'], description: 'codex', provider: 'openai'};
	const budgets = {all: {tokens: 10_000}, tree: {costUsd: 2, runsPerHour: 10}};
	await fleet.send({type: 'settings.configure', agents: [profile], limits: defaultLimits, budgets}, system);
	const {runId} = await fleet.start('planner\u202E');
	await fleet.runAll();
	const usage = {inputTokens: 8000, outputTokens: 1000, protocolTokens: 900, costUsd: 1.25};
	await fleet.send({type: 'agent.report', runId, generation: 1, report: {kind: 'usage', usage}}, {role: 'agent', runId});
	await fleet.send(
		{type: 'provider.limit', provider: 'openai', sentence: 'try again \u001B[2J later', untilMs: fleet.now() + 180_000},
		system,
	);
	return {fleet, runId};
};

describe.each(sizes)('what else may hold a run back, at $columns×$rows', size => {
	test('providers that told us to wait, and budgets, stand between breakers and limits', async () => {
		const {fleet} = await fleetWithBudgets();
		await using _ = fleet;
		await using screen = await draw(fleet, size);
		const lines = await screen.lines();
		expect(lines[0]).toBe(' used 9.0k tokens · $1.25 · 1 run · coordination 10 % (goal 20 %)');
		const ids = rowIds(fleet.state(), screen.view(), fleet.now());
		expect(ids.slice(0, 7)).toEqual([
			'agent:codex',
			'launcher:lch_1',
			'provider:openai',
			'pause:openai',
			'budget:all/tokens',
			'budget:tree:ses_1/costUsd',
			'budget:tree:ses_1/runsPerHour',
		]);
		const onPause = await screen.redraw({type: 'select', id: 'pause:openai'});
		expect(cellsOf(onPause, 'openai').slice(0, 4)).toEqual(['> openai', 'waits', 'once', 'on in 3m']);
		const told = onPause.join(' ').replaceAll(/\s+/g, ' ');
		expect(told).toContain('openai told us to wait: “try again \\u{1B}[2J later”.');
		const onBudget = await screen.redraw({type: 'select', id: 'budget:all/tokens'});
		expect(cellsOf(onBudget, 'whole fleet')).toEqual(['> whole fleet', 'near', '9.0k', '10k', 'tokens']);
		expect(onBudget.join(' ')).toContain('The whole fleet has used 9.0k of 10k (tokens). Little is left.');
		const onTree = await screen.redraw({type: 'select', id: 'budget:tree:ses_1/costUsd'});
		expect(onTree.join('\n')).toMatch(/> tree /);
		expect(onTree.join('\n')).not.toContain('\u202E');
		for (const id of ids) {
			await screen.redraw({type: 'select', id});
			await screen.expectToFit();
			expect(await screen.text()).toMatch(/^│ > /m);
		}
	});
});

test('a budget that is used up says that you are asked, and by which request', async () => {
	const {fleet, runId} = await fleetWithBudgets();
	await using _ = fleet;
	const usage = {inputTokens: 12_000, outputTokens: 1000};
	await fleet.send({type: 'agent.report', runId, generation: 1, report: {kind: 'usage', usage}}, {role: 'agent', runId});
	await using screen = await draw(fleet, {intents: [{type: 'select', id: 'budget:all/tokens'}]});
	expect(cellsOf(await screen.lines(), 'whole fleet').slice(1, 4)).toEqual(['asked', '22k', '10k']);
	expect((await screen.text()).replaceAll(/\s+/g, ' ')).toMatch(/Nothing of it starts until you decide esc_\d+\. 4 shows the request\./);
});

test('without a cursor on it a section becomes a line where there is no room', async () => {
	const {fleet} = await fleetWithBudgets();
	await using _ = fleet;
	await using screen = await draw(fleet, {rows: 15});
	expect(await screen.text()).toContain('  1 provider · 1 waited for');
	expect(await screen.text()).toContain('  23 limits');
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
	expect((await screen.lines())[1]).toMatch(/^\+-+\+/);
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
