import type {ScreenFrame, Viewport} from '../launcher-port.js';
import {longestDrawingMs} from './picture.js';
import type {Screen} from './screen.js';

/** One watcher's cropped view of one screen, with a memory of what it last showed. */
export type ScreenView = {
	/** Changes the part that is shown; the next frame is full. */
	setViewport(viewport: Viewport): void;
	/** The rows that changed since the last call, or undefined when nothing did or the agent is in the midst of drawing. */
	next(): ScreenFrame | undefined;
	dispose(): void;
};

const largestViewport = 1000;

const clampSide = (value: number): number => Math.min(Math.max(Math.trunc(value) || 1, 1), largestViewport);

/** What is to be shown: row numbers from `top` on. */
type Crop = {readonly top: number; readonly back: number; readonly historyLines: number; readonly cursor: ScreenFrame['cursor']};

const isSameCursor = (a: ScreenFrame['cursor'], b: ScreenFrame['cursor']): boolean => a?.x === b?.x && a?.y === b?.y;

const isSameCrop = (a: Crop, b: Crop | undefined): boolean =>
	b !== undefined && a.back === b.back && a.historyLines === b.historyLines && isSameCursor(a.cursor, b.cursor);

/**
 * The first row of a live view, from the screen's top. A taller screen is cut so that its lowest filled row is at the bottom,
 * or higher when the cursor would be cut off otherwise.
 */
const liveTop = ({picture, rows: screenRows}: Screen, rows: number): number => {
	if (screenRows <= rows) {
		return 0;
	}

	const {y} = picture.cursor;
	const bottom = Math.min(Math.max(picture.lowestFilledRow, y), y + rows - 1);
	return Math.max(bottom - rows + 1, 0);
};

/** Opens a view. Scrolled back, it stands still on the rows it shows while new ones arrive below; `back` in its frames grows with them. */
export const createScreenView = (screen: Screen, viewport: Viewport): ScreenView => {
	const {picture} = screen;
	let columns = 1;
	let rows = 1;
	/** Asked for and not yet turned into a row number. */
	let askedBack: number | undefined;
	/** The top row while scrolled back. */
	let anchor: number | undefined;
	let shownRows: string[] = [];
	let shown: Crop | undefined;
	let isStale = true;
	let drawingSinceMs: number | undefined;

	const setViewport = (next: Viewport): void => {
		columns = clampSide(next.columns);
		rows = clampSide(next.rows);
		askedBack = Math.max(Math.trunc(next.back) || 0, 0);
		shown = undefined;
		shownRows = [];
		isStale = true;
	};

	const stopListening = screen.onParsed(() => {
		isStale = true;
	});

	/** The top row to show now; follows the live screen or stays on the anchor. */
	const crop = (): Crop => {
		const {firstRow, screenRow, cursor} = picture;
		const live = screenRow + liveTop(screen, rows);
		const wanted = askedBack === undefined ? (anchor ?? live) : live - askedBack;
		const top = Math.min(Math.max(wanted, firstRow), live);
		askedBack = undefined;
		anchor = top < live ? top : undefined;
		const y = screenRow + cursor.y - top;
		const isInside = cursor.isVisible && y >= 0 && y < rows && cursor.x < columns;
		return {top, back: live - top, historyLines: screenRow - firstRow, cursor: isInside ? {x: cursor.x, y} : undefined};
	};

	const mustWait = (): boolean => {
		if (!picture.isDrawing) {
			drawingSinceMs = undefined;
			return false;
		}

		drawingSinceMs ??= performance.now();
		return performance.now() - drawingSinceMs < longestDrawingMs;
	};

	const changedRows = (top: number): Array<readonly [number, string]> => {
		const changed: Array<readonly [number, string]> = [];
		for (let y = 0; y < rows; y++) {
			const painted = picture.paint(top + y, columns);
			if (painted !== shownRows[y]) {
				shownRows[y] = painted;
				changed.push([y, painted]);
			}
		}

		return changed;
	};

	setViewport(viewport);
	return {
		setViewport,
		next() {
			if (!isStale || mustWait()) {
				return undefined;
			}

			isStale = false;
			drawingSinceMs = undefined;
			const now = crop();
			const isFull = shown === undefined;
			const changed = changedRows(now.top);
			const isUnchanged = changed.length === 0 && isSameCrop(now, shown);
			shown = now;
			return isUnchanged ? undefined : {full: isFull, rows: changed, cursor: now.cursor, back: now.back, historyLines: now.historyLines};
		},
		dispose: stopListening,
	};
};
