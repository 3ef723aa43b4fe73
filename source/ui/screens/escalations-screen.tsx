import {Box} from 'ink';
import {type Arming, createArming} from '../../../state/escalation/arming.js';
import {escalationLayout, marksOf, subjectWindow} from '../../../state/escalation/escalation-frame.js';
import {whyNotGrant} from '../../../state/escalation/grant.js';
import {decidedWith, type Subject, subjectOf} from '../../../state/escalation/shown-request.js';
import type {State} from '../../../state/state.js';
import {type EscalationRow, escalationRowIds, escalationRows} from '../../../state/view/escalation-rows.js';
import {type FrameLine, levelTones, lineText, span} from '../../../state/view/frame-line.js';
import {grantRows} from '../../../state/view/grant-rows.js';
import {textWidth} from '../../../state/view/text-width.js';
import type {View} from '../../../state/view/view.js';
import type {RequestList} from '../../../state/view/view-requests.js';
import {keyOf} from '../../keys/key-of.js';
import {decisionLine} from '../components/decision-line.js';
import {Rule} from '../components/detail-lines.js';
import {EscalationList} from '../components/escalation-list.js';
import {GrantList} from '../components/grant-list.js';
import {Line} from '../components/line.js';
import type {ScreenProps} from '../screen-props.js';
import {useTheme} from '../theme.js';

export type EscalationsScreenProps = ScreenProps & {
	/** Whether keys may decide now; without it they are said to be dead. */
	readonly arming?: Arming;
};

const listNames: Readonly<Record<RequestList, string>> = {open: 'requests', decided: 'decided', grants: 'grants'};

/** Which list this is, and how to come to the next. */
const listTitle = ({view}: ScreenProps): FrameLine =>
	view.requests.list === 'open'
		? []
		: [span(`${listNames[view.requests.list]}: ${keyOf('escalation.list')} shows the next list`, 'quiet'), span('  ')];

const rowTitle = (
	rows: readonly EscalationRow[],
	row: EscalationRow,
	{levels, isUnfolded}: {readonly levels: ReturnType<typeof marksOf>['level']; readonly isUnfolded: boolean},
): FrameLine => {
	const open = rows.filter(({outcome, member}) => outcome === 'open' && member === undefined);
	const place = open.indexOf(row);
	const which = place === -1 ? `${row.kind} ${row.outcome}` : `${row.kind} ${place + 1} of ${open.length}`;
	return [
		span(
			row.group
				? `${row.group.members} agents ask for the same (${keyOf('escalation.fold')} ${isUnfolded ? 'folds' : 'unfolds'}), ${which}`
				: row.member && row.outcome === 'open'
					? `${row.kind}, one of a group`
					: which,
			'strong',
		),
		...(row.risk ? [span('  '), span(`${levels[row.risk.level]} ${row.risk.word}`, levelTones[row.risk.level])] : []),
	];
};

const readLine = (left: FrameLine, right: string, columns: number): FrameLine => {
	const room = columns - textWidth(lineText(left)) - textWidth(right) - 1;
	return room < 1 ? left : [...left, span(`${' '.repeat(room)}${right}`, 'quiet')];
};

type DetailProps = EscalationsScreenProps & {
	readonly subject: Subject;
	readonly row: EscalationRow | undefined;
	readonly title: FrameLine;
};

/** What the keys can do about what is shown. */
const statusOf = (
	{fleet, view, nowMs, arming = createArming(), subject, row}: DetailProps,
	{isAscii, isAtEnd}: {readonly isAscii: boolean; readonly isAtEnd: boolean},
): FrameLine => {
	const state = fleet.orchestrator.getState();
	if (subject.kind === 'grant') {
		return [span(fleet.readOnly ? ' read-only console: nothing is revoked here' : ` ${keyOf('grant.revoke')} revoke`, 'strong')];
	}

	const members = subject.kind === 'group' ? subject.group.members : [subject.escalation];
	const taken = `${decidedWith(subject, view).length} of ${members.length}`;
	const [escalation] = members;
	return escalation
		? decisionLine({
				escalation,
				subjectId: subject.id,
				risk: row?.risk,
				arming,
				nowMs,
				readOnly: fleet.readOnly,
				isAscii,
				isAtEnd,
				canRemember: members.every(member => whyNotGrant(state, member) === undefined),
				...(subject.kind === 'group' && {taken}),
			})
		: [];
};

/** The whole of what is selected, as far as it fits, and what the keys can do about it. */
const Detail = (props: DetailProps) => {
	const {fleet, view, columns, rows, nowMs, subject, title} = props;
	const {isAscii} = useTheme();
	const layout = escalationLayout(rows);
	const context = {columns, rows, nowMs, isAscii, scroll: view.scroll.escalations};
	const {lines, firstLine, endLine, lineCount} = subjectWindow(fleet.orchestrator.getState(), subject, view, context);
	const part = `lines ${firstLine + 1}-${endLine} of ${lineCount}${endLine === lineCount ? ', the end' : ''}`;
	const place = lines.length === lineCount ? `the whole ${subject.kind}` : part;
	return (
		<>
			{layout.titleRows === 1 ? <Rule title={title} columns={columns} /> : null}
			<Box flexDirection="column" width={columns} height={layout.bodyRows} overflow="hidden">
				{lines.map((line, index) => (
					// biome-ignore lint/suspicious/noArrayIndexKey: a line is its place.
					<Line key={index} segments={line} columns={columns} />
				))}
			</Box>
			{layout.statusRows === 1 ? (
				<Line
					segments={readLine(statusOf(props, {isAscii, isAtEnd: firstLine > 0 && endLine === lineCount}), place, columns)}
					columns={columns}
				/>
			) : null}
		</>
	);
};

/** What agents ask of the operator, what became of it, and what was allowed for longer: a list, and the whole of what is selected. */
export const EscalationsScreen = (props: EscalationsScreenProps) => {
	const {fleet, view, columns, rows, nowMs} = props;
	const theme = useTheme();
	const state = fleet.orchestrator.getState();
	const list = escalationRows(state, view);
	const subject = subjectOf(state, view);
	const row = list.find(({id}) => id === subject?.id);
	const {listRows} = escalationLayout(rows);
	const height = subject ? listRows : Math.max(1, rows);
	const selected = {selectedId: subject?.id, columns, height, nowMs};
	const title = [
		...listTitle(props),
		...(row ? rowTitle(list, row, {levels: marksOf(theme).level, isUnfolded: view.requests.unfolded.has(row.id)}) : []),
	];
	return (
		<Box flexDirection="column" width={columns} height={rows} overflow="hidden">
			{height === 0 ? null : view.requests.list === 'grants' ? (
				<GrantList rows={grantRows(state, view, nowMs)} {...selected} />
			) : (
				<EscalationList rows={list} list={view.requests.list} {...selected} />
			)}
			{subject ? <Detail {...props} subject={subject} row={row} title={title} /> : null}
		</Box>
	);
};

/** The ids of the requests in the list, in their order. */
export const rowIds = (state: State, view: View): readonly string[] => escalationRowIds(state, view);
