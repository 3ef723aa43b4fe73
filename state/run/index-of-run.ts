import {addCount, type Index, type Line} from '../index-of-state.js';
import type {Lane} from '../queue/lane.js';
import type {State} from '../state.js';
import {holdsSlot, isLive, isOver, isQueued, type Run} from './run.js';
import {groupName} from './run-group.js';
import {openDependencies, whyNotReady} from './run-ready.js';

/** What of a run the index knows: while none of it changes, neither does the index. */
type Standing = Pick<Run, 'state' | 'lane' | 'order' | 'dependsOn' | 'heldBy' | 'dueAtMs' | 'isFirst' | 'isForced' | 'awaits'>;

const standingOf = ({state, lane, order, dependsOn, heldBy, dueAtMs, isFirst, isForced, awaits}: Run): Standing =>
	({state, lane, order, dependsOn, heldBy, dueAtMs, isFirst, isForced, awaits}) as Standing;

const isSame = (a: Standing, b: Run): boolean =>
	a.state === b.state &&
	a.lane === b.lane &&
	a.order === b.order &&
	a.dependsOn === b.dependsOn &&
	a.heldBy === b.heldBy &&
	a.dueAtMs === b.dueAtMs &&
	a.isFirst === b.isFirst &&
	a.isForced === b.isForced &&
	a.awaits === b.awaits;

/** Nobody of the line waits for another of it. */
const isAlone = ({liveId, queued}: Line): boolean => queued.length === 0 || (queued.length === 1 && liveId === undefined);

const membersOf = ({liveId, queued}: Line): readonly string[] => [...(liveId === undefined ? [] : [liveId]), ...queued.map(({id}) => id)];

/** An edge that is there for a reason of the run's own, whatever the order within its session. */
const waitsByItself = (index: Index, waiter: string, awaited: string): boolean => {
	const run = index.records.runs[waiter];
	const depends = run !== undefined && isQueued(run) && run.dependsOn?.includes(awaited) === true;
	return depends && index.records.runs[awaited]?.state !== 'succeeded';
};

/** Runs of one session follow one another: each waits for the one before it. */
const linkLine = (index: Index, line: Line): void => {
	if (isAlone(line)) {
		return;
	}

	const members = membersOf(line);
	for (let at = 1; at < members.length; at += 1) {
		index.waits.add(members[at]!, members[at - 1]!);
	}
};

const unlinkLine = (index: Index, line: Line): void => {
	if (isAlone(line)) {
		return;
	}

	const members = membersOf(line);
	for (let at = 1; at < members.length; at += 1) {
		if (!waitsByItself(index, members[at]!, members[at - 1]!)) {
			index.waits.remove(members[at]!, members[at - 1]!);
		}
	}
};

const unready = (index: Index, line: Line): void => {
	if (line.readyId !== undefined) {
		index.ready.remove(line.readyId);
		delete line.readyId;
	}
};

/** Keeps at most one run of a session among the ready ones: its first, while the session has no process and nothing holds the run. */
const changeReady = (index: Index, sessionId: string, line: Line): void => {
	const [first] = line.liveId === undefined ? line.queued : [];
	const ready = first && whyNotReady(first, index.records) === undefined ? first : undefined;
	if (line.readyId === ready?.id) {
		return;
	}

	unready(index, line);
	if (ready) {
		const {id, lane, order, queuedAtMs, failures = 0, isFirst, demands} = ready;
		const {agent, rootId} = index.records.sessions[sessionId]!;
		const isRetry = failures > 0;
		index.ready.add({
			id,
			lane,
			order,
			group: groupName(agent, demands),
			rootId,
			sinceMs: queuedAtMs,
			isRetry,
			...(isFirst && {isFirst}),
		});
		line.readyId = id;
	}
};

/** Looks again whether anything of a session is ready, when something but its runs changed. */
export const reviewSession = (index: Index, sessionId: string): void => {
	const line = index.lines.get(sessionId);
	if (line) {
		changeReady(index, sessionId, line);
	}
};

const lineOf = (index: Index, sessionId: string): Line => {
	let line = index.lines.get(sessionId);
	if (!line) {
		line = {queued: []};
		index.lines.set(sessionId, line);
		if (index.records.sessions[sessionId]!.parentId !== undefined) {
			index.busyChildren.add(sessionId);
		}
	}

	return line;
};

const insert = (line: Line, run: Run): void => {
	let at = line.queued.length;
	while (at > 0 && line.queued[at - 1]!.order > run.order) {
		at -= 1;
	}

	line.queued.splice(at, 0, run);
};

