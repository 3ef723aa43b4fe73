import type {CommandOf} from '../../state/command.js';
import {whyNotApprove} from '../../state/escalation/approval.js';
import {mayDecide} from '../../state/escalation/arming.js';
import {wordToApprove} from '../../state/escalation/decide-decision.js';
import type {Choice, DecisionScope, Escalation} from '../../state/escalation/escalation.js';
import {escalationLayout, furthestScroll} from '../../state/escalation/escalation-frame.js';
import {groupIdOf, isGroupId} from '../../state/escalation/escalation-group.js';
import {whyNotGrant} from '../../state/escalation/grant.js';
import {decidedWith, type Subject, subjectOf} from '../../state/escalation/shown-request.js';
import {emptyField} from '../../state/view/text-field.js';
import {selectedId} from '../../state/view/view.js';
import {type Act, type Binding, effects, type Focus, intends, refusal, refusalOf, sends} from './binding.js';
import {grantBindings} from './grant-bindings.js';

type Decide = CommandOf<'escalation.decide'>;
type Decidable = Exclude<Subject, {kind: 'grant'}>;

/** The request under the cursor of the escalations screen. */
export const selectedEscalation = ({state, view}: Focus): Escalation | undefined =>
	state.escalations[selectedId(view, 'escalations') ?? ''];

/** What the coordinator is told, so that it can be asked beforehand whether it would take it. */
export const decisionOn = ({id, fingerprint}: Escalation, choice: Choice, extra: Partial<Decide> = {}): Decide => ({
	type: 'escalation.decide',
	escalationId: id,
	fingerprint,
	choice,
	...extra,
});

/** Why the coordinator would not take any of the decisions a key stands for; the word of a high risk is asked for later. */
const whyNotAny = (focus: Focus, subject: Decidable, choice: Choice): string | undefined => {
	const members = decidedWith(subject, focus.view);
	const refusals = members.map(escalation => {
		const word = choice === 'approve' ? wordToApprove(focus.state, escalation) : undefined;
		const extra = choice === 'answer' ? {text: 'x'} : word === undefined ? {} : {word};
		return refusalOf(focus, decisionOn(escalation, choice, extra));
	});
	return members.length === 0 ? 'Every one of them is left out.' : refusals.find(sentence => sentence !== undefined);
};

/** A key decides only what was long enough before the operator's eyes, and only what is still open for this choice. */
const whenArmed =
	(choice: Choice, act: (subject: Decidable, focus: Focus) => Act): Binding['action'] =>
	focus => {
		const subject = subjectOf(focus.state, focus.view);
		if (!subject || subject.kind === 'grant') {
			return refusal('Nothing waits for a decision.');
		}

		if (focus.view.requests.held) {
			return refusal('Decisions are on their way: undo them, or wait a moment.');
		}

		const {id: escalationId, fingerprint} = subject;
		const {arming, key, alone, nowMs} = focus;
		const refused =
			whyNotAny(focus, subject, choice) ?? mayDecide(arming, {escalationId, fingerprint, choice, key, alone, nowMs})?.sentence;
		return refused === undefined ? act(subject, focus) : refusal(refused);
	};

const summaryOf = ([first]: readonly Escalation[]): string => (first?.payload?.argv ?? []).join(' ');

/** Decisions on a group wait a moment before they are sent, so that they can be taken back. */
export const holds = (members: readonly Escalation[], choice: 'approve' | 'deny', extra: Partial<Decide> = {}): Act => {
	const verb = choice === 'approve' ? 'Approving' : 'Denying';
	return effects({
		type: 'hold-decisions',
		sentence: `${verb} ${members.length} × ${summaryOf(members)}`,
		commands: members.map(member => decisionOn(member, choice, extra)),
	});
};

const approveFor = (scope: DecisionScope): Binding['action'] =>
	whenArmed('approve', (subject, focus) => {
		const {state, view} = focus;
		const members = decidedWith(subject, view);
		const why = scope === 'once' ? undefined : members.map(member => whyNotGrant(state, member)).find(sentence => sentence !== undefined);
		const refused = members.map(whyNotApprove).find(tooLong => tooLong !== undefined)?.sentence ?? why;
		if (refused !== undefined) {
			return refusal(refused);
		}

		const extra = scope === 'once' ? {} : {scope};
		if (subject.kind === 'group') {
			return holds(members, 'approve', extra);
		}

		const {escalation} = subject;
		const word = wordToApprove(state, escalation);
		const {id: escalationId, fingerprint} = escalation;
		return word === undefined
			? sends(decisionOn(escalation, 'approve', extra), {done: scope === 'once' ? 'Approved.' : 'Approved, and remembered for this run.'})
			: intends({type: 'open', overlay: {kind: 'approve-word', escalationId, fingerprint, word, input: emptyField}});
	});

