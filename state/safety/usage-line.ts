import {shortAmount, shortCount, shortTime} from './amount.js';
import {overheadRules, overheadShare} from './overhead.js';
import {tokensOf, type Usage} from './usage.js';

const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** How much of all tokens went into coordinating, beside what is aimed at; `undefined` while there are none. */
export const overheadInWords = (usage: Usage): string | undefined =>
	tokensOf(usage) === 0 ? undefined : `coordination ${percent(overheadShare(usage))} (goal ${percent(overheadRules.goal)})`;

/** What was used so far, in short parts, the most telling first: `12k tokens`, `$0.40`, `3 runs`, `25m of work`. What is nothing is left out. */
export const usageParts = (usage: Usage): readonly string[] => {
	const tokens = tokensOf(usage);
	return [
		...(tokens > 0 ? [`${shortCount(tokens)} tokens`] : []),
		...(usage.costUsd > 0 ? [shortAmount('costUsd', usage.costUsd)] : []),
		...(usage.runs > 0 ? [`${shortCount(usage.runs)} ${usage.runs === 1 ? 'run' : 'runs'}`] : []),
		...(usage.workedMs >= 1000 ? [`${shortTime(usage.workedMs)} of work`] : []),
	];
};
