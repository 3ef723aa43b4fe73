import {tokensOf, type Usage} from './usage.js';

export const overheadRules = {
	/** The share of tokens spent on coordinating that is aimed at. */
	goal: 0.2,
	/** With fewer tokens in all a share says nothing. */
	fewestTokens: 50_000,
} as const;

/** The share of all tokens that went into coordinating instead of work, from 0 to 1. */
export const overheadShare = (usage: Usage): number => {
	const all = tokensOf(usage);
	return all === 0 ? 0 : Math.min(1, usage.protocolTokens / all);
};

/** Whether coordinating costs more than it should, with enough tokens to say so. */
export const isOverheadHigh = (usage: Usage): boolean =>
	tokensOf(usage) >= overheadRules.fewestTokens && overheadShare(usage) > overheadRules.goal;
