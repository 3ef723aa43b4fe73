import {cellText, finishRow, lengthWithoutBlanks, reset, shownWidth} from './row-ansi.js';
import {sgr, visibleBg} from './sgr.js';
import {type BufferLine, cellBits} from './xterm-internals.js';

/*
 * A packed row is UTF-8 text with SGR sequences in which every code point takes one column, but for clusters: a cluster of two
 * columns stands between `wide` and `clusterEnd`, one of several code points in one column between `narrow` and `clusterEnd`.
 * Cells hold no control characters, so these marks cannot be forged.
 */
const wide = '\u000E';
const narrow = '\u0010';
const clusterEnd = '\u000F';
const sgrStart = '\u001B';

/** What one cell may take at most: looks, marks and sixteen code points. */
const mostBytesPerCell = 160;

const space = 0x20;

/** A cell of one column whose code point is below this one is a byte. */
const firstNonAscii = 0x7f;
/** The first code point beyond ASCII that is no control character. */
const firstNonControl = 0xa0;
const narrowCell = 1 << cellBits.widthShift;

/** Where rows are packed, one after another; every screen of the process shares it. */
let scratch = Buffer.allocUnsafeSlow(200 * mostBytesPerCell);

const putAscii = (text: string, at: number): number => {
	for (let index = 0; index < text.length; index++) {
		scratch[at + index] = text.charCodeAt(index);
	}

	return at + text.length;
};

/** UTF-8 by hand: a call into the runtime for every character would take longer. */
const putCodePoint = (codePoint: number, at: number): number => {
	if (codePoint < 0x8_00) {
		scratch[at] = 0xc0 | (codePoint >>> 6);
		scratch[at + 1] = 0x80 | (codePoint & 0x3f);
		return at + 2;
	}

	if (codePoint < 0x1_00_00) {
		scratch[at] = 0xe0 | (codePoint >>> 12);
		scratch[at + 1] = 0x80 | ((codePoint >>> 6) & 0x3f);
		scratch[at + 2] = 0x80 | (codePoint & 0x3f);
		return at + 3;
	}

	scratch[at] = 0xf0 | (codePoint >>> 18);
	scratch[at + 1] = 0x80 | ((codePoint >>> 12) & 0x3f);
	scratch[at + 2] = 0x80 | ((codePoint >>> 6) & 0x3f);
	scratch[at + 3] = 0x80 | (codePoint & 0x3f);
	return at + 4;
};

const putText = (text: string, at: number): number => at + scratch.write(text, at);

const putCell = (line: BufferLine, x: number, width: number, at: number): number => {
	const content = line._data[x * 3]!;
	const codePoint = content & cellBits.codePoint;
	const isPlain = width === 1 && (content & cellBits.isCombined) === 0 && codePoint >= firstNonControl;
	if (isPlain) {
		return putCodePoint(codePoint, at);
	}

	const text = cellText(line, x);
	const isCluster = width === 2 || (content & cellBits.isCombined) !== 0;
	return putText(isCluster ? `${width === 2 ? wide : narrow}${text}${clusterEnd}` : text, at);
};

/** A row without its trailing blanks, in the form described above. Never holds a line feed. The bytes are overwritten by the next call. */
export const packLine = (line: BufferLine): Uint8Array => {
	const data = line._data;
	const end = lengthWithoutBlanks(line);
	if (scratch.length < end * mostBytesPerCell) {
		scratch = Buffer.allocUnsafeSlow(end * mostBytesPerCell);
	}

	const bytes = scratch;
	let at = 0;
	let lastFg = 0;
	let lastBg = 0;
	for (let x = 0; x < end; ) {
		const fg = data[x * 3 + 1]!;
		const bg = visibleBg(data[x * 3 + 2]!);
		if (fg !== lastFg || bg !== lastBg) {
			at = putAscii(sgr(fg, bg), at);
			lastFg = fg;
			lastBg = bg;
		}

		const codePoint = data[x * 3]! - narrowCell;
		const isAscii = codePoint >= 0 && codePoint < firstNonAscii;
		if (isAscii) {
			bytes[at++] = Math.max(codePoint, space);
			x++;
			continue;
		}

		const width = shownWidth(line, x);
		at = width === 0 ? putAscii(' ', at) : putCell(line, x, width, at);
		x += Math.max(width, 1);
	}

	return bytes.subarray(0, at);
};

const marksAndColours = /\u001B\[[^m]*m|[\u000E-\u0010]/g;

/** The text of a packed row alone, without trailing blanks. */
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
