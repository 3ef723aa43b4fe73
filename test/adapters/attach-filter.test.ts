import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {createAttachFilter} from '../../source/launcher/attach-filter.js';
import {createScreen} from '../../source/launcher/screen.js';
import {cutUp, terminalStream} from '../helpers/terminal-streams.js';

/** What passes of chunks, and how often a repaint was asked for. */
const pass = (...chunks: ReadonlyArray<string | Uint8Array>) => {
	const filter = createAttachFilter();
	const results = chunks.map(chunk => filter.push(Buffer.from(chunk as string)));
	return {
		out: Buffer.concat(results.map(({out}) => out)).toString(),
		repaints: results.filter(({needsRepaint}) => needsRepaint).length,
	};
};

const queries: readonly string[] = [
	'\u001B[c',
	'\u001B[0c',
	'\u001B[>c',
	'\u001B[=c',
	'\u001BZ',
	'\u001B[5n',
	'\u001B[6n',
	'\u001B[?6n',
	'\u001B[?996n',
	'\u001B[>q',
	'\u001B[>0q',
	'\u001B[?u',
	'\u001B[?4m',
	'\u001B[?2026$p',
	'\u001B[4$p',
	'\u001B[14t',
	'\u001B[14;2t',
	'\u001B[16t',
	'\u001B[18t',
	'\u001B[21t',
	'\u001B[x',
	'\u001B[1;1;1;1;1;1*y',
	'\u001B[?2;1;0S',
	'\u001B]10;?\u0007',
	'\u001B]11;?\u001B\\',
	'\u001B]12;#fff;?\u0007',
	'\u001B]4;1;?\u0007',
	'\u001B]4;1;#fff;2;?\u0007',
	'\u001B]21;foreground=?\u0007',
	'\u001B]52;c;?\u0007',
	'\u001B]52;;?\u001B\\',
	'\u001B]60;?\u0007',
	'\u001B]99;i=1:p=?;\u001B\\',
	'\u001B]1337;ReportCellSize\u0007',
	'\u001B]7501;?\u001B\\',
	'\u001BP$qm\u001B\\',
	'\u001BP+q544e\u001B\\',
	'\u001B_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\u001B\\',
	'\u009B6n',
	'\u009D52;c;?\u0007',
	'\u009D52;c;?\u009C',
	'\u001B[\n6n',
	'\u001B\n[6n',
];

const harmful: readonly string[] = ['\u001B[3J', '\u001B[?3J', `\u001B]52;${'c'.repeat(5000)};?\u0007`, '\u001BP0;1|17/72\u001B\\'];

const switches: readonly string[] = [
	'\u001B[?1049h',
	'\u001B[?1049l',
	'\u001B[?47h',
	'\u001B[?1047l',
	'\u001B[?25;1049h',
	'\u001B[?1049;2004h',
	'\u001Bc',
];

const harmless: readonly string[] = [
	'plain text, äöü 日本 🚀\r\n\t',
	'\u001B[1;38;2;1;2;3mcolours\u001B[0m',
	'\u001B[2J\u001B[H\u001B[K\u001B[J\u001B[1J',
	'\u001B[?25l\u001B[?2004h\u001B[?1003;1006h\u001B[?2026h',
	'\u001B[>5u\u001B[<u\u001B[=1;1u\u001B[u\u001B[s',
	'\u001B[>4;2m\u001B[2 q\u001B[!p\u001B[1"q',
	'\u001B[22;0t\u001B[23;0t',
	'\u001B]0;title?\u0007\u001B]2;what is 10;?\u001B\\',
	'\u001B]8;id=1;https://example.org/?q=1\u001B\\link\u001B]8;;\u001B\\',
	'\u001B]10;#ffffff\u0007\u001B]4;1;rgb:ff/00/00\u0007\u001B]104\u0007',
	`\u001B]52;c;${'QUJD'.repeat(3000)}\u0007`,
	'\u001B]9;done\u0007\u001B]777;notify;a;b?\u0007\u001B]99;i=1;body\u001B\\\u001B]133;A\u0007',
	'\u001B]7501;state=idle:app=codex\u001B\\',
	`\u001BPq#0;2;0;0;0${'~'.repeat(9000)}\u001B\\`,
	'\u001BP=1s\u001B\\\u001BP=2s\u001B\\',
	'\u001B_Ga=T,f=100;AAAA\u001B\\',
	'\u001B(0lqk\u001B(B\u000E\u000F\u001B7\u001B8\u001B=\u001B>\u001BM\u001B#8',
	'\u0007bell\b',
	'\u00A9\u00C2\u0080\u0085',
];

const name = (bytes: string): string => JSON.stringify(bytes.length > 60 ? `${bytes.slice(0, 60)}…` : bytes);

