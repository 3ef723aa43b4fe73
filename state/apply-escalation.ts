import type {Escalation} from './escalation.js';
import type {Fact} from './fact.js';
import type {State} from './state.js';

export type EscalationFact = Extract<Fact, {readonly type: `escalation.${string}`}>;

const close = (state: State, escalation: Escalation, to: 'expired' | 'withdrawn', atMs: number, why: string): void => {
	escalation.state = to;
	escalation.closed = {atMs, why};
	state.index.openEscalations.delete(escalation.id);
};

/** What a fact about an escalation changes. */
export const applyEscalationFact = (state: State, fact: EscalationFact): void => {
	if (fact.type === 'escalation.raised') {
		state.escalations[fact.escalation.id] = {...fact.escalation};
		state.index.openEscalations.add(fact.escalation.id);
		return;
	}

	const escalation = state.escalations[fact.escalationId]!;
	switch (fact.type) {
		case 'escalation.shown': {
			const {atMs, frame, columns, rows} = fact;
			escalation.shown = {atMs, frame, columns, rows};
			return;
		}

		case 'escalation.decided': {
			escalation.state = 'answered';
			escalation.decision = fact.decision;
			state.index.openEscalations.delete(escalation.id);
			return;
		}

		case 'escalation.delivered': {
			escalation.deliveredAtMs = fact.atMs;
			return;
		}

		case 'escalation.expired': {
			close(state, escalation, 'expired', fact.atMs, 'nobody answered in time');
			return;
		}

		case 'escalation.withdrawn': {
			close(state, escalation, 'withdrawn', fact.atMs, fact.why);
			return;
		}

		case 'escalation.asker-changed': {
			escalation.askerGone = fact.gone;
		}
	}
};
