import {noAnswer} from '../decision-context.js';
import {refuse} from '../refusal.js';
import type {Rules} from '../rule.js';

/** Launchers coming and going. */
export const launcherRules: Rules<'launcher.join' | 'launcher.change'> = {
	'launcher.join': {
		decide(_state, {launcherId: id, host, pid, embedded, tags}, {nowMs}) {
			const launcher = {id, host, pid, embedded, ...(tags && {tags}), joinedAtMs: nowMs, state: 'online', sinceMs: nowMs} as const;
			return {facts: [{type: 'launcher.joined', launcher, atMs: nowMs}], answer: noAnswer};
		},
	},
	'launcher.change': {
		whyNot: (state, {launcherId}) =>
			state.launchers[launcherId] ? undefined : refuse('UNKNOWN_LAUNCHER', `There is no launcher ${launcherId}.`),
		decide(state, {launcherId, state: next, fromNow = false}, {nowMs}) {
			const isNews = fromNow || state.launchers[launcherId]!.state !== next;
			return {facts: isNews ? [{type: 'launcher.changed', launcherId, state: next, atMs: nowMs}] : [], answer: noAnswer};
		},
	},
};
