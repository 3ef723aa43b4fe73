import {Text} from 'ink';
import {type CellProps, Table} from 'ink-table';
import {createContext, type PropsWithChildren, type ReactElement, type ReactNode, useContext} from 'react';
import {visible} from '../../../state/view/visible.js';
import {type Tone, useTheme} from '../theme.js';

/** A row of a table: every value is plain ASCII (see `asciiCell`). */
export type TableRow = Readonly<Record<string, string>>;

/**
 * A text as a table can hold it. The table counts characters, not columns, so everything that is not plain ASCII is spelt out, and
 * what is too long is cut with a mark.
 */
export const asciiCell = (text: string, columns: number): string => {
	const plain = visible(text).replaceAll(/[^ -~]/gu, character => `\\u{${character.codePointAt(0)!.toString(16).toUpperCase()}}`);
	return plain.length <= columns ? plain : `${plain.slice(0, Math.max(0, columns - 1))}~`;
};

/** How many columns a table of cells of these widths takes: a line and two blanks for each, and the last line. */
export const tableColumns = (widths: readonly number[]): number => widths.reduce((sum, width) => sum + width + 3, 1);

/** How many rows a table takes: lines above and below, headings, the line under them, and what it holds. */
export const tableRows = (count: number): number => count + 4;

type Props = ConstructorParameters<typeof Table<Record<string, string>>>[0];

/** A table with one line under its headings, not one under every row: a fleet has more rows than a terminal. */
class DenseTable extends Table<Record<string, string>> {
	constructor(props: Props) {
		super(props);
		const {separator} = this;
		this.separator = row => (row.key.endsWith('-0') ? separator(row) : null);
	}
}

const asciiLines = (text: string): string =>
	text
		.replaceAll('─', '-')
		.replaceAll('│', '|')
		.replaceAll(/[┌┐└┘├┤┬┴┼]/g, '+');

export type PlainTableProps = {
	readonly rows: readonly TableRow[];
	/** The keys of the columns in their order; they are the headings. Keys that look like numbers would lose their place. */
	readonly columns: readonly string[];
	/** The tone of a cell by what it says. Its words say the same. */
	readonly toneOf: (text: string, column: string) => Tone;
};

/** How the cells of the table around are toned: by what they say, and the place of their column. */
const CellTones = createContext<(text: string, column: number) => Tone>(() => 'plain');

const Skeleton = ({children}: PropsWithChildren): ReactElement => {
	const theme = useTheme();
	return <Text {...theme.style('quiet')}>{theme.isAscii ? asciiLines(String(children)) : children}</Text>;
};

const Header = ({children}: PropsWithChildren): ReactElement => <Text {...useTheme().style('strong')}>{children}</Text>;

const Cell = ({children, column}: CellProps): ReactElement => {
	const toneOf = useContext(CellTones);
	return <Text {...useTheme().style(toneOf(String(children).trim(), column))}>{children}</Text>;
};

/** A table of plain ASCII cells. The caller sees to it that it fits. */
export const PlainTable = ({rows, columns, toneOf}: PlainTableProps): ReactNode => (
	<CellTones value={(text, column) => toneOf(text, columns[column] ?? '')}>
		<DenseTable data={rows.map(row => ({...row}))} columns={[...columns]} header={Header} cell={Cell} skeleton={Skeleton} />
	</CellTones>
);
