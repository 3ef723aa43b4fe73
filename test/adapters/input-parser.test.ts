import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {InputEvent} from '../../source/terminal/input-event.js';
import {abandonMs, createInputParser, escapeMs, pasteMs} from '../../source/terminal/input-parser.js';
import {pasteLimitBytes} from '../../source/terminal/paste-gatherer.js';

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'utf8');

/** Everything the chunks become, the last silence included. */
const eventsOf = (...chunks: ReadonlyArray<string | Uint8Array>): readonly InputEvent[] => {
	const parser = createInputParser();
	const events: InputEvent[] = [];
	const take = (event: InputEvent | undefined) => {
		if (event) {
			events.push(event);
		}

		return event;
	};

	for (const chunk of chunks) {
		parser.feed(typeof chunk === 'string' ? bytesOf(chunk) : chunk);
		while (take(parser.next())) {
			// Until the chunk is used up.
		}
	}

	take(parser.silence());
	return events;
};

const keysOf = (...chunks: ReadonlyArray<string | Uint8Array>): readonly string[] =>
	eventsOf(...chunks).map(event => (event.kind === 'key' ? event.key : event.kind));

const key = (name: string, alone: boolean): InputEvent => ({kind: 'key', key: name, alone});

describe('one key has one name in every encoding', () => {
	test.each([
		['a', ['a', '\x1b[97u', '\x1b[97;1u', '\x1b[97;1:1u', '\x1b[97;129u']],
		['A', ['A', '\x1b[97;2u', '\x1b[97:65;2u', '\x1b[97;2;65u', '\x1b[97;65u', '\x1b[27;2;65~']],
		['é', ['é', '\x1b[233u']],
		['!', ['!', '\x1b[49:33;2u', '\x1b[49;2;33u', '\x1b[27;2;33~']],
		['space', [' ', '\x1b[32u', '\x1bO ']],
		['enter', ['\r', '\x1b[13u', '\x1bOM', '\x1b[57414u']],
		['tab', ['\t', '\x1b[9u']],
		['escape', ['\x1b', '\x1b[27u']],
		['backspace', ['\x7f', '\b', '\x1b[127u']],
		['up', ['\x1b[A', '\x1bOA', '\x1b[1A', '\x1b[1;1A', '\x1b[57419u']],
		['home', ['\x1b[H', '\x1bOH', '\x1b[1~', '\x1b[7~']],
		['end', ['\x1b[F', '\x1bOF', '\x1b[4~', '\x1b[8~']],
		['delete', ['\x1b[3~']],
		['pageup', ['\x1b[5~', '\x1b[57421u']],
		['pagedown', ['\x1b[6~']],
		['f1', ['\x1bOP', '\x1b[P', '\x1b[11~', '\x1b[[A']],
		['f3', ['\x1bOR', '\x1b[R', '\x1b[13~', '\x1b[[C']],
		['f5', ['\x1b[15~', '\x1b[[E']],
		['f12', ['\x1b[24~']],
		['f13', ['\x1b[25~', '\x1b[57376u']],
		['7', ['7', '\x1bOw', '\x1b[57406u']],
		['ctrl+p', ['\x10', '\x1b[112;5u', '\x1b[27;5;112~', '\x1b[112;69u', '\x1b[112;133u', '\x1b[112;5:1u']],
		['ctrl+]', ['\x1d', '\x1b[93;5u', '\x1b[27;5;93~']],
		['ctrl+_', ['\x1f', '\x1b[95;5u', '\x1b[27;6;95~']],
		['ctrl+space', ['\x00', '\x1b[32;5u', '\x1b[27;5;32~']],
		['ctrl+shift+p', ['\x1b[112;6u', '\x1b[27;6;80~']],
		['ctrl+up', ['\x1b[1;5A', '\x1bO5A']],
		['ctrl+alt+delete', ['\x1b[3;7~']],
		['shift+tab', ['\x1b[Z', '\x1b[9;2u', '\x1b[27;2;9~']],
		['shift+enter', ['\x1b[13;2u', '\x1b[27;2;13~']],
		['shift+f5', ['\x1b[15;2~']],
		['alt+a', ['\x1ba', '\x1b[97;3u']],
		['alt+A', ['\x1bA', '\x1b[97;4u']],
		['alt+é', ['\x1bé']],
		['alt+enter', ['\x1b\r', '\x1b[13;3u']],
		['alt+backspace', ['\x1b\x7f', '\x1b[127;3u']],
		['ctrl+alt+a', ['\x1b\x01', '\x1b[97;7u']],
		['alt+O', ['\x1bO']],
		['super+k', ['\x1b[107;9u']],
	])('%s', (name, encodings) => {
		for (const encoding of encodings) {
			expect([encoding, ...keysOf(encoding)]).toEqual([encoding, name]);
		}
	});

	test('every control byte is a key, and says which', () => {
		const control = (byte: number) => keysOf(Uint8Array.of(byte));
		expect([1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 14, 15, 26].flatMap(control)).toEqual([...'abcdefgjklnoz'].map(letter => `ctrl+${letter}`));
		expect([0x1c, 0x1d, 0x1e, 0x1f].flatMap(control)).toEqual(['ctrl+\\', 'ctrl+]', 'ctrl+^', 'ctrl+_']);
	});

	test('releases, lone modifiers and unknown sequences are no keys', () => {
		expect(
			keysOf('\x1b[97;5:3u', '\x1b[1;1:3A', '\x1b[57441;2u', '\x1b[57358u', '\x1b[99~', '\x1b[u', '\x1b[W', '\x1b[1234567890u'),
		).toEqual([]);
	});
});

