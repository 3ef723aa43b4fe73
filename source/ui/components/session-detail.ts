import {isLive, isQueued, type Run} from '../../../state/run/run.js';
import {runNotes} from '../../../state/run/run-notes.js';
import {whyQueued} from '../../../state/run/run-wait.js';
import {usageParts} from '../../../state/safety/usage-line.js';
import {usageOf} from '../../../state/safety/usage-of-state.js';
import {activeRun, lastRun, type Session, screenRun} from '../../../state/session/session.js';
import type {State} from '../../../state/state.js';
import {shortAge} from '../../../state/view/age.js';
import {type RowsView, sessionStatus, spokenRun} from '../../../state/view/session-rows.js';
import {fitColumns} from '../../../state/view/text-width.js';
import {visible} from '../../../state/view/visible.js';
import {keyOf} from '../../keys/key-of.js';
import type {Theme} from '../theme.js';
import {type Segment, widthOf} from './line.js';
import {badgeLook, statusText} from './session-row.js';

type Context = {readonly state: State; readonly session: Session; readonly view: RowsView; readonly nowMs: number; readonly theme: Theme};

const oneLine = (text: string): string => visible(text.replaceAll(/\s+/g, ' ').trim());

/** Who it is and how it stands: `planner · codex · needs you: approval 2m`. */
export const titleSegments = ({state, session, view, nowMs, theme}: Context, columns: number): readonly Segment[] => {
	const status = sessionStatus(state, session, view);
	const {separator, ellipsis} = theme.glyphs;
	const behind: readonly Segment[] = [
		{text: ` ${separator} ${visible(session.agent)} ${separator} `, tone: 'quiet'},
		{text: statusText(status, 99), tone: badgeLook(status.badge, theme).tone},
		{text: ` ${shortAge(nowMs - status.sinceMs)}`, tone: 'quiet'},
	];
	// The tree has the name, too: it gives way first.
	const name = fitColumns(visible(session.label), Math.max(8, columns - widthOf(behind)), ellipsis).trimEnd();
	return [{text: name, tone: 'strong'}, ...behind];
};

const queuedRun = (state: State, session: Session): Run | undefined => session.runIds.map(id => state.runs[id]!).find(isQueued);

/** What matters most about it now: what it asks, why it waits, how it failed, else what it was told to do. */
export const aboutSegments = ({state, session, nowMs}: Context): readonly Segment[] => {
	const requestId = [...state.index.openEscalations].find(id => state.escalations[id]!.sessionId === session.id);
	if (requestId !== undefined) {
		return [{text: `${keyOf('show.escalations')} `, tone: 'strong'}, {text: `shows: ${oneLine(state.escalations[requestId]!.text)}`}];
	}

	const run = activeRun(state, session);
	const queued = run ? undefined : queuedRun(state, session);
	const why = queued && whyQueued(state, queued, nowMs);
	if (why) {
		return [{text: oneLine(why.sentence)}];
	}

	const last = run ?? queued ?? lastRun(state, session);
	if (last?.ending !== undefined) {
		return [{text: oneLine(last.ending)}];
	}

	const text = oneLine(last?.text ?? '');
	return [{text: text === '' ? oneLine(session.cwd) : text, tone: 'quiet'}];
};

/** What the agent is believed to do, who says so, and how long ago: `idle for 5s (screen, 2s ago)`. */
const statusPiece = (run: Run, nowMs: number): readonly Segment[] => {
	const {status} = run;
	if (!status || !isLive(run)) {
		return [];
	}

	const kind = status.kind === undefined ? '' : ` on a ${status.kind}`;
	const heard = `${status.source}, ${shortAge(nowMs - status.seenMs)} ago`;
	return [{text: `${status.activity}${kind} for ${shortAge(nowMs - status.sinceMs)} (${heard})`}];
};

const queuedBehind = (state: State, session: Session): readonly Segment[] => {
	const count = session.runIds.filter(id => isQueued(state.runs[id]!)).length;
	return count > 0 && activeRun(state, session) ? [{text: `${count} queued behind it`}] : [];
};

const piecesOf = ({state, session, nowMs}: Context): readonly Segment[] => {
	const run = spokenRun(state, session);
	const {threadId, tags = []} = session;
	// Runs and time of work are in the answer to why: here there is room for what changes.
	const used = usageParts({...usageOf(state, `session:${session.id}`), runs: 0, workedMs: 0});
	return [
		...(run ? runNotes(state, run, nowMs).map(({text, tone}): Segment => ({text: oneLine(text), tone})) : []),
		...(run ? statusPiece(run, nowMs) : []),
		...queuedBehind(state, session),
		...used.map((text): Segment => ({text})),
		...tags.map((tag): Segment => ({text: `#${oneLine(tag)}`, tone: 'quiet'})),
		...(threadId === undefined ? [] : [{text: `thread ${oneLine(threadId)}`, tone: 'quiet' as const}]),
	];
};

/** What else there is to know about it, the most pressing first, in at most so many lines; there may be none. */
export const moreSegments = (context: Context, columns: number, rows: number): ReadonlyArray<readonly Segment[]> => {
	const between: Segment = {text: ` ${context.theme.glyphs.separator} `, tone: 'quiet'};
	const lines: Segment[][] = [];
	for (const piece of piecesOf(context)) {
		const line = lines.at(-1);
		if (line && widthOf([...line, between, piece]) <= columns) {
			line.push(between, piece);
		} else {
			lines.push([piece]);
		}
	}

	return lines.slice(0, rows);
};

/** What stands where the live screen would be, while there is none; empty when there is one. */
export const noScreenText = (state: State, session: Session): string => {
	const run = screenRun(state, session);
	if (!run) {
		return session.runIds.length === 0
			? `It was never told to do anything: ${keyOf('session.send')} sends it a line.`
			: 'Its screen is shown here once it starts.';
	}

	return run.state === 'starting' ? 'It is starting.' : '';
};
