import type {Fact} from '../fact.js';
import {isLive} from '../run/run.js';
import type {State} from '../state.js';
import type {Escalation} from './escalation.js';

export type EscalationFact = Extract<Fact, {readonly type: `escalation.${string}`}>;

/** So many closed requests stay in State; the ledger has them all. */
export const closedKept = 500;

const closedAtMs = ({decision, closed}: Escalation): number => decision?.atMs ?? closed?.atMs ?? 0;

/** An asker may still come for its answer. */
const isAwaited = (state: State, {blocking, deliveredAtMs, runId, generation}: Escalation): boolean => {
	const run = state.runs[runId];
	return blocking && deliveredAtMs === undefined && run !== undefined && run.generation === generation && isLive(run);
};

const forgetOldest = (state: State): void => {
	const all = Object.values(state.escalations);
	const tooMany = all.length - state.index.openEscalations.size - closedKept;
	if (tooMany <= 0) {
		return;
	}

	const forgettable = all.filter(escalation => escalation.state !== 'open' && !isAwaited(state, escalation));
	for (const {id} of forgettable.sort((a, b) => closedAtMs(a) - closedAtMs(b) || (a.id < b.id ? -1 : 1)).slice(0, tooMany)) {
		delete state.escalations[id];
	}
};

const close = (state: State, escalation: Escalation, to: 'expired' | 'withdrawn' | 'superseded', atMs: number, why: string): void => {
	escalation.state = to;
	escalation.closed = {atMs, why};
	state.index.openEscalations.delete(escalation.id);
	forgetOldest(state);
};

/** What a fact about an escalation changes. */
export const applyEscalationFact = (state: State, fact: EscalationFact): void => {
	if (fact.type === 'escalation.raised') {
		// Facts are shared with the journal and its listeners; State changes its own copy.
		state.escalations[fact.escalation.id] = {...fact.escalation};
		state.index.openEscalations.add(fact.escalation.id);
		return;
	}

	const escalation = state.escalations[fact.escalationId];
	if (!escalation) {
		// Closed so long ago that only the ledger has it.
		return;
	}

	switch (fact.type) {
		case 'escalation.shown': {
			const {atMs, frame, columns, rows, text} = fact;
			escalation.shown = {atMs, frame, columns, rows, ...(text !== undefined && {text})};
			return;
		}

		case 'escalation.decided': {
			escalation.state = 'answered';
			escalation.decision = fact.decision;
			state.index.openEscalations.delete(escalation.id);
			forgetOldest(state);
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

		case 'escalation.superseded': {
			escalation.supersededBy = fact.byId;
			close(state, escalation, 'superseded', fact.atMs, `what it would do changed; ${fact.byId} is asked instead`);
			return;
		}

		case 'escalation.asker-changed': {
			escalation.askerGone = fact.gone;
		}
	}
};