describe('alone is the chunk that was exactly one key', () => {
	test('one key in one chunk', () => {
		for (const chunk of ['a', 'é', '\r', '\x1b[A', '\x1b[97;5u', '\x1bx', '\x1b']) {
			expect(eventsOf(chunk)).toMatchObject([{alone: true}]);
		}
	});

	test('several keys in one chunk are single keys, none of them alone', () => {
		expect(eventsOf('ay\r')).toEqual([key('a', false), key('y', false), key('enter', false)]);
		expect(eventsOf('a\x1b')).toEqual([key('a', false), key('escape', false)]);
		expect(eventsOf('\x1b\x1b')).toEqual([key('escape', false), key('escape', false)]);
	});

	test('a key that shares its chunk with a reply, a paste or a piece of one is not alone', () => {
		expect(eventsOf('\x1b[?1;2ca')).toEqual([key('a', false)]);
		expect(eventsOf('a\x1b[?1;2c')).toEqual([key('a', false)]);
		expect(eventsOf('\x1b[200~x\x1b[201~a')).toEqual([{kind: 'paste', text: 'x'}, key('a', false)]);
		expect(eventsOf('\x1b]11;rgb:1/2/3\x1b', '\\a')).toEqual([key('a', false)]);
		expect(eventsOf('\x1b]11;rgb\x1ba')).toEqual([key('alt+a', false)]);
	});

	test('a key in two chunks is not alone, nor is one the keyboard repeats', () => {
		expect(eventsOf('\x1b[', 'A')).toEqual([key('up', false)]);
		expect(eventsOf('\x1b', 'a')).toEqual([key('alt+a', false)]);
		expect(eventsOf('\x1b[97;1:2u')).toEqual([key('a', false)]);
	});

	test('the key after something unfinished that never ended is alone again', () => {
		expect(eventsOf('\x1b[12', '\r')).toEqual([key('enter', true)]);
	});

	test('what is left of a larger chunk is not alone', () => {
		const parser = createInputParser();
		parser.feed(bytesOf('a'), {isWhole: false});
		expect(parser.next()).toEqual(key('a', false));
	});
});

