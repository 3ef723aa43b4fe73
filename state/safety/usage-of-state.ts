import type {State} from '../state.js';
import {addUsage, noUsage, scopesOf, type Usage, type UsageScope} from './usage.js';

/** What a scope used so far. */
export const usageOf = (state: State, scope: UsageScope): Usage => state.usage[scope] ?? noUsage;

/** Adds what a session used to every sum it counts in. Called by `apply` alone. */
export const countUsage = (state: State, sessionId: string, used: Partial<Usage>): void => {
	for (const scope of scopesOf(state.sessions[sessionId]!)) {
		state.usage[scope] = addUsage(usageOf(state, scope), used);
	}
};
