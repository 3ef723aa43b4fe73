import type {State} from '../state.js';
import {agentBreakerKey} from './breaker.js';

/** The breaker of everything that uses one provider's models. */
export const providerBreakerKey = (provider: string): string => `provider:${provider}`;

/** The breaker of one launcher. */
export const launcherBreakerKey = (launcherId: string): string => `launcher:${launcherId}`;

/** The breakers a run of this agent starts through, whatever machine it starts on. */
export const breakerKeysOf = (state: State, agent: string): readonly string[] => {
	const provider = state.agents[agent]?.provider;
	return [agentBreakerKey(agent), ...(provider === undefined ? [] : [providerBreakerKey(provider)])];
};

/** A breaker for every agent profile, provider and reachable launcher, used or not, and every other that ever counted; sorted. */
export const breakerKeys = (state: State): readonly string[] => {
	const reachable = Object.values(state.launchers).filter(launcher => launcher.state === 'online');
	const keys = new Set([
		...Object.keys(state.agents).flatMap(agent => breakerKeysOf(state, agent)),
		...reachable.map(({id}) => launcherBreakerKey(id)),
		...Object.keys(state.breakers),
	]);
	return [...keys].sort((a, b) => (a < b ? -1 : 1));
};

/** Whether something with this key exists: a breaker that never counted anything is closed. */
export const isBreakerKnown = (state: State, key: string): boolean => {
	const isAgent = Object.keys(state.agents).some(agent => breakerKeysOf(state, agent).includes(key));
	const isLauncher = Object.keys(state.launchers).some(id => launcherBreakerKey(id) === key);
	return state.breakers[key] !== undefined || isAgent || isLauncher;
};
