import {graphemesOf, graphemeWidth} from './text-width.js';

/** A piece of a line with whatever says how it is drawn. */
type Piece = {readonly text: string};

/** What a line is never broken within. */
type Unit<Drawn> = {readonly text: string; readonly width: number; readonly piece: Drawn};

const spelt = /(\\u\{[0-9A-F]+\})/;

/** Escapes stay whole when they fit a line: half of one reads like another. */
const unitsOf = <Drawn extends Piece>(piece: Drawn, columns: number): ReadonlyArray<Unit<Drawn>> =>
	piece.text.split(spelt).flatMap(part => {
		const isWhole = part.startsWith('\\u{') && part.length <= columns;
		return isWhole ? [{text: part, width: part.length, piece}] : graphemesOf(part).map(text => ({text, width: graphemeWidth(text), piece}));
	});

/** Where to break a line that is full: behind its last blank, if that leaves more than half of it; else where it is. */
const breakAt = (line: ReadonlyArray<Unit<Piece>>): number => {
	const blank = line.findLastIndex(({text}) => text === ' ');
	return blank >= line.length / 2 ? blank + 1 : line.length;
};

/** Units of the same piece become one again. */
const joined = <Drawn extends Piece>(units: ReadonlyArray<Unit<Drawn>>): readonly Drawn[] => {
	const pieces: Drawn[] = [];
	for (let from = 0; from < units.length; ) {
		const {piece} = units[from]!;
		let text = '';
		for (; units[from]?.piece === piece; from++) {
			text += units[from]!.text;
		}

		pieces.push({...piece, text});
	}

	return pieces;
};

const widthOf = (line: ReadonlyArray<Unit<Piece>>): number => line.reduce((sum, {width}) => sum + width, 0);

/**
 * Breaks a line of pieces into lines of at most `columns` columns. Nothing is left out, not even blanks. With `words`, a line is
 * broken behind a blank where there is one; without, wherever it is full, so that exactness is seen to matter more than reading.
 */
export const wrapPieces = <Drawn extends Piece>(
	pieces: readonly Drawn[],
	columns: number,
	{words}: {readonly words: boolean},
): ReadonlyArray<readonly Drawn[]> => {
	const lines: Array<ReadonlyArray<Unit<Drawn>>> = [];
	let line: Array<Unit<Drawn>> = [];
	let width = 0;
	for (const unit of pieces.flatMap(piece => unitsOf(piece, columns))) {
		// What is left behind a blank may still have no room for the next unit.
		while (width + unit.width > columns && line.length > 0) {
			const end = words ? breakAt(line) : line.length;
			lines.push(line.slice(0, end));
			line = line.slice(end);
			width = widthOf(line);
		}

		line.push(unit);
		width += unit.width;
	}

	return [...lines, line].map(joined);
};
