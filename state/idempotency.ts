import type {Json} from './json.js';
import {type Refusal, refuse} from './refusal.js';
import type {State} from './state.js';

/** A request that may be retried: the sender's key (with who sent it) and the hash of what was asked. */
export type Idempotency = {readonly key: string; readonly requestHash: string};

/** The first answer to the same request, word for word; `undefined` when the key is new. */
export const keptAnswer = (state: State, {key, requestHash}: Idempotency): {readonly answer: Json} | undefined => {
	const kept = state.answers[key];
	return kept && kept.requestHash === requestHash ? {answer: kept.answer} : undefined;
};

/** A key that was used for another request is refused. */
export const whyNotIdempotent = (state: State, {key, requestHash}: Idempotency): Refusal | undefined => {
	const kept = state.answers[key];
	return kept && kept.requestHash !== requestHash
		? refuse('IDEMPOTENCY_CONFLICT', `The idempotency key was used for another request. Use a new key for a new request.`)
		: undefined;
};
