import type {SafetyFact} from '../safety/apply-safety.js';
import {addUsage, noUsage, tokensOf} from '../safety/usage.js';
import {quotedWords} from './quoted-name.js';
import {quoted, runName, type Teller, told} from './told.js';

const dollars = (amount: number): string => `$${amount.toFixed(2)}`;

/** How what keeps the fleet safe is told. */
export const safetyTellers: {readonly [Type in SafetyFact['type']]: Teller<Type>} = {
	'usage.reported': ({runId, usage}, state) => {
		const sum = addUsage(noUsage, usage);
		const name = runName(state, runId);
		return tokensOf(sum) === 0 && sum.protocolTokens > 0
			? told(`${name} was told results of its children (${sum.protocolTokens} tokens).`, 'quiet')
			: told(`${name} used ${tokensOf(sum)} tokens${sum.costUsd > 0 ? ` for ${dollars(sum.costUsd)}` : ''}.`, 'quiet');
	},
	'budget.held': ({hold}) => told(`The budget ${hold.measure} of ${hold.scope} is used up (${hold.used} of ${hold.limit}).`, 'failed'),
	'budget.allowed': ({key, allowed, by}) => told(`${by} allowed ${allowed} more for the budget ${key}.`, 'good'),
	'provider.paused': ({provider, pause, atMs}) =>
		told(`${provider} told us to wait ${Math.ceil((pause.untilMs - atMs) / 1000)} s${quoted(pause.sentence)}.`, 'failed'),
	'provider.cleared': ({provider, by}) => told(`${provider} may go on, says ${by}.`, 'good'),
	'alert.raised': ({alert}) => told(alert.sentence, alert.level === 'notice' ? 'waiting' : 'failed'),
	'alert.acknowledged': ({key, by}) => told(`${by} saw the alert ${quotedWords(key)}.`, 'quiet'),
	'alert.cleared': ({key}) => told(`The alert ${quotedWords(key)} is over.`, 'good'),
	'heartbeat.resolved': ({by, sentence}) => told(`${by} and State disagreed: ${sentence}`, 'failed'),
};
