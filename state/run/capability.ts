import type {Launcher} from '../agent/launcher.js';
import {closedBreaker, letsThrough} from '../safety/breaker.js';
import {launcherBreakerKey} from '../safety/breaker-keys.js';
import type {State} from '../state.js';

/** Whether everything demanded is there, in the agent's tags or the launcher's. */
const isSubset = (demands: readonly string[], agentTags: readonly string[], launcherTags: readonly string[]): boolean =>
	demands.every(tag => agentTags.includes(tag) || launcherTags.includes(tag));

/** The launchers that could carry such a run if they were free: reachable, and with what it demands. */
const matchingLaunchers = (state: State, agent: string, demands: readonly string[]): readonly Launcher[] => {
	const agentTags = state.agents[agent]?.tags ?? [];
	return Object.values(state.launchers).filter(
		launcher => launcher.state === 'online' && isSubset(demands, agentTags, launcher.tags ?? []),
	);
};

/** Whether any reachable launcher has what is demanded. */
export const isMatched = (state: State, agent: string, demands: readonly string[]): boolean =>
	matchingLaunchers(state, agent, demands).length > 0;

/** The launcher a run of this agent with these demands would start on now. */
export const availableLauncher = (state: State, agent: string, demands: readonly string[], nowMs: number): Launcher | undefined =>
	matchingLaunchers(state, agent, demands).find(({id}) => letsThrough(state.breakers[launcherBreakerKey(id)] ?? closedBreaker, nowMs));
