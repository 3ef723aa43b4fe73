import type {Fact} from '../fact.js';
import type {State} from '../state.js';
import {afterLimit, type ProviderPause} from './provider.js';

/** Whose models an agent uses; agents without one are paused by nobody. */
export const providerOf = (state: State, agent: string): string | undefined => state.agents[agent]?.provider;

const current = (state: State, provider: string, nowMs: number): ProviderPause | undefined => {
	const pause = state.providers[provider];
	return pause && !pause.isOver && pause.untilMs > nowMs ? pause : undefined;
};

/** Whether nothing of this provider's agents may start or go on now. */
export const isProviderPaused = (state: State, provider: string, nowMs: number): boolean => current(state, provider, nowMs) !== undefined;

/** The pause that holds this agent back now. */
export const providerPause = (state: State, agent: string, nowMs: number): ProviderPause | undefined => {
	const provider = providerOf(state, agent);
	return provider === undefined ? undefined : current(state, provider, nowMs);
};

/** What being told to wait makes true; nothing when it is known already. */
export const pauseFacts = (
	state: State,
	provider: string,
	told: {readonly sentence: string; readonly untilMs?: number | undefined},
	nowMs: number,
): readonly Fact[] => {
	const last = state.providers[provider];
	const pause = afterLimit(last, told, nowMs);
	return pause === last ? [] : [{type: 'provider.paused', provider, pause, atMs: nowMs}];
};

const pauses = ({providers}: State): ReadonlyArray<readonly [provider: string, pause: ProviderPause]> =>
	Object.entries(providers).filter(([, {isOver}]) => !isOver);

/** Pauses whose time is over are cleared, so that everybody hears of it. */
export const duePauses = (state: State, nowMs: number): readonly Fact[] =>
	pauses(state).flatMap(([provider, {untilMs}]) =>
		nowMs >= untilMs ? [{type: 'provider.cleared', provider, by: 'the clock', atMs: nowMs} as const] : [],
	);

/** When the pauses under way are over. */
export const nextPauseMs = (state: State): readonly number[] => pauses(state).map(([, {untilMs}]) => untilMs);
