import {noAnswer} from './decision-context.js';
import {dueFacts} from './due.js';
import {canonicalJson} from './fingerprint.js';
import type {Json} from './json.js';
import type {Rules} from './rule.js';

/** What comes from outside without a person: the configuration and the passing of time. */
export const settingsRules: Rules<'settings.configure' | 'clock.tick'> = {
	'settings.configure': {
		decide(state, {agents, limits}, {nowMs}) {
			const isNews =
				canonicalJson(Object.values(state.agents) as unknown as Json) !== canonicalJson(agents as unknown as Json) ||
				canonicalJson(state.limits) !== canonicalJson(limits);
			return {facts: isNews ? [{type: 'settings.configured', agents, limits, atMs: nowMs}] : [], answer: noAnswer};
		},
	},
	'clock.tick': {
		decide: (state, _command, {nowMs}) => ({facts: dueFacts(state, nowMs), answer: noAnswer}),
	},
};
