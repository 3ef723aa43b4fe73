import {actorName} from '../actor.js';
import {refuse} from '../refusal.js';
import type {Rules} from '../rule.js';
import {quotedWords} from '../view/quoted-name.js';

/** What the operator may do to an alert: say that it was seen. It stays silent until it is over. */
export const alertRules: Rules<'alert.acknowledge'> = {
	'alert.acknowledge': {
		whyNot(state, {key}) {
			const alert = state.alerts[key];
			if (!alert || alert.state === 'cleared') {
				return refuse('UNKNOWN_ALERT', `There is no alert ${quotedWords(key)} now.`);
			}

			return alert.state === 'acknowledged'
				? refuse('INVALID', `${alert.acknowledgedBy} acknowledged the alert ${quotedWords(key)} already.`)
				: undefined;
		},
		decide: (_state, {key}, {nowMs, actor}) => ({
			facts: [{type: 'alert.acknowledged', key, by: actorName(actor), atMs: nowMs}],
			answer: {alert: {key}},
		}),
	},
};
