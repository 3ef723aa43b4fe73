import {Box} from 'ink';
import type {ReactNode} from 'react';
import {textWidth} from '../../../state/view/text-width.js';
import {useTheme} from '../theme.js';
import {Line, type Segment} from './line.js';

/** How wide the inside of a panel is, in a body of this width. */
export const panelColumns = (columns: number): number => Math.max(10, Math.min(72, columns - 8));

/** How many lines a panel has room for, in a body of this height: without its border and a line of air. */
export const panelRows = (rows: number): number => Math.max(1, rows - 4);

const edge = (title: string, columns: number, [left, right]: readonly [string, string], horizontal: string): readonly Segment[] => {
	const head: readonly Segment[] =
		title === ''
			? []
			: [
					{text: `${horizontal} `, tone: 'quiet'},
					{text: title, tone: 'strong'},
					{text: ' ', tone: 'quiet'},
				];
	const width = title === '' ? 0 : textWidth(title) + 3;
	return [
		{text: left, tone: 'quiet'},
		...head,
		{text: horizontal.repeat(Math.max(0, columns + 2 - width)), tone: 'quiet'},
		{text: right, tone: 'quiet'},
	];
};

/** A box in the middle of the body, with lines in it. The lines are cut to the room there is. */
export const Panel = ({
	title,
	lines,
	columns,
	rows,
}: {
	readonly title: string;
	readonly lines: ReadonlyArray<readonly Segment[]>;
	readonly columns: number;
	readonly rows: number;
}): ReactNode => {
	const {glyphs} = useTheme();
	const [topLeft, topRight, bottomLeft, bottomRight] = glyphs.corners;
	const inside = panelColumns(columns);
	const shown = lines.slice(0, panelRows(rows));
	const indent = Math.max(0, Math.floor((columns - inside - 4) / 2));
	const above = Math.max(0, Math.floor((rows - shown.length - 2) / 3));
	const {vertical, horizontal} = glyphs;
	return (
		<Box flexDirection="column" width={columns} height={rows} paddingLeft={indent} paddingTop={above} overflow="hidden">
			<Line columns={inside + 4} segments={edge(title, inside, [topLeft, topRight], horizontal)} />
			{shown.map((line, index) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: a line is its place.
				<Box key={index}>
					<Line columns={2} segments={[{text: `${vertical} `, tone: 'quiet'}]} />
					<Line columns={inside} segments={line} />
					<Line columns={2} segments={[{text: ` ${vertical}`, tone: 'quiet'}]} />
				</Box>
			))}
			<Line columns={inside + 4} segments={edge('', inside, [bottomLeft, bottomRight], horizontal)} />
		</Box>
	);
};
