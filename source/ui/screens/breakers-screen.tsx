import {Box} from 'ink';
import type {ReactNode} from 'react';
import {type BreakerRow, breakerRowIds, breakerRows, type LimitRow, limitRows} from '../../../state/breaker-rows.js';
import {type FrameLine, foreign, span} from '../../../state/frame-line.js';
import {overLimit} from '../../../state/limits.js';
import type {State} from '../../../state/state.js';
import {selectedId, type View} from '../../../state/view.js';
import {DetailLines} from '../components/detail-lines.js';
import {Line} from '../components/line.js';
import {listTop} from '../components/list-window.js';
import {asciiCell, PlainTable, type TableRow, tableColumns, tableRows} from '../components/plain-table.js';
import type {ScreenProps} from '../screen-props.js';
import type {Tone} from '../theme.js';

const marked = (text: string, isSelected: boolean): string => `${isSelected ? '>' : ' '} ${text}`;

type CellContext = {readonly heading: string; readonly isSelected: boolean; readonly columns: number};

/** The heading of a table's first column: what it lists, and which of them when there is no room for all. */
const headingOf = (noun: string, shown: ReadonlyArray<{readonly id: string}>, all: ReadonlyArray<{readonly id: string}>): string => {
	const first = all.findIndex(row => row.id === shown[0]?.id) + 1;
	return shown.length === all.length ? noun : `${noun} ${first}-${first + shown.length - 1}/${all.length}`;
};

const breakerColumns = ['state', 'count', 'next', 'cause'] as const;

/** Every column is filled to its width, so that both tables end where the screen ends. */
const filled = (text: string, columns: number): string => asciiCell(text, columns).padEnd(columns);

const breakerCells = (row: BreakerRow, {heading, isSelected, columns}: CellContext): TableRow => {
	const name = Math.max(16, Math.min(30, Math.floor(columns / 5)));
	const rest = columns - tableColumns([name, 9, 10, 14, 0]);
	return {
		[heading]: marked(filled(row.id, name - 2), isSelected),
		state: filled(row.state, 9),
		count: filled(row.count, 10),
		next: filled(row.next, 14),
		cause: filled(row.cause, rest),
	};
};

const breakerTone = (text: string, column: string): Tone => {
	if (column !== 'state') {
		return text.startsWith('>') ? 'strong' : 'plain';
	}

	return text === 'closed' ? 'good' : text === 'half-open' ? 'waiting' : 'failed';
};

const limitColumns = ['counts', 'now', 'of'] as const;

/** A length of time in whole seconds; anything else as it is. */
const valueText = ({name, value}: LimitRow): string => (name.endsWith('Ms') ? `${value / 1000} s` : String(value));

const limitCells = (row: LimitRow, {heading, isSelected, columns}: CellContext): TableRow => ({
	[heading]: marked(filled(row.name.replace(/Ms$/, ''), 23), isSelected),
	counts: filled(row.meaning.replace(/^ms /, 'time '), columns - tableColumns([25, 9, 6, 0])),
	now: filled(row.used === undefined ? '' : `${row.used}${row.isReached ? ' full' : ''}`, 9),
	of: filled(valueText(row), 6),
});

const limitTone = (text: string, column: string): Tone =>
	column === 'now' && text.endsWith('full') ? 'waiting' : text.startsWith('>') ? 'strong' : 'plain';

/** How many rows of each table are shown: all where there is room, else those of the one under the cursor first. */
const shareRows = ({
	breakers,
	limits,
	room,
	onLimits,
}: {
	breakers: number;
	limits: number;
	room: number;
	onLimits: boolean;
}): readonly [breakers: number, limits: number] => {
	const [mine, other] = onLimits ? [limits, breakers] : [breakers, limits];
	const forOther = Math.min(tableRows(other), Math.max(tableRows(1), room - tableRows(mine)));
	const isRoomForBoth = room >= tableRows(1) + forOther;
	const shownMine = Math.max(0, Math.min(mine, (isRoomForBoth ? room - forOther : room) - tableRows(0)));
	const shownOther = isRoomForBoth ? Math.min(other, Math.max(0, room - tableRows(shownMine) - tableRows(0))) : 0;
	return onLimits ? [shownOther, shownMine] : [shownMine, shownOther];
};

const windowOf = <Row extends {readonly id: string}>(rows: readonly Row[], id: string | undefined, height: number): readonly Row[] => {
	const top = listTop({count: rows.length, selected: rows.findIndex(row => row.id === id), rows: height});
	return rows.slice(top, top + height);
};

