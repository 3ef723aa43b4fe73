import {createFairQueue, type FairQueue} from './fair-queue.js';
import {type Lane, lanes} from './lane.js';
import {holdsSlot, isLive, isQueued, type Run} from './run.js';
import type {Session} from './session.js';

/** What makes questions about State cheap. Derived from the facts alone, never saved. */
export type Index = {
	/** Session id → ids of its children, in order of creation. */
	readonly children: Map<string, Set<string>>;
	/** Root id → how many sessions it ever had below it. */
	readonly descendants: Map<string, number>;
	/** Ids of the runs with a process, or about to have one. */
	readonly live: Set<string>;
	/** How many runs hold a slot: overall, and by root session. */
	slots: number;
	readonly slotsByRoot: Map<string, number>;
	/** Ids of the queued runs of each lane, by order of arrival. */
	readonly queued: Readonly<Record<Lane, Map<string, number>>>;
	/** Session id → its queued runs in order of arrival, and how many of its runs have a process. */
	readonly lines: Map<string, {readonly queued: Run[]; live: number}>;
	/** The runs nothing in their own session holds back: the first of each session that has no process. */
	readonly ready: FairQueue;
	/** Ids of the open escalations, oldest first. */
	readonly openEscalations: Set<string>;
};

type Source = {
	readonly sessions: Readonly<Record<string, Session>>;
	readonly runs: Readonly<Record<string, Run>>;
	readonly escalations: Readonly<Record<string, {readonly id: string; readonly state: string}>>;
};

const count = (counts: Map<string, number>, key: string, by: number): void => {
	const next = (counts.get(key) ?? 0) + by;
	if (next === 0) {
		counts.delete(key);
	} else {
		counts.set(key, next);
	}
};

/** Takes a new session into the index. */
export const indexSession = (index: Index, session: Session): void => {
	if (session.parentId === undefined) {
		return;
	}

	const siblings = index.children.get(session.parentId) ?? new Set();
	siblings.add(session.id);
	index.children.set(session.parentId, siblings);
	count(index.descendants, session.rootId, 1);
};

const changeLine = (index: Index, run: Run, sessionId: string, by: 1 | -1): void => {
	const line = index.lines.get(sessionId) ?? {queued: [], live: 0};
	index.lines.set(sessionId, line);
	line.live += isLive(run) ? by : 0;
	if (isQueued(run) && by === 1) {
		const behind = line.queued.findIndex(({order}) => order > run.order);
		line.queued.splice(behind === -1 ? line.queued.length : behind, 0, run);
	} else if (isQueued(run)) {
		line.queued.splice(line.queued.indexOf(run), 1);
	}
};

/** Keeps at most one run of a session among the ready ones: its first, while the session has no process. */
const changeReady = (index: Index, {id: sessionId, agent, rootId}: Session): void => {
	const {queued, live} = index.lines.get(sessionId)!;
	const [first] = live === 0 ? queued : [];
	for (const {id} of queued) {
		if (id !== first?.id) {
			index.ready.remove(id);
		}
	}

	if (first && !index.ready.has(first.id)) {
		const {id, lane, order, queuedAtMs} = first;
		index.ready.add({id, lane, order, group: agent, rootId, sinceMs: queuedAtMs, isRetry: false});
	}

	if (live === 0 && queued.length === 0) {
		index.lines.delete(sessionId);
	}
};

/** Takes a run into the index as it is now, or out of it: call with -1 before a change of its state and with 1 after it. */
export const indexRun = (index: Index, run: Run, session: Session, by: 1 | -1): void => {
	if (isQueued(run)) {
		if (by === 1) {
			index.queued[run.lane].set(run.id, run.order);
		} else {
			index.queued[run.lane].delete(run.id);
			index.ready.remove(run.id);
		}
	}

	if (isLive(run)) {
		if (by === 1) {
			index.live.add(run.id);
		} else {
			index.live.delete(run.id);
		}
	}

	if (holdsSlot(run)) {
		index.slots += by;
		count(index.slotsByRoot, session.rootId, by);
	}

	changeLine(index, run, session.id, by);
	changeReady(index, session);
};

export const createIndex = ({sessions, runs, escalations}: Source): Index => {
	const index: Index = {
		children: new Map(),
		descendants: new Map(),
		live: new Set(),
		slots: 0,
		slotsByRoot: new Map(),
		queued: Object.fromEntries(lanes.map(lane => [lane, new Map()])) as Record<Lane, Map<string, number>>,
		lines: new Map(),
		ready: createFairQueue(),
		openEscalations: new Set(),
	};

	for (const session of Object.values(sessions)) {
		indexSession(index, session);
	}

	for (const run of Object.values(runs).sort((a, b) => a.order - b.order)) {
		indexRun(index, run, sessions[run.sessionId]!, 1);
	}

	for (const escalation of Object.values(escalations)) {
		if (escalation.state === 'open') {
			index.openEscalations.add(escalation.id);
		}
	}

	return index;
};
