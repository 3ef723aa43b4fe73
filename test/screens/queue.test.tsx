import {describe, expect, test} from 'vitest';
import {QueueScreen, rowIds} from '../../source/ui/screens/queue-screen.js';
import {type DrawOptions, drawScreen} from '../helpers/draw-screen.js';
import {launcher, openScreenFleet, type ScreenFleet} from '../helpers/screen-fleet.js';

const draw = (fleet: ScreenFleet, options?: DrawOptions) => drawScreen(fleet, {name: 'queue', Screen: QueueScreen, rowIds}, options);

/** One run holds the only slot; three wait. */
const crowded = async () => {
	const fleet = await openScreenFleet({limits: {concurrent: 1}});
	const busy = await fleet.start('busy');
	await fleet.runAll();
	await fleet.start('docs', {text: 'Write the docs.\nAll of them.'});
	fleet.pass(90_000);
	await fleet.send({type: 'message.send', sessionId: busy.sessionId, text: 'next', lane: 'urgent'});
	await fleet.start('lint', {agent: 'shell', text: ''});
	fleet.pass(5000);
	return fleet;
};

const sizes = [
	{columns: 80, rows: 24},
	{columns: 120, rows: 40},
] as const;

describe.each(sizes)('the queue at $columns×$rows', size => {
	test('is listed in its order, with lane, session, waiting time and reason', async () => {
		await using fleet = await crowded();
		await using screen = await draw(fleet, size);
		const lines = await screen.lines();
		expect(lines[0]).toBe(' 3 queued · 1 of 1 slots taken');
		expect(lines[1]).toMatch(/^› {3}1 +urgent {2}busy +5s {2}busy is busy with run_\d+\.$/);
		expect(lines[2]).toMatch(/^ {4}2 +normal {2}docs +1m {2}The one slot is taken/);
		expect(lines[3]).toMatch(/^ {4}3 +normal {2}lint +5s {2}The one slot is taken/);
		expect(new Set(lines.slice(1, 4).map(line => line.search(/ {2}(busy is|The one)/))).size).toBe(1);
		await screen.expectToFit();
	});

	test('tells below all there is to know about the selected run', async () => {
		await using fleet = await crowded();
		await using screen = await draw(fleet, {...size, intents: [{type: 'move', by: 1}]});
		const text = await screen.text();
		expect(text).toContain('docs runs codex, normal, queued 1m ago by ada');
		expect(text).toContain(' The one slot is taken (limit concurrent).\n ┃ Write the docs.\n ┃ All of them.');
		await screen.redraw({type: 'move', by: 1});
		expect(await screen.text()).toContain(' an interactive start');
	});
});

describe.each(sizes)('what is special about a queued run at $columns×$rows', size => {
	/** Nothing may start; each of these waits for another reason. */
	const special = async () => {
		const fleet = await openScreenFleet({limits: {concurrent: 1}, profiles: {codex: {retry: {waitsMs: [60_000], jitter: 0, lostCap: 1}}}});
		const flaky = await fleet.start('flaky');
		await fleet.runAll();
		await fleet.send({type: 'attempt.exited', runId: flaky.runId, generation: 1, exitCode: 1, signal: null}, launcher);
		await fleet.start('busy', {agent: 'shell'});
		await fleet.runAll();
		const [plain, held, first, forced] = [
			await fleet.start('plain'),
			await fleet.start('held'),
			await fleet.start('first'),
			await fleet.start('forced'),
		];
		await fleet.send({type: 'session.create', agent: 'codex', cwd: '/w', label: 'later', text: 'x', dependsOn: [plain!.runId]});
		await fleet.send({type: 'run.hold', runId: held!.runId});
		await fleet.send({type: 'run.move', runId: first!.runId, to: 'first'});
		await fleet.send({type: 'run.force-start', runId: forced!.runId});
		return {fleet, plain: plain!};
	};

	test('stands in a column of its own, and what starts next stands on top', async () => {
		const {fleet, plain} = await special();
		await using _ = fleet;
		await using screen = await draw(fleet, size);
		const lines = await screen.lines();
		const rows = lines.slice(1, 7).map(line => line.replaceAll(/\s+/g, ' ').trim());
		expect(rows[0]).toMatch(/^› 1 now normal forced 0s It starts now/);
		expect(rows[1]).toMatch(/^2 first normal first 0s The one slot/);
		expect(rows.find(row => row.includes(' flaky '))).toMatch(/^\d retry normal flaky 0s 1 attempt failed; it is/);
		expect(rows.find(row => row.includes(' held '))).toMatch(/^\d held normal held 0s It is held by ada\./);
		expect(rows.find(row => row.includes(' later '))).toMatch(/^\d after normal later 0s It depends on plain/);
		const detail = await screen.redraw({type: 'move', by: 'last'});
		expect(detail.join('\n').replaceAll(/\s+/g, ' ')).toContain(`It depends on plain (${plain.runId}), which has not succeeded yet.`);
		await screen.expectToFit();
	});
});

