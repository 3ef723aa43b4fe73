import {queueLength} from '../../state/queue/queue-order.js';
import {type Limits, limitMeaning} from '../../state/safety/limits.js';
import {isBusy, type Session} from '../../state/session/session.js';
import type {State} from '../../state/state.js';

/** A limit as people read it. `used` is the fullest place where it holds now; `null` where it is a length of time. */
export type LimitRow = {readonly name: string; readonly value: number; readonly used: number | null; readonly meaning: string};

const most = (counts: Iterable<number>): number => Math.max(0, ...counts);

/** How often each of these names occurs. */
const countsOf = (names: Iterable<string>): Map<string, number> => {
	const counts = new Map<string, number>();
	for (const name of names) {
		counts.set(name, (counts.get(name) ?? 0) + 1);
	}

	return counts;
};

const mostQueuedOfOne = ({index}: State): number => most([...index.lines.values()].map(({queued}) => queued.length));

const mostOpenOfOne = ({index, escalations}: State): number =>
	most(countsOf([...index.openEscalations].map(id => escalations[id]!.sessionId)).values());

const parentsOf = function* (state: State): Iterable<string> {
	for (const id of state.index.busyChildren) {
		const session: Session = state.sessions[id]!;
		if (session.parentId !== undefined && isBusy(state, session)) {
			yield session.parentId;
		}
	}
};

const deepestBusy = ({index, sessions}: State): number => most([...index.lines.keys()].map(id => sessions[id]!.depth));

/** Attempts started within the last minute, by agent. */
const startsByAgent = ({sessions, runs}: State, nowMs: number): Map<string, number> =>
	countsOf(
		Object.values(runs)
			.flatMap(({sessionId, attempts}) => attempts.map(({claimedAtMs}) => ({sessionId, claimedAtMs})))
			.filter(({claimedAtMs}) => claimedAtMs > nowMs - 60_000)
			.map(({sessionId}) => sessions[sessionId]!.agent),
	);

const sum = (counts: Iterable<number>): number => [...counts].reduce((total, count) => total + count, 0);

const usedOf = (state: State, nowMs: number): Partial<Record<keyof Limits, number>> => {
	const {index} = state;
	const starts = startsByAgent(state, nowMs);
	return {
		concurrent: index.slots,
		concurrentPerTree: most(index.slotsByRoot.values()),
		liveChildren: most(countsOf(parentsOf(state)).values()),
		depth: deepestBusy(state),
		sessionsPerRoot: most(index.descendants.values()),
		queueLength: queueLength(state),
		queuedPerSession: mostQueuedOfOne(state),
		openEscalations: mostOpenOfOne(state),
		pendingDecisions: index.openEscalations.size,
		startsPerMinute: sum(starts.values()),
		startsPerMinutePerAgent: most(starts.values()),
	};
};

/** Every limit with its value, how much of it is used and what it counts. */
export const limitRows = (state: State, nowMs: number): readonly LimitRow[] => {
	const used = usedOf(state, nowMs);
	return Object.entries(state.limits).map(([name, value]) => ({
		name,
		value,
		used: used[name as keyof Limits] ?? null,
		meaning: limitMeaning[name as keyof Limits],
	}));
};