describe('what is not a key', () => {
	test('a paste is one event, whatever is in it and however it is cut', () => {
		const text = 'rm -rf /\r\ny\u{1b}[A\u{1b}[200~ é 漢字 \u{FFFD} \u{1b}[20';
		const bytes = bytesOf(`\x1b[200~${text}\x1b[201~`);
		expect(eventsOf(bytes)).toEqual([{kind: 'paste', text}]);
		expect(eventsOf(...Array.from(bytes, byte => Uint8Array.of(byte)))).toEqual([{kind: 'paste', text}]);
	});

	test('invalid bytes of a paste are dropped', () => {
		const paste = Buffer.concat([bytesOf('\x1b[200~a'), Uint8Array.of(0xff, 0xc3, 0xed, 0xa0, 0x80), bytesOf('é\x1b[201~')]);
		expect(eventsOf(paste)).toEqual([{kind: 'paste', text: 'aé'}]);
	});

	test('a paste is cut at its limit, and the keys behind it are read', () => {
		const events = eventsOf(`\x1b[200~${'x'.repeat(pasteLimitBytes + 5)}\x1b[201~q`);
		expect(events[0]).toEqual({kind: 'paste', text: 'x'.repeat(pasteLimitBytes)});
		expect(events.slice(1)).toEqual([key('q', false)]);
	});

	test('focus and mouse', () => {
		expect(eventsOf('\x1b[I\x1b[O')).toEqual([
			{kind: 'focus', focused: true},
			{kind: 'focus', focused: false},
		]);
		const none = {shift: false, alt: false, ctrl: false};
		expect(eventsOf('\x1b[<0;5;7M\x1b[<0;5;7m\x1b[<18;1;1M\x1b[<35;200;90M\x1b[<64;3;4M\x1b[<65;3;4M')).toEqual([
			{kind: 'mouse', action: 'press', button: 'left', x: 4, y: 6, ...none},
			{kind: 'mouse', action: 'release', button: 'left', x: 4, y: 6, ...none},
			{kind: 'mouse', action: 'press', button: 'right', x: 0, y: 0, ...none, ctrl: true},
			{kind: 'mouse', action: 'move', button: 'none', x: 199, y: 89, ...none},
			{kind: 'mouse', action: 'wheel-up', button: 'none', x: 2, y: 3, ...none},
			{kind: 'mouse', action: 'wheel-down', button: 'none', x: 2, y: 3, ...none},
		]);
		expect(eventsOf('\x1b[Ma~y', 'b')).toEqual([key('b', true)]);
	});

	test('UTF-8 is put together across chunks, and what is invalid is dropped', () => {
		const [first, second, ...rest] = bytesOf('漢');
		expect(keysOf(Uint8Array.of(first!), Uint8Array.of(second!), Uint8Array.from(rest))).toEqual(['漢']);
		expect(keysOf(Uint8Array.of(0xe6, 0x61, 0xff, 0xc0, 0xaf, 0xed, 0xa0, 0x80, 0xf5, 0x62, 0xc2, 0x9b, 0x63))).toEqual(['a', 'b', 'c']);
	});
});

test('what is unfinished waits as long as it may mean something', () => {
	const waits = (...chunks: string[]) => {
		const parser = createInputParser();
		for (const chunk of chunks) {
			parser.feed(bytesOf(chunk));
			parser.next();
		}

		return parser.patienceMs();
	};

	expect(waits('a')).toBeUndefined();
	expect(waits('\x1b')).toBe(escapeMs);
	expect(waits('\x1b[')).toBe(abandonMs);
	expect(waits('\x1b]11;rgb')).toBe(abandonMs);
	expect(waits('\x1b[200~half')).toBe(pasteMs);
	expect(waits('\x1b[A')).toBeUndefined();
});

