import {indexAnswer} from './kept-answers.js';
import {createFairQueue, type FairQueue} from './queue/fair-queue.js';
import {type Lane, lanes} from './queue/lane.js';
import {enterRun} from './run/index-of-run.js';
import type {Run} from './run/run.js';
import {createWaitGraph, type WaitGraph} from './run/wait-graph.js';
import type {BudgetHold} from './safety/budget.js';
import type {Session} from './session/session.js';

/** The runs of one session that are not over: those in the queue by their order, and the one with a process. */
export type Line = {readonly queued: Run[]; liveId?: string; readyId?: string};

/** What makes questions about State cheap. Derived from the facts alone, never saved. */
export type Index = {
	/** The records themselves, the same objects as in State. */
	readonly records: {
		readonly sessions: Readonly<Record<string, Session>>;
		readonly runs: Readonly<Record<string, Run>>;
		readonly budgetHolds: Readonly<Record<string, BudgetHold>>;
	};
	/** Session id → ids of its children, in order of creation. */
	readonly children: Map<string, Set<string>>;
	/** Root id → how many sessions it ever had below it. */
	readonly descendants: Map<string, number>;
	/** Ids of the runs with a process, or about to have one. */
	readonly live: Set<string>;
	/** Ids of those of them that wait. */
	readonly waiting: Set<string>;
	/** Ids of the dead letters. */
	readonly dead: Set<string>;
	/** How many runs hold a slot: overall, and by root session. */
	slots: number;
	readonly slotsByRoot: Map<string, number>;
	/** Ids of the queued runs of each lane, by order of arrival. */
	readonly queued: Readonly<Record<Lane, Map<string, number>>>;
	/** Session id → its runs that are not over, while there are any. */
	readonly lines: Map<string, Line>;
	/** The sessions of `lines` that have a parent. */
	readonly busyChildren: Set<string>;
	/** The runs nothing in their own session or among their dependencies holds back: at most one of each session. */
	readonly ready: FairQueue;
	/** Queued runs → when their next try is due, and when they are of no use any more. */
	readonly delayed: Map<string, number>;
	readonly deadlines: Map<string, number>;
	/** Ids of the queued runs that demand tags. */
	readonly demanding: Set<string>;
	/** Ids of the queued runs that may take another's slot. */
	readonly preempting: Set<string>;
	/** Ids of the queued runs the operator wants now. */
	readonly forced: Set<string>;
	/** Who waits for whom, by run: dependencies, waits for children, the order within a session. */
	readonly waits: WaitGraph;
	/** Ids of the open escalations, oldest first. */
	readonly openEscalations: Set<string>;
	/** Who sent requests with idempotency keys → the keys whose answers are kept, oldest first. */
	readonly answers: Map<string, Set<string>>;
};

type Source = Index['records'] & {
	readonly escalations: Readonly<Record<string, {readonly id: string; readonly state: string}>>;
	readonly answers: Readonly<Record<string, unknown>>;
};

/** Adds to a count that is not kept while it is zero. */
export const addCount = (counts: Map<string, number>, key: string, by: number): void => {
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
	addCount(index.descendants, session.rootId, 1);
};

const emptyIndex = (records: Index['records']): Index => ({
	records,
	children: new Map(),
	descendants: new Map(),
	live: new Set(),
	waiting: new Set(),
	dead: new Set(),
	slots: 0,
	slotsByRoot: new Map(),
	queued: Object.fromEntries(lanes.map(lane => [lane, new Map()])) as Record<Lane, Map<string, number>>,
	lines: new Map(),
	busyChildren: new Set(),
	ready: createFairQueue(),
	delayed: new Map(),
	deadlines: new Map(),
	demanding: new Set(),
	preempting: new Set(),
	forced: new Set(),
	waits: createWaitGraph(),
	openEscalations: new Set(),
	answers: new Map(),
});

/** The index of these records, which it keeps looking into. */
export const createIndex = ({sessions, runs, budgetHolds, escalations, answers}: Source): Index => {
	const index = emptyIndex({sessions, runs, budgetHolds});
	for (const session of Object.values(sessions)) {
		indexSession(index, session);
	}

	for (const run of Object.values(runs).sort((a, b) => a.order - b.order)) {
		enterRun(index, run);
	}

	for (const escalation of Object.values(escalations)) {
		if (escalation.state === 'open') {
			index.openEscalations.add(escalation.id);
		}
	}

	for (const key of Object.keys(answers)) {
		indexAnswer(index.answers, key);
	}

	return index;
};
