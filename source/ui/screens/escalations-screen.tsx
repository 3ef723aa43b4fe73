import {Box} from 'ink';
import {type Arming, createArming} from '../../../state/arming.js';
import type {Escalation} from '../../../state/escalation.js';
import {escalationLayout, escalationWindow, marksOf} from '../../../state/escalation-frame.js';
import {type EscalationRow, escalationRowIds, escalationRows} from '../../../state/escalation-rows.js';
import {type FrameLine, levelTones, lineText, span} from '../../../state/frame-line.js';
import type {State} from '../../../state/state.js';
import {textWidth} from '../../../state/text-width.js';
import {selectedId, type View} from '../../../state/view.js';
import {decisionLine} from '../components/decision-line.js';
import {Rule} from '../components/detail-lines.js';
import {EscalationList} from '../components/escalation-list.js';
import {Line} from '../components/line.js';
import type {ScreenProps} from '../screen-props.js';
import {useTheme} from '../theme.js';

export type EscalationsScreenProps = ScreenProps & {
	/** Whether keys may decide now; without it they are said to be dead. */
	readonly arming?: Arming;
};

const titleOf = (
	rows: readonly EscalationRow[],
	row: EscalationRow | undefined,
	levels: ReturnType<typeof marksOf>['level'],
): FrameLine => {
	const open = rows.filter(({outcome}) => outcome === 'open');
	if (!row) {
		return [span(`${open.length} open`, 'quiet')];
	}

	const place = open.indexOf(row);
	const which = place === -1 ? `${row.kind} ${row.outcome}` : `${row.kind} ${place + 1} of ${open.length}`;
	return [
		span(which, 'strong'),
		...(row.risk ? [span('  '), span(`${levels[row.risk.level]} ${row.risk.word}`, levelTones[row.risk.level])] : []),
	];
};

const readLine = (left: FrameLine, right: string, columns: number): FrameLine => {
	const room = columns - textWidth(lineText(left)) - textWidth(right) - 1;
	return room < 1 ? left : [...left, span(`${' '.repeat(room)}${right}`, 'quiet')];
};

type DetailProps = EscalationsScreenProps & {
	readonly escalation: Escalation;
	readonly row: EscalationRow | undefined;
	readonly title: FrameLine;
};

/** The whole of one request, as far as it fits, and what the keys can do about it. */
const Detail = ({fleet, view, columns, rows, nowMs, arming = createArming(), escalation, row, title}: DetailProps) => {
	const {isAscii} = useTheme();
	const layout = escalationLayout(rows);
	const {lines, firstLine, endLine, lineCount} = escalationWindow(fleet.orchestrator.getState(), escalation, {
		columns,
		rows,
		nowMs,
		isAscii,
		scroll: view.scroll.escalations,
	});
	const decision = decisionLine({escalation, risk: row?.risk, arming, nowMs, readOnly: fleet.readOnly, isAscii});
	const part = `lines ${firstLine + 1}-${endLine} of ${lineCount}${endLine === lineCount ? ', the end' : ''}`;
	const place = lines.length === lineCount ? 'the whole request' : part;
	return (
		<>
			{layout.titleRows === 1 ? <Rule title={title} columns={columns} /> : null}
			<Box flexDirection="column" width={columns} height={layout.bodyRows} overflow="hidden">
				{lines.map((line, index) => (
					// biome-ignore lint/suspicious/noArrayIndexKey: a line is its place.
					<Line key={index} segments={line} columns={columns} />
				))}
			</Box>
			{layout.statusRows === 1 ? <Line segments={readLine(decision, place, columns)} columns={columns} /> : null}
		</>
	);
};

/** What agents ask of the operator: the list, and the whole of the selected request. */
export const EscalationsScreen = (props: EscalationsScreenProps) => {
	const {fleet, view, columns, rows, nowMs} = props;
	const theme = useTheme();
	const state = fleet.orchestrator.getState();
	const id = selectedId(view, 'escalations');
	const list = escalationRows(state, view);
	const row = list.find(one => one.id === id);
	const escalation = id === undefined ? undefined : state.escalations[id];
	const {listRows} = escalationLayout(rows);
	const title = titleOf(list, row, marksOf(theme).level);
	return (
		<Box flexDirection="column" width={columns} height={rows} overflow="hidden">
			{listRows > 0 || !escalation ? (
				<EscalationList rows={list} selectedId={id} columns={columns} height={escalation ? listRows : Math.max(1, rows)} nowMs={nowMs} />
			) : null}
			{escalation ? <Detail {...props} escalation={escalation} row={row} title={title} /> : null}
		</Box>
	);
};

/** The ids of the requests in the list, in their order. */
export const rowIds = (state: State, view: View): readonly string[] => escalationRowIds(state, view);
