import type {View} from '../../state/view/view.js';

/** A part of the screen, in cells counted from 0 at the top left. */
export type Area = {readonly x: number; readonly y: number; readonly columns: number; readonly rows: number};

/** How the console divides the terminal. */
export type Layout = {
	readonly columns: number;
	readonly rows: number;
	/** Too small for anything but a sentence. */
	readonly isTooSmall: boolean;
	/** Whether there is room for the tabs, and for a line above and below the body. */
	readonly hasTabs: boolean;
	readonly hasRules: boolean;
	/** What a screen gets. */
	readonly body: Area;
	/** The columns of the tree on the screen of the sessions. */
	readonly treeColumns: number;
	/** Beside the tree: what is said about the selected session, and below it its live screen. Not on a narrow terminal. */
	readonly detail: Area | undefined;
	readonly pane: Area | undefined;
};

/** Below this only a sentence is shown. */
export const smallest = {columns: 30, rows: 6} as const;

const leastForPane = 70;
const leastForRules = 12;
const leastForTabs = 9;

/** Lines above the live screen: who it is, what it wants, what else there is to know where there is room, a rule. */
const detailRows = (bodyRows: number): number => (bodyRows >= 28 ? 5 : bodyRows >= 18 ? 4 : bodyRows >= 12 ? 3 : bodyRows >= 8 ? 1 : 0);

const treeShare = 0.42;

const treeColumnsOf = (columns: number): number =>
	columns < leastForPane ? columns : Math.min(64, Math.max(34, Math.round(columns * treeShare)));

/** The layout of a terminal of this size. */
export const layoutOf = ({columns, rows}: {readonly columns: number; readonly rows: number}): Layout => {
	const hasRules = rows >= leastForRules;
	const hasTabs = rows >= leastForTabs;
	const top = 1 + (hasTabs ? 1 : 0) + (hasRules ? 1 : 0);
	const bottom = 1 + (hasRules ? 1 : 0);
	const body = {x: 0, y: top, columns, rows: Math.max(0, rows - top - bottom)};
	const treeColumns = treeColumnsOf(columns);
	const hasPane = treeColumns < columns;
	// A column for the line between the two, and one of air.
	const x = treeColumns + 2;
	const above = detailRows(body.rows);
	return {
		columns,
		rows,
		isTooSmall: columns < smallest.columns || rows < smallest.rows,
		hasTabs,
		hasRules,
		body,
		treeColumns,
		detail: hasPane ? {x, y: body.y, columns: columns - x, rows: above} : undefined,
		pane: hasPane ? {x, y: body.y + above, columns: columns - x, rows: body.rows - above} : undefined,
	};
};

/** Overlays that cover the body; the others take the place of the footer, and what they are about stays in sight. */
const covering: ReadonlySet<string> = new Set(['new-session', 'confirm', 'palette', 'help', 'export', 'stopping', 'why', 'correct']);

/** Whether the body shows an overlay instead of its screen. */
export const isCovered = ({overlay}: Pick<View, 'overlay'>): boolean => overlay !== undefined && covering.has(overlay.kind);

/** Where the live screen is painted now; `undefined` while it is not in sight. */
export const paneArea = (layout: Layout, view: Pick<View, 'overlay' | 'screen'>): Area | undefined =>
	layout.isTooSmall || view.screen !== 'sessions' || isCovered(view) ? undefined : layout.pane;
