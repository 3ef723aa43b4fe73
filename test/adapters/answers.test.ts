import {describe, expect, test} from 'vitest';
import {createScreen} from '../../source/launcher/screen.js';

const open = () => {
	const replies: string[] = [];
	return {replies, screen: createScreen({columns: 80, rows: 24, reply: bytes => replies.push(bytes)})};
};

/** Queries with the one answer each must get. `before` is printed first. */
const answered = [
	{name: 'DA1', query: '\u001B[c', answer: '\u001B[?1;2c'},
	{name: 'DA1 with a parameter', query: '\u001B[0c', answer: '\u001B[?1;2c'},
	{name: 'DA2', query: '\u001B[>c', answer: '\u001B[>0;276;0c'},
	{name: 'DSR', query: '\u001B[5n', answer: '\u001B[0n'},
	{name: 'CPR', before: 'ab\r\nabc', query: '\u001B[6n', answer: '\u001B[2;4R'},
	{name: 'CPR past the last column', before: 'x'.repeat(80), query: '\u001B[6n', answer: '\u001B[1;80R'},
	{name: 'CPR in origin mode', before: '\u001B[5;10r\u001B[?6h\u001B[2;3H', query: '\u001B[6n', answer: '\u001B[2;3R'},
	{name: 'DECXCPR', before: 'ab', query: '\u001B[?6n', answer: '\u001B[?1;3R'},
	{name: 'DECRQM of a private mode', before: '\u001B[?2004h', query: '\u001B[?2004$p', answer: '\u001B[?2004;1$y'},
	{name: 'DECRQM of synchronized updates', query: '\u001B[?2026$p', answer: '\u001B[?2026;2$y'},
	{name: 'DECRQM of an unknown mode', query: '\u001B[?4711$p', answer: '\u001B[?4711;0$y'},
	{name: 'DECRQM of an ANSI mode', query: '\u001B[4$p', answer: '\u001B[4;2$y'},
	{name: 'DECRQSS of looks', before: '\u001B[1;31m', query: '\u001BP$qm\u001B\\', answer: '\u001BP1$r0;1;31m\u001B\\'},
	{name: 'DECRQSS of margins', before: '\u001B[3;9r', query: '\u001BP$qr\u001B\\', answer: '\u001BP1$r3;9r\u001B\\'},
	{name: 'DECRQSS of the cursor style', before: '\u001B[4 q', query: '\u001BP$q q\u001B\\', answer: '\u001BP1$r4 q\u001B\\'},
	{name: 'DECRQSS of something else', query: '\u001BP$qx\u001B\\', answer: '\u001BP0$r\u001B\\'},
	{name: 'the size in characters', query: '\u001B[18t', answer: '\u001B[8;24;80t'},
	{name: 'the screen size in characters', query: '\u001B[19t', answer: '\u001B[9;24;80t'},
	{name: 'the size in pixels', query: '\u001B[14t', answer: '\u001B[4;384;640t'},
	{name: 'the screen size in pixels', query: '\u001B[15t', answer: '\u001B[5;384;640t'},
	{name: 'the size of a cell', query: '\u001B[16t', answer: '\u001B[6;16;8t'},
	{name: 'XTVERSION', query: '\u001B[>q', answer: '\u001BP>|agent-tui(1)\u001B\\'},
	{name: 'XTVERSION with a parameter', query: '\u001B[>0q', answer: '\u001BP>|agent-tui(1)\u001B\\'},
	{name: 'kitty keyboard flags', before: '\u001B[>7u', query: '\u001B[?u', answer: '\u001B[?7u'},
	{name: 'modifyOtherKeys', before: '\u001B[>4;1m', query: '\u001B[?4m', answer: '\u001B[>4;1m'},
	{name: 'the foreground', query: '\u001B]10;?\u001B\\', answer: '\u001B]10;rgb:d8d8/d8d8/d8d8\u001B\\'},
	{name: 'the background', query: '\u001B]11;?\u0007', answer: '\u001B]11;rgb:1818/1818/1818\u001B\\'},
	{name: 'the cursor colour', query: '\u001B]12;?\u0007', answer: '\u001B]12;rgb:d8d8/d8d8/d8d8\u001B\\'},
	{name: 'a colour of the cube', query: '\u001B]4;208;?\u0007', answer: '\u001B]4;208;rgb:ffff/8787/0000\u001B\\'},
	{name: 'a grey', query: '\u001B]4;255;?\u0007', answer: '\u001B]4;255;rgb:eeee/eeee/eeee\u001B\\'},
	{name: 'dark or light', query: '\u001B[?996n', answer: '\u001B[?997;1n'},
	{name: 'XTGETTCAP', query: '\u001BP+q544e;436f\u001B\\', answer: '\u001BP0+r544e;436f\u001B\\'},
	{name: 'XTGETTCAP with rubbish in it', query: '\u001BP+qrm -rf\u001B\\', answer: '\u001BP0+r\u001B\\'},
	{name: 'the program status protocol', query: '\u001B]7501;?\u001B\\', answer: '\u001B]7501;?\u001B\\'},
];

describe.each(answered)('$name', ({before = '', query, answer}) => {
	test('is answered once, at once', () => {
		const {screen, replies} = open();
		screen.write(Buffer.from(before));
		screen.write(Buffer.from(query));
		expect(replies).toEqual([answer]);
	});

	test('is answered once when it comes byte by byte, watched or not', () => {
		for (const isWatched of [true, false]) {
			const {screen, replies} = open();
			screen.setWatched(isWatched);
			screen.write(Buffer.from(before));
			for (const byte of Buffer.from(query)) {
				screen.write(Uint8Array.of(byte));
			}

			expect(replies).toEqual([answer]);
		}
	});
});

describe('queries', () => {
	test('are answered in order, each on its own, also in a row of colours', () => {
		const {screen, replies} = open();
		screen.write(Buffer.from('\u001B]10;?;?;?\u0007\u001B]4;1;?;2;#fff;0;?\u0007\u001B[c'));
		expect(replies).toEqual([
			'\u001B]10;rgb:d8d8/d8d8/d8d8\u001B\\',
			'\u001B]11;rgb:1818/1818/1818\u001B\\',
			'\u001B]12;rgb:d8d8/d8d8/d8d8\u001B\\',
			'\u001B]4;1;rgb:cdcd/0000/0000\u001B\\',
			'\u001B]4;0;rgb:0000/0000/0000\u001B\\',
			'\u001B[?1;2c',
		]);
	});

	test.each([
		{name: 'reading the clipboard', bytes: '\u001B]52;c;?\u0007\u001B]52;;?\u001B\\'},
		{name: 'the title', bytes: '\u001B]2;echo injected\u0007\u001B[21t\u001B[20t'},
		{name: 'setting colours', bytes: '\u001B]10;#fff\u0007\u001B]4;1;rgb:ff/00/00\u0007\u001B]11;rgb:00/00/00\u001B\\'},
		{name: 'moving and resizing the window', bytes: '\u001B[3;0;0t\u001B[8;10;10t\u001B[1t\u001B[2t'},
		{name: 'a palette index that is none', bytes: '\u001B]4;256;?\u0007\u001B]4;-1;?\u0007\u001B]4;1e1;?\u0007'},
		{name: 'status reports of programs', bytes: '\u001B]7501;state=working:app=codex\u001B\\'},
	])('never answers $name', async ({bytes}) => {
		const {screen, replies} = open();
		screen.write(Buffer.from(bytes));
		await screen.parsed();
		expect(replies).toEqual([]);
	});
});
