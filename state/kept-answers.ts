import type {FactOf} from './fact.js';
import type {State} from './state.js';

/** An agent's own keys are remembered up to this many; its oldest go first, so that no agent can fill the memory of all. */
export const mostAnswersOfAgent = 5000;

/** Who used an idempotency key, by the key as it is kept. */
const principalOf = (key: string): string => key.slice(0, key.indexOf('/'));

type Kept = Map<string, Set<string>>;

/** Notes in the index that an answer is kept. */
export const indexAnswer = (answers: Kept, key: string): void => {
	const principal = principalOf(key);
	const keys = answers.get(principal) ?? new Set();
	keys.add(key);
	answers.set(principal, keys);
};

const forget = ({answers, index}: State, key: string): void => {
	delete answers[key];
	const principal = principalOf(key);
	const keys = index.answers.get(principal);
	keys?.delete(key);
	if (keys?.size === 0) {
		index.answers.delete(principal);
	}
};

/** Keeps an answer. Called by `apply` alone. */
export const keepAnswer = (state: State, {key, requestHash, answer, atMs}: FactOf<'answer.kept'>): void => {
	state.answers[key] = {requestHash, answer, atMs};
	indexAnswer(state.index.answers, key);
	const keys = state.index.answers.get(principalOf(key))!;
	const [oldest] = keys;
	if (key.startsWith('agent:') && keys.size > mostAnswersOfAgent && oldest !== undefined) {
		forget(state, oldest);
	}
};

/** Forgets the answers of long ago. Called by `apply` alone. */
export const forgetAnswers = (state: State, beforeMs: number): void => {
	for (const [key, kept] of Object.entries(state.answers)) {
		if (kept.atMs < beforeMs) {
			forget(state, key);
		}
	}
};
