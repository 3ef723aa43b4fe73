import {describe, expect, test} from 'vitest';
import {createScreen} from '../../source/launcher/screen.js';

/** What a snapshot of an otherwise empty screen holds to bring the agent's modes into force. */
const modesAfter = (output: string): string => {
	const screen = createScreen({columns: 20, rows: 5, reply: () => undefined});
	screen.write(Buffer.from(output));
	const bytes = Buffer.from(screen.snapshot()).toString();
	screen.dispose();
	const cursorAndPen = '\u001B[1;1H\u001B[0m';
	return bytes.slice(bytes.lastIndexOf(cursorAndPen) + cursorAndPen.length);
};

describe('a viewer gets', () => {
	test.each([
		{name: 'nothing when the agent asked for nothing', output: 'x\r', modes: ''},
		{name: 'mouse reports', output: '\u001B[?1000;1006h', modes: '\u001B[?1000h\u001B[?1006h'},
		{
			name: 'the last mouse protocol of several',
			output: '\u001B[?1000h\u001B[?1002h\u001B[?1003h\u001B[?1015h\u001B[?1006h',
			modes: '\u001B[?1003h\u001B[?1006h',
		},
		{name: 'no mouse after any of them was switched off', output: '\u001B[?1003h\u001B[?1006h\u001B[?1000l\u001B[?1006l', modes: ''},
		{
			name: 'bracketed paste, focus and colour reports',
			output: '\u001B[?2004h\u001B[?1004h\u001B[?2031h',
			modes: '\u001B[?2004h\u001B[?1004h\u001B[?2031h',
		},
		{name: 'application cursor keys and keypad', output: '\u001B[?1h\u001B=', modes: '\u001B[?1h\u001B='},
		{name: 'the keypad by its other name', output: '\u001B[?66h', modes: '\u001B='},
		{name: 'no wraparound and no cursor', output: '\u001B[?7l\u001B[?25l', modes: '\u001B[?7l\u001B[?25l'},
		{name: 'the cursor style', output: '\u001B[5 q', modes: '\u001B[5 q'},
		{name: 'no cursor style that does not exist', output: '\u001B[5 q\u001B[99 q', modes: ''},
		{name: 'kitty keyboard flags', output: '\u001B[>5u', modes: '\u001B[=5;1u'},
		{name: 'the flags below those taken back', output: '\u001B[>5u\u001B[>7u\u001B[<u', modes: '\u001B[=5;1u'},
		{name: 'no flags when more was taken back than given', output: '\u001B[>5u\u001B[<9u', modes: ''},
		{name: 'flags set, added and taken away', output: '\u001B[=1u\u001B[=6;2u\u001B[=2;3u', modes: '\u001B[=5;1u'},
		{name: 'the flags of the screen shown', output: '\u001B[>5u\u001B[?1049h\u001B[>1u\u001B[?1049l', modes: '\u001B[=5;1u'},
		{name: 'modifyOtherKeys', output: '\u001B[>4;2m', modes: '\u001B[>4;2m'},
		{name: 'no modifyOtherKeys after its reset', output: '\u001B[>4;2m\u001B[>4m\u001B[>4;1m\u001B[>m', modes: ''},
		{name: 'nothing after a full reset', output: '\u001B[?1003h\u001B[>5u\u001B[>4;2m\u001B=\u001B[3 q\u001B[?25l\u001Bc', modes: ''},
		{name: 'what a soft reset leaves', output: '\u001B[?1003h\u001B[?1h\u001B[?25l\u001B=\u001B[?2004h\u001B[!p', modes: '\u001B[?1003h'},
		{name: 'no alternate screen, no synchronized update, no mode nobody knows', output: '\u001B[?1049;47;2026;4711h', modes: ''},
		{name: 'insert mode and line drawing', output: '\u001B[4h\u001B(0\u001B)A\u000E', modes: '\u001B[4h\u001B(0\u001B)A\u000E'},
	])('$name', ({output, modes}) => {
		expect(modesAfter(output)).toBe(modes);
	});

	test('only sequences that the list of modes reset on detach undoes', () => {
		const everything = Array.from({length: 3000}, (_, mode) => mode).filter(mode => ![3, 6, 47, 1047, 1048, 1049].includes(mode));
		const set = modesAfter(everything.map(mode => `\u001B[?${mode}h`).join(''));
		const modes = [...set.matchAll(/\?(\d+)h/g)].map(match => Number(match[1]));
		expect(modes.toSorted((a, b) => a - b)).toEqual([1, 5, 45, 1003, 1004, 1016, 2004, 2031, 2048]);
	});
});
