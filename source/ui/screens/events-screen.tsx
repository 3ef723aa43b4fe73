import {Box} from 'ink';
import type {ReactNode} from 'react';
import type {State} from '../../../state/state.js';
import {type EventRow, eventRowIds, eventRows} from '../../../state/view/event-rows.js';
import {foreign, span} from '../../../state/view/frame-line.js';
import type {FactTone} from '../../../state/view/told.js';
import {selectedId, type View} from '../../../state/view/view.js';
import {visible} from '../../../state/view/visible.js';
import type {Recorded} from '../../store-port.js';
import {DetailLines} from '../components/detail-lines.js';
import {type ListItem, RowList} from '../components/row-list.js';
import type {ScreenProps} from '../screen-props.js';
import {type Theme, useTheme} from '../theme.js';

const two = (value: number): string => String(value).padStart(2, '0');

/** The operator's own time of day; with the date when it was another day. */
const timeOf = (atMs: number, nowMs: number): string => {
	const [at, now] = [new Date(atMs), new Date(nowMs)];
	const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
	return at.toDateString() === now.toDateString() ? time : `${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}`;
};

const glyphOf = (tone: FactTone, {glyphs}: Theme): string =>
	({plain: glyphs.idle, quiet: ' ', waiting: glyphs.waiting, failed: glyphs.failed, good: glyphs.finished})[tone];

const itemOf = ({id, atMs, sentence, tone}: EventRow, {nowMs, theme}: {nowMs: number; theme: Theme}): ListItem => ({
	id,
	segments: [
		{text: `${timeOf(atMs, nowMs)}  `, tone: 'quiet'},
		{text: `${glyphOf(tone, theme)} `, tone},
		{text: visible(sentence), tone: tone === 'quiet' ? 'quiet' : 'plain'},
	],
});

const empty = ['Nothing has happened yet.'];

const leastForDetail = 10;
const detailRows = 3;

/** What happened, newest last. The cursor follows the newest while it stands there; the whole of a long sentence stands below. */
export const EventsScreen = ({fleet, view, columns, rows, nowMs}: ScreenProps): ReactNode => {
	const theme = useTheme();
	const {orchestrator} = fleet;
	const events = eventRows(orchestrator.recent(), orchestrator.getState(), view);
	const id = selectedId(view, 'events');
	const index = events.findIndex(event => event.id === id);
	const event = events[index];
	const below = event && rows >= leastForDetail ? detailRows : 0;
	const place = index === events.length - 1 ? 'following' : `${events.length - 1 - index} newer below`;
	const title = [
		span(`${index + 1} of ${events.length}`, 'strong'),
		span('  '),
		span(place, index === events.length - 1 ? 'good' : 'waiting'),
	];
	return (
		<Box flexDirection="column" width={columns} height={rows} overflow="hidden">
			<RowList
				items={events.map(one => itemOf(one, {nowMs, theme}))}
				selectedId={id ?? events.at(-1)?.id}
				columns={columns}
				height={Math.max(0, rows - below)}
				empty={view.filter.events === '' ? empty : ['Nothing contains that text.']}
			/>
			{event && below > 0 ? <DetailLines title={title} lines={[foreign(event.sentence)]} columns={columns} height={below} /> : null}
		</Box>
	);
};

/** The ids of the newest events, oldest first; `recent` is what the orchestrator has of them. */
export const rowIds = (state: State, view: View, _nowMs: number, recent: readonly Recorded[]): readonly string[] =>
	eventRowIds(recent, state, view);
