import {Box} from 'ink';
import type {ReactNode} from 'react';
import type {State} from '../../../state/state.js';
import {shortAge} from '../../../state/view/age.js';
import {type FrameLine, foreignName, span} from '../../../state/view/frame-line.js';
import {type LauncherRow, launcherRowIds, launcherRows} from '../../../state/view/launcher-rows.js';
import {fitColumns} from '../../../state/view/text-width.js';
import {selectedId, type View} from '../../../state/view/view.js';
import {visible} from '../../../state/view/visible.js';
import {DetailLines} from '../components/detail-lines.js';
import {Line} from '../components/line.js';
import {type ListItem, RowList} from '../components/row-list.js';
import type {ScreenProps} from '../screen-props.js';
import {type Theme, useTheme} from '../theme.js';

/** Widths of the columns: what is left goes to the host. */
const widths = {state: 9, pid: 9, ptys: 7, age: 5};

const hostColumns = (columns: number): number => Math.max(6, Math.min(40, Math.floor(columns / 4)));
const idColumns = (columns: number): number => Math.max(6, Math.min(28, Math.floor(columns / 4)));

const headingOf = (columns: number): string =>
	`    ${'state'.padEnd(widths.state)}${fitColumns('launcher', idColumns(columns))} ${fitColumns('host', hostColumns(columns))} ${'pid'.padStart(widths.pid)}${'ptys'.padStart(widths.ptys)}${'age'.padStart(widths.age)}`;

const itemOf = (row: LauncherRow, {columns, nowMs, theme}: {columns: number; nowMs: number; theme: Theme}): ListItem => {
	const {glyphs} = theme;
	const isOnline = row.state === 'online';
	return {
		id: row.id,
		isQuiet: !isOnline,
		segments: [
			{text: `${isOnline ? glyphs.working : glyphs.failed} `, tone: isOnline ? 'working' : 'failed'},
			{text: row.state.padEnd(widths.state)},
			{
				text: `${fitColumns(visible(row.id), idColumns(columns), glyphs.ellipsis)} ${fitColumns(visible(row.host), hostColumns(columns), glyphs.ellipsis)} `,
			},
			{
				text: `${String(row.pid).padStart(widths.pid)}${String(row.livePtys).padStart(widths.ptys)}${shortAge(nowMs - row.joinedAtMs).padStart(widths.age)}`,
				tone: 'quiet',
			},
		],
	};
};

const detailOf = (row: LauncherRow, nowMs: number): readonly FrameLine[] => [
	[
		span(`${row.state} for ${shortAge(nowMs - row.sinceMs)} on `),
		...foreignName(row.host),
		span(`, process ${row.pid}, ${row.livePtys} live ptys`),
	],
	[
		span(
			row.isEmbedded
				? 'It lives in the console: its agents end with it.'
				: 'It is a process of its own: its agents live on without a console.',
			'quiet',
		),
	],
];

const empty = [
	'No launcher has joined yet.',
	'',
	'A launcher owns the terminals of the agents on its machine. The console starts the local one by itself.',
];

const leastForDetail = 10;
const detailRows = 4;

/** The processes that own the terminals of the agents. */
export const LaunchersScreen = ({fleet, view, columns, rows, nowMs}: ScreenProps): ReactNode => {
	const theme = useTheme();
	const state = fleet.orchestrator.getState();
	const launchers = launcherRows(state, view);
	const id = selectedId(view, 'launchers');
	const row = launchers.find(one => one.id === id);
	const below = row && rows >= leastForDetail ? detailRows : 0;
	const above = rows >= 3 && launchers.length > 0 ? 1 : 0;
	const nothing = Object.keys(state.launchers).length === 0 ? empty : ['Nothing contains that text.'];
	return (
		<Box flexDirection="column" width={columns} height={rows} overflow="hidden">
			{above === 1 ? <Line columns={columns} segments={[{text: headingOf(columns), tone: 'quiet'}]} /> : null}
			<RowList
				items={launchers.map(one => itemOf(one, {columns, nowMs, theme}))}
				selectedId={id}
				columns={columns}
				height={Math.max(0, rows - above - below)}
				empty={nothing}
			/>
			{row && below > 0 ? <DetailLines title={foreignName(row.id)} lines={detailOf(row, nowMs)} columns={columns} height={below} /> : null}
		</Box>
	);
};

/** The ids of the launchers, in their order. */
export const rowIds = (state: State, view: View): readonly string[] => launcherRowIds(state, view);
