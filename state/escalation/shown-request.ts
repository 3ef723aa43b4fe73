import type {State} from '../state.js';
import {selectedId, type View} from '../view/view.js';
import type {Escalation} from './escalation.js';
import {type EscalationGroup, groupFingerprint, groupNamed} from './escalation-group.js';
import type {Grant} from './grant.js';

/** What the screen of the requests shows below its list. */
export type Subject =
	| {readonly kind: 'request'; readonly id: string; readonly fingerprint: string; readonly escalation: Escalation}
	| {readonly kind: 'group'; readonly id: string; readonly fingerprint: string; readonly group: EscalationGroup}
	| {readonly kind: 'grant'; readonly id: string; readonly grant: Grant};

/** The row under the cursor, as what it stands for; `undefined` where there is none. */
export const subjectOf = (state: State, view: View): Subject | undefined => {
	const id = selectedId(view, 'escalations');
	if (id === undefined) {
		return undefined;
	}

	if (view.requests.list === 'grants') {
		const grant = state.grants[id];
		return grant && {kind: 'grant', id, grant};
	}

	const escalation = state.escalations[id];
	if (escalation) {
		return {kind: 'request', id, fingerprint: escalation.fingerprint, escalation};
	}

	const group = groupNamed(state, id);
	return group && {kind: 'group', id, fingerprint: groupFingerprint(group.members), group};
};

/** The open requests that a decision on this subject would decide: one, or those of a group that are not left out. */
export const decidedWith = (subject: Subject | undefined, {requests}: View): readonly Escalation[] => {
	if (subject?.kind === 'group') {
		return subject.group.members.filter(({id}) => !requests.leftOut.has(id));
	}

	return subject?.kind === 'request' ? [subject.escalation] : [];
};
