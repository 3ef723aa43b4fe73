import stringWidth from 'string-width';

export type RowPlace = {
	/** The column of the screen the row starts in, counted from 0. */
	readonly x: number;
	/** How many columns it has: it is cut or filled with blanks to exactly these. */
	readonly columns: number;
	/** The column within the row where a cursor is drawn as an inverse cell. */
	readonly cursorX?: number | undefined;
};

type Row = RowPlace & {
	readonly parts: string[];
	column: number;
	/** The SGR sequences in force, to return to after the cursor's cell. */
	style: string;
};

const segmenter = new Intl.Segmenter(undefined, {granularity: 'grapheme'});
// An SGR sequence, printable text, or something that has no business in a row.
const tokens = /\u{1B}\[([\d;:]*)m|([^\p{Cc}]+)|\p{Cc}/gu;
const printableAscii = /^[ -~]*$/;
const reset = '\u{1B}[0m';

/** Whether the last word of these SGR parameters about inverse video is yes. The numbers of a colour (`38;5;7`) are none. */
const isInverse = (style: string): boolean => {
	const parameters = [...style.matchAll(/\[([\d;:]*)m/g)].flatMap(([, body = '']) => body.split(';'));
	let inverse = false;
	for (let index = 0; index < parameters.length; index++) {
		const parameter = parameters[index]!;
		if (parameter === '38' || parameter === '48' || parameter === '58') {
			index += parameters[index + 1] === '5' ? 2 : 4;
		} else if (parameter === '7') {
			inverse = true;
		} else if (parameter === '27' || parameter === '0' || parameter === '') {
			inverse = false;
		}
	}

	return inverse;
};

const isCursorIn = ({cursorX, column}: Row, width: number): boolean =>
	cursorX !== undefined && cursorX >= column && cursorX < column + width;

const put = (row: Row, text: string, width: number): void => {
	row.parts.push(isCursorIn(row, width) ? `\u{1B}[0;${isInverse(row.style) ? '27' : '7'}m${text}${reset}${row.style}` : text);
	row.column += width;
};

const putAscii = (row: Row, text: string): void => {
	const fitting = text.slice(0, row.columns - row.column);
	if (!isCursorIn(row, fitting.length)) {
		put(row, fitting, fitting.length);
		return;
	}

	const at = row.cursorX! - row.column;
	for (const piece of [fitting.slice(0, at), fitting.slice(at, at + 1), fitting.slice(at + 1)]) {
		put(row, piece, piece.length);
	}
};

type Grapheme = readonly [text: string, width: number];

/** Borders, bullets and words come again and again, and finding their graphemes costs more than all the rest. */
const knownRuns = new Map<string, readonly Grapheme[]>();
const mostKnownRuns = 4096;

const graphemesOf = (run: string): readonly Grapheme[] => {
	const known = knownRuns.get(run);
	if (known) {
		return known;
	}

	// What has no width of its own would join the cell to its left, which may not be ours.
	const graphemes = Array.from(segmenter.segment(run), ({segment}) => [segment, stringWidth(segment)] as const).filter(
		([, width]) => width > 0,
	);
	if (knownRuns.size >= mostKnownRuns) {
		knownRuns.clear();
	}

	knownRuns.set(run, graphemes);
	return graphemes;
};

/** Terminals disagree about the width of some characters: where the next one belongs is stated, so that no disagreement adds up. */
const putOther = (row: Row, text: string): void => {
	for (const [grapheme, width] of graphemesOf(text)) {
		if (row.column + width > row.columns) {
			putAscii(row, ' '.repeat(row.columns - row.column));
			return;
		}

		put(row, grapheme, width);
	}

	if (row.column < row.columns) {
		row.parts.push(`\u{1B}[${row.x + row.column + 1}G`);
	}
};

const putText = (row: Row, text: string): void => {
	for (const [run] of text.matchAll(/[ -~]+|[^ -~]+/g)) {
		if (row.column >= row.columns) {
			return;
		}

		(printableAscii.test(run) ? putAscii : putOther)(row, run);
	}
};

/**
 * One row of a picture, made safe to paint into a rectangle: exactly `columns` wide, nothing but text and SGR sequences (and column
 * addresses inside the row), reset at its end.
 */
export const fitRow = (ansi: string, place: RowPlace): string => {
	const row: Row = {...place, parts: [reset], column: 0, style: ''};
	for (const [sequence, parameters, text] of ansi.matchAll(tokens)) {
		if (text !== undefined) {
			putText(row, text);
		} else if (parameters !== undefined) {
			const isReset = parameters === '' || parameters === '0' || parameters.startsWith('0;');
			row.style = isReset ? sequence : row.style + sequence;
			row.parts.push(sequence);
		}
	}

	row.parts.push(reset);
	row.style = '';
	putAscii(row, ' '.repeat(Math.max(0, row.columns - row.column)));
	return row.parts.join('');
};
