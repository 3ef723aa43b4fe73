import {isProviderPaused} from '../safety/provider-pause.js';
import type {State} from '../state.js';
import {shortAge} from './age.js';
import {quotedName, quotedWords} from './quoted-name.js';
import type {View} from './view.js';

/** A provider that told us to wait. `words` and `sentence` hold text of others: show them through `visible`. */
export type ProviderRow = {
	/** `pause:anthropic`. */
	readonly id: string;
	readonly provider: string;
	readonly untilMs: number;
	/** When it goes on by itself: `on in 3m`. */
	readonly next: string;
	/** How often in a row it told us. */
	readonly strikes: number;
	/** What it said. */
	readonly words: string;
	readonly sentence: string;
};

const inARow = (strikes: number): string => (strikes === 1 ? '' : ` ${strikes} times in a row`);

/** The providers that told us to wait and are still waited for, in the order of their names. */
export const providerRows = (state: State, {filter}: Pick<View, 'filter'>, nowMs: number): readonly ProviderRow[] => {
	const needle = filter.breakers.trim().toLowerCase();
	return Object.keys(state.providers)
		.filter(provider => isProviderPaused(state, provider, nowMs))
		.sort()
		.map(provider => {
			const {untilMs, strikes, sentence: words} = state.providers[provider]!;
			const left = shortAge(untilMs - nowMs + 999);
			const what = `${quotedName(provider)} told us${inARow(strikes)} to wait: ${quotedWords(words)}.`;
			return {
				id: `pause:${provider}`,
				provider,
				untilMs,
				next: `on in ${left}`,
				strikes,
				words,
				sentence: `${what} Nothing of its agents starts for ${left}.`,
			};
		})
		.filter(row => [row.id, row.words].some(text => text.toLowerCase().includes(needle)));
};
