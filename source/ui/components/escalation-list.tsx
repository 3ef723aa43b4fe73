import type {ReactNode} from 'react';
import {marksOf} from '../../../state/escalation/escalation-frame.js';
import {shortAge} from '../../../state/view/age.js';
import type {EscalationRow} from '../../../state/view/escalation-rows.js';
import {type FrameTone, levelTones} from '../../../state/view/frame-line.js';
import {quotedName} from '../../../state/view/quoted-name.js';
import {fitColumns} from '../../../state/view/text-width.js';
import {visible} from '../../../state/view/visible.js';
import {type Theme, useTheme} from '../theme.js';
import {RowList} from './row-list.js';

type Cell = {readonly text: string; readonly tone: FrameTone};

const outcomeGlyph = ({outcome, isAskerGone}: EscalationRow, {glyphs}: Theme): string => {
	if (outcome === 'open') {
		return isAskerGone ? glyphs.stuck : glyphs.waiting;
	}

	return outcome === 'approved' || outcome === 'answered' ? glyphs.finished : outcome === 'denied' ? glyphs.failed : glyphs.idle;
};

const riskColumns = 17;

const riskCell = ({risk}: EscalationRow, theme: Theme): Cell => {
	if (!risk) {
		return {text: fitColumns('', riskColumns), tone: 'plain'};
	}

	return {text: fitColumns(`${marksOf(theme).level[risk.level]} ${risk.word}`, riskColumns), tone: levelTones[risk.level]};
};

const middle = 60;
const wide = 110;

/** One request in one line: what became of it, since when, how grave, who, what. The words of agents are cut with a mark. */
const cellsOf = (row: EscalationRow, {nowMs, columns, theme}: {nowMs: number; columns: number; theme: Theme}): readonly Cell[] => {
	const {ellipsis, separator} = theme.glyphs;
	const isOpen = row.outcome === 'open';
	const names = row.group ? row.who : row.who.map(quotedName);
	const who = visible(columns < wide ? (names.at(-1) ?? '') : names.join(` ${marksOf(theme).below} `));
	const taken = row.group && row.group.taken < row.group.members ? `(${row.group.taken} taken) ` : '';
	const summary = taken + visible(row.summary);
	const memberMark = row.member === 'leftOut' ? '- ' : row.member ? '+ ' : undefined;
	const glyph: Cell = {text: memberMark && isOpen ? memberMark : `${outcomeGlyph(row, theme)} `, tone: isOpen ? 'waiting' : 'plain'};
	if (columns < middle) {
		return [glyph, {text: fitColumns(`${who} ${separator} ${summary}`, columns - 4, ellipsis), tone: 'plain'}];
	}

	const whoColumns = Math.min(24, Math.floor(columns / 5));
	const word = fitColumns(isOpen ? row.kind : row.outcome, 11);
	const age = shortAge(nowMs - (row.closedAtMs ?? row.raisedAtMs)).padStart(4);
	const left = columns - 4 - 11 - 4 - 2 - riskColumns - whoColumns - 2;
	return [
		glyph,
		{text: `${word}${age}  `, tone: 'plain'},
		riskCell(row, theme),
		{text: `${fitColumns(who, whoColumns, ellipsis)}  `, tone: 'plain'},
		{text: fitColumns(summary, left, ellipsis), tone: 'plain'},
	];
};

export type EscalationListProps = {
	readonly rows: readonly EscalationRow[];
	readonly list: 'open' | 'decided';
	readonly selectedId: string | undefined;
	readonly columns: number;
	readonly height: number;
	readonly nowMs: number;
};

const nothingAsked = [
	'Nobody asks anything of you.',
	'',
	'What agents ask appears here, oldest first. Nothing is ever approved by itself.',
];

const nothingDecided = [
	'Nothing was decided yet.',
	'',
	'Every decision, time-out and answer of a policy is kept here with the frame that was shown.',
];

/** The requests, one a line; closed ones are quiet, and their word says what became of them. */
export const EscalationList = ({rows, list, selectedId, columns, height, nowMs}: EscalationListProps): ReactNode => {
	const theme = useTheme();
	const items = rows.map(row => ({id: row.id, segments: cellsOf(row, {nowMs, columns, theme}), isQuiet: row.outcome !== 'open'}));
	return (
		<RowList
			items={items}
			selectedId={selectedId}
			columns={columns}
			height={height}
			empty={list === 'open' ? nothingAsked : nothingDecided}
		/>
	);
};
