import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {suspicion, visible, visibleSegments} from '../../state/view/visible.js';

const unseen = /(?![ \n])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u{2800}\u{3164}\u{FFA0}]/u;

/** Any text at all: lone surrogates, controls, planes nobody uses. */
const anyText = fc.oneof(
	fc.string({unit: 'binary'}),
	fc.string({unit: 'grapheme'}),
	fc.array(fc.integer({min: 0, max: 0xff_ff})).map(units => String.fromCharCode(...units)),
);

/** Undoes the escapes; what `visible` was given comes back, so nothing was deleted. */
const spellBack = (text: string): string =>
	text.replaceAll(/\\u\{([0-9A-F]+)\}/g, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)));

describe('visible', () => {
	test.each([
		['bidirectional override', 'a\u{202E}b', 'a\\u{202E}b'],
		['zero-width space', 'rm\u{200B} -rf', 'rm\\u{200B} -rf'],
		['escape sequence', '\u{1B}[2Jx', '\\u{1B}[2Jx'],
		['C1 control', '\u{9B}2Jx', '\\u{9B}2Jx'],
		['carriage return', 'rm -rf /\rls', 'rm -rf /\\u{D}ls'],
		['backspace', 'rm\b\bls', 'rm\\u{8}\\u{8}ls'],
		['tab', 'a\tb', 'a\\u{9}b'],
		['NUL', 'a\0b', 'a\\u{0}b'],
		['delete', 'a\u{7F}', 'a\\u{7F}'],
		['no-break space', 'a\u{A0}b', 'a\\u{A0}b'],
		['ideographic space', 'a\u{3000}b', 'a\\u{3000}b'],
		['line separator', 'a\u{2028}b', 'a\\u{2028}b'],
		['Hangul fillers', '\u{3164}\u{FFA0}\u{115F}\u{1160}', '\\u{3164}\\u{FFA0}\\u{115F}\\u{1160}'],
		['blank braille', '\u{2800}', '\\u{2800}'],
		['tag characters', 'a\u{E0041}', 'a\\u{E0041}'],
		['variation selectors', 'a\u{FE0F}\u{E0100}', 'a\\u{FE0F}\\u{E0100}'],
		['soft hyphen', 'a\u{AD}b', 'a\\u{AD}b'],
		['private use', '\u{E000}\u{F0000}', '\\u{E000}\\u{F0000}'],
		['unassigned', '\u{378}', '\\u{378}'],
		['lone surrogate', 'a\u{D800}b', 'a\\u{D800}b'],
		['byte order mark', '\u{FEFF}ls', '\\u{FEFF}ls'],
		['joined emoji', '👩\u{200D}💻', '👩\\u{200D}💻'],
		['a mark with no letter before it', '\u{301}a', '\\u{301}a'],
		['a pile of marks', 'a\u{301}\u{302}\u{303}\u{304}', 'a\u{301}\u{302}\\u{303}\\u{304}'],
		['an enclosing mark', '1\u{20E3}', '1\\u{20E3}'],
	])('%s is spelt out', (_, text, shown) => {
		expect(visible(text)).toBe(shown);
	});

	test('letters of any language stay', () => {
		const text = 'Grüße, Привет, 你好, สวัสดี, 안녕, 🚀';
		expect(visible(text)).toBe(text);
	});

	test('a newline stays only where it is asked for', () => {
		expect(visible('a\nb')).toBe('a\\u{A}b');
		expect(visible('a\nb\r\n', {newlines: 'keep'})).toBe('a\nb\\u{D}\n');
	});

	test('nothing unseen is ever left, and nothing is deleted', () => {
		fc.assert(
			fc.property(anyText, fc.constantFrom('keep' as const, 'escape' as const), (text, newlines) => {
				const shown = visible(text, {newlines});
				expect(shown).not.toMatch(unseen);
				expect(newlines === 'escape' && shown.includes('\n')).toBe(false);
				expect(spellBack(shown)).toBe(spellBack(text));
			}),
			{numRuns: 2000},
		);
	});

	test('printable ASCII is unchanged, and showing twice changes nothing more', () => {
		fc.assert(
			fc.property(fc.string({unit: 'grapheme-ascii'}), text => {
				expect(visible(text)).toBe(text);
			}),
		);
		fc.assert(
			fc.property(anyText, text => {
				expect(visible(visible(text))).toBe(visible(text));
			}),
		);
	});
});

describe('visibleSegments', () => {
	test('escapes stand apart from the same characters typed', () => {
		expect(visibleSegments('\\u{202E} \u{202E}')).toEqual([
			{text: '\\u{202E} ', kind: 'plain'},
			{text: '\\u{202E}', kind: 'escaped'},
		]);
	});

	test('more than eight blanks are counted, eight are drawn', () => {
		expect(visibleSegments(`a${' '.repeat(8)}b${' '.repeat(300)}c`)).toEqual([
			{text: `a${' '.repeat(8)}b`, kind: 'plain'},
			{text: '␠×300', kind: 'blanks'},
			{text: 'c', kind: 'plain'},
		]);
	});

	test('stretches say the same as the whole', () => {
		fc.assert(
			fc.property(anyText, text => {
				const short = text.replaceAll(/ {9,}/g, ' ');
				expect(
					visibleSegments(short)
						.map(segment => segment.text)
						.join(''),
				).toBe(visible(short));
			}),
		);
	});
});

describe('suspicion', () => {
	test('plain ASCII raises none', () => {
		expect(suspicion('rm -rf /tmp/x')).toBeUndefined();
	});

	test('a Cyrillic letter that poses as a Latin one is named', () => {
		expect(suspicion('сurl')).toEqual({scripts: ['Cyrillic', 'Latin'], codePoints: ['с U+0441']});
	});

	test('full-width letters and hidden characters are named, the hidden ones without being drawn', () => {
		expect(suspicion('ｌs\u{200B}\u{301}')?.codePoints).toEqual(['ｌ U+FF4C', 'U+200B', 'U+0301']);
	});

	test('its own words are safe to draw', () => {
		fc.assert(
			fc.property(anyText, text => {
				const found = suspicion(text);
				expect(found === undefined).toBe(/^[ -~]*$/.test(text));
				expect([...(found?.codePoints ?? []), ...(found?.scripts ?? [])].join(' ')).not.toMatch(unseen);
			}),
		);
	});
});
