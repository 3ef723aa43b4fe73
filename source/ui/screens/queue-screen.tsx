import {Box} from 'ink';
import type {ReactNode} from 'react';
import {marksOf} from '../../../state/escalation/escalation-frame.js';
import type {Lane} from '../../../state/queue/lane.js';
import {queueLength} from '../../../state/queue/queue-order.js';
import type {State} from '../../../state/state.js';
import {shortAge} from '../../../state/view/age.js';
import {type FrameLine, type FrameMarks, foreign, foreignName, span} from '../../../state/view/frame-line.js';
import {type QueueMark, type QueueRow, queueRowIds, queueRows} from '../../../state/view/queue-rows.js';
import {fitColumns} from '../../../state/view/text-width.js';
import {selectedId, type View} from '../../../state/view/view.js';
import {visible} from '../../../state/view/visible.js';
import {DetailLines} from '../components/detail-lines.js';
import {Line, type Segment} from '../components/line.js';
import {type ListItem, RowList} from '../components/row-list.js';
import type {ScreenProps} from '../screen-props.js';
import {type Theme, type Tone, useTheme} from '../theme.js';

const laneTones: Readonly<Record<Lane, Tone>> = {urgent: 'waiting', high: 'strong', normal: 'plain', low: 'quiet'};

const markTones: Readonly<Record<QueueMark, Tone>> = {
	now: 'good',
	back: 'good',
	first: 'strong',
	held: 'waiting',
	retry: 'waiting',
	after: 'quiet',
	later: 'quiet',
	'': 'plain',
};

/** A narrower screen leaves out lane and age: the detail below has both. */
const leastForAll = 60;

/** How many columns the session's name has. */
const labelColumns = (columns: number): number => Math.max(8, Math.min(32, Math.floor(columns / 4)));

const itemOf = (row: QueueRow, {columns, nowMs, theme}: {columns: number; nowMs: number; theme: Theme}): ListItem => {
	const isWide = columns >= leastForAll;
	const label = fitColumns(visible(row.label), labelColumns(columns), theme.glyphs.ellipsis);
	const age = shortAge(nowMs - row.queuedAtMs).padStart(4);
	return {
		id: row.id,
		segments: [
			{text: `${String(row.position ?? theme.glyphs.idle).padStart(3)} `, tone: 'quiet'},
			{text: `${row.mark.padEnd(5)} `, tone: markTones[row.mark]},
			...(isWide ? [{text: `${row.lane.padEnd(6)}  `, tone: laneTones[row.lane]}] : []),
			{text: `${label} `},
			...(isWide ? [{text: `${age}  `, tone: 'quiet' as const}] : []),
			{text: visible(row.sentence), tone: row.code === 'next' || row.code === 'back' ? 'good' : 'plain'},
		],
	};
};

/** What the queue as a whole is doing. */
const summaryOf = (state: State, {glyphs}: Theme): readonly Segment[] => {
	const {concurrent} = state.limits;
	const queued = queueLength(state);
	const {queuePausedBy: by, drainingBy: draining} = state;
	return [
		{text: ` ${queued} queued`, tone: queued > 0 ? 'strong' : 'quiet'},
		{
			text: ` ${glyphs.separator} ${state.index.slots} of ${concurrent} slots taken`,
			tone: state.index.slots >= concurrent ? 'waiting' : 'quiet',
		},
		...(by === undefined ? [] : [{text: ` ${glyphs.separator} paused by ${visible(by)}`, tone: 'waiting' as const}]),
		...(draining === undefined ? [] : [{text: ` ${glyphs.separator} drained by ${visible(draining)}`, tone: 'waiting' as const}]),
	];
};

const detailOf = (row: QueueRow, nowMs: number, marks: FrameMarks): readonly FrameLine[] => [
	[
		...foreignName(row.label, 'strong'),
		span(' runs '),
		...foreignName(row.agent),
		span(`, ${row.lane}`, laneTones[row.lane] === 'waiting' ? 'waiting' : 'quiet'),
		span(row.code === 'back' ? ', asked for by ' : `, queued ${shortAge(nowMs - row.queuedAtMs)} ago by `, 'quiet'),
		...foreignName(row.by, 'quiet'),
		span(row.attempts === 0 ? '' : `, started ${row.attempts === 1 ? 'once' : `${row.attempts} times`} before`, 'quiet'),
	],
	foreign(row.sentence),
	...(row.text === ''
		? [[span('an interactive start', 'quiet')]]
		: row.text.split('\n').map(line => [span(`${marks.quote} `, 'quiet'), ...foreign(line)])),
];

const empty = [
	'Nothing is queued.',
	'',
	'A run waits here until its session, a slot, its breakers and a launcher are free; each row says which it is.',
];

const leastForDetail = 10;
const detailRows = 5;

/** The queue in the order in which runs are considered, with the reason why each does not start now. */
export const QueueScreen = ({fleet, view, columns, rows, nowMs}: ScreenProps): ReactNode => {
	const theme = useTheme();
	const state = fleet.orchestrator.getState();
	const queue = queueRows(state, view, nowMs);
	const id = selectedId(view, 'queue');
	const row = queue.find(one => one.id === id);
	const below = row && rows >= leastForDetail ? detailRows : 0;
	const above = rows >= 3 ? 1 : 0;
	const nothing = queueLength(state) === 0 ? empty : ['Nothing contains that text.'];
	return (
		<Box flexDirection="column" width={columns} height={rows} overflow="hidden">
			{above === 1 ? <Line columns={columns} segments={summaryOf(state, theme)} /> : null}
			<RowList
				items={queue.map(one => itemOf(one, {columns, nowMs, theme}))}
				selectedId={id}
				columns={columns}
				height={Math.max(0, rows - above - below)}
				empty={nothing}
			/>
			{row && below > 0 ? (
				<DetailLines title={[span(row.id)]} lines={detailOf(row, nowMs, marksOf(theme))} columns={columns} height={below} />
			) : null}
		</Box>
	);
};

/** The ids of the queued runs, in their order. */
export const rowIds = (state: State, view: View, nowMs: number): readonly string[] => queueRowIds(state, view, nowMs);
