import {shortAge} from '../../../state/age.js';
import {isQueued, type Run} from '../../../state/run.js';
import {whyQueued} from '../../../state/run-wait.js';
import {activeRun, lastRun, type Session, screenRun} from '../../../state/session.js';
import {type RowsView, sessionStatus} from '../../../state/session-rows.js';
import type {State} from '../../../state/state.js';
import {fitColumns} from '../../../state/text-width.js';
import {visible} from '../../../state/visible.js';
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