test('a run whose wait is over stands before everything that is queued until it has its slot back', async () => {
	await using fleet = await openScreenFleet({limits: {concurrent: 1}});
	const parent = await fleet.start('parent');
	await fleet.runAll();
	const child = await fleet.start('child', {parentRunId: parent.runId});
	await fleet.send(
		{type: 'run.wait', runId: parent.runId, awaits: {runIds: [child.runId], mode: 'all'}},
		{role: 'agent', runId: parent.runId},
	);
	await fleet.start('other');
	await fleet.runAll();
	await fleet.send({type: 'attempt.exited', runId: child.runId, generation: 1, exitCode: 0, signal: null}, launcher);
	await using screen = await draw(fleet);
	const lines = await screen.lines();
	expect(lines[1]).toMatch(/^› {3}· back {2}normal {2}parent +0s {2}What it waited for is over/);
	expect(lines[2]).toMatch(/^ {4}1 +normal {2}other/);
});

test('a paused queue says who paused it', async () => {
	await using fleet = await crowded();
	await fleet.send({type: 'queue.pause'});
	await using screen = await draw(fleet);
	expect((await screen.lines())[0]).toBe(' 3 queued · 1 of 1 slots taken · paused by ada');
	expect((await screen.lines())[2]).toContain('The queue is paused by ada.');
});

test('the cursor stays on its run when others overtake it', async () => {
	await using fleet = await crowded();
	await using screen = await draw(fleet, {intents: [{type: 'move', by: 'last'}]});
	await fleet.start('hotfix');
	const {sessionId} = await fleet.start('fire');
	await fleet.send({type: 'message.send', sessionId, text: 'now', lane: 'urgent'});
	const lines = await screen.redraw();
	expect(lines.filter(line => line.startsWith('›'))).toEqual([expect.stringMatching(/^› {3}\d +normal {2}lint /)]);
});

test('a long queue is shown around the cursor', async () => {
	await using fleet = await openScreenFleet({limits: {concurrent: 1}});
	await fleet.start('busy');
	await fleet.runAll();
	for (let index = 1; index <= 40; index++) {
		await fleet.start(`task ${index}`);
	}

	await using screen = await draw(fleet, {intents: [{type: 'move', by: 29}]});
	const lines = await screen.lines();
	expect(lines.find(line => line.startsWith('›'))).toMatch(/ 30 +normal {2}task 30/);
	expect(lines.filter(line => / normal {2}task /.test(line))).toHaveLength(18);
	await screen.expectToFit();
});

test('an empty queue and a filter that finds nothing say so', async () => {
	await using fleet = await openScreenFleet();
	await using screen = await draw(fleet);
	expect((await screen.lines())[1]).toBe('  Nothing is queued.');
	await using full = await crowded();
	await using filtered = await draw(full, {intents: [{type: 'filter', text: 'no such thing'}]});
	expect((await filtered.lines())[1]).toBe('  Nothing contains that text.');
});

test.each([
	[40, 8],
	[30, 6],
	[20, 5],
	[1, 1],
])('%i×%i is filled and never overflows, whatever a session is called', async (columns, rows) => {
	await using fleet = await openScreenFleet({limits: {concurrent: 1}});
	await fleet.start('x');
	await fleet.runAll();
	await fleet.start('\u001B[2J\u202E漢字👩\u200D💻'.repeat(5), {text: '\u001B]0;x\u0007\r\n'.repeat(9)});
	await using screen = await draw(fleet, {columns, rows});
	await screen.expectToFit();
	expect(await screen.text()).not.toMatch(/\u001B|\u202E|\u200D|\r/);
});
