import {describe, expect, test} from 'vitest';
import {QueueScreen, rowIds} from '../../source/ui/screens/queue-screen.js';
import {type DrawOptions, drawScreen} from '../helpers/draw-screen.js';
import {openScreenFleet, type ScreenFleet} from '../helpers/screen-fleet.js';

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
		expect(lines[1]).toMatch(/^› {3}1 urgent {2}busy +5s {2}busy is busy with run_\d+\.$/);
		expect(lines[2]).toMatch(/^ {4}2 normal {2}docs +1m {2}The one slot is taken/);
		expect(lines[3]).toMatch(/^ {4}3 normal {2}lint +5s {2}The one slot is taken/);
		expect(new Set(lines.slice(1, 4).map(line => line.search(/ {2}(busy is|The one)/))).size).toBe(1);
		await screen.expectToFit();
	});

	test('tells below all there is to know about the selected run', async () => {
		await using fleet = await crowded();
		await using screen = await draw(fleet, {...size, intents: [{type: 'move', by: 1}]});
		const text = await screen.text();
		expect(text).toContain('docs runs codex, queued 1m ago by ada');
		expect(text).toContain(' The one slot is taken (limit concurrent).\n ┃ Write the docs.\n ┃ All of them.');
		await screen.redraw({type: 'move', by: 1});
		expect(await screen.text()).toContain(' an interactive start');
	});
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
	expect(lines.filter(line => line.startsWith('›'))).toEqual([expect.stringMatching(/^› {3}\d normal {2}lint /)]);
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
	expect(lines.find(line => line.startsWith('›'))).toContain('30 normal  task 30');
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
