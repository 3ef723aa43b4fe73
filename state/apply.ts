import {bindThread} from './agent/conversation.js';
import {forgetLaunchers} from './agent/forget-launchers.js';
import {bareRecord} from './bare-record.js';
import {applyEscalationFact, type EscalationFact} from './escalation/apply-escalation.js';
import {applyGrantFact, type GrantFact} from './escalation/apply-grant.js';
import type {Fact, FactOf} from './fact.js';
import {indexSession} from './index-of-state.js';
import {forgetAnswers, keepAnswer} from './kept-answers.js';
import {applyRunFact, type RunFact} from './run/apply-run.js';
import {applySafetyFact, type SafetyFact, safetyFacts} from './safety/apply-safety.js';
import {defaultLimits} from './safety/limits.js';
import {applyResultFact, noteTyped, type ResultFact} from './session/apply-result.js';
import type {State} from './state.js';

type FleetFact = Exclude<
	Fact,
	| RunFact
	| EscalationFact
	| GrantFact
	| SafetyFact
	| ResultFact
	| FactOf<'session.created' | 'session.renamed' | 'session.bound' | 'message.typed'>
>;

/** What a fact about the fleet as a whole changes: its settings, its queue, its breakers, its launchers, its kept answers. */
const applyFleetFact = (state: State, fact: FleetFact): void => {
	switch (fact.type) {
		case 'settings.configured': {
			state.agents = bareRecord(Object.fromEntries(fact.agents.map(agent => [agent.name, agent])));
			// An older version named fewer limits.
			state.limits = {...defaultLimits, ...fact.limits};
			state.limitOverrides = fact.limitOverrides ?? [];
			state.budgets = fact.budgets ?? {};
			state.policies = fact.policies ?? [];
			return;
		}

		case 'breaker.changed': {
			state.breakers[fact.key] = fact.breaker;
			return;
		}

		case 'launcher.joined': {
			state.launchers[fact.launcher.id] = {...fact.launcher};
			forgetLaunchers(state, fact.atMs);
			return;
		}

		case 'launcher.changed': {
			Object.assign(state.launchers[fact.launcherId]!, {state: fact.state, sinceMs: fact.atMs});
			return;
		}

		case 'queue.paused': {
			state.queuePausedBy = fact.by;
			return;
		}

		case 'queue.resumed': {
			delete state.queuePausedBy;
			return;
		}

		case 'queue.draining': {
			state.drainingBy = fact.by;
			return;
		}

		case 'queue.undrained': {
			delete state.drainingBy;
			return;
		}

		case 'answer.kept': {
			keepAnswer(state, fact);
			return;
		}

		case 'answers.forgotten': {
			forgetAnswers(state, fact.beforeMs);
		}
	}
};

const isRunFact = (fact: Fact): fact is RunFact => fact.type.startsWith('run.');

const isSafetyFact = (fact: Fact): fact is SafetyFact => safetyFacts.has(fact.type);

const isEscalationFact = (fact: Fact): fact is EscalationFact => fact.type.startsWith('escalation.');

const isResultFact = (fact: Fact): fact is ResultFact => fact.type.startsWith('result.');

const isGrantFact = (fact: Fact): fact is GrantFact => fact.type.startsWith('grant.');

/** Makes a fact true in State. Total and silent: replaying a journal through it rebuilds any moment. */
export const apply = (state: State, fact: Fact): void => {
	state.version += 1;
	state.lastAtMs = Math.max(state.lastAtMs, fact.atMs);
	if (isRunFact(fact)) {
		applyRunFact(state, fact);
		return;
	}

	if (isEscalationFact(fact)) {
		applyEscalationFact(state, fact);
		return;
	}

	if (isResultFact(fact)) {
		applyResultFact(state, fact);
		return;
	}

	if (isGrantFact(fact)) {
		applyGrantFact(state, fact);
		return;
	}

	if (isSafetyFact(fact)) {
		applySafetyFact(state, fact);
		return;
	}

	switch (fact.type) {
		case 'session.created': {
			// Facts are shared with the journal and its listeners; State changes its own copy.
			const session = {...fact.session, runIds: [...fact.session.runIds]};
			state.sessions[session.id] = session;
			indexSession(state.index, session);
			return;
		}

		case 'session.renamed': {
			state.sessions[fact.sessionId] = {...state.sessions[fact.sessionId]!, label: fact.label};
			return;
		}

		case 'session.bound': {
			bindThread(state, fact.sessionId, fact.threadId);
			return;
		}

		case 'message.typed': {
			state.messages.push(fact.message);
			noteTyped(state, fact.message);
			return;
		}

		default: {
			applyFleetFact(state, fact);
		}
	}
};

/** Makes facts true in order. */
export const applyAll = (state: State, facts: readonly Fact[]): void => {
	for (const fact of facts) {
		apply(state, fact);
	}
};
