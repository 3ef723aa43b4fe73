/** A stretch of text as it may be drawn. What is not `plain` is drawn in inverse, so that nobody can type it. */
export type VisibleSegment = {
	readonly text: string;
	/** `escaped`: characters nobody could see, spelt out as `\u{202E}`; `blanks`: a long run of spaces, counted as `␠×300`. */
	readonly kind: 'plain' | 'escaped' | 'blanks';
};

/** What stands out in a text that should be plain ASCII: the scripts its letters are of, and every other character spelt out. */
export type Suspicion = {
	/** Names of the scripts, in order of appearance. More than one: a letter may pose as another. */
	readonly scripts: readonly string[];
	/** Like `с U+0441`, each once, in order of appearance. */
	readonly codePoints: readonly string[];
};

const plainAscii = /^[ -~]*$/;
const plainAsciiLines = /^[\n -~]*$/;

/**
 * Characters that draw nothing, move what is drawn, mean what only a private font knows, or look like a space without being one:
 * control, format, surrogate, private and unassigned; separators; enclosing marks, whose width no two terminals agree on;
 * default-ignorables (fillers, variation selectors, tags); the blank braille pattern and the null notehead.
 */
const unseen = /(?! )[\p{C}\p{Z}\p{Me}\p{Default_Ignorable_Code_Point}\u{2800}\u{1D159}]/u;
const mark = /\p{M}/u;
const mostMarks = 2;
const longestBlanks = 8;

const hex = (character: string): string => character.codePointAt(0)!.toString(16).toUpperCase();

/** Cuts a text into stretches to draw as they are and stretches spelt out. Neighbours are of different kinds. */
const escapeText = (text: string, isKept: (character: string) => boolean): readonly VisibleSegment[] => {
	const segments: {text: string; kind: 'plain' | 'escaped'}[] = [];
	// A mark needs a letter before it, or it changes what stands before the text; piles of marks climb over other lines.
	let marksLeft = 0;
	for (const character of text) {
		const isMark = mark.test(character);
		const isPlain = isKept(character) || (!unseen.test(character) && (!isMark || marksLeft > 0));
		const kind = isPlain ? 'plain' : 'escaped';
		const drawn = isPlain ? character : `\\u{${hex(character)}}`;
		const isBase = isPlain && !isMark && character !== ' ' && character !== '\n';
		marksLeft = isBase ? mostMarks : isPlain && isMark ? marksLeft - 1 : 0;
		const last = segments.at(-1);
		if (last?.kind === kind) {
			last.text += drawn;
		} else {
			segments.push({text: drawn, kind});
		}
	}

	return segments;
};

/**
 * The one sanitiser: every text that came from an agent goes through it at the last write. It escapes and never deletes: whatever
 * cannot be seen becomes `\u{202E}`. Printable ASCII stays as it is. A newline stays only with `newlines: 'keep'`.
 */
export const visible = (text: string, {newlines = 'escape'}: {readonly newlines?: 'keep' | 'escape'} = {}): string => {
	const isKeeping = newlines === 'keep';
	return (isKeeping ? plainAsciiLines : plainAscii).test(text)
		? text
		: escapeText(text, character => isKeeping && character === '\n')
				.map(segment => segment.text)
				.join('');
};

const countBlanks = ({text, kind}: VisibleSegment): readonly VisibleSegment[] =>
	kind === 'plain'
		? text
				.split(/( {9,})/)
				.filter(part => part !== '')
				.map(part =>
					part.length > longestBlanks && part.trim() === ''
						? {text: `␠×${part.length}`, kind: 'blanks' as const}
						: {text: part, kind: 'plain' as const},
				)
		: [{text, kind}];

/** The same for one line, in stretches, so that a screen can draw what is spelt out in inverse. Runs of more than 8 spaces are counted. */
export const visibleSegments = (text: string): readonly VisibleSegment[] => {
	if (text === '') {
		return [];
	}

	const segments: readonly VisibleSegment[] = plainAscii.test(text) ? [{text, kind: 'plain'}] : escapeText(text, () => false);
	return segments.flatMap(countBlanks);
};

const scriptNames = [
	'Latin',
	'Cyrillic',
	'Greek',
	'Armenian',
	'Cherokee',
	'Coptic',
	'Hebrew',
	'Arabic',
	'Han',
	'Hiragana',
	'Katakana',
	'Hangul',
	'Thai',
	'Devanagari',
];
const scripts: ReadonlyArray<readonly [name: string, pattern: RegExp]> = scriptNames.map(name => [
	name,
	new RegExp(`\\p{Script=${name}}`, 'u'),
]);
const letter = /\p{L}/u;

const scriptOf = (character: string): string | undefined =>
	letter.test(character) ? (scripts.find(([, pattern]) => pattern.test(character))?.[0] ?? 'another script') : undefined;

const spelt = (character: string): string => {
	const codePoint = `U+${hex(character).padStart(4, '0')}`;
	return unseen.test(character) || mark.test(character) ? codePoint : `${character} ${codePoint}`;
};

/** What is not printable ASCII in a command or a path, for a badge beside it; `undefined` when there is nothing. */
export const suspicion = (text: string): Suspicion | undefined => {
	if (plainAscii.test(text)) {
		return undefined;
	}

	const characters = [...new Set(text)];
	return {
		scripts: [...new Set(characters.map(scriptOf).filter(name => name !== undefined))],
		codePoints: characters.filter(character => !plainAscii.test(character)).map(spelt),
	};
};
