import type {State} from '../state.js';
import {asciiMarks, type FrameLine, type FrameMarks, lineText, span, unicodeMarks, wrapLine} from '../view/frame-line.js';
import {grantLines} from '../view/grant-rows.js';
import type {View} from '../view/view.js';
import {visible} from '../view/visible.js';
import type {PaintedRequest} from './arming.js';
import type {Escalation} from './escalation.js';
import {escalationBody, escalationOutcome} from './escalation-body.js';
import {groupBody} from './group-body.js';
import {type Subject, subjectOf} from './shown-request.js';

/** How the escalations screen divides its rows: the list, a rule with a title, the body of the request, a line about the keys. */
export type EscalationLayout = {
	readonly listRows: number;
	readonly titleRows: 0 | 1;
	readonly bodyRows: number;
	readonly statusRows: 0 | 1;
};

const leastForList = 10;
const listShare = 0.3;

/** The same for every number of requests, so that one that arrives never moves what is being read. */
export const escalationLayout = (rows: number): EscalationLayout => {
	const statusRows = rows >= 2 ? 1 : 0;
	if (rows < leastForList) {
		return {listRows: 0, titleRows: 0, bodyRows: Math.max(0, rows - statusRows), statusRows};
	}

	const listRows = Math.min(12, Math.max(3, Math.floor(rows * listShare)));
	return {listRows, titleRows: 1, bodyRows: rows - listRows - 1 - statusRows, statusRows};
};

/** The size of the screen (the console's body between header and footer), the moment, and how far the body is scrolled down. */
export type FrameContext = {
	readonly columns: number;
	readonly rows: number;
	readonly nowMs: number;
	readonly scroll: number;
	readonly isAscii?: boolean;
};

/** What is visible of a request: lines `firstLine` up to `endLine` (exclusive) of `lineCount`. */
export type EscalationWindow = {
	readonly lines: readonly FrameLine[];
	readonly firstLine: number;
	readonly endLine: number;
	readonly lineCount: number;
};

/** The marks of a frame, by what the terminal can draw. */
export const marksOf = ({isAscii = false}: Pick<FrameContext, 'isAscii'>): FrameMarks => (isAscii ? asciiMarks : unicodeMarks);

const window = (body: readonly FrameLine[], {rows, scroll}: Pick<FrameContext, 'rows' | 'scroll'>): EscalationWindow => {
	const {bodyRows} = escalationLayout(rows);
	const firstLine = Math.max(0, Math.min(scroll, body.length - bodyRows));
	const lines = body.slice(firstLine, firstLine + bodyRows);
	return {lines, firstLine, endLine: firstLine + lines.length, lineCount: body.length};
};

/** What the screen shows of a request. A scroll beyond its end shows its end. */
export const escalationWindow = (state: State, escalation: Escalation, context: FrameContext): EscalationWindow =>
	window(escalationBody(state, escalation, {columns: context.columns, nowMs: context.nowMs, marks: marksOf(context)}), context);

/** A decided request as it was decided on: what became of it, and the very frame the operator had before the eyes. */
const decidedBody = (state: State, escalation: Escalation, context: FrameContext): readonly FrameLine[] => {
	const {columns, nowMs} = context;
	const marks = marksOf(context);
	const {shown} = escalation;
	const body = escalationBody(state, escalation, {columns, nowMs, marks});
	if (shown?.text === undefined) {
		const why =
			escalation.decision?.policy || escalation.decision?.by.startsWith('grant ')
				? 'It was answered without being shown.'
				: 'No frame of it was kept.';
		return [...body, [], [span(` ${why}`, 'quiet')]];
	}

	const size = ` The frame that was shown, ${shown.columns} × ${shown.rows}, digest ${shown.frame.slice(0, 12)}:`;
	const outcome = escalationOutcome(state, escalation, {columns, nowMs, marks});
	return [
		...outcome,
		[],
		[span(size, 'quiet')],
		...shown.text.split('\n').flatMap(line => wrapLine([span(visible(line))], columns, {words: false})),
	];
};

/** What the screen shows of the row under the cursor. */
export const subjectWindow = (state: State, subject: Subject, view: View, context: FrameContext): EscalationWindow => {
	const {columns, nowMs} = context;
	const marks = marksOf(context);
	switch (subject.kind) {
		case 'request': {
			return view.requests.list === 'decided'
				? window(decidedBody(state, subject.escalation, context), context)
				: escalationWindow(state, subject.escalation, context);
		}

		case 'group': {
			return window(groupBody(state, subject.group, {columns, nowMs, marks, leftOut: view.requests.leftOut}), context);
		}

		case 'grant': {
			const lines = grantLines(state, subject.grant, nowMs).flatMap(line => wrapLine([span(' '), ...line], columns, {words: true}));
			return window(lines, context);
		}
	}
};

/** How far the row under the cursor can be scrolled down on a screen of this size. */
export const furthestScroll = (state: State, subject: Subject, view: View, context: Omit<FrameContext, 'scroll'>): number =>
	subjectWindow(state, subject, view, {...context, scroll: Number.MAX_SAFE_INTEGER}).firstLine;

/** The text that was before the operator's eyes, line by line: what the ledger keeps, with its SHA-256. */
export const escalationFrame = (state: State, escalation: Escalation, context: FrameContext): readonly string[] =>
	escalationWindow(state, escalation, context).lines.map(lineText);

/** The same for whatever the screen shows now. */
export const shownFrame = (state: State, view: View, context: Omit<FrameContext, 'scroll'>): readonly string[] => {
	const subject = subjectOf(state, view);
	return subject ? subjectWindow(state, subject, view, {...context, scroll: view.scroll.escalations}).lines.map(lineText) : [];
};

/** The request or group on the screen now and what is visible of it: what to tell the arming once the frame was painted. */
export const shownRequest = (state: State, view: View, context: Omit<FrameContext, 'scroll'>): PaintedRequest | undefined => {
	const subject = view.screen === 'escalations' ? subjectOf(state, view) : undefined;
	const isOpen = subject?.kind === 'group' || (subject?.kind === 'request' && subject.escalation.state === 'open');
	if (!subject || subject.kind === 'grant' || !isOpen) {
		return undefined;
	}

	const {id: escalationId, fingerprint} = subject;
	const {firstLine, endLine, lineCount} = subjectWindow(state, subject, view, {...context, scroll: view.scroll.escalations});
	return endLine > firstLine ? {escalationId, fingerprint, firstLine, endLine, lineCount} : undefined;
};
