import fc from 'fast-check';

/** Texts that terminals stumble over: wide, combining, joined, regional, right-to-left, and plain ones. */
const glyphs = [
	...'abcXYZ019 .:/-_#',
	'日本',
	'한글',
	'é',
	'e\u0301',
	'🚀',
	'👍🏽',
	'👨‍👩‍👧‍👦',
	'🇩🇪',
	'🇩',
	'1️⃣',
	'⚠️',
	'กำ',
	'\u0301',
	'\u200D',
	'\u0600',
	'─│┌┐',
	'█▄',
];

const number = (most: number): fc.Arbitrary<number> => fc.integer({min: 0, max: most});

const text = fc.array(fc.constantFrom(...glyphs), {minLength: 1, maxLength: 12}).map(parts => parts.join(''));

const colour = fc.oneof(
	fc.constantFrom('39', '49', '31', '42', '97', '103'),
	fc.tuple(fc.constantFrom(38, 48), number(255)).map(([where, index]) => `${where};5;${index}`),
	fc.tuple(fc.constantFrom(38, 48), number(255), number(255)).map(([where, red, blue]) => `${where};2;${red};7;${blue}`),
	fc.constantFrom('58:5:9', '58:2::1:2:3', '59'),
);

const looks = fc.constantFrom(
	'0',
	'1',
	'2',
	'3',
	'4',
	'4:2',
	'4:3',
	'4:5',
	'5',
	'7',
	'8',
	'9',
	'21',
	'22',
	'23',
	'24',
	'27',
	'28',
	'29',
	'53',
	'55',
);

const sgr = fc.array(fc.oneof(looks, colour), {minLength: 1, maxLength: 3}).map(parts => `\u001B[${parts.join(';')}m`);

const movement = fc.oneof(
	fc.tuple(number(14), number(45)).map(([row, column]) => `\u001B[${row};${column}H`),
	fc.tuple(number(6), fc.constantFrom(...'ABCDEFGIZad`')).map(([amount, final]) => `\u001B[${amount}${final}`),
	fc.constantFrom('\r', '\n', '\r\n', '\t', '\b', '\u001BM', '\u001BD', '\u001BE', '\u001B7', '\u001B8', '\u001B[s', '\u001B[u'),
);

const edit = fc.oneof(
	fc.tuple(number(3), fc.constantFrom('J', 'K')).map(([how, final]) => `\u001B[${how}${final}`),
	fc.tuple(number(12), fc.constantFrom(...'@PLMXSTb')).map(([amount, final]) => `\u001B[${amount}${final}`),
	fc.tuple(number(5), fc.constantFrom(' @', ' A', "'}", "'~")).map(([amount, final]) => `\u001B[${amount}${final}`),
	fc.constantFrom('\u001B[?1J', '\u001B[?0K', '\u001B#8', '\u001B[1"q', '\u001B[0"q'),
);

const mode = fc.oneof(
	fc.tuple(number(13), number(13)).map(([top, bottom]) => `\u001B[${top};${bottom}r`),
	fc
		.tuple(
			fc.constantFrom('?6', '?7', '4', '?25', '?1', '?45', '?1000', '?1002', '?1006', '?2004', '?1004', '?66'),
			fc.constantFrom('h', 'l'),
		)
		.map(([name, final]) => `\u001B[${name}${final}`),
	fc.constantFrom('\u001B(0', '\u001B(B', '\u001B)0', '\u000E', '\u000F', '\u001B=', '\u001B>', '\u001B[4 q', '\u001B[!p'),
);

const link = fc.constantFrom(
	'\u001B]8;;https://example.org/a\u001B\\',
	'\u001B]8;id=7;https://example.org/b?x=1;y=2\u001B\\',
	'\u001B]8;;\u001B\\',
	'\u001B]8;;\u0007',
);

const screenSwitch = fc.constantFrom('\u001B[?1049h', '\u001B[?1049l', '\u001B[?47h', '\u001B[?47l');

/** Output of a program that uses everything a terminal has: pieces, each one character, sequence or short text. */
export const terminalStream = fc.array(
	fc.oneof(
		{weight: 8, arbitrary: text},
		{weight: 4, arbitrary: sgr},
		{weight: 4, arbitrary: movement},
		{weight: 3, arbitrary: edit},
		{weight: 1, arbitrary: mode},
		{weight: 1, arbitrary: link},
		{weight: 1, arbitrary: screenSwitch},
	),
	{minLength: 1, maxLength: 60},
);

/** The bytes of a stream, cut at the given places. */
export const cutUp = (bytes: Uint8Array, cuts: readonly number[]): readonly Uint8Array[] => {
	const places = [0, ...cuts.map(cut => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
	return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
};
