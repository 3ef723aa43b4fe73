import {describe, expect, test} from 'vitest';
import {EventsScreen, rowIds} from '../../source/ui/screens/events-screen.js';
import {type DrawOptions, drawScreen} from '../helpers/draw-screen.js';
import {launcher, openScreenFleet, type ScreenFleet} from '../helpers/screen-fleet.js';

const draw = (fleet: ScreenFleet, options?: DrawOptions) => drawScreen(fleet, {name: 'events', Screen: EventsScreen, rowIds}, options);

const sizes = [
	{columns: 80, rows: 24},
	{columns: 120, rows: 40},
] as const;

describe.each(sizes)('the events at $columns×$rows', size => {
	test('are sentences with a time, newest last, and follow what happens', async () => {
		await using fleet = await openScreenFleet();
		const {runId} = await fleet.start('api', {text: 'Write it.'});
		await using screen = await draw(fleet, size);
		expect((await screen.lines()).find(line => line.startsWith('›'))).toMatch(
			/^› \d\d:\d\d:\d\d {4}ada queued a run for api \(normal\): “Write it\.”\.$/,
		);
		await fleet.runAll();
		fleet.pass(61_000);
		await fleet.send({type: 'attempt.exited', runId, generation: 1, exitCode: 3, signal: null}, launcher);
		const lines = await screen.redraw();
		const told = lines.filter(line => /^[› ] \d\d:\d\d:\d\d /.test(line)).map(line => line.slice(12));
		expect(told.slice(-4)).toEqual([
			expect.stringContaining('api starts, attempt 1 on lch_1.'),
			expect.stringContaining('· api runs as process 4242.'),
			expect.stringContaining('✗ api failed (exit 3).'),
			expect.stringContaining('The breaker agent:codex counts 1 failure in a row.'),
		]);
		expect(lines.filter(line => line.startsWith('›'))).toEqual([expect.stringContaining('The breaker agent:codex')]);
		expect(lines.join('\n')).toMatch(/── \d+ of \d+ {2}following ─/);
		await screen.expectToFit();
	});

	test('stay where the operator reads, and say how much is newer', async () => {
		await using fleet = await openScreenFleet();
		for (let index = 1; index <= 60; index++) {
			await fleet.start(`task ${index}`);
		}

		await using screen = await draw(fleet, {...size, intents: [{type: 'move', by: -30}]});
		const before = await screen.lines();
		expect(before.join('\n')).toContain('30 newer below');
		await fleet.send({type: 'queue.pause'});
		const after = await screen.redraw();
		expect(after.filter(line => /^[› ] \d\d:/.test(line))).toEqual(before.filter(line => /^[› ] \d\d:/.test(line)));
		expect(after.join('\n')).toContain('31 newer below');
		expect((await screen.redraw({type: 'move', by: 'last'})).join('\n')).toContain('following');
		await fleet.send({type: 'queue.resume'});
		expect((await screen.redraw()).find(line => line.startsWith('›'))).toContain('✓ ada resumed the queue.');
	});
});

test('a sentence too long for its row stands whole below', async () => {
	await using fleet = await openScreenFleet();
	await fleet.start(`a session with a long name ${'and more '.repeat(8)}`);
	await using screen = await draw(fleet);
	const lines = await screen.lines();
	expect(lines.find(line => line.startsWith('›'))).toMatch(/…$/);
	expect(lines.join(' ').replaceAll(/\s+/g, ' ')).toContain('and more and more” (normal): “do it”.');
});

test('what an agent writes is spelt out', async () => {
	await using fleet = await openScreenFleet();
	const {runId} = await fleet.start('api');
	await fleet.runAll();
	await fleet.ask({runId, text: 'May I \u001B[2J\u202Ereally?\rno'});
	await using screen = await draw(fleet);
	expect(await screen.text()).toContain('api asks (approval): “May I \\u{1B}[2J\\u{202E}really?\\u{D}no”.');
});

test('a filter keeps what contains a text, and says when nothing does', async () => {
	await using fleet = await openScreenFleet();
	await fleet.start('api');
	await using screen = await draw(fleet, {intents: [{type: 'filter', text: 'LAUNCHER'}]});
	expect((await screen.lines()).filter(line => /^[› ] \d\d:/.test(line))).toEqual([
		expect.stringContaining('The launcher lch_1 joined from here.'),
	]);
	expect((await screen.redraw({type: 'filter', text: 'nothing like it'}))[0]).toBe('  Nothing contains that text.');
});

test.each([
	[40, 8],
	[30, 6],
	[20, 5],
	[1, 1],
])('%i×%i is filled and never overflows', async (columns, rows) => {
	await using fleet = await openScreenFleet();
	await fleet.start('漢字👩\u200D💻'.repeat(9));
	await using screen = await draw(fleet, {columns, rows});
	await screen.expectToFit();
});
