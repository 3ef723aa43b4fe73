import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {createHistory} from '../../source/launcher/history.js';
import {createScreen} from '../../source/launcher/screen.js';
import {liveScrollback} from '../../source/launcher/xterm-internals.js';
import {openReference, plainRows} from '../helpers/terminal-state.js';
import {cutUp} from '../helpers/terminal-streams.js';

const columns = 20;
const rows = 5;
/** Enough to fill the live rows and some packed ones. */
const manyRows = liveScrollback + rows + 100;

const openScreen = (options: {columns?: number; rows?: number; maxHistoryLines?: number} = {}) =>
	createScreen({columns, rows, reply: () => undefined, ...options});

const numbered = (from: number, to: number): readonly string[] => Array.from({length: to - from}, (_, index) => `row ${from + index}`);

const print = (lines: readonly string[]): Buffer => Buffer.from(lines.map(line => `${line}\r\n`).join(''));

describe('packed rows', () => {
	test('come back as they were put in, the oldest going first', () => {
		fc.assert(
			fc.property(
				fc.array(
					fc.string({unit: 'grapheme', maxLength: 200}).map(row => row.replaceAll('\n', ' ')),
					{maxLength: 60},
				),
				fc.integer({min: 1, max: 200}),
				fc.integer({min: 1, max: 400}),
				(samples, maxRows, times) => {
					const history = createHistory({maxRows});
					const added = samples.flatMap(row => Array.from({length: times}, (_, index) => `${row}${index}`));
					for (const row of added) {
						history.add(Buffer.from(row));
					}

					const kept = added.slice(-maxRows);
					expect(history.nextRow).toBe(added.length);
					expect(history.nextRow - history.firstRow).toBe(kept.length);
					expect(kept.map((_, index) => history.row(history.firstRow + index))).toEqual(kept);
					expect(history.row(history.firstRow - 1)).toBe('');
					expect(history.row(history.nextRow)).toBe('');
				},
			),
			{numRuns: 30},
		);
	});

	test('take a row larger than a slab', () => {
		const history = createHistory({maxRows: 10});
		const long = 'x'.repeat(300_000);
		for (const row of ['before', long, 'after']) {
			history.add(Buffer.from(row));
		}

		expect([0, 1, 2].map(number => history.row(number))).toEqual(['before', long, 'after']);
	});

	test('take little memory, and none for long after they are forgotten', () => {
		const history = createHistory({maxRows: 1000});
		const row = `${'\u001B[0;32m+'.repeat(10)} a line as agents print them, again and again`;
		for (let index = 0; index < 20_000; index++) {
			history.add(Buffer.from(row));
		}

		expect(history.byteLength).toBeLessThan(64 * 1024 + row.length * 1000);
		history.clear();
		expect(history.byteLength).toBeLessThanOrEqual(64 * 1024);
		expect(history.firstRow).toBe(history.nextRow);
	});

	test('go on with their numbers after they were cleared', () => {
		const history = createHistory({maxRows: 10});
		history.add(Buffer.from('old'));
		history.clear();
		history.add(Buffer.from('new'));
		expect([history.row(0), history.row(1)]).toEqual(['', 'new']);
	});
});

