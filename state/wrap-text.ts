import {graphemesOf, textWidth} from './text-width.js';

/** A piece of a line with whatever says how it is drawn. */
type Piece = {readonly text: string};

/** Escapes stay whole when they fit a line: half of one reads like another. */
const unitsOf = (text: string, columns: number): readonly string[] =>
	text.split(/(\\u\{[0-9A-F]+\})/).flatMap(part => (part.startsWith('\\u{') && part.length <= columns ? [part] : graphemesOf(part)));

const isBlank = (unit: {readonly text: string} | undefined): boolean => unit?.text === ' ';

/** Where to break a line that is full: behind its last blank, if that leaves more than half of it; else where it is. */
const breakAt = (line: ReadonlyArray<{readonly text: string}>): number => {
	const blank = line.findLastIndex(unit => isBlank(unit));
	return blank >= line.length / 2 ? blank + 1 : line.length;
};

const joined = <Drawn extends Piece>(units: readonly Drawn[]): readonly Drawn[] => {
	const pieces: Drawn[] = [];
	let last: Drawn | undefined;
	for (const unit of units) {
		const isSame =
			last !== undefined && Object.keys(unit).every(key => key === 'text' || unit[key as keyof Drawn] === last![key as keyof Drawn]);
		last = isSame ? {...last!, text: last!.text + unit.text} : unit;
		pieces.splice(isSame ? -1 : pieces.length, isSame ? 1 : 0, last);
	}

	return pieces;
};

/**
 * Breaks a line of pieces into lines of at most `columns` columns. Nothing is left out, not even blanks. With `words`, a line is
 * broken behind a blank where there is one; without, wherever it is full, so that exactness is seen to matter more than reading.
 */
export const wrapPieces = <Drawn extends Piece>(
	pieces: readonly Drawn[],
	columns: number,
	{words}: {readonly words: boolean},
): ReadonlyArray<readonly Drawn[]> => {
	const lines: Drawn[][] = [];
	let line: Drawn[] = [];
	let width = 0;
	for (const piece of pieces) {
		for (const text of unitsOf(piece.text, columns)) {
			const unit = {...piece, text};
			const unitWidth = textWidth(text);
			// What is left behind a blank may still have no room for the next unit.
			while (width + unitWidth > columns && line.length > 0) {
				const end = words ? breakAt(line) : line.length;
				lines.push(line.slice(0, end));
				line = line.slice(end);
				width = line.reduce((sum, {text: kept}) => sum + textWidth(kept), 0);
			}

			line.push(unit);
			width += unitWidth;
		}
	}

	return [...lines, line].map(joined);
};
