import {Box} from 'ink';
import type {ReactNode} from 'react';
import type {AlertLevel} from '../../../state/safety/alert.js';
import type {State} from '../../../state/state.js';
import {shortAge} from '../../../state/view/age.js';
import {type AlertRow, alertRowIds, alertRows} from '../../../state/view/alert-rows.js';
import {type FrameLine, foreign, span} from '../../../state/view/frame-line.js';
import {selectedId, type View} from '../../../state/view/view.js';
import {visible} from '../../../state/view/visible.js';
import {DetailLines} from '../components/detail-lines.js';
import {Line} from '../components/line.js';
import {type ListItem, RowList} from '../components/row-list.js';
import type {ScreenProps} from '../screen-props.js';
import type {Tone} from '../theme.js';

const levelTones: Readonly<Record<AlertLevel, Tone>> = {urgent: 'failed', warning: 'waiting', notice: 'plain'};

const stateWords: Readonly<Record<AlertRow['state'], string>> = {active: 'active', acknowledged: 'seen', cleared: 'over'};

const itemOf = (row: AlertRow, nowMs: number): ListItem => {
	const isQuiet = row.state !== 'active';
	return {
		id: row.id,
		isQuiet,
		segments: [
			{text: `${row.level.padEnd(8)} `, tone: isQuiet ? 'quiet' : levelTones[row.level]},
			{text: `${stateWords[row.state].padEnd(7)}${shortAge(nowMs - row.raisedAtMs).padStart(4)}  `, tone: 'quiet'},
			{text: visible(row.sentence)},
		],
	};
};

const heading = '  level    state   age  what';

const detailOf = (row: AlertRow): readonly FrameLine[] => [
	foreign(row.sentence),
	[span(row.state === 'active' ? 'Nobody has seen it yet: s marks it as seen.' : row.what, 'quiet')],
];

const empty = [
	'No alerts.',
	'',
	'An open breaker, a silent agent, a loop, a budget near its end, a machine that went away: each is told here once, until it is over.',
];

const leastForDetail = 10;
const detailRows = 4;

/** What somebody should know of: one row for each episode, however often its condition was seen. */
export const AlertsScreen = ({fleet, view, columns, rows, nowMs}: ScreenProps): ReactNode => {
	const state = fleet.orchestrator.getState();
	const alerts = alertRows(state, view);
	const id = selectedId(view, 'alerts');
	const row = alerts.find(one => one.id === id);
	const below = row && rows >= leastForDetail ? detailRows : 0;
	const above = rows >= 3 && alerts.length > 0 ? 1 : 0;
	return (
		<Box flexDirection="column" width={columns} height={rows} overflow="hidden">
			{above === 1 ? <Line columns={columns} segments={[{text: heading, tone: 'quiet'}]} /> : null}
			<RowList
				items={alerts.map(one => itemOf(one, nowMs))}
				selectedId={id}
				columns={columns}
				height={Math.max(0, rows - above - below)}
				empty={Object.keys(state.alerts).length === 0 ? empty : ['Nothing contains that text.']}
			/>
			{row && below > 0 ? <DetailLines title={foreign(row.id)} lines={detailOf(row)} columns={columns} height={below} /> : null}
		</Box>
	);
};

/** The ids of the alerts, in their order. */
export const rowIds = (state: State, view: View): readonly string[] => alertRowIds(state, view);
