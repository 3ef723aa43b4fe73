import {actorName} from '../actor.js';
import type {Refusal} from '../refusal.js';
import {refuse} from '../refusal.js';
import type {Rules} from '../rule.js';
import type {State} from '../state.js';
import {isProviderPaused, pauseFacts} from './provider-pause.js';

const whyNotKnown = (state: State, provider: string): Refusal | undefined => {
	const isKnown = state.providers[provider] !== undefined || Object.values(state.agents).some(agent => agent.provider === provider);
	return isKnown ? undefined : refuse('UNKNOWN_PROVIDER', `No agent uses a provider ${provider}.`);
};

/** What the operator may do to a provider's pause by hand. */
export const providerRules: Rules<'provider.limit' | 'provider.clear'> = {
	'provider.limit': {
		whyNot: (state, {provider, untilMs}, {nowMs}) =>
			whyNotKnown(state, provider) ??
			(untilMs !== undefined && untilMs <= nowMs ? refuse('INVALID', 'The moment until which to wait has passed.') : undefined),
		decide(state, {provider, sentence, untilMs}, {nowMs}) {
			const facts = pauseFacts(state, provider, {sentence, untilMs}, nowMs);
			const told = facts.find(fact => fact.type === 'provider.paused')?.pause ?? state.providers[provider]!;
			return {facts, answer: {provider: {name: provider, until_ms: told.untilMs}}};
		},
	},
	'provider.clear': {
		whyNot: (state, {provider}, {nowMs}) =>
			whyNotKnown(state, provider) ??
			(isProviderPaused(state, provider, nowMs) ? undefined : refuse('INVALID', `${provider} is not paused.`)),
		decide: (_state, {provider}, {nowMs, actor}) => ({
			facts: [{type: 'provider.cleared', provider, by: actorName(actor), atMs: nowMs}],
			answer: {provider: {name: provider}},
		}),
	},
};
