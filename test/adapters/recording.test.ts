import {appendFile, mkdir, mkdtemp, readFile, rm, stat, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {earlierRecording, openRecording, type RecordingOptions} from '../../source/launcher/recording.js';
import {type RecordedEvent, readRecording, readRecordingHeader, replayRecording} from '../../source/launcher/replay.js';
import {createScreen} from '../../source/launcher/screen.js';
import {cutUp, terminalStream} from '../helpers/terminal-streams.js';

let folder = '';
let file = '';

beforeEach(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'agent-tui-recording-'));
	file = path.join(folder, 'recordings', 'run_1.1.cast');
});

afterEach(async () => rm(folder, {recursive: true, force: true}));

const columns = 40;
const rows = 10;

const open = (options: Partial<RecordingOptions> = {}) =>
	openRecording({path: file, columns, rows, title: 'claude in /work', startedAtMs: 1_700_000_000_123, ...options});

/** A recording beside the screen that shows the same, as a launcher has them. */
const openWithScreen = (options: Partial<RecordingOptions> = {}) => {
	const screen = createScreen({columns, rows, reply: () => undefined});
	const recording = open({screen, ...options});
	return {
		screen,
		recording,
		output(chunk: string | Uint8Array): void {
			const bytes = Buffer.from(chunk as string);
			recording.output(bytes);
			screen.write(bytes);
		},
	};
};

const eventsOf = async (): Promise<readonly RecordedEvent[]> => {
	const events: RecordedEvent[] = [];
	for await (const event of readRecording(file)) {
		events.push(event);
	}

	return events;
};

const dataOf = async (code: string): Promise<string> =>
	(await eventsOf())
		.filter(event => event.code === code)
		.map(event => event.data)
		.join('');

const linesOf = async (of = file): Promise<readonly unknown[]> =>
	(await readFile(of, 'utf8'))
		.trimEnd()
		.split('\n')
		.map(line => JSON.parse(line) as unknown);

const snapshotOf = (screen: {snapshot(): Uint8Array} | undefined): string => Buffer.from(screen?.snapshot() ?? []).toString();

const numbered = (from: number, to: number): readonly string[] => Array.from({length: to - from}, (_, index) => `row ${from + index}`);

describe('a recording', () => {
	test('is an asciicast v3 file: header, then interval, code and data of each event', async () => {
		const recording = open();
		recording.output(Buffer.from('hello "world"\r\n\u001B[31m'));
		recording.resize(100, 30);
		recording.marker('attempt 2');
		recording.exit(3);
		await recording.close();
		expect(recording.failure).toBeUndefined();
		const interval = expect.any(Number) as number;
		expect(await linesOf()).toEqual([
			{version: 3, term: {cols: columns, rows, type: 'xterm-256color'}, timestamp: 1_700_000_000, title: 'claude in /work'},
			[interval, 'o', 'hello "world"\r\n\u001B[31m'],
			[interval, 'r', '100x30'],
			[interval, 'm', 'attempt 2'],
			[interval, 'x', '3'],
		]);
	});

	test('belongs to its owner alone', async () => {
		const recording = open();
		await recording.close();
		const mode = async (of: string): Promise<string> => ((await stat(of)).mode & 0o777).toString(8);
		expect([await mode(file), await mode(path.dirname(file))]).toEqual(['600', '700']);
	});

	test('tells when things happened, without adding up errors', async () => {
		const recording = open();
		const began = performance.now();
		for (let index = 0; index < 20; index++) {
			await new Promise(resolve => {
				setTimeout(resolve, 1);
			});
			recording.output(Buffer.from('.'));
		}

		const tookMs = performance.now() - began;
		await recording.close();
		const last = (await eventsOf()).at(-1)!;
		expect(Math.abs(last.atMs - tookMs)).toBeLessThan(tookMs / 2);
		expect(last.atMs).toBeGreaterThan(0);
	});

	test('holds every character, wherever the bytes were cut, also those that end lines elsewhere', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.oneof(fc.string({unit: 'grapheme'}), fc.constantFrom('\u2028', '\u2029', '\u0085', '\r', '\n', '"\\', '🚀’')), {
					maxLength: 20,
				}),
				fc.array(fc.nat(), {maxLength: 10}),
				async (texts, cuts) => {
					const recording = open();
					for (const chunk of cutUp(Buffer.from(texts.join('')), cuts)) {
						recording.output(chunk);
					}

					await recording.close();
					expect(await dataOf('o')).toBe(Buffer.from(texts.join('')).toString());
				},
			),
			{numRuns: 40},
		);
	});

	test('ends with the beginning of a character that never came to its end', async () => {
		const recording = open();
		recording.output(Buffer.from('🚀').subarray(0, 3));
		await recording.close();
		expect(await dataOf('o')).toBe('\uFFFD');
	});

	test('reaches the file by itself after a while, and at once when asked or when there is much', async () => {
		const recording = open();
		recording.output(Buffer.from('soon'));
		await vi.waitFor(async () => expect(await dataOf('o')).toBe('soon'), {timeout: 20_000});
		recording.output(Buffer.from('x'.repeat(300_000)));
		await vi.waitFor(async () => expect((await dataOf('o')).length).toBe(300_004), {timeout: 20_000});
		recording.output(Buffer.from('now'));
		await recording.flush();
		expect((await dataOf('o')).endsWith('now')).toBe(true);
		await recording.close();
	});

	test('replaces an older one of the same name', async () => {
		await mkdir(path.dirname(file), {recursive: true});
		await writeFile(file, 'something longer than what comes now, and readable by anybody', {mode: 0o666});
		const recording = open();
		await recording.close();
		expect(await linesOf()).toHaveLength(1);
		expect((await stat(file)).mode & 0o777).toBe(0o600);
	});
});

