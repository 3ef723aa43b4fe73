import {Box} from 'ink';
import type {ReactNode} from 'react';
import {marksOf} from '../../../state/escalation/escalation-frame.js';
import type {State} from '../../../state/state.js';
import {shortAge} from '../../../state/view/age.js';
import {type DeadLetterRow, deadLetterRowIds, deadLetterRows} from '../../../state/view/dead-letter-rows.js';
import {type FrameLine, type FrameMarks, foreign, foreignName, span} from '../../../state/view/frame-line.js';
import {fitColumns} from '../../../state/view/text-width.js';
import {selectedId, type View} from '../../../state/view/view.js';
import {visible} from '../../../state/view/visible.js';
import {DetailLines} from '../components/detail-lines.js';
import {Line} from '../components/line.js';
import {type ListItem, RowList} from '../components/row-list.js';
import type {ScreenProps} from '../screen-props.js';
import {type Theme, useTheme} from '../theme.js';

const labelColumns = (columns: number): number => Math.max(8, Math.min(32, Math.floor(columns / 4)));

const agentColumns = 10;

const itemOf = (row: DeadLetterRow, {columns, nowMs, theme}: {columns: number; nowMs: number; theme: Theme}): ListItem => {
	const {ellipsis, failed} = theme.glyphs;
	return {
		id: row.id,
		segments: [
			{text: `${failed} `, tone: 'failed'},
			{text: `${fitColumns(visible(row.label), labelColumns(columns), ellipsis)} `},
			{text: `${fitColumns(visible(row.agent), agentColumns, ellipsis)} `, tone: 'quiet'},
			{text: `${String(row.attempts).padStart(5)}  ${shortAge(nowMs - row.deadAtMs).padStart(4)}  `, tone: 'quiet'},
			{text: visible(row.why)},
		],
	};
};

const headingOf = (columns: number): string =>
	`    ${'session'.padEnd(labelColumns(columns))} ${'agent'.padEnd(agentColumns)} tries   age  why`;

const detailOf = (row: DeadLetterRow, nowMs: number, marks: FrameMarks): readonly FrameLine[] => [
	[
		...foreignName(row.label, 'strong'),
		span(' runs '),
		...foreignName(row.agent),
		span(`, given up ${shortAge(nowMs - row.deadAtMs)} ago`, 'quiet'),
	],
	...row.ends.map(({generation, how, atMs}) => [
		span(`attempt ${generation}  `, 'quiet'),
		...foreign(how),
		span(atMs === undefined ? '' : `  ${shortAge(nowMs - atMs)} ago`, 'quiet'),
	]),
	...(row.text === ''
		? [[span('an interactive start', 'quiet')]]
		: row.text.split('\n').map(line => [span(`${marks.quote} `, 'quiet'), ...foreign(line)])),
];

const empty = [
	'No dead letters.',
	'',
	'A run that failed as often as it may be tried comes here, and waits until you retry it or drop it.',
];

const leastForDetail = 10;
const detailRows = 8;

/** The runs that were given up after every try failed, and why. */
export const DeadLettersScreen = ({fleet, view, columns, rows, nowMs}: ScreenProps): ReactNode => {
	const theme = useTheme();
	const state = fleet.orchestrator.getState();
	const letters = deadLetterRows(state, view);
	const id = selectedId(view, 'dead-letters');
	const row = letters.find(one => one.id === id);
	const below = row && rows >= leastForDetail ? Math.min(detailRows, Math.floor(rows / 2)) : 0;
	const above = rows >= 3 && letters.length > 0 ? 1 : 0;
	return (
		<Box flexDirection="column" width={columns} height={rows} overflow="hidden">
			{above === 1 ? <Line columns={columns} segments={[{text: headingOf(columns), tone: 'quiet'}]} /> : null}
			<RowList
				items={letters.map(one => itemOf(one, {columns, nowMs, theme}))}
				selectedId={id}
				columns={columns}
				height={Math.max(0, rows - above - below)}
				empty={state.index.dead.size === 0 ? empty : ['Nothing contains that text.']}
			/>
			{row && below > 0 ? (
				<DetailLines title={[span(row.id)]} lines={detailOf(row, nowMs, marksOf(theme))} columns={columns} height={below} />
			) : null}
		</Box>
	);
};

/** The ids of the dead letters, in their order. */
export const rowIds = (state: State, view: View): readonly string[] => deadLetterRowIds(state, view);
