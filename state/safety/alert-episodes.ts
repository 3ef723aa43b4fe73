import type {Fact, FactOf} from '../fact.js';
import type {State} from '../state.js';
import type {Alert} from './alert.js';
import {type AlertCondition, alertConditions} from './alert-conditions.js';

export const alertRules = {
	/** A condition must hold this long before anybody is told, where it is known since when it holds. */
	debounceMs: 2000,
	/** What comes back within this time is the same episode: nobody is told twice. */
	sameEpisodeMs: 60_000,
	/** Other changes are noticed at full multiples of this time, so that a busy fleet puts nothing off. */
	lookEveryMs: 2000,
} as const;

const isUp = (alert: Alert | undefined): boolean => alert !== undefined && alert.state !== 'cleared';

const dueMs = ({sinceMs}: AlertCondition): number => (sinceMs === undefined ? 0 : sinceMs + alertRules.debounceMs);

/** The alert a condition raises: a new episode, or the last one again when that was only just over. */
const raised = (state: State, {key, level, sentence}: AlertCondition, nowMs: number): Alert => {
	const last = state.alerts[key];
	const isSameEpisode = last?.clearedAtMs !== undefined && nowMs - last.clearedAtMs <= alertRules.sameEpisodeMs;
	if (!isSameEpisode) {
		return {key, level, sentence, raisedAtMs: nowMs, state: 'active'};
	}

	const {raisedAtMs, acknowledgedBy} = last;
	return {
		key,
		level,
		sentence,
		raisedAtMs,
		state: acknowledgedBy === undefined ? 'active' : 'acknowledged',
		...(acknowledgedBy !== undefined && {acknowledgedBy}),
	};
};

/** Alerts whose condition holds, or no longer does: raised and cleared, once each. */
export const alertFacts = (state: State, nowMs: number): readonly Fact[] => {
	const conditions = alertConditions(state, nowMs);
	const holding = new Set(conditions.map(({key}) => key));
	return [
		...Object.values(state.alerts)
			.filter(alert => isUp(alert) && !holding.has(alert.key))
			.map(({key}) => ({type: 'alert.cleared', key, atMs: nowMs}) as const),
		...conditions
			.filter(condition => !isUp(state.alerts[condition.key]) && nowMs >= dueMs(condition))
			.map(condition => ({type: 'alert.raised', alert: raised(state, condition, nowMs), atMs: nowMs}) as const),
	];
};

/** Whether a fact begins an episode, of which people are told. One that continues an episode carries the time at which that began. */
export const isNewEpisode = ({alert, atMs}: FactOf<'alert.raised'>): boolean => alert.raisedAtMs === atMs;

/** When an alert is raised or cleared next; always later than now. */
export const nextAlertMs = (state: State, nowMs: number): readonly number[] => {
	const nextLookMs = (Math.floor(nowMs / alertRules.lookEveryMs) + 1) * alertRules.lookEveryMs;
	const conditions = alertConditions(state, nowMs);
	const holding = new Set(conditions.map(({key}) => key));
	const isAnyOver = Object.values(state.alerts).some(alert => isUp(alert) && !holding.has(alert.key));
	const moments = conditions
		.filter(({key}) => !isUp(state.alerts[key]))
		.map(condition => (dueMs(condition) > nowMs ? dueMs(condition) : nextLookMs));
	return isAnyOver ? [...moments, nextLookMs] : moments;
};
