import type {Command, CommandOf} from './command.js';
import type {DecisionContext, Outcome} from './decision-context.js';
import type {Refusal} from './refusal.js';
import type {State} from './state.js';

/** How one kind of command is treated: why it is refused now, and what it makes true when it is not. Both pure. */
export type Rule<Type extends Command['type']> = {
	readonly whyNot?: (state: State, command: CommandOf<Type>, context: Pick<DecisionContext, 'actor' | 'nowMs'>) => Refusal | undefined;
	readonly decide: (state: State, command: CommandOf<Type>, context: DecisionContext) => Outcome;
};

/** A rule for each of the named kinds. */
export type Rules<Type extends Command['type'] = Command['type']> = {readonly [T in Type]: Rule<T>};