describe('a disk that fails', () => {
	test('ends the recording and is told, and nothing throws', async () => {
		await writeFile(path.join(folder, 'recordings'), 'a file where the folder should be');
		const recording = open();
		recording.output(Buffer.from('lost'));
		await recording.flush();
		expect(recording.failure).toMatchObject({code: 'EEXIST'});
		recording.output(Buffer.from('lost too'));
		recording.resize(1, 1);
		recording.exit(0);
		await recording.close();
		await recording.close();
	});

	test('and cannot put the full file aside is told, too', async () => {
		const recording = open({maxBytes: 10});
		await recording.flush();
		await mkdir(path.join(earlierRecording(file), 'not a file'), {recursive: true});
		recording.output(Buffer.from('one'));
		await recording.flush();
		expect(recording.failure).toBeInstanceOf(Error);
		await recording.close();
	});
});

describe('a full recording', () => {
	test('is put aside once, and the next begins with a picture of the screen', async () => {
		const one = openWithScreen({maxBytes: 4000});
		for (let index = 0; index < 200; index++) {
			one.output(`\u001B[${(index % rows) + 1};1Hline ${index} ${'x'.repeat(20)}`);
		}

		one.recording.exit(0);
		await one.recording.close();
		const sizes = await Promise.all([file, earlierRecording(file)].map(async name => (await stat(name)).size));
		expect(Math.max(...sizes)).toBeLessThan(4000 + 2000);
		const [header, first] = await linesOf();
		expect(header).toMatchObject({version: 3, term: {cols: columns, rows}});
		expect(first).toEqual([expect.any(Number), 'o', expect.stringContaining('\u001B[2J')]);

		await rm(earlierRecording(file));
		const replayed = await replayRecording(file);
		expect(snapshotOf(replayed)).toBe(snapshotOf(one.screen));
		expect(replayed?.text('screen')).toEqual(one.screen.text('screen'));
	});

	test('goes on in the midst of a sequence or a character', async () => {
		const one = openWithScreen({maxBytes: 300});
		one.output(`${'x'.repeat(300)}\u001B[3`);
		one.output('1mred ');
		one.output(Buffer.from('🚀').subarray(0, 2));
		one.output('x'.repeat(0));
		one.output(Buffer.from('🚀').subarray(2));
		await one.recording.close();
		await rm(earlierRecording(file));
		expect(snapshotOf(await replayRecording(file))).toBe(snapshotOf(one.screen));
	});

	test('takes the new size into its header', async () => {
		const one = openWithScreen({maxBytes: 300});
		one.recording.resize(77, 33);
		one.screen.resize(77, 33);
		one.output('x'.repeat(400));
		one.output('y');
		await one.recording.close();
		expect((await linesOf())[0]).toMatchObject({term: {cols: 77, rows: 33}});
	});

	test('is read as one', async () => {
		const recording = open({maxBytes: 3000});
		const texts = numbered(0, 90);
		for (const text of texts) {
			recording.output(Buffer.from(`${text}\r\n`));
		}

		await recording.close();
		expect(await dataOf('o')).toBe(texts.map(text => `${text}\r\n`).join(''));
		const times = (await eventsOf()).map(event => event.atMs);
		expect(times).toEqual(times.toSorted((a, b) => a - b));
		expect((await replayRecording(file))?.text('all')).toEqual(texts);
	});
});

