import {actorName} from '../actor.js';
import type {CommandOf} from '../command.js';
import type {DecisionContext, Outcome} from '../decision-context.js';
import {type Refusal, refuse} from '../refusal.js';
import type {Rules} from '../rule.js';
import type {State} from '../state.js';
import {type Breaker, closedBreaker, tripped} from './breaker.js';
import {isBreakerKnown} from './breaker-keys.js';

type BreakerCommand = CommandOf<'breaker.trip' | 'breaker.reset' | 'breaker.hold'>;

const breakerOf = (state: State, key: string): Breaker => state.breakers[key] ?? closedBreaker;

const whyNotBreaker = (state: State, {type, key}: BreakerCommand): Refusal | undefined => {
	if (!isBreakerKnown(state, key)) {
		return refuse('UNKNOWN_BREAKER', `There is no breaker ${key}.`);
	}

	const breaker = breakerOf(state, key);
	switch (type) {
		case 'breaker.trip': {
			return breaker.state === 'open' || breaker.state === 'held' ? refuse('INVALID', `${key} is ${breaker.state} already.`) : undefined;
		}

		case 'breaker.reset': {
			return breaker.state === 'closed' && breaker.failures === 0 ? refuse('INVALID', `${key} is closed and has no failures.`) : undefined;
		}

		case 'breaker.hold': {
			return breaker.state === 'held' ? refuse('INVALID', `${key} is held open already.`) : undefined;
		}
	}
};

const decideBreaker = (_state: State, {type, key}: BreakerCommand, {nowMs, actor}: DecisionContext): Outcome => {
	const by = actorName(actor);
	const next: Readonly<Record<BreakerCommand['type'], Breaker>> = {
		'breaker.trip': tripped(by, nowMs),
		'breaker.reset': closedBreaker,
		'breaker.hold': {state: 'held', heldAtMs: nowMs, by},
	};
	return {facts: [{type: 'breaker.changed', key, breaker: next[type], atMs: nowMs}], answer: {breaker: {key, state: next[type].state}}};
};

const rule = {whyNot: whyNotBreaker, decide: decideBreaker};

/** What the operator may do to a breaker by hand. */
export const breakerRules: Rules<BreakerCommand['type']> = {'breaker.trip': rule, 'breaker.reset': rule, 'breaker.hold': rule};
