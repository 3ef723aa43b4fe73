import {currentAttempt} from '../run/run.js';
import {launcherBreakerKey} from '../safety/breaker-keys.js';
import type {State} from '../state.js';

/** A launcher that has been away for so long, with nothing on it, will not come back: each start of one has an id of its own. */
const rememberedMs = 7 * 24 * 60 * 60_000;

/** Forgets the launchers of long ago, and their breakers. Called by `apply` alone. */
export const forgetLaunchers = (state: State, nowMs: number): void => {
	const busy = new Set([...state.index.live].map(id => currentAttempt(state.runs[id]!)!.launcherId));
	for (const {id, state: at, sinceMs} of Object.values(state.launchers)) {
		if (at === 'offline' && sinceMs < nowMs - rememberedMs && !busy.has(id)) {
			delete state.launchers[id];
			delete state.breakers[launcherBreakerKey(id)];
		}
	}
};
