import {shortAge} from '../../../state/view/age.js';
import type {Badge, Guide, SessionRow} from '../../../state/view/session-rows.js';
import {fitColumns} from '../../../state/view/text-width.js';
import {visible} from '../../../state/view/visible.js';
import type {Glyphs, Theme, Tone} from '../theme.js';
import type {Segment} from './line.js';

const tones: Readonly<Record<Badge, Tone>> = {
	'needs-you': 'waiting',
	failed: 'failed',
	stuck: 'waiting',
	unseen: 'good',
	working: 'working',
	waiting: 'quiet',
	stopping: 'quiet',
	queued: 'quiet',
	stopped: 'quiet',
	idle: 'quiet',
};

const glyphNames: Readonly<Record<Badge, keyof Glyphs>> = {
	'needs-you': 'waiting',
	failed: 'failed',
	stuck: 'stuck',
	unseen: 'finished',
	working: 'working',
	waiting: 'queued',
	stopping: 'stopped',
	queued: 'queued',
	stopped: 'stopped',
	idle: 'idle',
};

/** The glyph and the tone of a badge. Its word says the same. */
export const badgeLook = (badge: Badge, {glyphs}: Theme): {readonly glyph: string; readonly tone: Tone} => ({
	glyph: glyphs[glyphNames[badge]] as string,
	tone: tones[badge],
});

const guideText = (guide: Guide, {branch, lastBranch, trunk}: Glyphs): string => ({branch, last: lastBranch, trunk, blank: '  '})[guide];

/** The state in words, with its reason where there is room: `needs you: approval`. */
export const statusText = ({word, reason}: Pick<SessionRow, 'word' | 'reason'>, columns: number): string => {
	const whole = reason === '' ? word : `${word}: ${reason}`;
	return whole.length <= columns ? whole : word;
};

/** How the columns of the tree are divided. */
export type RowColumns = {readonly label: number; readonly agent: number; readonly status: number; readonly age: number};

const ageColumns = 4;

/** Cursor, glyph, label, agent, state, age: wider terminals have room for the reason and the agent. */
export const rowColumns = (columns: number): RowColumns => {
	const status = columns >= 46 ? 19 : 9;
	const agent = columns >= 56 ? 9 : 0;
	// Cursor and glyph with their blanks, one blank before each further part, one behind the age.
	const fixed = 4 + (agent > 0 ? agent + 1 : 0) + 1 + status + 1 + ageColumns + 1;
	return {label: Math.max(4, columns - fixed), agent, status, age: ageColumns};
};

const foldMark = ({folded, foldedNeedsYou}: SessionRow, {folded: plus, waiting}: Glyphs): string =>
	folded === 0 ? '' : ` ${plus}${folded}${foldedNeedsYou > 0 ? waiting : ''}`;

/** The name with its indentation, and with how many are folded away below it. */
const nameText = (row: SessionRow, columns: number, glyphs: Glyphs): string => {
	const mark = foldMark(row, glyphs);
	return fitColumns(visible(row.label), Math.max(1, columns - mark.length), glyphs.ellipsis).trimEnd() + mark;
};

export type RowContext = {readonly isSelected: boolean; readonly nowMs: number; readonly columns: number; readonly theme: Theme};

/** One session as one row. The selected one has the cursor in front and its name strong. */
export const sessionSegments = (row: SessionRow, {isSelected, nowMs, columns, theme}: RowContext): readonly Segment[] => {
	const {glyphs} = theme;
	const {label, agent, status, age} = rowColumns(columns);
	const {glyph, tone} = badgeLook(row.badge, theme);
	const guides = row.guides.map(guide => guideText(guide, glyphs)).join('');
	// Deep trees keep the end of their guides: the name matters more than the way to it.
	const indent = guides.slice(Math.max(0, guides.length - Math.floor(label / 2)));
	const isQuiet = row.isContext || row.badge === 'idle' || row.badge === 'stopped';
	const name = fitColumns(nameText(row, label - indent.length, glyphs), label - indent.length, glyphs.ellipsis);
	return [
		{text: `${isSelected ? glyphs.cursor : ' '} `, tone: 'strong'},
		{text: indent, tone: 'quiet'},
		{text: `${glyph} `, tone},
		{text: name, tone: isSelected ? 'strong' : isQuiet ? 'quiet' : 'plain'},
		...(agent > 0 ? [{text: ` ${fitColumns(visible(row.agent), agent, glyphs.ellipsis)}`, tone: 'quiet' as const}] : []),
		{text: ` ${fitColumns(statusText(row, status), status, glyphs.ellipsis)}`, tone},
		{text: ` ${shortAge(nowMs - row.sinceMs).padStart(age)} `, tone: 'quiet'},
	];
};
