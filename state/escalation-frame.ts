import type {PaintedRequest} from './arming.js';
import type {Escalation} from './escalation.js';
import {escalationBody} from './escalation-body.js';
import {asciiMarks, type FrameLine, type FrameMarks, lineText, unicodeMarks} from './frame-line.js';
import type {State} from './state.js';
import {selectedId, type View} from './view.js';

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

/** What the screen shows of a request. A scroll beyond its end shows its end. */
export const escalationWindow = (state: State, escalation: Escalation, context: FrameContext): EscalationWindow => {
	const {columns, rows, nowMs, scroll} = context;
	const body = escalationBody(state, escalation, {columns, nowMs, marks: marksOf(context)});
	const {bodyRows} = escalationLayout(rows);
	const firstLine = Math.max(0, Math.min(scroll, body.length - bodyRows));
	const lines = body.slice(firstLine, firstLine + bodyRows);
	return {lines, firstLine, endLine: firstLine + lines.length, lineCount: body.length};
};

/** How far a request can be scrolled down on a screen of this size. */
export const furthestScroll = (state: State, escalation: Escalation, context: Omit<FrameContext, 'scroll'>): number =>
	escalationWindow(state, escalation, {...context, scroll: Number.MAX_SAFE_INTEGER}).firstLine;

/** The text that was before the operator's eyes, line by line: what the ledger keeps the SHA-256 of. */
export const escalationFrame = (state: State, escalation: Escalation, context: FrameContext): readonly string[] =>
	escalationWindow(state, escalation, context).lines.map(lineText);

/** The request on the escalations screen now and what is visible of it: what to tell the arming once the frame was painted. */
export const shownRequest = (state: State, view: View, context: Omit<FrameContext, 'scroll'>): PaintedRequest | undefined => {
	const escalation = view.screen === 'escalations' ? state.escalations[selectedId(view, 'escalations') ?? ''] : undefined;
	if (escalation?.state !== 'open') {
		return undefined;
	}

	const {firstLine, endLine, lineCount} = escalationWindow(state, escalation, {...context, scroll: view.scroll.escalations});
	const isInSight = endLine > firstLine;
	return isInSight ? {escalationId: escalation.id, fingerprint: escalation.fingerprint, firstLine, endLine, lineCount} : undefined;
};