const everyCut = (bytes: string): ReadonlyArray<readonly Uint8Array[]> => {
	const all = Buffer.from(bytes);
	const places = Array.from({length: Math.min(all.length, 80)}, (_, index) => index + 1);
	return [[...all].map(byte => Uint8Array.of(byte)), ...places.map(place => [all.subarray(0, place), all.subarray(place)])];
};

describe('an attached terminal never gets', () => {
	test.each([...queries, ...harmful].map(bytes => ({name: name(bytes), bytes})))('$name', ({bytes}) => {
		expect(pass(`before${bytes}after`)).toEqual({out: 'beforeafter', repaints: 0});
		for (const chunks of everyCut(`before${bytes}after`)) {
			expect(pass(...chunks).out).toBe('beforeafter');
		}
	});

	test.each(switches.map(bytes => ({name: name(bytes), bytes})))('$name, but a repaint', ({bytes}) => {
		expect(pass(`before${bytes}after`)).toEqual({out: 'beforeafter', repaints: 1});
		for (const chunks of everyCut(`before${bytes}after`)) {
			expect(pass(...chunks)).toEqual({out: 'beforeafter', repaints: 1});
		}
	});

	test('a query that another sequence broke off, or that a control character ended', () => {
		expect(pass('\u001B]11;?\u001B[1mbold').out).toBe('\u001B[1mbold');
		expect(pass('\u001B]11;?\u0018text').out).toBe('text');
		expect(pass('\u001B[1\u001B[6ntext').out).toBe('\u001B[1text');
	});

	test('what hides in a passage through its multiplexer', () => {
		expect(pass('a\u001BPtmux;\u001B\u001B]52;c;?\u0007\u001B\\b').out).toBe('a\u001B\u001B\\b');
		expect(pass('a\u001BPtmux;\u001B\u001B[6n\u001B\\b').out).toBe('a\u001B\u001B\\b');
	});

	test('anything its launcher’s screen answers', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(
					fc.oneof(
						fc.constantFrom(...queries),
						terminalStream.map(pieces => pieces.join('')),
					),
					{maxLength: 8},
				),
				fc.array(fc.nat(), {maxLength: 8}),
				async (pieces, cuts) => {
					const replies: string[] = [];
					const screen = createScreen({columns: 80, rows: 24, reply: bytes => replies.push(bytes)});
					const chunks = cutUp(Buffer.from(pieces.join('')), cuts);
					screen.write(Buffer.from(pass(...chunks).out));
					await screen.parsed();
					expect(replies).toEqual([]);
				},
			),
			{numRuns: 200},
		);
	});
});

describe('an attached terminal gets', () => {
	test.each(harmless.map(bytes => ({name: name(bytes), bytes})))('$name', ({bytes}) => {
		expect(pass(bytes)).toEqual({out: bytes, repaints: 0});
		for (const chunks of everyCut(`${bytes}.`)) {
			expect(pass(...chunks).out).toBe(`${bytes}.`);
		}
	});

	test('invalid UTF-8 byte by byte as it is', () => {
		const bytes = Buffer.from([0xff, 0xc3, 0x28, 0xe2, 0x82, 0x41, 0xf0, 0x9f, 0x42, 0x80, 0x0a]);
		const filter = createAttachFilter();
		expect(Buffer.concat([...bytes].map(byte => filter.push(Uint8Array.of(byte)).out))).toEqual(bytes);
	});

	test('a character or sequence once it is whole', () => {
		const filter = createAttachFilter();
		const rocket = Buffer.from('🚀');
		const push = (bytes: Uint8Array | string): string => Buffer.from(filter.push(Buffer.from(bytes as string)).out).toString();
		expect([push(rocket.subarray(0, 3)), push(rocket.subarray(3)), push('\u001B[3'), push('1m')]).toEqual(['', '🚀', '', '\u001B[31m']);
	});

	test('a sequence that never ends, in the end', () => {
		const endless = `\u001B[${'1'.repeat(10_000)}`;
		expect(pass(endless).out).toBe(endless);
		const title = `\u001B]2;${'x'.repeat(10_000)}`;
		expect(pass(title).out).toBe(title);
	});

	test('the same, however the bytes are cut', () => {
		const part = fc.oneof(
			fc.constantFrom(...queries, ...harmful, ...switches, ...harmless),
			terminalStream.map(pieces => pieces.join('')),
		);
		fc.assert(
			fc.property(fc.array(part, {maxLength: 10}), fc.array(fc.nat(), {maxLength: 30}), (parts, cuts) => {
				const bytes = Buffer.from(`${parts.join('')}.`);
				expect(pass(...cutUp(bytes, cuts)).out).toBe(pass(bytes).out);
			}),
			{numRuns: 300},
		);
	});
});
