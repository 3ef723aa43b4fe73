/** First and last code points of what takes two columns, beside the emoji (Unicode's East Asian Width `W` and `F`). */
const wideRanges: ReadonlyArray<readonly [first: number, last: number]> = [
	[0x1100, 0x115f],
	[0x2329, 0x232a],
	[0x2630, 0x2637],
	[0x268a, 0x268f],
	[0x2e80, 0x303e],
	[0x3041, 0x3247],
	[0x3250, 0xa4c6],
	[0xa960, 0xa97c],
	[0xac00, 0xd7a3],
	[0xf900, 0xfaff],
	[0xfe10, 0xfe19],
	[0xfe30, 0xfe6b],
	[0xff01, 0xff60],
	[0xffe0, 0xffe6],
	[0x16fe0, 0x16ff6],
	[0x17000, 0x191d2],
	[0x1aff0, 0x1b2fb],
	[0x1d300, 0x1d376],
	[0x1f1ae, 0x1f1ae],
	[0x1f200, 0x1f265],
	[0x1f6d5, 0x1f6d9],
	[0x1f7da, 0x1f7da],
	[0x1fa80, 0x1fafa],
	[0x20000, 0x3fffd],
];

const plainAscii = /^[ -~]*$/;
const widthless = /^\p{Mn}$/u;
const emoji = /^(?!\p{Regional_Indicator})\p{Emoji_Presentation}$/u;
const modifier = /^\p{Emoji_Modifier}$/u;
const graphemes = new Intl.Segmenter(undefined, {granularity: 'grapheme'});

const isWide = (codePoint: number): boolean =>
	codePoint >= 0x1100 && wideRanges.some(([first, last]) => codePoint >= first && codePoint <= last);

const characterWidth = (character: string): number => {
	if (widthless.test(character)) {
		return 0;
	}

	return emoji.test(character) || isWide(character.codePointAt(0)!) ? 2 : 1;
};

/** What people take for one character is as wide as all it is made of: where terminals disagree, rather too much room than too little. */
export const graphemeWidth = (grapheme: string): number => {
	if (plainAscii.test(grapheme)) {
		return grapheme.length;
	}

	return [...grapheme].reduce((sum, character, index) => sum + (index > 0 && modifier.test(character) ? 0 : characterWidth(character)), 0);
};

/** The characters of a text as people count them; one that cannot be split must not be cut either. */
export const graphemesOf = (text: string): readonly string[] =>
	plainAscii.test(text) ? [...text] : [...graphemes.segment(text)].map(({segment}) => segment);

/**
 * How many columns a text takes at most on a terminal. Give it only what went through `visible`: what has no width of its own, or
 * joins its neighbours, is spelt out there.
 */
export const textWidth = (text: string): number =>
	plainAscii.test(text) ? text.length : graphemesOf(text).reduce((sum, grapheme) => sum + graphemeWidth(grapheme), 0);

/** The longest beginning of a text that fits, whole characters only. */
export const sliceColumns = (text: string, columns: number): string => {
	if (plainAscii.test(text)) {
		return text.slice(0, Math.max(0, columns));
	}

	let width = 0;
	let taken = '';
	for (const grapheme of graphemesOf(text)) {
		width += graphemeWidth(grapheme);
		if (width > columns) {
			return taken;
		}

		taken += grapheme;
	}

	return taken;
};

/** A text in exactly so many columns: cut with a mark where it is too long, filled with blanks where it is short. */
export const fitColumns = (text: string, columns: number, ellipsis = '…'): string => {
	if (columns <= 0) {
		return '';
	}

	const cut = textWidth(text) <= columns ? text : sliceColumns(text, columns - 1) + ellipsis;
	return cut + ' '.repeat(Math.max(0, columns - textWidth(cut)));
};
