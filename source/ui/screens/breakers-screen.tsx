import {Box} from 'ink';
import type {ReactNode} from 'react';
import {isOverheadHigh} from '../../../state/safety/overhead.js';
import {overheadInWords, usageParts} from '../../../state/safety/usage-line.js';
import {usageOf} from '../../../state/safety/usage-of-state.js';
import type {State} from '../../../state/state.js';
import {breakerRowIds, breakerRows, limitRows} from '../../../state/view/breaker-rows.js';
import {budgetRows} from '../../../state/view/budget-rows.js';
import {foreign} from '../../../state/view/frame-line.js';
import {providerRows} from '../../../state/view/provider-rows.js';
import {selectedId, type View} from '../../../state/view/view.js';
import {keyOf} from '../../keys/key-of.js';
import {DetailLines} from '../components/detail-lines.js';
import {breakerSection, budgetSection, limitSection, providerSection} from '../components/limit-sections.js';
import {Line, type Segment} from '../components/line.js';
import {briefLine, leastForTables, type Section, SectionTable, shareRows, windowOf} from '../components/section-table.js';
import type {ScreenProps} from '../screen-props.js';
import {type Theme, useTheme} from '../theme.js';

/** The sections that have rows, in the order of their importance. */
const sectionsOf = (state: State, view: View, nowMs: number): readonly Section[] =>
	[
		breakerSection(breakerRows(state, view, nowMs)),
		providerSection(providerRows(state, view, nowMs), keyOf('provider.clear')),
		budgetSection(budgetRows(state, view, nowMs), keyOf('show.escalations')),
		limitSection(limitRows(state, view, nowMs)),
	].filter(({rows}) => rows.length > 0);

/** What the fleet used so far, and how much of it went into coordinating. */
const usageSegments = (state: State, {glyphs}: Theme): readonly Segment[] => {
	const usage = usageOf(state, 'all');
	const overhead = overheadInWords(usage);
	const parts = usageParts(usage);
	const between = ` ${glyphs.separator} `;
	return [
		{text: parts.length === 0 ? ' nothing used so far' : ` used ${parts.join(between)}`, tone: 'quiet'},
		...(overhead === undefined
			? []
			: [{text: `${between}${overhead}`, tone: isOverheadHigh(usage) ? ('waiting' as const) : ('quiet' as const)}]),
	];
};

const Tables = ({
	sections,
	selectedId: id,
	columns,
	rows,
}: {
	readonly sections: readonly Section[];
	readonly selectedId: string | undefined;
	readonly columns: number;
	readonly rows: number;
}): ReactNode => {
	const focus = Math.max(
		0,
		sections.findIndex(section => section.rows.some(row => row.id === id)),
	);
	const shares = shareRows(
		sections.map(section => section.rows.length),
		focus,
		rows,
	);
	return sections.map((section, index) => (
		<SectionTable key={section.noun} section={section} count={shares[index]!} selectedId={id} columns={columns} />
	));
};

const leastColumns = 72;
const leastForDetail = 12;
const detailRows = 3;

/** The circuit breakers, the providers that told us to wait, budgets and limits: everything that may hold a run back, under one cursor. */
export const BreakersScreen = ({fleet, view, columns, rows, nowMs}: ScreenProps): ReactNode => {
	const theme = useTheme();
	const state = fleet.orchestrator.getState();
	const id = selectedId(view, 'breakers');
	const sections = sectionsOf(state, view, nowMs);
	const all = sections.flatMap(section => section.rows);
	const selected = all.find(row => row.id === id);
	const below = selected && rows >= leastForDetail ? detailRows : 0;
	const above = rows >= 3 ? 1 : 0;
	const room = Math.max(0, rows - below - above);
	const isNarrow = columns < leastColumns || room < leastForTables(sections.length);
	return (
		<Box flexDirection="column" width={columns} height={rows} overflow="hidden">
			{above === 1 ? <Line columns={columns} segments={usageSegments(state, theme)} /> : null}
			<Box flexDirection="column" width={columns} height={room} overflow="hidden">
				{isNarrow ? (
					windowOf(all, id, room).map(row => <Line key={row.id} columns={columns} segments={briefLine(row, id, foreign)} />)
				) : (
					<Tables sections={sections} selectedId={id} columns={columns} rows={room} />
				)}
				{all.length === 0 ? <Line columns={columns} segments={[{text: '  Nothing contains that text.', tone: 'quiet'}]} /> : null}
			</Box>
			{selected && below > 0 ? (
				<DetailLines title={foreign(selected.id)} lines={[foreign(selected.sentence)]} columns={columns} height={below} />
			) : null}
		</Box>
	);
};

/** The ids of the rows of all sections, in their order. */
export const rowIds = (state: State, view: View, nowMs: number): readonly string[] => breakerRowIds(state, view, nowMs);
