import type {Fact} from '../fact.js';
import type {State} from '../state.js';
import type {Decision, Escalation} from './escalation.js';
import {grantFor} from './grant.js';
import {askerOf, policyVerdict} from './policy.js';

/** The decision of a policy or a grant on a request that is being raised; `undefined` when a person decides. A policy that denies wins over everything. */
export const automaticAnswer = (state: State, escalation: Escalation, nowMs: number): Decision | undefined => {
	const verdict = policyVerdict(state.policies, escalation, askerOf(state, escalation.sessionId));
	if (verdict.answer === 'deny') {
		const {policy, rule} = verdict;
		return {
			choice: 'deny',
			text: `The policy ${policy} does not allow it (${rule}).`,
			by: `policy ${policy}`,
			atMs: nowMs,
			policy: {name: policy, rule},
		};
	}

	const grant = grantFor(state, escalation, nowMs);
	if (grant) {
		return {choice: 'approve', by: `grant ${grant.id}`, atMs: nowMs, grantId: grant.id};
	}

	return verdict.answer === 'allow'
		? {choice: 'approve', by: `policy ${verdict.policy}`, atMs: nowMs, policy: {name: verdict.policy, rule: verdict.rule}}
		: undefined;
};

/** What such a decision makes true. */
export const automaticFacts = ({id}: Escalation, decision: Decision, nowMs: number): readonly Fact[] => [
	{type: 'escalation.decided', escalationId: id, decision, atMs: nowMs},
	...(decision.grantId === undefined ? [] : [{type: 'grant.used', grantId: decision.grantId, escalationId: id, atMs: nowMs} as const]),
];