describe('reading', () => {
	test('begins with the first size, and passes over comments and damaged lines', async () => {
		const recording = open();
		recording.output(Buffer.from('whole'));
		await recording.close();
		await appendFile(
			file,
			'# a comment\n[0.5, "o", "cut\n{"version":\n[1, 2, 3]\n["x", "o", "y"]\n\n[0.25, "o", " again"]\n[0.1, "o", "torn',
		);
		const events = await eventsOf();
		expect(events.map(({code, data}) => [code, data])).toEqual([
			['r', '40x10'],
			['o', 'whole'],
			['o', ' again'],
		]);
		expect(events[2]!.atMs - events[1]!.atMs).toBeCloseTo(250);
	});

	test('tells the header', async () => {
		const recording = open();
		await recording.close();
		expect(await readRecordingHeader(file)).toEqual({columns, rows, title: 'claude in /work', startedAtMs: 1_700_000_000_000});
	});

	test('of what is not there, or not a recording, gives nothing', async () => {
		expect(await eventsOf()).toEqual([]);
		expect(await readRecordingHeader(file)).toBeUndefined();
		expect(await replayRecording(file)).toBeUndefined();
		await mkdir(path.dirname(file), {recursive: true});
		await writeFile(file, '');
		expect(await replayRecording(file)).toBeUndefined();
		await writeFile(file, 'no recording\n');
		expect(await replayRecording(file)).toBeUndefined();
		expect(await readRecordingHeader(file)).toBeUndefined();
	});
});

describe('a replay', () => {
	test('shows what the screen showed', async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(terminalStream, {maxLength: 5}), async streams => {
				const one = openWithScreen();
				for (const pieces of streams) {
					one.output(pieces.join(''));
				}

				await one.recording.close();
				expect(snapshotOf(await replayRecording(file))).toBe(snapshotOf(one.screen));
			}),
			{numRuns: 30},
		);
	});

	test('follows changes of size', async () => {
		const one = openWithScreen();
		one.output('before');
		one.recording.resize(60, 20);
		one.screen.resize(60, 20);
		one.output(`\u001B[20;60Hx`);
		await one.recording.close();
		const replayed = await replayRecording(file);
		expect([replayed?.columns, replayed?.rows]).toEqual([60, 20]);
		expect(snapshotOf(replayed)).toBe(snapshotOf(one.screen));
	});

	test('of the tail knows the size it had, and drops the line that is cut', async () => {
		const one = openWithScreen();
		one.recording.resize(61, 21);
		for (const text of numbered(0, 20_000)) {
			one.output(`${text}\r\n`);
		}

		await one.recording.close();
		const replayed = await replayRecording(file, {maxBytes: 10_000});
		expect([replayed?.columns, replayed?.rows]).toEqual([61, 21]);
		const lines = replayed?.text('all') ?? [];
		expect(lines.at(-1)).toBe('row 19999');
		expect(lines.length).toBeLessThan(1000);
		expect(lines).toEqual(numbered(20_000 - lines.length, 20_000));
	});

	test('answers nobody', async () => {
		const one = openWithScreen();
		one.output('\u001B[c\u001B[6n\u001B]11;?\u0007text');
		await one.recording.close();
		expect((await replayRecording(file))?.text('screen')).toEqual(['text']);
	});
});
