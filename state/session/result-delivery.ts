import type {AgentProfile} from '../agent/agent-profile.js';
import {isOver, type Run} from '../run/run.js';
import type {State} from '../state.js';
import {type ChildResult, mostExchanges, pairKey} from './outbox.js';
import {activeRun, isBusy, lastRun, type Session} from './session.js';

/** What is to be done with the results that wait for one parent now. */
export type DeliveryPlan = {
	/** Those that go out now, oldest first, all of them as one. */
	readonly results: readonly ChildResult[];
	/** How; `undefined` when they stay where they are for now. */
	readonly how: 'typed' | 'queued' | undefined;
	/** Those that the operator has to let through. */
	readonly withheld: readonly ChildResult[];
};

/** The results that were not delivered to this parent yet, oldest first. */
export const pendingResults = ({outbox}: State, parentId: string): readonly ChildResult[] =>
	Object.values(outbox)
		.filter(result => result.parentId === parentId && result.deliveredAtMs === undefined)
		.sort((a, b) => a.pushedAtMs - b.pushedAtMs);

/** How an agent takes results that it did not wait for: a shell has no use for them. */
const deliveryOf = (profile: AgentProfile | undefined): 'type' | 'queue' | 'none' => {
	const isShell = profile === undefined || profile.adapter === 'shell' || profile.adapter === 'command';
	return profile?.resultDelivery ?? (isShell ? 'none' : 'queue');
};

/** Told by its own channel, or read from its screen: a line typed now is the next thing it reads. */
const isIdle = ({state, status}: Run): boolean => state === 'running' && (status?.activity === 'idle' || status?.activity === 'done');

/** A parent that was stopped, or failed, is not woken up by what its children had left to say. */
const mayBeWoken = (state: State, parent: Session): boolean => {
	const last = lastRun(state, parent);
	return last !== undefined && isOver(last) && last.state === 'succeeded' && !isBusy(state, parent);
};

const howNow = (state: State, parent: Session): DeliveryPlan['how'] => {
	const delivery = deliveryOf(state.agents[parent.agent]);
	const active = activeRun(state, parent);
	if (delivery === 'none') {
		return undefined;
	}

	if (active) {
		return delivery === 'type' && isIdle(active) ? 'typed' : undefined;
	}

	return mayBeWoken(state, parent) ? 'queued' : undefined;
};

const isSpent = ({exchanges}: State, {parentId, sessionId}: ChildResult): boolean =>
	(exchanges[pairKey(parentId, sessionId)] ?? 0) >= mostExchanges;

/**
 * What to do with what a parent's children left behind. A parent that is busy is left alone, whatever comes meanwhile: it gets everything as
 * one when it has time.
 */
export const planDelivery = (state: State, parentId: string): DeliveryPlan => {
	const parent = state.sessions[parentId];
	const pending = pendingResults(state, parentId).filter(({isWithheld}) => isWithheld !== true);
	const how = parent && pending.length > 0 ? howNow(state, parent) : undefined;
	if (how === undefined) {
		return {results: [], how: undefined, withheld: []};
	}

	const results = pending.filter(result => !isSpent(state, result));
	return {results, how: results.length > 0 ? how : undefined, withheld: pending.filter(result => isSpent(state, result))};
};
