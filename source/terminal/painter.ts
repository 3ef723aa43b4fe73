import type {ScreenFrame} from '../launcher-port.js';
import {fitRow} from './fit-row.js';
import type {OperatorTerminal} from './operator-terminal.js';
import {createSpinnerPainter, type Spinner} from './spinner-painter.js';

/** A part of the operator's terminal, in cells counted from 0 at the top left. */
export type Rectangle = {readonly x: number; readonly y: number; readonly columns: number; readonly rows: number};

export type PanePainter = {
	/** Where the pane is; `undefined` hides it. What was there before is drawn by Ink again. */
	setRectangle(rectangle: Rectangle | undefined): void;
	/** Shows a frame: only the rows that changed are written, in one update. Rows beyond the rectangle are kept for a larger one. */
	apply(frame: ScreenFrame): void;
	/** Forgets the picture: the pane is blank until the next frame. */
	clear(): void;
	/** The cells that turn, until the next call. */
	setSpinners(spinners: readonly Spinner[]): void;
	/** Leaves the terminal to Ink alone. */
	close(): void;
};

type Pane = {
	readonly terminal: OperatorTerminal;
	readonly drawsCursor: boolean;
	rectangle: Rectangle | undefined;
	cursor: ScreenFrame['cursor'];
	/** Rows as they came. */
	picture: Map<number, string>;
	/** Rows as they are painted, by their place in the rectangle. */
	painted: string[];
};

const isSame = (a: Rectangle | undefined, b: Rectangle | undefined): boolean =>
	a?.x === b?.x && a?.y === b?.y && a?.columns === b?.columns && a?.rows === b?.rows;

/** A rectangle that no longer fits waits for the next one: the terminal became smaller a moment ago. */
const visibleRectangle = ({rectangle, terminal}: Pane): Rectangle | undefined => {
	const {columns, rows} = terminal.size();
	const fits =
		rectangle && rectangle.x >= 0 && rectangle.y >= 0 && rectangle.x + rectangle.columns <= columns && rectangle.y + rectangle.rows <= rows;
	return fits && rectangle.columns > 0 && rectangle.rows > 0 ? rectangle : undefined;
};

const fitted = ({picture, cursor, drawsCursor}: Pane, {x, columns}: Rectangle, y: number): string =>
	fitRow(picture.get(y) ?? '', {x, columns, cursorX: drawsCursor && cursor?.y === y ? cursor.x : undefined});

const placed = ({x, y}: Rectangle, row: number, text: string): string => `\u{1B}[${y + row + 1};${x + 1}H${text}`;

const everyRow = (pane: Pane): string => {
	const rectangle = visibleRectangle(pane);
	return rectangle ? pane.painted.map((text, row) => placed(rectangle, row, text)).join('') : '';
};

/** Fits the given rows and writes those that look different now. */
const refresh = (pane: Pane, rows: Iterable<number>): void => {
	const {rectangle} = pane;
	if (!rectangle) {
		return;
	}

	const changed: string[] = [];
	for (const row of rows) {
		const text = row < rectangle.rows ? fitted(pane, rectangle, row) : undefined;
		if (text !== undefined && text !== pane.painted[row]) {
			pane.painted[row] = text;
			changed.push(placed(rectangle, row, text));
		}
	}

	if (changed.length > 0 && visibleRectangle(pane)) {
		pane.terminal.paint(changed.join(''));
	}
};

const rowsOf = (rectangle: Rectangle | undefined): Iterable<number> => Array.from({length: Math.max(0, rectangle?.rows ?? 0)}).keys();

const setRectangle = (pane: Pane, rectangle: Rectangle | undefined): void => {
	const before = pane.rectangle;
	if (isSame(before, rectangle)) {
		return;
	}

	pane.rectangle = rectangle;
	pane.painted = [];
	refresh(pane, rowsOf(rectangle));
	if (before) {
		// Ink takes the cells that were painted for blank, or has drawn them already: only a full redraw is right in both cases.
		pane.terminal.redraw();
	}
};

const apply = (pane: Pane, frame: ScreenFrame): void => {
	const touched = new Set<number>();
	const touch = (row: number | undefined) => row !== undefined && touched.add(row);
	touch(pane.cursor?.y);
	touch(frame.cursor?.y);
	pane.cursor = frame.cursor;
	if (frame.full) {
		pane.picture = new Map();
		for (const row of rowsOf(pane.rectangle)) {
			touched.add(row);
		}
	}

	for (const [row, ansi] of frame.rows) {
		pane.picture.set(row, ansi);
		touched.add(row);
	}

	refresh(pane, touched);
};

/**
 * Paints the watched agent's screen into a rectangle that Ink leaves empty, past Ink: an Ink frame costs 20 times as much. After every frame of
 * Ink's the pane is painted again inside the same update, because Ink's line updates erase it.
 */
export const createPanePainter = ({
	terminal,
	drawsCursor = true,
}: {
	readonly terminal: OperatorTerminal;
	/** Whether the agent's cursor is drawn, as an inverse cell. */
	readonly drawsCursor?: boolean;
}): PanePainter => {
	const pane: Pane = {terminal, drawsCursor, rectangle: undefined, cursor: undefined, picture: new Map(), painted: []};
	const spinners = createSpinnerPainter({terminal});
	const removeOverlay = terminal.addOverlay(() => everyRow(pane));

	return {
		setRectangle: rectangle => setRectangle(pane, rectangle),
		apply: frame => apply(pane, frame),
		clear: () => apply(pane, {full: true, rows: [], cursor: undefined, back: 0, historyLines: 0}),
		setSpinners: spinners.set,
		close() {
			removeOverlay();
			spinners.close();
			setRectangle(pane, undefined);
		},
	};
};
