import type {CommandOf} from '../command.js';
import {type Refusal, refuse} from '../refusal.js';
import {pathOf, type Session} from '../session/session.js';
import type {State} from '../state.js';
import {allowedBy, askerOf, policiesOf} from './policy.js';
import type {PolicyRule} from './policy-rule.js';
import {riskOf} from './risk.js';

const onlyOperators = 'Only an operator decides: no agent may, whoever the request came from.';

const no = (sentence: string = onlyOperators): Refusal => refuse('FORBIDDEN', sentence);

/**
 * Why an agent of the session `own` may not send this decision; `undefined` where it may. No agent ever decides a request of its own
 * session or of one above or beside it. For those below it decides only where every policy that speaks of the asker lets parents, and
 * approves only what the rules of them all allow.
 */
export const whyNotDecideAsParent = (state: State, command: CommandOf<'escalation.decide'>, own: Session): Refusal | undefined => {
	const escalation = state.escalations[command.escalationId];
	const session = state.sessions[escalation?.sessionId ?? ''];
	const isBelow = session !== undefined && session.id !== own.id && pathOf(state, session).some(({id}) => id === own.id);
	if (!escalation || !isBelow) {
		return no();
	}

	const asker = askerOf(state, session.id);
	const policies = policiesOf(state.policies, asker);
	const rules: ReadonlyArray<readonly PolicyRule[] | undefined> = policies.map(({mayDecideChildren}) => mayDecideChildren);
	if (rules.length === 0 || rules.includes(undefined)) {
		return no();
	}

	if (command.choice === 'deny') {
		return undefined;
	}

	const risk = riskOf(escalation, asker.folder);
	const isOnce = command.scope === undefined || command.scope === 'once';
	if (command.choice !== 'approve' || !isOnce || !risk) {
		return no('A parent agent may only approve once or deny what those below it ask.');
	}

	const refusing = rules.map(list => allowedBy(list!, escalation, {folder: asker.folder, risk})).find(answer => 'why' in answer);
	return refusing && 'why' in refusing ? no(`A parent agent may not approve this: ${refusing.why}.`) : undefined;
};
