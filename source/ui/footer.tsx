import type {State} from '../../state/state.js';
import type {Overlay} from '../../state/view/overlay.js';
import type {Notice} from '../../state/view/view.js';
import {visible} from '../../state/view/visible.js';
import {whyBody} from '../../state/view/why-lines.js';
import type {Focus} from '../keys/binding.js';
import {type FooterKey, footerKeys} from '../keys/footer.js';
import {helpRows} from '../keys/help-rows.js';
import {whyMargin} from '../keys/why-bindings.js';
import {Line, type Segment, widthOf} from './components/line.js';
import {inputSegments} from './components/text-input.js';
import {type Theme, type Tone, useTheme} from './theme.js';

const keySegments = ({key, title, refusal}: FooterKey): readonly Segment[] => {
	const tone = refusal === undefined ? 'plain' : 'quiet';
	return [{text: ' '}, {text: key, tone: refusal === undefined ? 'strong' : 'quiet'}, {text: ` ${title} `, tone}];
};

/** These stay when there is no room for all. */
const isLasting = ({id}: FooterKey): boolean => id === 'help' || id === 'quit';

/** As many keys as fit, the ways to help and out always among them. */
const fittingKeys = (keys: readonly FooterKey[], columns: number): readonly FooterKey[] => {
	const kept = [...keys];
	while (widthOf(kept.flatMap(keySegments)) > columns) {
		const index = kept.findLastIndex(key => !isLasting(key));
		if (index === -1) {
			return kept;
		}

		kept.splice(index, 1);
	}

	return kept;
};

const noticeTones: Readonly<Record<Notice['tone'], Tone>> = {info: 'plain', good: 'good', bad: 'waiting'};

const noticeSegments = ({text, tone}: Notice): readonly Segment[] => [
	{text: tone === 'bad' ? ' ! ' : '   ', tone: noticeTones[tone]},
	{text: visible(text), tone: noticeTones[tone]},
];

const labelOf = (state: State, sessionId: string | undefined): string => visible(state.sessions[sessionId ?? '']?.label ?? '');

/** Overlays that are written in the footer, each with what stands above it. */
const promptTitles = (overlay: Overlay, state: State): string | undefined => {
	const asker = 'escalationId' in overlay ? labelOf(state, state.escalations[overlay.escalationId]?.sessionId) : '';
	switch (overlay.kind) {
		case 'prompt': {
			return `To ${labelOf(state, overlay.sessionId)}`;
		}

		case 'answer': {
			return `Answer to ${asker}`;
		}

		case 'deny-reason': {
			return `Deny ${asker}: why? It may stay empty.`;
		}

		case 'approve-word': {
			return `High risk: type ${overlay.word} to approve`;
		}

		case 'approve-always': {
			return 'Allow the same again: type for how long (8h, 2d, 8h 20x; at most 30d)';
		}

		case 'filter': {
			return 'Show only what contains';
		}

		default: {
			return undefined;
		}
	}
};

const scrolledText = (top: number, length: number, rows: number): string =>
	length <= rows ? '' : `lines ${Math.min(top, length - rows) + 1}-${Math.min(length, top + rows)} of ${length}`;

/** How far a text is scrolled, or what the rows are filtered by; empty when all is to be seen. */
const placeText = ({view, state, nowMs, keymap, rows, columns}: Focus): string => {
	const {overlay} = view;
	if (overlay?.kind === 'help') {
		return scrolledText(overlay.top, helpRows(keymap).length, rows);
	}

	const explained = overlay?.kind === 'why' ? state.runs[overlay.runId] : undefined;
	if (overlay?.kind === 'why' && explained) {
		return scrolledText(overlay.top, whyBody(state, explained, {columns: columns - whyMargin, nowMs}).length, rows);
	}

	const filter = view.filter[view.screen];
	return overlay || filter === '' ? '' : `only what contains ${visible(filter)}`;
};

/** What stands in the line above the footer: what a prompt is for and how to leave it, or which rows are shown. */
export const RuleLabel = ({
	focus,
	columns,
	teeAt,
}: {
	readonly focus: Focus;
	readonly columns: number;
	readonly teeAt: number | undefined;
}) => {
	const theme = useTheme();
	const {overlay} = focus.view;
	const isPrompt = overlay !== undefined && promptTitles(overlay, focus.state) !== undefined;
	// What is being written stays in sight while something is said about it.
	const said = isPrompt && focus.view.notice ? visible(focus.view.notice.text) : undefined;
	const title = said ?? (overlay && promptTitles(overlay, focus.state));
	const text = title ?? placeText(focus);
	const {horizontal, teeUp} = theme.glyphs;
	if (text === '') {
		const rule = horizontal.repeat(columns);
		return (
			<Line
				columns={columns}
				segments={[{text: teeAt === undefined ? rule : rule.slice(0, teeAt) + teeUp + rule.slice(teeAt + 1), tone: 'quiet'}]}
			/>
		);
	}

	const head: readonly Segment[] = [
		{text: `${horizontal.repeat(2)} `, tone: 'quiet'},
		{text, tone: title === undefined || said !== undefined ? 'waiting' : 'strong'},
		{text: ' '},
	];
	return <Line columns={columns} segments={head} fill={horizontal} fillTone="quiet" />;
};

const promptSegments = (
	overlay: Overlay,
	focus: Focus,
	{columns, theme}: {columns: number; theme: Theme},
): readonly Segment[] | undefined => {
	if (promptTitles(overlay, focus.state) === undefined || !('input' in overlay)) {
		return undefined;
	}

	const keys = footerKeys(focus, theme).flatMap(({key, title}): readonly Segment[] => [
		{text: ` ${key}`, tone: 'strong'},
		{text: ` ${title}`, tone: 'quiet'},
	]);
	const room = columns - 3 - widthOf(keys) - 1;
	const input = inputSegments(overlay.input, {columns: Math.max(8, room), glyphs: theme.glyphs});
	const gap = Math.max(0, room - widthOf(input));
	return [{text: ` ${theme.glyphs.cursor} `, tone: 'strong'}, ...input, {text: ' '.repeat(gap)}, ...keys];
};

/** Decisions that are still to be sent, and for how long they can be taken back. */
const heldSegments = ({view, nowMs, keymap}: Focus): readonly Segment[] | undefined => {
	const {held} = view.requests;
	const [key = ''] = keymap.find(({id}) => id === 'escalation.undo')?.keys ?? [];
	const seconds = held && (Math.max(0, held.dueAtMs - nowMs) / 1000).toFixed(1);
	return (
		held && [
			{text: ` ${visible(held.sentence)} in ${seconds} s: `, tone: 'waiting'},
			{text: key, tone: 'strong'},
			{text: ' undo; nothing is sent yet'},
		]
	);
};

/** The last line: what is being written, else what was just said, else the keys that work here. Those that do nothing now are quiet. */
export const FooterLine = ({focus, columns, hasRules}: {readonly focus: Focus; readonly columns: number; readonly hasRules: boolean}) => {
	const theme = useTheme();
	const {overlay, notice} = focus.view;
	const prompt = overlay && promptSegments(overlay, focus, {columns, theme});
	const held = heldSegments(focus);
	if (held && !prompt) {
		return <Line columns={columns} segments={held} />;
	}

	if (notice && !(prompt && hasRules)) {
		return <Line columns={columns} segments={noticeSegments(notice)} />;
	}

	return <Line columns={columns} segments={prompt ?? fittingKeys(footerKeys(focus, theme), columns).flatMap(keySegments)} />;
};
