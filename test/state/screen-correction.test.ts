import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {whyUnsafePattern} from '../../source/agents/screen-rules/safe-pattern.js';
import {bottomLines, patternOf, tellingLines, titleInEvidence} from '../../state/agent/screen-correction.js';

describe('a pattern made of a line', () => {
	test('matches the line it was made of, and is always safe', () => {
		fc.assert(
			fc.property(fc.string({unit: 'grapheme', maxLength: 120}), text => {
				const line = text.replaceAll(/[\r\n\u2028\u2029]/g, ' ');
				const pattern = patternOf(line);
				expect(whyUnsafePattern(pattern)).toBeUndefined();
				expect(new RegExp(pattern, 'u').test(line.trim())).toBe(true);
			}),
			{numRuns: 500},
		);
	});

	test('lets figures, gaps and spinners differ, and nothing else', () => {
		const pattern = new RegExp(patternOf('  ✻ Baking… (12s · 1.2k tokens · esc to interrupt)   '), 'u');
		expect(pattern.test('✽ Baking… (7s · 13.25k tokens · esc to interrupt)')).toBe(true);
		expect(pattern.test('✽ Baking… (7s · 13.25k tokens · esc to interrupt) or so')).toBe(false);
		expect(pattern.test('✽ Boiling… (7s · 1.2k tokens · esc to interrupt)')).toBe(false);
		expect(new RegExp(patternOf('⠋ Thinking   (esc)'), 'u').test('⠙ Thinking      (esc)')).toBe(true);
	});
});

test('the lowest lines are offered, those with words first', () => {
	const lines = bottomLines(['old text here', '', '│ > 12 │', '  ? for shortcuts   ', '─────', '', '']);
	expect(lines).toEqual([
		{text: '─────', fromBottom: 0},
		{text: '  ? for shortcuts', fromBottom: 1},
		{text: '│ > 12 │', fromBottom: 2},
		{text: 'old text here', fromBottom: 4},
	]);
	expect(tellingLines(lines)).toEqual([1, 3]);
	expect(tellingLines([{text: '>', fromBottom: 0}])).toEqual([0]);
	expect(tellingLines([])).toEqual([]);
	expect(bottomLines(Array.from({length: 60}, (_, index) => `line ${index}`))).toHaveLength(8);
});

test('a title is found in what was seen of it', () => {
	expect(titleInEvidence(`its title is ${JSON.stringify('✳ say "hi" \\ now')}`)).toBe('✳ say "hi" \\ now');
	expect(titleInEvidence('its screen matches the rule "idle"')).toBeUndefined();
});