const enterQueue = (index: Index, run: Run): void => {
	index.queued[run.lane].set(run.id, run.order);
	if (run.dueAtMs !== undefined) {
		index.delayed.set(run.id, run.dueAtMs);
	}

	if (run.demands) {
		index.demanding.add(run.id);
	}

	if (run.preempts) {
		index.preempting.add(run.id);
	}

	if (run.isForced) {
		index.forced.add(run.id);
	}

	if (run.dependsOn) {
		for (const dependency of openDependencies(run, index.records.runs)) {
			index.waits.add(run.id, dependency);
		}
	}
};

const leaveQueue = (index: Index, {id}: Run, lane: Lane, dependsOn: Run['dependsOn']): void => {
	index.queued[lane].delete(id);
	index.delayed.delete(id);
	index.demanding.delete(id);
	index.preempting.delete(id);
	index.forced.delete(id);
	for (const dependency of dependsOn ?? []) {
		index.waits.remove(id, dependency);
	}
};

const enterLive = (index: Index, run: Run, rootId: string): void => {
	index.live.add(run.id);
	if (holdsSlot(run)) {
		index.slots += 1;
		addCount(index.slotsByRoot, rootId, 1);
	}

	if (run.state === 'waiting') {
		index.waiting.add(run.id);
		for (const awaited of run.awaits?.runIds ?? []) {
			const other = index.records.runs[awaited];
			if (other && !isOver(other)) {
				index.waits.add(run.id, awaited);
			}
		}
	}
};

const leaveLive = (index: Index, {id}: Run, before: Standing, rootId: string): void => {
	index.live.delete(id);
	if (holdsSlot(before as Run)) {
		index.slots -= 1;
		addCount(index.slotsByRoot, rootId, -1);
	}

	index.waiting.delete(id);
	for (const awaited of before.awaits?.runIds ?? []) {
		index.waits.remove(id, awaited);
	}
};

/** Takes an end to those who waited for it. */
const tellWaiters = (index: Index, run: Run): void => {
	const waiters = index.waits.waitersOf(run.id);
	index.waits.forget(run.id);
	for (const id of waiters) {
		reviewSession(index, index.records.runs[id]!.sessionId);
	}
};

const enter = (index: Index, run: Run, line: Line): void => {
	if (isOver(run)) {
		index.deadlines.delete(run.id);
		if (run.state === 'dead') {
			index.dead.add(run.id);
		}

		tellWaiters(index, run);
		return;
	}

	if (run.deadlineAtMs !== undefined) {
		index.deadlines.set(run.id, run.deadlineAtMs);
	}

	if (isQueued(run)) {
		insert(line, run);
		enterQueue(index, run);
	} else {
		line.liveId = run.id;
		enterLive(index, run, index.records.sessions[run.sessionId]!.rootId);
	}
};

const leave = (index: Index, run: Run, before: Standing, line: Line): void => {
	index.dead.delete(run.id);
	if (line.readyId === run.id) {
		unready(index, line);
	}

	if (isQueued(before as Run)) {
		line.queued.splice(line.queued.indexOf(run), 1);
		leaveQueue(index, run, before.lane, before.dependsOn);
	} else if (isLive(before as Run)) {
		delete line.liveId;
		leaveLive(index, run, before, index.records.sessions[run.sessionId]!.rootId);
	}
};

/** The line as it is once a run of it changed: who waits for whom, and who is ready. */
const settle = (index: Index, sessionId: string, line: Line): void => {
	linkLine(index, line);
	changeReady(index, sessionId, line);
	if (line.queued.length === 0 && line.liveId === undefined) {
		index.lines.delete(sessionId);
		index.busyChildren.delete(sessionId);
	}
};

/** Takes a run into the index as it is now. */
export const enterRun = (index: Index, run: Run): void => {
	const line = lineOf(index, run.sessionId);
	unlinkLine(index, line);
	enter(index, run, line);
	settle(index, run.sessionId, line);
};

/** Changes a run and keeps the index right; without a change the run is new. */
export const changeRun = ({index}: State, run: Run, change?: () => void): void => {
	if (!change) {
		enterRun(index, run);
		return;
	}

	const before = standingOf(run);
	change();
	if (isSame(before, run)) {
		return;
	}

	const line = lineOf(index, run.sessionId);
	unlinkLine(index, line);
	leave(index, run, before, line);
	enter(index, run, line);
	settle(index, run.sessionId, line);
};
