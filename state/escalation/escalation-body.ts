import type {State} from '../state.js';
import {type FrameLine, type FrameMarks, type FrameTone, foreign, foreignName, span, unicodeMarks, wrapLine} from '../view/frame-line.js';
import {longestPlanBytes, whyNotApprove} from './approval.js';
import type {Escalation} from './escalation.js';
import {
	askerFields,
	digestFields,
	type FactsContext,
	type FrameField,
	foundFields,
	type Listed,
	listedArguments,
	outcomeFields,
	placeFields,
	rememberFields,
	riskFields,
} from './escalation-facts.js';

/** What a body is drawn for. */
export type BodyContext = {readonly columns: number; readonly nowMs: number; readonly marks?: FrameMarks};

const labelColumns = 11;
const narrow = 40;

const indentOf = (columns: number): number => (columns < narrow ? 2 : labelColumns);

const indented = (lines: readonly FrameLine[], label: string, columns: number): readonly FrameLine[] => {
	const blank = ' '.repeat(indentOf(columns));
	if (columns < narrow) {
		return [[span(` ${label}`, 'quiet')], ...lines.map(line => [span(blank), ...line])];
	}

	return lines.map((line, index) => [span(index === 0 ? ` ${label}`.padEnd(labelColumns) : blank, 'quiet'), ...line]);
};

/** A field, its label in front. */
export const fieldLines = ({label, lines}: FrameField, columns: number): readonly FrameLine[] =>
	indented(
		lines.flatMap(line => wrapLine(line, columns - indentOf(columns), {words: true})),
		label,
		columns,
	);

/** Lines behind a mark of their own: an item, and what the line of an item had no room for. */
const listedLines = (label: string, listed: readonly Listed[], columns: number, marks: FrameMarks): readonly FrameLine[] => {
	const room = columns - indentOf(columns) - 2;
	const lines = listed.flatMap(({isMore, line}) =>
		wrapLine(line, room, {words: false}).map((wrapped, index) => [
			span(`${isMore || index > 0 ? marks.more : marks.item} `, 'quiet'),
			...wrapped,
		]),
	);
	return lines.length === 0 ? [] : indented(lines, label, columns);
};

const quotedLines = (text: string, columns: number, marks: FrameMarks): readonly FrameLine[] =>
	text
		.split('\n')
		.flatMap(line => wrapLine(foreign(line), columns - 3, {words: true}).map(wrapped => [span(` ${marks.quote} `, 'waiting'), ...wrapped]));

/** Nobody approves what is longer than this, so there is no need to draw it all; what is left out is said. */
const cut = (text: string): readonly [shown: string, leftOut: number] => [
	text.slice(0, longestPlanBytes),
	Math.max(0, text.length - longestPlanBytes),
];

const leftOutLine = (leftOut: number): readonly FrameLine[] =>
	leftOut > 0 ? [[span(` ${leftOut} more characters are not shown: this can only be denied here.`, 'failed')]] : [];

const diffTones: Readonly<Record<string, FrameTone>> = {'+': 'good', '-': 'failed', '@': 'quiet'};

const diffLines = (diff: string, columns: number, marks: FrameMarks): readonly FrameLine[] => {
	const [shown, leftOut] = cut(diff);
	const listed = shown.split('\n').map(line => ({isMore: false, line: foreign(line, diffTones[line[0] ?? ''] ?? 'plain')}));
	return [...listedLines('diff', listed, columns, marks), ...leftOutLine(leftOut)];
};

/** The command of a request, one argument a line. */
export const commandLines = ({payload}: Escalation, columns: number, marks: FrameMarks): readonly FrameLine[] =>
	listLines('command', payload?.argv ?? [], columns, marks);

/** Texts one below the other, together no longer than anybody reads. */
const listLines = (label: string, texts: readonly string[], columns: number, marks: FrameMarks): readonly FrameLine[] => {
	const shown: string[] = [];
	let room = longestPlanBytes;
	for (const text of texts) {
		if (room > 0) {
			shown.push(text.slice(0, room));
			room -= text.length + 1;
		}
	}

	const length = (some: readonly string[]): number => some.reduce((sum, text) => sum + text.length, 0);
	return [...listedLines(label, listedArguments(shown), columns, marks), ...leftOutLine(length(texts) - length(shown))];
};

const variablesOf = ({payload}: Escalation): readonly string[] =>
	Object.entries(payload?.env ?? {}).map(([name, value]) => `${name}=${value}`);

const saidHeading = (what: string, {session, escalation}: FactsContext, columns: number): readonly FrameLine[] => {
	const name = foreignName(session?.label ?? escalation.sessionId, 'quiet');
	return [[], ...wrapLine([span(` ${what} `, 'quiet'), ...name, span(', checked by nobody:', 'quiet')], columns, {words: true})];
};

/** The asker's words and whatever else it sent along: last, and marked as its words on every line. */
export const wordLines = (context: FactsContext, columns: number): readonly FrameLine[] => {
	const {escalation, marks} = context;
	const [text, leftOut] = cut(escalation.text);
	const extra = escalation.payload?.extra;
	const [more, moreLeftOut] = cut(extra === undefined ? '' : JSON.stringify(extra, undefined, 2));
	return [
		...(text === ''
			? []
			: [...saidHeading('In the words of', context, columns), ...quotedLines(text, columns, marks), ...leftOutLine(leftOut)]),
		...(more === ''
			? []
			: [...saidHeading('Sent along by', context, columns), ...quotedLines(more, columns, marks), ...leftOutLine(moreLeftOut)]),
	];
};

const contextOf = (state: State, escalation: Escalation, {columns, nowMs, marks = unicodeMarks}: BodyContext): FactsContext => ({
	state,
	escalation,
	session: state.sessions[escalation.sessionId],
	nowMs,
	marks,
	isNarrow: columns < narrow,
});

/** What became of a closed request, line by line. */
export const escalationOutcome = (state: State, escalation: Escalation, context: BodyContext): readonly FrameLine[] =>
	outcomeFields(contextOf(state, escalation, context)).flatMap(field => fieldLines(field, context.columns));

/**
 * The whole request, line by line: what we found first, the asker's words last. Every line fits into `columns`, and its first columns
 * are ours alone, so that no text can pose as the frame. Nothing is left out unless the request is too long to be approved, which is said.
 */
export const escalationBody = (
	state: State,
	escalation: Escalation,
	{columns, nowMs, marks = unicodeMarks}: BodyContext,
): readonly FrameLine[] => {
	const context = contextOf(state, escalation, {columns, nowMs, marks});
	const {payload} = escalation;
	const fields = (found: readonly FrameField[]): readonly FrameLine[] => found.flatMap(field => fieldLines(field, columns));
	const tooLong = escalation.state === 'open' ? whyNotApprove(escalation) : undefined;
	return [
		...fields(outcomeFields(context)),
		...fields(tooLong ? [{label: '!', lines: [[span(tooLong.sentence, 'failed')]]}] : []),
		...fields(riskFields(context)),
		...fields(askerFields(context)),
		...fields(placeFields(context)),
		...commandLines(escalation, columns, marks),
		...listLines('sets', variablesOf(escalation), columns, marks),
		...(payload?.diff === undefined ? [] : diffLines(payload.diff, columns, marks)),
		...fields(foundFields(context)),
		...fields(digestFields(context)),
		...fields(rememberFields(context)),
		...wordLines(context, columns),
	];
};
