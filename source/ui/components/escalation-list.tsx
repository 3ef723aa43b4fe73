import {Box, Text} from 'ink';
import {shortAge} from '../../../state/age.js';
import {marksOf} from '../../../state/escalation-frame.js';
import type {EscalationRow} from '../../../state/escalation-rows.js';
import {type FrameTone, levelTones} from '../../../state/frame-line.js';
import {fitColumns} from '../../../state/text-width.js';
import {visible} from '../../../state/visible.js';
import {type Theme, useTheme} from '../theme.js';
import {Line} from './line.js';
import {listTop} from './list-window.js';

type Cell = {readonly text: string; readonly tone: FrameTone};

const outcomeGlyph = ({outcome, isAskerGone}: EscalationRow, {glyphs}: Theme): string => {
	if (outcome === 'open') {
		return isAskerGone ? glyphs.stuck : glyphs.waiting;
	}

	return outcome === 'approved' || outcome === 'answered' ? glyphs.finished : outcome === 'denied' ? glyphs.failed : glyphs.idle;
};

const riskCell = ({risk}: EscalationRow, theme: Theme): Cell => {
	if (!risk) {
		return {text: fitColumns('', 16), tone: 'plain'};
	}

	return {text: fitColumns(`${marksOf(theme).level[risk.level]} ${risk.word}`, 16), tone: levelTones[risk.level]};
};

const middle = 60;
const wide = 110;

/** One request in one line: what became of it, since when, how grave, who, what. The words of agents are cut with a mark. */
const cellsOf = (row: EscalationRow, {nowMs, columns, theme}: {nowMs: number; columns: number; theme: Theme}): readonly Cell[] => {
	const {ellipsis, separator} = theme.glyphs;
	const isOpen = row.outcome === 'open';
	const who = visible(columns < wide ? (row.who.at(-1) ?? '') : row.who.join(` ${marksOf(theme).below} `));
	const summary = visible(row.summary);
	const glyph: Cell = {text: `${outcomeGlyph(row, theme)} `, tone: isOpen ? 'waiting' : 'plain'};
	if (columns < middle) {
		return [glyph, {text: fitColumns(`${who} ${separator} ${summary}`, columns - 4, ellipsis), tone: 'plain'}];
	}

	const whoColumns = Math.min(24, Math.floor(columns / 5));
	const word = fitColumns(isOpen ? row.kind : row.outcome, 11);
	const age = shortAge(nowMs - (row.closedAtMs ?? row.raisedAtMs)).padStart(4);
	const left = columns - 4 - 11 - 4 - 2 - 16 - whoColumns - 2;
	return [
		glyph,
		{text: `${word}${age}  `, tone: 'plain'},
		riskCell(row, theme),
		{text: `${fitColumns(who, whoColumns, ellipsis)}  `, tone: 'plain'},
		{text: fitColumns(summary, left, ellipsis), tone: 'plain'},
	];
};

const asSelected = ({text, tone}: Cell): Cell => ({text, tone: tone === 'plain' ? 'strong' : tone});

export type EscalationListProps = {
	readonly rows: readonly EscalationRow[];
	readonly selectedId: string | undefined;
	readonly columns: number;
	readonly height: number;
	readonly nowMs: number;
};

/** The requests, one a line. The selected one is marked and inverse, closed ones are quiet; the marks say both without colour. */
export const EscalationList = ({rows, selectedId, columns, height, nowMs}: EscalationListProps) => {
	const theme = useTheme();
	const selected = rows.findIndex(({id}) => id === selectedId);
	const top = listTop({count: rows.length, selected, rows: height});
	const shown = rows.slice(top, top + height);
	return (
		<Box flexDirection="column" width={columns} height={height} overflow="hidden">
			{shown.map(row => {
				const isSelected = row.id === selectedId;
				const cells = cellsOf(row, {nowMs, columns, theme});
				const cursor: Cell = {text: isSelected ? `${theme.glyphs.cursor} ` : '  ', tone: 'strong'};
				const line = [cursor, ...cells].map(({text, tone}) => ({text, tone: row.outcome === 'open' ? tone : ('quiet' as const)}));
				return <Line key={row.id} columns={columns} segments={isSelected ? line.map(asSelected) : line} />;
			})}
			{rows.length === 0 ? <Text {...theme.style('quiet')}> Nobody asks anything of you.</Text> : null}
		</Box>
	);
};
