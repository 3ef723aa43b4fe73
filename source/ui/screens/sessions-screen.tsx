import {Box, Text} from 'ink';
import {sessionRows} from '../../../state/view/session-rows.js';
import {selectedId} from '../../../state/view/view.js';
import {keyOf} from '../../keys/key-of.js';
import {Line, type Segment} from '../components/line.js';
import {listTop} from '../components/list-window.js';
import {aboutSegments, moreSegments, noScreenText, titleSegments} from '../components/session-detail.js';
import {sessionSegments} from '../components/session-row.js';
import type {Layout} from '../layout.js';
import type {ScreenProps} from '../screen-props.js';
import {useTheme} from '../theme.js';

export type SessionsScreenProps = ScreenProps & {readonly layout: Layout};

const keyColumn = (id: string): string => `${keyOf(id).padStart(5)}  `;

/** What the console is for, while there is nothing to show: the three keys that matter. */
const Welcome = ({fleet, columns, rows}: Pick<ScreenProps, 'fleet' | 'columns' | 'rows'>) => {
	const agents = Object.values(fleet.orchestrator.getState().agents);
	const names = agents.map(({name}) => name).join(', ');
	const lines: ReadonlyArray<readonly Segment[]> = [
		[{text: 'No session yet.', tone: 'strong'}],
		[],
		[{text: keyColumn('session.new'), tone: 'strong'}, {text: 'start an agent or any command'}],
		[{text: keyColumn('session.attach'), tone: 'strong'}, {text: `work in its terminal; ${keyOf('attached.detach')} comes back`}],
		[{text: keyColumn('help'), tone: 'strong'}, {text: 'see every key'}],
		[],
		[{text: names === '' ? 'No agent is configured.' : `Agents here: ${names}`, tone: 'quiet'}],
	];
	const shown = rows >= lines.length ? lines : lines.filter(line => line.length > 1).slice(0, rows);
	const indent = Math.max(1, Math.floor((columns - 46) / 2));
	return (
		<Box
			flexDirection="column"
			width={columns}
			height={rows}
			paddingLeft={indent}
			paddingTop={Math.max(0, Math.floor((rows - lines.length) / 3))}
		>
			{shown.map((line, index) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: a line is its place.
				<Line key={index} columns={columns - indent} segments={line} />
			))}
		</Box>
	);
};

const Tree = ({fleet, view, columns, rows, nowMs}: ScreenProps) => {
	const theme = useTheme();
	const all = sessionRows(fleet.orchestrator.getState(), view);
	const id = selectedId(view, 'sessions');
	const top = listTop({count: all.length, selected: all.findIndex(row => row.id === id), rows});
	return (
		<Box flexDirection="column" width={columns} height={rows} overflow="hidden">
			{all.slice(top, top + rows).map(row => (
				<Line key={row.id} columns={columns} segments={sessionSegments(row, {isSelected: row.id === id, nowMs, columns, theme})} />
			))}
			{all.length === 0 ? <Text {...theme.style('quiet')}> Nothing contains that text.</Text> : null}
		</Box>
	);
};

/** Who the selected session is and what it wants; the rest is an empty box for the painter, or a word about why it stays empty. */
const Detail = ({fleet, view, nowMs, rows, layout}: SessionsScreenProps) => {
	const theme = useTheme();
	const state = fleet.orchestrator.getState();
	const session = state.sessions[selectedId(view, 'sessions') ?? ''];
	const {detail} = layout;
	if (!session || !detail) {
		return null;
	}

	const context = {state, session, view, nowMs, theme};
	const back = view.scroll.sessions;
	const rule: readonly Segment[] =
		back === 0
			? []
			: [{text: `${theme.glyphs.horizontal.repeat(2)} `, tone: 'quiet'}, {text: `${back} lines back`, tone: 'waiting'}, {text: ' '}];
	const more = moreSegments(context, detail.columns, Math.max(0, detail.rows - 3));
	const blanks = Array.from({length: Math.max(0, detail.rows - 3 - more.length)}, (): readonly Segment[] => []);
	const lines = [
		<Line key="title" columns={detail.columns} segments={titleSegments(context, detail.columns)} />,
		<Line key="about" columns={detail.columns} segments={aboutSegments(context)} />,
		...[...more, ...blanks].map((segments, index) => (
			// biome-ignore lint/suspicious/noArrayIndexKey: a line is its place.
			<Line key={index} columns={detail.columns} segments={segments} />
		)),
		<Line key="rule" columns={detail.columns} segments={rule} fill={theme.glyphs.horizontal} fillTone="quiet" />,
	];
	const message = fleet.launcher() ? noScreenText(state, session) : 'The launcher is not reached yet.';
	return (
		<Box flexDirection="column" width={detail.columns} height={rows} overflow="hidden">
			{lines.slice(0, detail.rows)}
			{message === '' ? null : <Line columns={detail.columns} segments={[{text: message, tone: 'quiet'}]} />}
		</Box>
	);
};

const Divider = ({rows}: {readonly rows: number}) => {
	const theme = useTheme();
	return (
		<Box flexDirection="column" width={2} height={rows}>
			{Array.from({length: rows}, (_, row) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: a row is its place.
				<Text key={row} {...theme.style('quiet')}>
					{theme.glyphs.vertical}
				</Text>
			))}
		</Box>
	);
};

/** The tree of sessions, and beside it the live screen of the selected one. */
export const SessionsScreen = (props: SessionsScreenProps) => {
	const {fleet, columns, rows, layout} = props;
	const isEmpty = Object.keys(fleet.orchestrator.getState().sessions).length === 0;
	if (isEmpty) {
		return <Welcome fleet={fleet} columns={columns} rows={rows} />;
	}

	return (
		<Box width={columns} height={rows} overflow="hidden">
			<Tree {...props} columns={layout.treeColumns} />
			{layout.detail ? <Divider rows={rows} /> : null}
			{layout.detail ? <Detail {...props} /> : null}
		</Box>
	);
};
