import fc from 'fast-check';
import stringWidth from 'string-width';
import {expect, test} from 'vitest';
import {fitColumns, sliceColumns, textWidth} from '../../state/view/text-width.js';
import {visible, visibleSegments} from '../../state/view/visible.js';
import {wrapPieces} from '../../state/view/wrap-text.js';

const shown = fc
	.oneof(
		fc.string({unit: 'grapheme'}),
		fc.string({unit: 'binary'}),
		fc.string({unit: fc.constantFrom('a', ' ', '漢', '🚀', 'é', 'e\u0301', 'ก', 'ｶﾞ', '🇩🇪', '👍🏽', '안', '\u1100\u1161', '(', '\u202E')}),
	)
	.map(text => visible(text));

test('a text is never wider than it is taken to be', () => {
	fc.assert(
		fc.property(shown, text => {
			expect(textWidth(text)).toBeGreaterThanOrEqual(stringWidth(text));
		}),
		{numRuns: 3000},
	);
});

test('every assigned character is as wide as the screen will draw it', () => {
	const wrong: string[] = [];
	for (let codePoint = 0x20; codePoint < 0x20100; codePoint++) {
		const character = String.fromCodePoint(codePoint);
		if (visible(character) === character && textWidth(character) !== stringWidth(character)) {
			wrong.push(codePoint.toString(16));
		}
	}

	expect(wrong).toEqual([]);
});

test('a fitted text fills its columns, and says where it was cut', () => {
	expect(fitColumns('漢字漢字', 5)).toBe('漢字…');
	expect(fitColumns('漢字漢字', 6)).toBe('漢字… ');
	expect(fitColumns('ab', 4)).toBe('ab  ');
	expect(fitColumns('abc', 0)).toBe('');
	fc.assert(
		fc.property(shown, fc.integer({min: 1, max: 30}), (text, columns) => {
			expect(textWidth(fitColumns(text, columns))).toBe(columns);
			expect(text.startsWith(sliceColumns(text, columns))).toBe(true);
		}),
	);
});

test('wrapped lines fit, and hold everything', () => {
	fc.assert(
		fc.property(shown, fc.integer({min: 2, max: 30}), fc.boolean(), (text, columns, words) => {
			const lines = wrapPieces(visibleSegments(text), columns, {words}).map(line => line.map(piece => piece.text).join(''));
			const widest = Math.max(...lines.map(textWidth));
			// One character of several wide parts may be wider than a very narrow line.
			expect(widest).toBeLessThanOrEqual(Math.max(columns, 8));
			expect(lines.join('')).toBe(
				visibleSegments(text)
					.map(({text: part}) => part)
					.join(''),
			);
		}),
	);
});

test('words stay whole where they can, escapes always', () => {
	const wrap = (text: string, words: boolean) =>
		wrapPieces(visibleSegments(text), 10, {words}).map(line => line.map(piece => piece.text).join(''));
	expect(wrap('one two three', true)).toEqual(['one two ', 'three']);
	expect(wrap('one two three', false)).toEqual(['one two th', 'ree']);
	expect(wrap('abcdef\u{202E}x', false)).toEqual(['abcdef', '\\u{202E}x']);
});