const limitSentence = ({name, value, meaning, used}: LimitRow): string => {
	const off = value === 0 && (name.endsWith('Ms') || name.startsWith('starts')) ? ' It is switched off.' : '';
	const now = used === undefined ? '' : ` ${used} now, where it is fullest.`;
	const rule = overLimit[name];
	return `${name} is ${value}: ${meaning}.${off}${now}${rule === undefined ? '' : ` ${rule}`}`;
};

const detailOf = (breaker: BreakerRow | undefined, limit: LimitRow | undefined): readonly FrameLine[] =>
	breaker ? [foreign(breaker.sentence)] : limit ? [foreign(limitSentence(limit))] : [];

const leastColumns = 72;
const leastForDetail = 12;
const detailRows = 3;

/** Too narrow for tables: the same in lines. */
const narrowLines = (
	breakers: readonly BreakerRow[],
	limits: readonly LimitRow[],
	id: string | undefined,
): ReadonlyArray<{readonly id: string; readonly line: FrameLine}> => [
	...breakers.map(row => ({
		id: row.id,
		line: [
			span(marked('', row.id === id)),
			...foreign(row.id),
			span(` ${row.state} `, breakerTone(row.state, 'state') as 'good'),
			span(row.count),
		],
	})),
	...limits.map(row => ({
		id: row.id,
		line: [span(marked(row.name, row.id === id)), span(` ${row.used ?? ''}${row.isReached ? ' full' : ''} of ${valueText(row)}`)],
	})),
];

type ShownRows<Row> = {readonly all: readonly Row[]; readonly count: number; readonly id: string | undefined; readonly columns: number};

const BreakerTable = ({all, count, id, columns}: ShownRows<BreakerRow>): ReactNode => {
	const shown = windowOf(all, id, count);
	const heading = headingOf('breaker', shown, all);
	const cells = shown.map(row => breakerCells(row, {heading, isSelected: row.id === id, columns}));
	return <PlainTable rows={cells} columns={[heading, ...breakerColumns]} toneOf={breakerTone} />;
};

const LimitTable = ({all, count, id, columns}: ShownRows<LimitRow>): ReactNode => {
	const shown = windowOf(all, id, count);
	const heading = headingOf('limit', shown, all);
	const cells = shown.map(row => limitCells(row, {heading, isSelected: row.id === id, columns}));
	return <PlainTable rows={cells} columns={[heading, ...limitColumns]} toneOf={limitTone} />;
};

/** The circuit breakers and the limits, and where the fleet stands against them. */
export const BreakersScreen = ({fleet, view, columns, rows, nowMs}: ScreenProps): ReactNode => {
	const state = fleet.orchestrator.getState();
	const id = selectedId(view, 'breakers');
	const breakers = breakerRows(state, view, nowMs);
	const limits = limitRows(state, view);
	const breaker = breakers.find(row => row.id === id);
	const limit = limits.find(row => row.id === id);
	const below = (breaker || limit) && rows >= leastForDetail ? detailRows : 0;
	const room = rows - below;
	const isNarrow = columns < leastColumns || room < tableRows(1);
	const shares = shareRows({breakers: breakers.length, limits: limits.length, room, onLimits: limit !== undefined});
	const [breakersShown, limitsShown] = isNarrow ? [0, 0] : shares;
	const lines = isNarrow ? windowOf(narrowLines(breakers, limits, id), id, room) : [];
	return (
		<Box flexDirection="column" width={columns} height={rows} overflow="hidden">
			<Box flexDirection="column" width={columns} height={room} overflow="hidden">
				{lines.map(({id: key, line}) => (
					<Line key={key} columns={columns} segments={line} />
				))}
				{breakersShown > 0 ? <BreakerTable all={breakers} count={breakersShown} id={id} columns={columns} /> : null}
				{limitsShown > 0 ? <LimitTable all={limits} count={limitsShown} id={id} columns={columns} /> : null}
				{breakers.length + limits.length === 0 ? (
					<Line columns={columns} segments={[{text: '  Nothing contains that text.', tone: 'quiet'}]} />
				) : null}
			</Box>
			{below > 0 ? <DetailLines title={foreign(id ?? '')} lines={detailOf(breaker, limit)} columns={columns} height={below} /> : null}
		</Box>
	);
};

/** The ids of the breakers and limits, in their order. */
export const rowIds = (state: State, view: View, nowMs: number): readonly string[] => breakerRowIds(state, view, nowMs);