describe('what scrolls off a screen', () => {
	test('is remembered, whatever it held and however the bytes were cut', async () => {
		const line = fc.array(fc.constantFrom('a', 'b c', '日本', 'e\u0301', '👍🏽', '\u001B[31mred\u001B[0m', '  ', '🇩🇪'), {maxLength: 14});
		await fc.assert(
			fc.asyncProperty(
				fc.array(line, {minLength: 1, maxLength: 40}),
				fc.integer({min: 1, max: 40}),
				fc.array(fc.nat()),
				async (lines, times, cuts) => {
					const bytes = print(Array.from({length: times}, (_, round) => lines.map(parts => `${round}${parts.join('')}`)).flat());
					const screen = openScreen();
					const reference = openReference(columns, rows);
					await reference.write(bytes);
					for (const chunk of cutUp(bytes, cuts)) {
						screen.write(chunk);
					}

					await screen.parsed();
					expect(screen.text('all')).toEqual(plainRows(reference.terminal));
				},
			),
			{numRuns: 60},
		);
	});

	test('is remembered when it scrolled above fixed lines', async () => {
		const screen = openScreen();
		const reference = openReference(columns, rows);
		const bytes = Buffer.concat([
			Buffer.from(`\u001B[${rows};1Hfixed\u001B[1;${rows - 1}r\u001B[1;1H`),
			print(numbered(0, manyRows)),
			Buffer.from('\u001B[1;1H\u001B[2M\u001B[2L\u001B[3S'),
			print(numbered(manyRows, manyRows + 10)),
		]);
		screen.write(bytes);
		await Promise.all([screen.parsed(), reference.write(bytes)]);
		expect(screen.text('all')).toEqual(plainRows(reference.terminal));
		expect(screen.text('all').slice(0, manyRows - rows)).toEqual(numbered(0, manyRows - rows));
	});

	test('is remembered even when one chunk scrolls more than the live rows hold', async () => {
		const screen = openScreen();
		screen.write(Buffer.from(`${numbered(0, 5000).join('\r\n')}`));
		await screen.parsed();
		expect(screen.text('all')).toEqual(numbered(0, 5000));
		expect(screen.text('screen')).toEqual(numbered(5000 - rows, 5000));
	});

	test('is remembered up to the limit', async () => {
		const screen = openScreen({maxHistoryLines: 50});
		screen.write(print(numbered(0, 2000)));
		await screen.parsed();
		const kept = 50 + liveScrollback + rows - 1;
		expect(screen.text('all')).toEqual(numbered(2000 - kept, 2000));
	});

	test('keeps its colours', async () => {
		const screen = openScreen();
		screen.write(Buffer.from('\u001B[1;38;2;1;2;3mbold\u001B[0m 日 plain\r\n'));
		screen.write(print(numbered(0, manyRows)));
		await screen.parsed();
		expect(screen.picture.paint(screen.picture.firstRow, 12)).toBe('\u001B[0m\u001B[0;1;38;2;1;2;3mbold\u001B[0m 日 plai\u001B[0m');
		expect(screen.picture.paint(screen.picture.firstRow, 6)).toBe('\u001B[0m\u001B[0;1;38;2;1;2;3mbold\u001B[0m  \u001B[0m');
	});

	test('gets nothing from the alternate screen', async () => {
		const screen = openScreen();
		screen.write(Buffer.from('before\r\n\u001B[?1049h'));
		screen.write(print(numbered(0, manyRows)));
		screen.write(Buffer.from('\u001B[?1049l'));
		await screen.parsed();
		expect(screen.text('all')).toEqual(['before']);
	});

	test.each([
		{name: '“clear scrollback”', bytes: '\u001B[H\u001B[2J\u001B[3J'},
		{name: 'a full reset', bytes: '\u001Bc'},
	])('is forgotten at $name, and gathers anew', async ({bytes}) => {
		const screen = openScreen();
		screen.write(print(numbered(0, manyRows)));
		screen.write(Buffer.from(bytes));
		await screen.parsed();
		expect(screen.text('all')).toEqual([]);
		screen.write(print(numbered(0, manyRows)));
		await screen.parsed();
		expect(screen.text('all')).toEqual(numbered(0, manyRows));
	});

	test('is kept by “clear scrollback” on the alternate screen', async () => {
		const screen = openScreen();
		screen.write(print(numbered(0, manyRows)));
		screen.write(Buffer.from('\u001B[?1049h\u001B[3J\u001B[?1049l'));
		await screen.parsed();
		expect(screen.text('all')).toEqual(numbered(0, manyRows));
	});

	test('survives any change of size: nothing is lost and nothing comes twice', async () => {
		const size = fc.record({
			columns: fc.integer({min: 2, max: 120}),
			rows: fc.integer({min: 1, max: 60}),
			lines: fc.integer({min: 0, max: 200}),
		});
		await fc.assert(
			fc.asyncProperty(fc.array(size, {minLength: 1, maxLength: 6}), async sizes => {
				const screen = openScreen({columns: 60, rows: 20});
				let count = 0;
				for (const next of sizes) {
					const words = Array.from({length: next.lines}, () => `<${count++}-${'x'.repeat(count % 50)}>`);
					screen.write(print(words));
					screen.resize(next.columns, next.rows);
				}

				const shown = screen.text('all').join('');
				const numbers = [...shown.matchAll(/<(\d+)-/g)].map(match => Number(match[1]));
				expect(numbers).toEqual(Array.from({length: count}, (_, index) => index));
			}),
			{numRuns: 60},
		);
	});
});
