import {sgr, visibleBg} from './sgr.js';
import {type BufferLine, cellBits} from './xterm-internals.js';

export const reset = '\u001B[0m';

const controls = /[\u0000-\u001F\u007F-\u009F]/g;

const isControl = (codePoint: number): boolean => codePoint < 0x20 || (codePoint >= 0x7f && codePoint <= 0x9f);

/** What a cell shows, never empty and never a control character. */
export const cellText = (line: BufferLine, x: number): string => {
	const content = line._data[x * 3]!;
	if ((content & cellBits.isCombined) !== 0) {
		return line._combined[x]?.replace(controls, '') || ' ';
	}

	const codePoint = content & cellBits.codePoint;
	return isControl(codePoint) ? ' ' : String.fromCodePoint(codePoint);
};

/** Columns that a cell's text takes; 0 for half a wide character whose other half was overwritten, which shows as a blank. */
export const shownWidth = (line: BufferLine, x: number): 0 | 1 | 2 => {
	const data = line._data;
	const width = data[x * 3]! >>> cellBits.widthShift;
	if (width < 2) {
		return width === 0 ? 0 : 1;
	}

	const isWhole = x + 1 < line.length && data[x * 3 + 3]! >>> cellBits.widthShift === 0;
	return isWhole ? 2 : 0;
};

const blankCell = 1 << cellBits.widthShift;
const spaceCell = blankCell | 0x20;

/** Columns up to the last one that shows anything. */
export const lengthWithoutBlanks = (line: BufferLine): number => {
	const data = line._data;
	let at = (line.length - 1) * 3;
	while (at >= 0) {
		const content = data[at];
		const isBlank = (content === blankCell || content === spaceCell) && data[at + 1] === 0 && visibleBg(data[at + 2]!) === 0;
		if (!isBlank) {
			break;
		}

		at -= 3;
	}

	return at / 3 + 1;
};

/** Ends a painted row whose last looks are `looks`: blanks up to its width, then a reset. */
export const finishRow = (painted: string, looks: string, blanks: number): string => {
	const mustResetFirst = blanks > 0 && looks !== reset;
	return `${painted}${mustResetFirst ? reset : ''}${' '.repeat(blanks)}${reset}`;
};

/**
 * Draws the left `columns` cells of a row: SGR only, exactly that wide, reset at its end. A wide character that does not fit
 * becomes a blank of its colours; hyperlinks are dropped.
 */
export const paintLine = (line: BufferLine, columns: number): string => {
	const data = line._data;
	const end = Math.min(lengthWithoutBlanks(line), columns);
	let painted = reset;
	let looks = reset;
	let lastFg = 0;
	let lastBg = 0;
	for (let x = 0; x < end; ) {
		const fg = data[x * 3 + 1]!;
		const bg = visibleBg(data[x * 3 + 2]!);
		if (fg !== lastFg || bg !== lastBg) {
			looks = sgr(fg, bg);
			painted += looks;
			lastFg = fg;
			lastBg = bg;
		}

		const width = shownWidth(line, x);
		const isWhole = width > 0 && x + width <= end;
		painted += isWhole ? cellText(line, x) : ' ';
		x += isWhole ? width : 1;
	}

	return finishRow(painted, looks, columns - end);
};
