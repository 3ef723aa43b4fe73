import xterm from '@xterm/headless';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {exportSession} from '../../source/export/export-session.js';
import type {RecordedEvent} from '../../source/export/sources.js';
import {exportOptions, livedFleet, textOf} from '../helpers/export-fleet.js';

type CastEvent = readonly [interval: number, code: string, data: string];

type Cast = {readonly header: Record<string, unknown>; readonly events: readonly CastEvent[]};

/** A recording of each attempt of the lived fleet; what is not named was never recorded. */
type Recordings = Readonly<Record<string, readonly RecordedEvent[]>>;

const castOf = async (
	recordings: Recordings,
	{tree = true, secrets = []}: {tree?: boolean; secrets?: readonly string[]} = {},
): Promise<Cast> => {
	async function* recordingEvents(ptyId: string): AsyncGenerator<RecordedEvent> {
		const events = recordings[ptyId];
		if (!events) {
			throw new Error(`there is no recording ${ptyId}`);
		}

		yield* events;
	}

	const text = await textOf(exportSession(exportOptions(livedFleet(), {format: 'cast', tree, secrets, recordingEvents})));
	const [header = '', ...lines] = text.trimEnd().split('\n');
	return {header: JSON.parse(header) as Cast['header'], events: lines.map(line => JSON.parse(line) as CastEvent)};
};

const size = (data: string): RecordedEvent => ({atMs: 0, code: 'r', data});
const out = (atMs: number, data: string): RecordedEvent => ({atMs, code: 'o', data});

const attempts = ['run_2.1', 'run_4.1', 'run_8.1', 'run_6.1'];

describe('an exported recording', () => {
	test('has the size it began with, and when', async () => {
		const {header} = await castOf({'run_2.1': [size('132x43'), out(1, 'x')]});
		expect(header).toEqual({
			version: 3,
			term: {cols: 132, rows: 43, type: 'xterm-256color'},
			timestamp: 1_700_000_000,
			idle_time_limit: 2,
			title: 'Fix the build',
		});
	});

	test('joins all attempts of a tree in its order, each after a marker and on a clear screen', async () => {
		const {events} = await castOf(Object.fromEntries(attempts.map(id => [id, [size('80x24'), out(5, id)]])));
		expect(events.filter(([, code]) => code === 'm').map(([, , data]) => data)).toEqual([
			'Fix the build · run_2 attempt 1 · make',
			'first · run_4 attempt 1 · plan',
			'deep · run_8 attempt 1 · ',
			'second · run_6 attempt 1 · false',
		]);
		const shown = events.filter(([, code]) => code === 'o').map(([, , data]) => data);
		expect(shown).toEqual(['run_2.1', '\u001Bc', 'run_4.1', '\u001Bc', 'run_8.1', '\u001Bc', 'run_6.1']);
	});

	test('of one session holds only its own', async () => {
		const recordings = Object.fromEntries(attempts.map(id => [id, [size('80x24'), out(5, id)]]));
		const {events} = await castOf(recordings, {tree: false});
		expect(events.filter(([, code]) => code === 'o').map(([, , data]) => data)).toEqual(['run_2.1']);
	});

	test('plays back on a terminal what the last attempt showed', async () => {
		const {header, events} = await castOf({
			'run_2.1': [size('80x24'), out(0, '\u001B[?1049h\u001B[31mleft over')],
			'run_4.1': [size('40x10'), out(0, 'hello\r\n'), out(20, 'wörld 🌍')],
		});
		const {cols, rows} = header['term'] as {readonly cols: number; readonly rows: number};
		const terminal = new xterm.Terminal({cols, rows, allowProposedApi: true});
		for (const [, code, data] of events) {
			if (code === 'r') {
				const [columns, lines] = data.split('x').map(Number);
				terminal.resize(columns!, lines!);
			} else if (code === 'o') {
				await new Promise<void>(resolve => {
					terminal.write(data, resolve);
				});
			}
		}

		const line = (at: number) => terminal.buffer.active.getLine(at)?.translateToString(true);
		expect([terminal.cols, terminal.rows, terminal.buffer.active.type]).toEqual([40, 10, 'normal']);
		expect([line(0), line(1), line(2)]).toEqual(['hello', 'wörld 🌍', '']);
		terminal.dispose();
	});

	test('never goes back in time, and loses none of it', async () => {
		const times = fc.array(fc.double({min: -10, max: 1e6, noNaN: true}), {minLength: 1, maxLength: 40});
		await fc.assert(
			fc.asyncProperty(times, async atMs => {
				const sorted = atMs.toSorted((a, b) => a - b);
				const {events} = await castOf({'run_2.1': [size('80x24'), ...sorted.map((at, n) => out(at, String(n)))]});
				expect(events.every(([interval]) => interval >= 0)).toBe(true);
				const total = events.reduce((sum, [interval]) => sum + interval, 0);
				expect(total).toBeCloseTo(Math.max(0, sorted.at(-1)!) / 1000, 3);
			}),
			{numRuns: 50},
		);
	});

	test('stays in order when a recording does not', async () => {
		const {events} = await castOf({'run_2.1': [size('80x24'), out(500, 'a'), out(100, 'b'), out(700, 'c')]});
		expect(events.filter(([, code]) => code === 'o')).toEqual([
			[0.5, 'o', 'a'],
			[0, 'o', 'b'],
			[0.2, 'o', 'c'],
		]);
	});

	test('leaves typed input out, and makes exits markers', async () => {
		const recorded = [
			size('80x24'),
			{atMs: 1, code: 'i', data: 'my password\r'},
			{atMs: 2, code: 'x', data: '0'},
			{atMs: 3, code: '?', data: ''},
		];
		const {events} = await castOf({'run_2.1': recorded}, {tree: false});
		expect(events.map(([, code, data]) => [code, data]).slice(2)).toEqual([['m', 'exited with 0']]);
		expect(JSON.stringify(events)).not.toContain('my password');
	});

	test('stars secrets without moving what is beside them', async () => {
		const token = 'ghp_0123456789abcdefghijABCDEFGHIJ012345';
		const {events} = await castOf({'run_2.1': [size('80x24'), out(1, `key ${token} end own-secret-1 end`)]}, {secrets: ['own-secret-1']});
		const [, , data] = events.find(([, code]) => code === 'o')!;
		expect(data).toBe(`key ${'*'.repeat(token.length)} end ${'*'.repeat(12)} end`);
	});

	test('goes on without a recording that is missing or broken', async () => {
		async function* recordingEvents(ptyId: string): AsyncGenerator<RecordedEvent> {
			yield* ptyId === 'run_4.1' ? [] : [size('80x24'), out(1, ptyId)];
			if (ptyId !== 'run_6.1') {
				throw new Error('cut short');
			}
		}

		const text = await textOf(exportSession(exportOptions(livedFleet(), {format: 'cast', recordingEvents})));
		const events = text
			.trimEnd()
			.split('\n')
			.slice(1)
			.map(line => JSON.parse(line) as CastEvent);
		expect(events.filter(([, , data]) => attempts.includes(data)).map(([, , data]) => data)).toEqual(['run_2.1', 'run_8.1', 'run_6.1']);
		expect(events.filter(([, , data]) => data.includes('could not be read: cut short'))).toHaveLength(3);
	});

	test('of which nothing was recorded is refused with a hint', async () => {
		await expect(castOf({})).rejects.toMatchObject({
			name: 'ExpectedError',
			message: 'Could not export ses_1 as a recording: nothing of it was recorded.',
			hint: expect.stringContaining('md'),
		});
	});
});
