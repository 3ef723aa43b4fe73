import {shortAge} from './age.js';
import {agentBreakerKey, type Breaker, breakerRules, closedBreaker} from './breaker.js';
import {type Limits, limitMeaning} from './limits.js';
import {childrenOf, isBusy} from './session.js';
import type {State} from './state.js';
import type {View} from './view.js';

/** One breaker. `cause` holds text of agents: show it through `visible`. */
export type BreakerRow = {
	/** The breaker's key: `agent:codex`. */
	readonly id: string;
	readonly state: Breaker['state'];
	/** How near it is to opening or closing: `2 of 5 failures`. */
	readonly progress: string;
	/** What happens next, and when. */
	readonly next: string;
	readonly cause: string;
};

const inTime = (atMs: number, nowMs: number): string => (atMs > nowMs ? `in ${shortAge(atMs - nowMs + 999)}` : 'now');

const rowOf = (id: string, breaker: Breaker, nowMs: number): BreakerRow => {
	const {failuresToOpen, successesToClose} = breakerRules;
	switch (breaker.state) {
		case 'closed': {
			return {id, state: 'closed', progress: `${breaker.failures} of ${failuresToOpen} failures`, next: 'lets runs through', cause: ''};
		}

		case 'open': {
			const next = `probes ${inTime(breaker.untilMs, nowMs)}`;
			return {id, state: 'open', progress: `since ${shortAge(nowMs - breaker.openedAtMs)}`, next, cause: breaker.cause};
		}

		case 'half-open': {
			const progress = `${breaker.successes} of ${successesToClose} probes`;
			const next = breaker.probe ? `${breaker.probe.runId} is the probe` : 'next run is the probe';
			return {id, state: 'half-open', progress, next, cause: breaker.cause};
		}

		case 'held': {
			return {
				id,
				state: 'held',
				progress: `since ${shortAge(nowMs - breaker.heldAtMs)}`,
				next: 'waits for a reset',
				cause: `held by ${breaker.by}`,
			};
		}
	}
};

/** A breaker for every agent profile, used or not, in the order of their keys. */
export const breakerRows = (state: State, {filter}: Pick<View, 'filter'>, nowMs: number): readonly BreakerRow[] => {
	const keys = new Set([...Object.keys(state.agents).map(agentBreakerKey), ...Object.keys(state.breakers)]);
	const needle = filter.breakers.trim().toLowerCase();
	return [...keys]
		.sort((a, b) => (a < b ? -1 : 1))
		.map(key => rowOf(key, state.breakers[key] ?? closedBreaker, nowMs))
		.filter(row => [row.id, row.state, row.cause].some(text => text.toLowerCase().includes(needle)));
};

/** The ids of the rows, in their order. */
export const breakerRowIds = (state: State, view: Pick<View, 'filter'>, nowMs: number): readonly string[] =>
	breakerRows(state, view, nowMs).map(({id}) => id);

/** One limit: its value, and where the fleet stands against it. For a limit of each session or tree, the fullest one counts. */
export type LimitRow = {
	readonly name: keyof Limits;
	readonly meaning: string;
	readonly value: number;
	/** `undefined` for a length of time. */
	readonly used: number | undefined;
	readonly isReached: boolean;
};

const most = (numbers: Iterable<number>): number => {
	let highest = 0;
	for (const number of numbers) {
		highest = Math.max(highest, number);
	}

	return highest;
};

const counted = <Item>(items: Iterable<Item>, key: (item: Item) => string): Iterable<number> => {
	const counts = new Map<string, number>();
	for (const item of items) {
		counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
	}

	return counts.values();
};

const queuedRuns = (state: State) => Object.values(state.index.queued).flatMap(lane => [...lane.keys()].map(id => state.runs[id]!));

const used: Readonly<Partial<Record<keyof Limits, (state: State) => number>>> = {
	concurrent: state => state.index.slots,
	concurrentPerTree: state => most(state.index.slotsByRoot.values()),
	liveChildren: state =>
		most([...state.index.children.keys()].map(id => childrenOf(state, id).filter(child => isBusy(state, child)).length)),
	depth: state => most(Object.values(state.sessions).map(({depth}) => depth)),
	sessionsPerRoot: state => most(state.index.descendants.values()),
	queueLength: state => queuedRuns(state).length,
	queuedPerSession: state => most(counted(queuedRuns(state), run => run.sessionId)),
	openEscalations: state => most(counted(state.index.openEscalations, id => state.escalations[id]!.runId)),
};

/** Every limit with what it counts now, in the order of the configuration. */
export const limitRows = (state: State): readonly LimitRow[] =>
	(Object.keys(limitMeaning) as ReadonlyArray<keyof Limits>).map(name => {
		const value = state.limits[name];
		const now = used[name]?.(state);
		return {name, meaning: limitMeaning[name], value, used: now, isReached: now !== undefined && now >= value};
	});
