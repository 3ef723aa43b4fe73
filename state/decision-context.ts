import type {Actor} from './actor.js';
import type {Fact} from './fact.js';
import type {Json} from './json.js';

/** What deciding needs from outside, so that tests can choose it. */
export type DecisionContext = {
	readonly actor: Actor;
	readonly nowMs: number;
	/** A fresh id with its prefix: `newId('run')` → `run_…`. */
	readonly newId: (prefix: 'ses' | 'run' | 'esc' | 'grt') => string;
	/** In [0, 1), for what must not happen to all at once. */
	readonly random: () => number;
};

/** What a permitted command makes true, and what its sender is told. */
export type Outcome = {readonly facts: readonly Fact[]; readonly answer: Json};

export const noAnswer: Json = {};
