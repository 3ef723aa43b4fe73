import {type Breaker, breakerRules, closedBreaker} from '../safety/breaker.js';
import {breakerKeys} from '../safety/breaker-keys.js';
import {limitUse} from '../safety/limit-use.js';
import {type Limits, limitMeaning} from '../safety/limits.js';
import type {State} from '../state.js';
import {shortAge} from './age.js';
import {budgetRows} from './budget-rows.js';
import {providerRows} from './provider-rows.js';
import type {View} from './view.js';

/** One breaker. `cause` and `sentence` hold text of agents: show them through `visible`. */
export type BreakerRow = {
	/** The breaker's key: `agent:codex`. */
	readonly id: string;
	readonly state: Breaker['state'];
	/** How near it is to opening or closing, or how long it has been so: `2/5 failed`, `1/2 probed`, `for 12s`. */
	readonly count: string;
	/** What happens next: `probe in 18s`. Empty for a closed one. */
	readonly next: string;
	readonly cause: string;
	/** All of it in one sentence. */
	readonly sentence: string;
};

const closedRow = (id: string, failures: number): BreakerRow => {
	const {failuresToOpen} = breakerRules;
	const sentence = `${id} is closed: runs start. It opens after ${failuresToOpen} failures in a row; there are ${failures} now.`;
	return {id, state: 'closed', count: `${failures}/${failuresToOpen} failed`, next: '', cause: '', sentence};
};

const openRow = (id: string, {openedAtMs, untilMs, cause}: Extract<Breaker, {state: 'open'}>, nowMs: number): BreakerRow => {
	const age = shortAge(nowMs - openedAtMs);
	const probe = untilMs > nowMs ? `in ${shortAge(untilMs - nowMs + 999)}` : 'now';
	const sentence = `${id} opened ${age} ago: ${cause}. Nothing starts through it; one run probes it ${probe}.`;
	return {id, state: 'open', count: `for ${age}`, next: `probe ${probe}`, cause, sentence};
};

const halfOpenRow = (id: string, {successes, cause, probe}: Extract<Breaker, {state: 'half-open'}>): BreakerRow => {
	const {successesToClose} = breakerRules;
	const doing = probe ? `${probe.runId} is the probe` : 'the next run is the probe';
	const sentence = `${id} is half open after “${cause}”: ${doing}. It closes after ${successesToClose} good probes; there are ${successes} now.`;
	return {
		id,
		state: 'half-open',
		count: `${successes}/${successesToClose} probed`,
		next: probe ? probe.runId : 'next run probes',
		cause,
		sentence,
	};
};

const rowOf = (id: string, breaker: Breaker, nowMs: number): BreakerRow => {
	switch (breaker.state) {
		case 'closed': {
			return closedRow(id, breaker.failures);
		}

		case 'open': {
			return openRow(id, breaker, nowMs);
		}

		case 'half-open': {
			return halfOpenRow(id, breaker);
		}

		case 'held': {
			const age = shortAge(nowMs - breaker.heldAtMs);
			const sentence = `${id} has been held open by ${breaker.by} for ${age}: nothing starts through it until it is reset.`;
			return {id, state: 'held', count: `for ${age}`, next: 'until reset', cause: `held by ${breaker.by}`, sentence};
		}
	}
};

/** Every breaker there is, in the order of their keys. */
export const breakerRows = (state: State, {filter}: Pick<View, 'filter'>, nowMs: number): readonly BreakerRow[] => {
	const needle = filter.breakers.trim().toLowerCase();
	return breakerKeys(state)
		.map(key => rowOf(key, state.breakers[key] ?? closedBreaker, nowMs))
		.filter(row => [row.id, row.state, row.cause].some(text => text.toLowerCase().includes(needle)));
};

/** One limit: its value, and where the fleet stands against it. For a limit of each session or tree, the fullest one counts. */
export type LimitRow = {
	/** `limit:concurrent`: no breaker has such a key. */
	readonly id: string;
	readonly name: keyof Limits;
	readonly meaning: string;
	readonly value: number;
	/** `undefined` for a length of time. */
	readonly used: number | undefined;
	readonly isReached: boolean;
};

/** Every limit with what it counts now, in the order of the configuration. */
export const limitRows = (state: State, {filter}: Pick<View, 'filter'>, nowMs: number): readonly LimitRow[] => {
	const needle = filter.breakers.trim().toLowerCase();
	const used = limitUse(state, nowMs);
	return (Object.keys(limitMeaning) as ReadonlyArray<keyof Limits>)
		.map(name => {
			const value = state.limits[name];
			const now = used[name];
			return {
				id: `limit:${name}`,
				name,
				meaning: limitMeaning[name],
				value,
				used: now,
				isReached: now !== undefined && value > 0 && now >= value,
			};
		})
		.filter(({name, meaning}) => `${name} ${meaning}`.toLowerCase().includes(needle));
};

/** The ids of the breakers, the providers that are waited for, the budgets and the limits, in their order. */
export const breakerRowIds = (state: State, view: Pick<View, 'filter'>, nowMs: number): readonly string[] => [
	...breakerRows(state, view, nowMs).map(({id}) => id),
	...providerRows(state, view, nowMs).map(({id}) => id),
	...budgetRows(state, view, nowMs).map(({id}) => id),
	...limitRows(state, view, nowMs).map(({id}) => id),
];
