import type {History} from './history.js';
import {paintPacked, plainPacked} from './packed-row.js';
import {paintLine} from './row-ansi.js';
import {type BufferLine, type Core, cellBits} from './xterm-internals.js';

/** An agent that begins a synchronized update and never ends it is waited for no longer than this. */
export const longestDrawingMs = 150;

/**
 * All rows of a screen, those that scrolled off it included. Rows are numbered from the first one the screen ever had, so
 * that a number means the same row while others come and go (until the screen changes its width).
 */
export type Picture = {
	/** The oldest row still kept. */
	readonly firstRow: number;
	/** The top row of the live screen. */
	readonly screenRow: number;
	/** The lowest row of the live screen that shows anything, counted from its top; -1 when it is blank. */
	readonly lowestFilledRow: number;
	/** Where the cursor is on the live screen, and whether the agent shows it. */
	readonly cursor: {readonly x: number; readonly y: number; readonly isVisible: boolean};
	/** True while the agent asks for patience: it is in the midst of drawing (synchronized update). */
	readonly isDrawing: boolean;
	/** A row as SGR and text, exactly `columns` wide; blank for a number that has no row. */
	paint(row: number, columns: number): string;
	/** A row as plain text without trailing blanks. */
	plain(row: number): string;
};

const isFilled = (line: BufferLine): boolean => {
	for (let at = 0; at < line.length * 3; at += 3) {
		const content = line._data[at]! & cellBits.hasContent;
		const hasText = content !== 0 && content !== 0x20;
		if (hasText || line._data[at + 1] !== 0 || line._data[at + 2] !== 0) {
			return true;
		}
	}

	return false;
};

const plainLine = (line: BufferLine): string => line.translateToString(true).trimEnd();

/** Puts the packed history, the live rows above the screen and the screen itself under one numbering. */
export const createPicture = (core: Core, history: History): Picture => {
	const screenRow = (): number => history.nextRow + core.buffers.normal.ybase;

	const liveLine = (row: number): BufferLine | undefined => {
		const onScreen = row - screenRow();
		if (onScreen >= core.rows) {
			return undefined;
		}

		return onScreen >= 0 ? core.buffer.lines.get(core.buffer.ybase + onScreen) : core.buffers.normal.lines.get(row - history.nextRow);
	};

	const isPacked = (row: number): boolean => row < history.nextRow;

	return {
		get firstRow() {
			return history.firstRow;
		},
		get screenRow() {
			return screenRow();
		},
		get lowestFilledRow() {
			let y = core.rows - 1;
			while (y >= 0) {
				const line = core.buffer.lines.get(core.buffer.ybase + y);
				if (line !== undefined && isFilled(line)) {
					break;
				}

				y--;
			}

			return y;
		},
		get cursor() {
			const {buffer, cols, coreService} = core;
			return {x: Math.min(buffer.x, cols - 1), y: buffer.y, isVisible: !coreService.isCursorHidden};
		},
		get isDrawing() {
			return core.coreService.decPrivateModes.synchronizedOutput;
		},
		paint(row, columns) {
			const line = isPacked(row) ? undefined : liveLine(row);
			return line === undefined ? paintPacked(history.row(row), columns) : paintLine(line, columns);
		},
		plain(row) {
			const line = isPacked(row) ? undefined : liveLine(row);
			return line === undefined ? plainPacked(history.row(row)) : plainLine(line);
		},
	};
};
