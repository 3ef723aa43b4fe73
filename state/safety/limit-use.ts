import {queueLength} from '../queue/queue-order.js';
import {isBusy} from '../session/session.js';
import type {State} from '../state.js';
import type {Limits} from './limits.js';

const most = (counts: Iterable<number>): number => {
	let highest = 0;
	for (const count of counts) {
		highest = Math.max(highest, count);
	}

	return highest;
};

const sum = (counts: Iterable<number>): number => [...counts].reduce((total, count) => total + count, 0);

/** How often each of these names occurs. */
const countsOf = (names: Iterable<string>): Map<string, number> => {
	const counts = new Map<string, number>();
	for (const name of names) {
		counts.set(name, (counts.get(name) ?? 0) + 1);
	}

	return counts;
};

/** The parent of every busy child, once for each. */
const parentsOfBusy = (state: State): readonly string[] =>
	[...state.index.busyChildren].map(id => state.sessions[id]!).flatMap(child => (isBusy(state, child) ? (child.parentId ?? []) : []));

/** Attempts started within the last minute, by agent. */
const startsByAgent = ({sessions, runs}: State, nowMs: number): Map<string, number> =>
	countsOf(
		Object.values(runs).flatMap(({sessionId, attempts}) =>
			attempts.filter(({claimedAtMs}) => claimedAtMs > nowMs - 60_000).map(() => sessions[sessionId]!.agent),
		),
	);

/**
 * How much of each limit is used now, where it is fullest: one answer for the console, the gateway and the CLI. Lengths of time and
 * limits that count nothing at any moment are not among them.
 */
export const limitUse = (state: State, nowMs: number): Readonly<Partial<Record<keyof Limits, number>>> => {
	const {index, sessions, escalations} = state;
	const starts = startsByAgent(state, nowMs);
	return {
		concurrent: index.slots,
		concurrentPerTree: most(index.slotsByRoot.values()),
		liveChildren: most(countsOf(parentsOfBusy(state)).values()),
		depth: most([...index.lines.keys()].map(id => sessions[id]!.depth)),
		sessionsPerRoot: most(index.descendants.values()),
		queueLength: queueLength(state),
		queuedPerSession: most([...index.lines.values()].map(({queued}) => queued.length)),
		openEscalations: most(countsOf([...index.openEscalations].map(id => escalations[id]!.sessionId)).values()),
		pendingDecisions: index.openEscalations.size,
		startsPerMinute: sum(starts.values()),
		startsPerMinutePerAgent: most(starts.values()),
	};
};