test('an unfinished reply is dropped after silence, an unfinished paste is kept', () => {
	expect(eventsOf('\x1b]11;rgb:12')).toEqual([]);
	expect(eventsOf('\x1b[?1;')).toEqual([]);
	expect(eventsOf('\x1b[200~half')).toEqual([{kind: 'paste', text: 'half'}]);
});

const printable = fc.string({unit: fc.constantFrom(...'abyYq1;:?[]\\_PO"~m/é漢'), maxLength: 12});
const digits = fc.array(fc.nat({max: 70_000}), {maxLength: 4}).map(numbers => numbers.join(';'));

const reply = fc.oneof(
	fc.tuple(digits, fc.constantFrom('c', 'n', 't', 'x')).map(([body, final]) => `\x1b[${body}${final}`),
	fc
		.tuple(fc.constantFrom('?', '>', '='), digits, fc.constantFrom('c', 'n', 'u', '$y', 'S', 'R', 'q'))
		.map(([mark, body, final]) => `\x1b[${mark}${body}${final}`),
	fc.tuple(fc.nat(300), fc.nat(300)).map(([row, column]) => `\x1b[${row};${column}R`),
	fc
		.tuple(fc.constantFrom('4;1', '10', '11', '52;c'), printable, fc.constantFrom('\x07', '\x1b\\'))
		.map(([code, text, end]) => `\x1b]${code};${text}${end}`),
	fc.tuple(fc.constantFrom('P', '_', '^', 'X'), printable).map(([introducer, text]) => `\x1b${introducer}${text}\x1b\\`),
);

const piece = fc.oneof(
	printable,
	reply,
	fc.constantFrom(
		'\x1b',
		'\x1b[A',
		'\x1bOP',
		'\x1b[97;5u',
		'\x1b[27;5;93~',
		'\x1b[I',
		'\x1b[<0;1;1M',
		'\x1b[Mabc',
		'\x1b[[B',
		'\r',
		'\x03',
		'\x1b[',
	),
	printable.map(text => `\x1b[200~${text}\x1b[201~`),
);
const stream = fc.oneof(
	{weight: 4, arbitrary: fc.array(piece, {maxLength: 8}).map(pieces => bytesOf(pieces.join('')))},
	{weight: 1, arbitrary: fc.uint8Array({maxLength: 40})},
);

const cut = (bytes: Uint8Array, places: readonly number[]): readonly Uint8Array[] => {
	const ends = [...new Set(places.map(place => place % (bytes.length + 1)))].sort((a, b) => a - b);
	return [...ends, bytes.length].map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
};

const withoutAlone = (events: readonly InputEvent[]) => events.map(event => (event.kind === 'key' ? event.key : event));

test('however input is cut into chunks, it means the same', () => {
	fc.assert(
		fc.property(stream, fc.array(fc.nat(), {maxLength: 6}), (bytes, places) => {
			expect(withoutAlone(eventsOf(...cut(bytes, places)))).toEqual(withoutAlone(eventsOf(bytes)));
		}),
		{numRuns: 2000},
	);
});

test('at most one key of a stream is alone per chunk, and then the chunk holds nothing else', () => {
	fc.assert(
		fc.property(stream, bytes => {
			const events = eventsOf(bytes);
			const alone = events.filter(event => event.kind === 'key' && event.alone);
			expect(alone.length === 0 || events.length === 1).toBe(true);
		}),
		{numRuns: 1000},
	);
});

test('no byte of a reply becomes a key, wherever the reply is cut', () => {
	fc.assert(
		fc.property(fc.array(reply, {minLength: 1, maxLength: 4}), fc.array(fc.nat(), {maxLength: 6}), (replies, places) => {
			expect(eventsOf(...cut(bytesOf(replies.join('')), places))).toEqual([]);
			expect(keysOf(...cut(bytesOf(`a${replies.join('')}b`), places))).toEqual(['a', 'b']);
		}),
		{numRuns: 2000},
	);
});
