import stringWidth from 'string-width';
import {describe, expect, it} from 'vitest';
import {createTheme, type Tone} from '../../source/ui/theme.js';

const tones: readonly Tone[] = ['plain', 'quiet', 'strong', 'waiting', 'failed', 'working', 'good', 'selected'];
const utf8 = {LANG: 'de_DE.UTF-8'};

const shown = (env: Readonly<Record<string, string>>): readonly string[] => Object.values(createTheme(env).glyphs).flat();

describe('a theme', () => {
	it('has no colour where NO_COLOR is set, and some where it is not', () => {
		const colours = (env: Readonly<Record<string, string>>) => tones.filter(tone => createTheme(env).style(tone).color !== undefined);
		expect(colours({...utf8, NO_COLOR: '1'})).toEqual([]);
		expect(colours(utf8)).toContain('failed');
		expect(colours({...utf8, NO_COLOR: ''})).toContain('failed');
	});

	it('keeps to ASCII unless the locale is UTF-8; LC_ALL has the last word', () => {
		const isAscii = (env: Readonly<Record<string, string>>) => shown(env).every(glyph => /^[ -~]+$/.test(glyph));
		expect(isAscii({LANG: 'C'})).toBe(true);
		expect(isAscii({})).toBe(true);
		expect(isAscii({...utf8, LC_ALL: 'POSIX'})).toBe(true);
		expect(isAscii({LC_CTYPE: 'en_US.utf8'})).toBe(false);
	});

	it('has glyphs of the width the screens count on, whatever the locale', () => {
		for (const env of [utf8, {LANG: 'C'}]) {
			const {branch, lastBranch, trunk} = createTheme(env).glyphs;
			for (const guide of [branch, lastBranch, trunk]) {
				expect(stringWidth(guide)).toBe(2);
			}

			for (const glyph of shown(env).filter(text => ![branch, lastBranch, trunk].includes(text))) {
				expect(stringWidth(glyph), glyph).toBe(1);
			}
		}
	});
});
