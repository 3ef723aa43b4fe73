import {UnicodeGraphemesAddon} from '@xterm/addon-unicode-graphemes';
import type xterm from '@xterm/headless';

type UnicodeProvider = Parameters<xterm.Terminal['unicode']['register']>[0];

/** No cell takes more than this many code points: endless combining marks would grow it without limit. */
const maxClusterLength = 16;

/*
 * A property of a character, as xterm.js passes it from one to the next: bit 0 says that it joins the one before, bits 1 and 2
 * are its width, 24 more are the provider's. The four bits above count the code points joined so far.
 */
const joins = 1;
const widthBits = 6;
const twoColumns = 4;
const kindShift = 3;
const countShift = 27;
const withoutCount = (1 << countShift) - 1;

const firstEmoji = 0x1_f3_00;
const lastEmoji = 0x1_fa_ff;

/** Takes the provider out of the addon, so that one instance serves every screen. */
const addonProvider = (): UnicodeProvider => {
	const providers = new Map<string, UnicodeProvider>();
	const unicode = {register: (provider: UnicodeProvider) => providers.set(provider.version, provider), activeVersion: ''};
	new UnicodeGraphemesAddon().activate({unicode} as unknown as Parameters<UnicodeGraphemesAddon['activate']>[0]);
	return providers.get('15-graphemes')!;
};

/** Emoji newer than the addon's tables: it gives them one column where terminals and Ink give two. */
const newerEmoji = (provider: UnicodeProvider): ReadonlySet<number> => {
	const codePoints = Array.from({length: lastEmoji - firstEmoji + 1}, (_, index) => firstEmoji + index);
	const isEmoji = (codePoint: number): boolean => /^\p{Emoji_Presentation}$/u.test(String.fromCodePoint(codePoint));
	return new Set(codePoints.filter(codePoint => provider.wcwidth(codePoint) === 1 && isEmoji(codePoint)));
};

const createGraphemes = (): UnicodeProvider => {
	const provider = addonProvider();
	const newer = newerEmoji(provider);
	const plain = provider.charProperties(0x20, 0);

	const properties = (codePoint: number, preceding: number): number => {
		const known = provider.charProperties(codePoint, preceding);
		const isNewer = codePoint >= firstEmoji && newer.has(codePoint);
		return isNewer ? (known & ~widthBits) | twoColumns : known;
	};

	return {
		version: '15-graphemes',
		wcwidth: codePoint => (newer.has(codePoint) ? 2 : provider.wcwidth(codePoint)),
		charProperties(codePoint, preceding) {
			const isAscii = codePoint >= 0x20 && codePoint < 0x7f;
			if (isAscii && preceding >>> kindShift === 0) {
				return plain;
			}

			const next = properties(codePoint, preceding & withoutCount);
			if ((next & joins) === 0) {
				return isAscii ? plain : next;
			}

			const joined = (preceding >>> countShift) + 1;
			return joined >= maxClusterLength ? properties(codePoint, 0) : next | (joined << countShift);
		},
	};
};

/** Widths and grapheme clusters of Unicode 15 with today's emoji, and an end to every cluster. */
export const graphemes: UnicodeProvider = createGraphemes();
