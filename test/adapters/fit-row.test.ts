import fc from 'fast-check';
import {expect, test} from 'vitest';
import {fitRow} from '../../source/terminal/fit-row.js';
import {createOuterTerminal} from '../helpers/outer-terminal.js';

const columns = 12;
const left = 4;

/** A screen of dots, with the row painted at column 4 of its second line. */
const paint = async (row: string) => {
	const outer = createOuterTerminal({columns: 24, rows: 3});
	outer.write(`${'.'.repeat(24)}\r\n${'.'.repeat(24)}\r\n${'.'.repeat(23)}`);
	outer.write(`\u{1B}[?7l\u{1B}[2;${left + 1}H${row}\u{1B}[?7h`);
	const lines = await outer.lines();
	return {outer, lines};
};

const word = fc.oneof(
	fc.string({maxLength: 6}).map(text => text.replaceAll('.', ',')),
	fc.constantFrom(
		'漢字',
		'é',
		'e\u{301}',
		'👨‍👩‍👧',
		'🚀',
		'1️⃣',
		'กำ',
		'⚠️',
		'─│╭',
		'\u{200B}',
		'\u{301}',
		'\t',
		'\n',
		'\r',
		'\b',
		'\u{9B}2J',
	),
	fc.constantFrom('\x1b[31m', '\x1b[1;7m', '\x1b[38;5;7m', '\x1b[0m', '\x1b[m', '\x1b[48;2;1;2;3m', '\x1b[4:3m'),
	fc.constantFrom('\x1b[2J', '\x1b[H', '\x1b[1;1H', '\x1b[?1049l', '\x1b]0;x\x07', '\x1bc', '\x1b[100C'),
);

test('whatever a row holds, it changes all of its own cells and no others', async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(word, {maxLength: 8}), fc.option(fc.nat({max: columns - 1}), {nil: undefined}), async (words, cursorX) => {
			const {outer, lines} = await paint(fitRow(words.join(''), {x: left, columns, cursorX}));
			expect(lines[0]).toBe('.'.repeat(24));
			expect(lines[2]).toBe('.'.repeat(23));
			expect(lines[1]!.startsWith('....')).toBe(true);
			const right = Array.from({length: 24 - left - columns}, (_, index) => outer.cell(left + columns + index, 1));
			expect(right.every(cell => cell.text === '.' && !cell.inverse && cell.foreground === -1)).toBe(true);
			expect(Array.from({length: columns}, (_, index) => outer.cell(left + index, 1).text)).not.toContain('.');
			outer.dispose();
		}),
		{numRuns: 300},
	);
});

test('a row is cut or filled to its width, and a wide character is never halved', async () => {
	const textOf = async (ansi: string) => (await paint(fitRow(ansi, {x: left, columns}))).lines[1];
	expect(await textOf('abc')).toBe('....abc         ........');
	expect(await textOf('0123456789abcdef')).toBe('....0123456789ab........');
	expect(await textOf('0123456789a漢')).toBe('....0123456789a ........');
	expect(await textOf('漢字漢字漢字漢字')).toBe('....漢字漢字漢字........');
	expect(await textOf('')).toBe('....            ........');
});

test('colours reach their text and end with the row', async () => {
	const {outer} = await paint(fitRow('\x1b[31mred\x1b[1m!', {x: left, columns}));
	expect(outer.cell(left, 1)).toMatchObject({text: 'r', foreground: 1, bold: false});
	expect(outer.cell(left + 3, 1)).toMatchObject({text: '!', foreground: 1, bold: true});
	expect(outer.cell(left + 4, 1)).toMatchObject({foreground: -1, bold: false});
});

test('the cursor is one inverse cell, plain where the text is inverse already, and the colours go on behind it', async () => {
	const inverse = async (ansi: string, cursorX: number) => {
		const {outer} = await paint(fitRow(ansi, {x: left, columns, cursorX}));
		return Array.from({length: columns}, (_, index) => (outer.cell(left + index, 1).inverse ? '#' : '-')).join('');
	};

	expect(await inverse('\x1b[31mabcdef', 2)).toBe('--#---------');
	expect(await inverse('\x1b[7mabc\x1b[0m', 1)).toBe('#-#---------');
	expect(await inverse('\x1b[38;5;7mabc', 1)).toBe('-#----------');
	expect(await inverse('ab', 7)).toBe('-------#----');
	expect(await inverse('漢字', 3)).toBe('--##--------');
	const {outer} = await paint(fitRow('\x1b[31mabcdef', {x: left, columns, cursorX: 2}));
	expect(outer.cell(left + 3, 1)).toMatchObject({text: 'd', foreground: 1});
});
