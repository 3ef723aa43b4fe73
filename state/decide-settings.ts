import {noAnswer} from './decision-context.js';
import {dueFacts} from './due.js';
import {canonicalJson} from './escalation/fingerprint.js';
import type {Json} from './json.js';
import {refuse} from './refusal.js';
import type {Rules} from './rule.js';
import {raisedBudgetFacts} from './safety/budget-facts.js';
import {whyNotLimits} from './safety/limits.js';

/** What comes from outside without a person: the configuration and the passing of time. */
export const settingsRules: Rules<'settings.configure' | 'clock.tick'> = {
	'settings.configure': {
		whyNot(_state, {limits}) {
			const sentence = whyNotLimits(limits);
			return sentence === undefined ? undefined : refuse('INVALID', sentence);
		},
		decide(state, command, context) {
			const {type: _, ...settings} = command;
			const {agents, limits, limitOverrides, budgets, policies} = state;
			const known = {agents: Object.values(agents), limits, limitOverrides, budgets, policies};
			const told = {limitOverrides: [], budgets: {}, policies: [], ...settings};
			const isNews = canonicalJson(known as unknown as Json) !== canonicalJson(told as unknown as Json);
			const configured = {type: 'settings.configured', ...settings, atMs: context.nowMs} as const;
			return {facts: isNews ? [configured, ...raisedBudgetFacts(state, command, context)] : [], answer: noAnswer};
		},
	},
	'clock.tick': {
		decide: (state, _command, context) => ({facts: dueFacts(state, context), answer: noAnswer}),
	},
};
