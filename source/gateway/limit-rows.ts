import {limitUse} from '../../state/safety/limit-use.js';
import {type Limits, limitMeaning} from '../../state/safety/limits.js';
import type {State} from '../../state/state.js';

/** A limit as people read it. `used` is the fullest place where it holds now; `null` where it is a length of time. */
export type LimitRow = {readonly name: string; readonly value: number; readonly used: number | null; readonly meaning: string};

/** Every limit with its value, how much of it is used and what it counts. */
export const limitRows = (state: State, nowMs: number): readonly LimitRow[] => {
	const used = limitUse(state, nowMs);
	return Object.entries(state.limits).map(([name, value]) => ({
		name,
		value,
		used: used[name as keyof Limits] ?? null,
		meaning: limitMeaning[name as keyof Limits],
	}));
};