const approveAlways = whenArmed('approve', (subject, {state, view}) => {
	const why = decidedWith(subject, view)
		.map(member => whyNotGrant(state, member))
		.find(sentence => sentence !== undefined);
	const {id: subjectId, fingerprint} = subject;
	return why === undefined
		? intends({type: 'open', overlay: {kind: 'approve-always', subjectId, fingerprint, input: emptyField}})
		: refusal(why);
});

const deny = whenArmed('deny', (subject, {view}) =>
	subject.kind === 'group'
		? holds(decidedWith(subject, view), 'deny')
		: intends({
				type: 'open',
				overlay: {kind: 'deny-reason', escalationId: subject.id, fingerprint: subject.fingerprint, input: emptyField},
			}),
);

const answer = whenArmed('answer', ({id: escalationId, fingerprint}) =>
	intends({type: 'open', overlay: {kind: 'answer', escalationId, fingerprint, input: emptyField}}),
);

const fold: Binding['action'] = focus => {
	const id = selectedId(focus.view, 'escalations') ?? '';
	const escalation = focus.state.escalations[id];
	const groupId = isGroupId(id) ? id : escalation && groupIdOf(focus.state, escalation);
	const isGroup = focus.view.rows.escalations.some(row => row === groupId);
	return groupId !== undefined && isGroup
		? intends({type: 'requests', change: {what: 'fold', groupId}})
		: refusal('Only requests of several agents for the same command form a group.');
};

const leaveOut: Binding['action'] = focus => {
	const escalation = selectedEscalation(focus);
	const groupId = escalation && groupIdOf(focus.state, escalation);
	return escalation && groupId !== undefined && focus.view.rows.escalations.includes(groupId)
		? intends({type: 'requests', change: {what: 'leave-out', escalationId: escalation.id}})
		: refusal('Unfold a group and select one of its requests to leave it out.');
};

const undo: Binding['action'] = ({view}) =>
	view.requests.held ? effects({type: 'undo-decisions'}) : refusal('Nothing is on its way that could be taken back.');

const scroll =
	(direction: 1 | -1): Binding['action'] =>
	focus => {
		const subject = subjectOf(focus.state, focus.view);
		return subject
			? intends({
					type: 'scroll',
					by: direction * Math.max(1, Math.floor(escalationLayout(focus.rows).bodyRows / 2)),
					max: furthestScroll(focus.state, subject, focus.view, focus),
				})
			: refusal('There is nothing to scroll.');
	};

type Row = readonly [id: string, keys: readonly string[], title: string, help: string, action: Binding['action'], more?: Partial<Binding>];

const decides = {changes: true, decides: true} as const;

const rows: readonly Row[] = [
	[
		'escalation.approve',
		['a'],
		'Approve',
		'Let it happen once; a high risk wants a typed word',
		approveFor('once'),
		{...decides, footer: true},
	],
	['escalation.deny', ['d'], 'Deny', 'Refuse it, with a reason if you like', deny, {...decides, footer: true}],
	['escalation.answer', ['s'], 'Answer', 'Answer a question with a text', answer, {...decides, footer: true}],
	['escalation.approve-run', ['r'], 'This run', 'Approve it, and the same command again in this run', approveFor('run'), decides],
	['escalation.approve-always', ['A'], 'Always', 'Approve it, and the same command again for a time that is typed', approveAlways, decides],
	[
		'escalation.scroll-down',
		[']', 'pagedown'],
		'Read on',
		'Scroll down: it is read whole before it is approved',
		scroll(1),
		{footer: true},
	],
	['escalation.scroll-up', ['[', 'pageup'], 'Read back', 'Scroll the request up', scroll(-1)],
	['escalation.fold', ['o'], 'Unfold', 'Show the requests of a group one by one, or as one row again', fold],
	['escalation.leave-out', ['x'], 'Leave out', 'Leave a request out of the decision on its group, or take it in again', leaveOut],
	[
		'escalation.list',
		['tab'],
		'Next list',
		'Open requests, decided ones with the frame that was shown, grants',
		() => intends({type: 'requests', change: {what: 'next-list'}}),
	],
];

/** How requests are decided. Never by enter, space, escape or `y`. */
export const escalationBindings: readonly Binding[] = [
	...grantBindings,
	...rows.map(([id, keys, title, help, action, more]): Binding => ({id, keys, places: ['escalations'], title, help, action, ...more})),
	{
		id: 'escalation.undo',
		keys: ['u'],
		places: 'all',
		title: 'Undo',
		help: 'Take back decisions on a group before they are sent',
		action: undo,
	},
];
