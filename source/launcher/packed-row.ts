import {cellText, finishRow, lengthWithoutBlanks, reset, shownWidth} from './row-ansi.js';
import {sgr, visibleBg} from './sgr.js';
import {type BufferLine, cellBits} from './xterm-internals.js';

/*
 * A packed row is text with SGR sequences in which every code point takes one column, but for clusters: a cluster of two
 * columns stands between `wide` and `clusterEnd`, one of several code points in one column between `narrow` and `clusterEnd`.
 * Cells hold no control characters, so these marks cannot be forged.
 */
const wide = '\u000E';
const narrow = '\u0010';
const clusterEnd = '\u000F';
const sgrStart = '\u001B';

const packCell = (line: BufferLine, x: number, width: number): string => {
	const text = cellText(line, x);
	if (width === 2) {
		return `${wide}${text}${clusterEnd}`;
	}

	const isCombined = (line._data[x * 3]! & cellBits.isCombined) !== 0;
	return isCombined ? `${narrow}${text}${clusterEnd}` : text;
};

/** A row without its trailing blanks, in the form described above. Never holds a line feed. */
export const packLine = (line: BufferLine): string => {
	const data = line._data;
	const end = lengthWithoutBlanks(line);
	let packed = '';
	let lastFg = 0;
	let lastBg = 0;
	for (let x = 0; x < end; ) {
		const fg = data[x * 3 + 1]!;
		const bg = visibleBg(data[x * 3 + 2]!);
		if (fg !== lastFg || bg !== lastBg) {
			packed += sgr(fg, bg);
			lastFg = fg;
			lastBg = bg;
		}

		const width = shownWidth(line, x);
		packed += width === 0 ? ' ' : packCell(line, x, width);
		x += Math.max(width, 1);
	}

	return packed;
};

const marksAndColours = /\u001B\[[^m]*m|[\u000E-\u0010]/g;

/** The text alone, without trailing blanks. */
export const plainPacked = (packed: string): string => packed.replace(marksAndColours, '').trimEnd();

/** Where the piece that starts at `from` ends: an SGR sequence, a cluster with its marks, or one code point. */
const pieceEnd = (packed: string, from: number): number => {
	const first = packed[from]!;
	if (first === sgrStart || first === wide || first === narrow) {
		const end = packed.indexOf(first === sgrStart ? 'm' : clusterEnd, from);
		return end === -1 ? packed.length : end + 1;
	}

	return from + (packed.codePointAt(from)! > 0xff_ff ? 2 : 1);
};

/** Draws the left `columns` columns of a packed row, as `paintLine` does for a live one. */
export const paintPacked = (packed: string, columns: number): string => {
	let painted = reset;
	let looks = reset;
	let column = 0;
	for (let from = 0; from < packed.length && column < columns; ) {
		const end = pieceEnd(packed, from);
		const piece = packed.slice(from, end);
		from = end;
		if (piece.startsWith(sgrStart)) {
			looks = piece;
			painted += looks;
			continue;
		}

		const width = piece.startsWith(wide) ? 2 : 1;
		const fits = column + width <= columns;
		painted += fits ? piece.replace(/[\u000E-\u0010]/g, '') : ' ';
		column += fits ? width : 1;
	}

	return finishRow(painted, looks, columns - column);
};
