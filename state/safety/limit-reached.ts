import {type Refusal, refuse} from '../refusal.js';
import {type Limits, limitMeaning} from './limits.js';

/** The sentence for a limit that refuses, with its name and value. */
export const limitReached = (limits: Limits, name: keyof Limits, what: string): Refusal =>
	refuse('LIMIT_REACHED', `${what}: the limit ${name} is ${limits[name]} ${limitMeaning[name]}.`);
