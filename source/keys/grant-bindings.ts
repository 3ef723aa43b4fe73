import {subjectOf} from '../../state/escalation/shown-request.js';
import {type Binding, type Focus, intends, refusal} from './binding.js';

const revoke = ({state, view}: Focus) => {
	const subject = subjectOf(state, view);
	if (subject?.kind !== 'grant') {
		return refusal('Select a grant to revoke it: they are the third list of the requests.');
	}

	const {id, agent, argv} = subject.grant;
	return subject.grant.revoked
		? refusal('It is revoked already.')
		: intends({
				type: 'open',
				overlay: {
					kind: 'confirm',
					title: 'Revoke it? The same command is asked about again.',
					affected: [`${agent}: ${argv.join(' ')}`],
					verb: 'revoke',
					does: {type: 'send', command: {type: 'grant.revoke', grantId: id}, done: 'Revoked.'},
				},
			});
};

/** What can be done about approvals that hold for longer than once. */
export const grantBindings: readonly Binding[] = [
	{
		id: 'grant.revoke',
		keys: ['R'],
		places: ['escalations'],
		title: 'Revoke',
		help: 'End an approval that holds for longer than once; asks first',
		changes: true,
		dangerous: true,
		action: revoke,
	},
];
