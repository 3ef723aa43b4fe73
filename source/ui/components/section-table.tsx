import type {ReactNode} from 'react';
import {type FrameLine, span} from '../../../state/view/frame-line.js';
import {type Tone, useTheme} from '../theme.js';
import {Line} from './line.js';
import {listTop} from './list-window.js';
import {asciiCell, PlainTable, type TableRow, tableColumns, tableRows} from './plain-table.js';

/** One row of a section. What is said of it may hold text of agents: cells are spelt out in ASCII, the sentence goes through `foreign`. */
export type SectionRow = {
	readonly id: string;
	/** The cells in the order of the section's columns. */
	readonly cells: readonly string[];
	/** The same in one line, for a screen with no room for a table. */
	readonly brief: string;
	readonly sentence: string;
};

/** Some of several tables under one cursor. */
export type Section = {
	/** What it lists, as the heading of its first column. */
	readonly noun: string;
	readonly columns: readonly string[];
	/** How wide the cells are on a screen this wide; together they fill it. */
	readonly widths: (columns: number) => readonly number[];
	readonly toneOf: (text: string, column: string) => Tone;
	readonly rows: readonly SectionRow[];
	/** What matters of it while it is only a line: `1 open`. */
	readonly summary: string;
};

/** Widths of cells whose last one takes what is left. */
export const withRest = (widths: readonly number[], columns: number): readonly number[] => [
	...widths,
	Math.max(1, columns - tableColumns([...widths, 0])),
];

export const marked = (text: string, isSelected: boolean): string => `${isSelected ? '>' : ' '} ${text}`;

/** The part of a list that fits, around the selected row. */
export const windowOf = <Row extends {readonly id: string}>(
	rows: readonly Row[],
	id: string | undefined,
	height: number,
): readonly Row[] => {
	const top = listTop({count: rows.length, selected: rows.findIndex(row => row.id === id), rows: height});
	return rows.slice(top, top + height);
};

/** The heading of a table's first column: what it lists, and which of them when there is no room for all. */
const headingOf = (noun: string, shown: readonly SectionRow[], all: readonly SectionRow[]): string => {
	const first = all.findIndex(row => row.id === shown[0]?.id) + 1;
	return shown.length === all.length ? noun : `${noun} ${first}-${first + shown.length - 1}/${all.length}`;
};

/** Every cell is filled to its width, so that all tables end where the screen ends. */
const filled = (text: string, columns: number): string => asciiCell(text, columns).padEnd(columns);

export type SectionTableProps = {
	readonly section: Section;
	/** How many rows are shown; none makes it a line. */
	readonly count: number;
	readonly selectedId: string | undefined;
	readonly columns: number;
};

/** A section as a table of so many of its rows, or as one line that says what is in it. */
export const SectionTable = ({section, count, selectedId, columns}: SectionTableProps): ReactNode => {
	const {glyphs} = useTheme();
	if (count === 0) {
		const {noun, rows, summary} = section;
		const text = `  ${rows.length} ${noun}${rows.length === 1 ? '' : 's'}${summary === '' ? '' : ` ${glyphs.separator} ${summary}`}`;
		return <Line columns={columns} segments={[{text, tone: 'quiet'}]} />;
	}

	const shown = windowOf(section.rows, selectedId, count);
	const heading = headingOf(section.noun, shown, section.rows);
	const names = [heading, ...section.columns];
	const widths = section.widths(columns);
	const cellsOf = (row: SectionRow): TableRow => {
		const [name = '', ...rest] = row.cells;
		const first = marked(filled(name, widths[0]! - 2), row.id === selectedId);
		return Object.fromEntries(names.map((column, index) => [column, index === 0 ? first : filled(rest[index - 1] ?? '', widths[index]!)]));
	};

	const toneOf = (text: string, column: string): Tone => (text.startsWith('>') ? 'strong' : section.toneOf(text, column));
	return <PlainTable rows={shown.map(cellsOf)} columns={names} toneOf={toneOf} />;
};

/** The least number of lines with which one table and a line for each other section can be shown. */
export const leastForTables = (sections: number): number => tableRows(1) + sections - 1;

/** So many rows a section under the cursor shows at least, and so many the others show, as long as there is room. */
const leastOwn = 4;
const leastOther = [6, 5, 4, 3] as const;

const linesOf = (count: number): number => (count === 0 ? 1 : tableRows(count));
const linesOfAll = (shares: readonly number[]): number => shares.reduce((sum, share) => sum + linesOf(share), 0);

const sharesWith = (counts: readonly number[], focus: number, other: number): number[] =>
	counts.map((count, index) => Math.min(count, index === focus ? leastOwn : other));

/**
 * How many rows of each section are shown in `room` lines. The one under the cursor goes before the others, and those further down
 * become a line first.
 */
export const shareRows = (counts: readonly number[], focus: number, room: number): readonly number[] => {
	const fitting = leastOther.find(other => linesOfAll(sharesWith(counts, focus, other)) <= room);
	const shares = sharesWith(counts, focus, fitting ?? leastOther.at(-1)!);
	for (let index = counts.length - 1; index >= 0 && linesOfAll(shares) > room; index -= 1) {
		shares[index] = index === focus ? shares[index]! : 0;
	}

	shares[focus] = Math.max(1, shares[focus]! - Math.max(0, linesOfAll(shares) - room));
	for (const index of [focus, ...counts.keys()]) {
		const left = Math.max(0, room - linesOfAll(shares));
		shares[index] = shares[index] === 0 ? 0 : Math.min(counts[index]!, shares[index]! + left);
	}

	return shares;
};

/** A row in one line, where there is no room for tables. */
export const briefLine = ({id, brief}: SectionRow, selectedId: string | undefined, lineOf: (text: string) => FrameLine): FrameLine => [
	span(marked('', id === selectedId)),
	...lineOf(brief),
];
