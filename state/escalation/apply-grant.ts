import type {Fact} from '../fact.js';
import type {State} from '../state.js';

export type GrantFact = Extract<Fact, {readonly type: `grant.${string}`}>;

/** A grant that holds no more stays listed for so long. */
const listedMs = 7 * 24 * 60 * 60_000;

const forgetOld = (state: State, nowMs: number): void => {
	for (const {id, expiresAtMs, revoked} of Object.values(state.grants)) {
		if (Math.min(expiresAtMs, revoked?.atMs ?? expiresAtMs) < nowMs - listedMs) {
			delete state.grants[id];
		}
	}
};

/** What a fact about a grant changes. */
export const applyGrantFact = (state: State, fact: GrantFact): void => {
	switch (fact.type) {
		case 'grant.made': {
			state.grants[fact.grant.id] = fact.grant;
			forgetOld(state, fact.atMs);
			return;
		}

		case 'grant.used': {
			const grant = state.grants[fact.grantId]!;
			state.grants[fact.grantId] = {...grant, uses: grant.uses + 1, lastUsedAtMs: fact.atMs};
			return;
		}

		case 'grant.revoked': {
			state.grants[fact.grantId] = {...state.grants[fact.grantId]!, revoked: {by: fact.by, atMs: fact.atMs}};
		}
	}
};
