import type xterm from '@xterm/headless';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {packLine, paintPacked, plainPacked} from '../../source/launcher/packed-row.js';
import {paintLine} from '../../source/launcher/row-ansi.js';
import {type BufferLine, type Core, cellBits, liveScrollback} from '../../source/launcher/xterm-internals.js';
import {openFresh} from '../helpers/terminal-state.js';
import {terminalStream} from '../helpers/terminal-streams.js';

const columns = 40;
const rows = 12;

type Looks = {readonly text: string; readonly looks: string};

const colourOf = (isDefault: boolean, isRgb: boolean, value: number): string =>
	isDefault ? 'default' : `${isRgb ? 'rgb' : 'palette'} ${value}`;

/** A cell as the public API shows it. */
const publicCell = (cell: xterm.IBufferCell): string =>
	JSON.stringify([
		colourOf(cell.isFgDefault(), cell.isFgRGB(), cell.getFgColor()),
		colourOf(cell.isBgDefault(), cell.isBgRGB(), cell.getBgColor()),
		[cell.isBold(), cell.isDim(), cell.isItalic(), cell.isBlink(), cell.isInverse(), cell.isInvisible()].map(Boolean),
		[cell.isStrikethrough(), cell.isOverline()].map(Boolean),
	]);

/** Columns from left to right: each holds its text, or nothing right of a wide character. Halves of characters are blank. */
const publicRow = (line: xterm.IBufferLine, width: number): readonly Looks[] => {
	const cells = Array.from({length: width}, (_, x) => line.getCell(x)!);
	return cells.map((cell, x) => {
		const isTail = cell.getWidth() === 0 && x > 0 && cells[x - 1]!.getWidth() === 2;
		const isHalf = cell.getWidth() === 0 || (cell.getWidth() === 2 && cells[x + 1]?.getWidth() !== 0);
		const text = isHalf ? ' ' : cell.getChars() || ' ';
		return isTail ? {text: '', looks: publicCell(cells[x - 1]!)} : {text, looks: publicCell(cell)};
	});
};

/** What a painted row shows, read by another terminal of exactly that width. */
const shown = async (painted: string, width: number): Promise<readonly Looks[]> => {
	const {terminal, write} = openFresh(Math.max(width, 2), 2);
	await write(painted);
	return publicRow(terminal.buffer.active.getLine(0)!, width);
};

/** A row cannot join what stands apart: a mark printed after a cursor movement joins its neighbour when painted. */
const isPlainlyPaintable = (core: Core, row: readonly Looks[]): boolean => {
	let state = 0;
	for (const {text} of row) {
		for (const [index, character] of [...text].entries()) {
			state = core.unicodeService.charProperties(character.codePointAt(0)!, state);
			if (index === 0 && (state & 1) !== 0) {
				return false;
			}
		}
	}

	return true;
};

const packed = (line: BufferLine): string => Buffer.from(packLine(line)).toString();

const escapes = /\u001B\[[\d;:]*m/g;

describe('cells read without the public API', () => {
	test('are those of the public API, painted from live rows and from packed ones', async () => {
		await fc.assert(
			fc.asyncProperty(terminalStream, fc.integer({min: 2, max: columns}), async (pieces, width) => {
				const {terminal, core, write} = openFresh(columns, rows);
				await write(pieces.join(''));
				const buffer = terminal.buffer.active;
				for (let y = 0; y < rows; y++) {
					const expected = publicRow(buffer.getLine(buffer.baseY + y)!, width);
					const line = core.buffer.lines.get(core.buffer.ybase + y)!;
					if (isPlainlyPaintable(core, expected)) {
						expect(await shown(paintLine(line, width), width)).toEqual(expected);
						expect(await shown(paintPacked(packed(line), width), width)).toEqual(expected);
					}
				}
			}),
			{numRuns: 60},
		);
	});

	test('give rows of text and SGR only, reset at the end, and the plain text of the public API', async () => {
		await fc.assert(
			fc.asyncProperty(terminalStream, fc.integer({min: 1, max: columns + 5}), async (pieces, width) => {
				const {core, write} = openFresh(columns, rows);
				await write(pieces.join(''));
				for (let y = 0; y < rows; y++) {
					const line = core.buffer.lines.get(core.buffer.ybase + y)!;
					const packedRow = packed(line);
					const painted = paintLine(line, width);
					expect(paintPacked(packedRow, width)).toBe(painted);
					expect(painted).toMatch(/\u001B\[0m$/);
					expect(painted.replace(escapes, '')).not.toMatch(/[\u0000-\u001F\u007F-\u009F]/);
					expect(packedRow).not.toContain('\n');
					expect(plainPacked(packedRow)).toBe(paintLine(line, columns).replace(escapes, '').trimEnd());
				}
			}),
			{numRuns: 150},
		);
	});

	test('never show a wide character cut in half', async () => {
		const {core, write} = openFresh(columns, rows);
		await write('a日本\u001B[41m語');
		const line = core.buffer.lines.get(0)!;
		expect([1, 2, 3, 6].map(width => paintLine(line, width).replace(escapes, ''))).toEqual(['a', 'a ', 'a日', 'a日本 ']);
		expect(paintLine(line, 6)).toBe('\u001B[0ma日本\u001B[0;41m \u001B[0m');
	});

	test('never show controls that slipped into a cell', async () => {
		const {core, write} = openFresh(columns, rows);
		await write('ab');
		const line = core.buffer.lines.get(0)!;
		line._data[0] = (1 << cellBits.widthShift) | 0x1b;
		line._data[3] = (1 << cellBits.widthShift) | 0x9b;
		expect(paintLine(line, 2)).toBe('\u001B[0m  \u001B[0m');
	});

	test('never hold more than sixteen code points', async () => {
		const {terminal, write} = openFresh(columns, rows);
		await write(`e${'\u0301'.repeat(10_000)}`);
		const lengths = Array.from({length: columns}, (_, x) => [...terminal.buffer.active.getLine(0)!.getCell(x)!.getChars()].length);
		expect(Math.max(...lengths)).toBe(16);
	});

	test('take the columns that Ink and other modern terminals give them', async () => {
		const widths = {'🚀': 2, '✅': 2, '⚠️': 2, '👨‍👩‍👧': 2, '👍🏽': 2, '1️⃣': 2, กำ: 1, '🫠': 2, 日: 2, 'e\u0301': 1, '🇩🇪': 2};
		for (const [text, width] of Object.entries(widths)) {
			const {core, write} = openFresh(columns, rows);
			await write(text);
			expect([text, core.buffer.x]).toEqual([text, width]);
		}
	});
});

describe('the ring of live rows', () => {
	test('tells of rows it forgets while they can still be read', async () => {
		const {core, terminal, write} = openFresh(columns, rows);
		const forgotten: string[] = [];
		const {lines} = core.buffers.normal;
		lines.onTrim(amount => {
			for (let index = lines.maxLength - amount; index < lines.maxLength; index++) {
				forgotten.push(lines.get(index)!.translateToString(true));
			}
		});

		const kept = liveScrollback + rows;
		await write(Array.from({length: kept + 3}, (_, index) => `${index}`).join('\r\n'));
		expect(forgotten).toEqual(['0', '1', '2']);
		terminal.options.scrollback = liveScrollback - 2;
		expect(forgotten).toEqual(['0', '1', '2', '3', '4']);
		await write('\u001B[3J');
		expect(forgotten).toHaveLength(5 + liveScrollback - 2);
	});
});
