import {whyNotApprove} from '../../state/approval.js';
import {mayDecide} from '../../state/arming.js';
import type {Choice, Escalation} from '../../state/escalation.js';
import {escalationLayout, furthestScroll} from '../../state/escalation-frame.js';
import {confirmWordOf, riskOf} from '../../state/risk.js';
import {emptyField} from '../../state/text-field.js';
import {selectedId} from '../../state/view.js';
import {type Act, type Binding, type Focus, intends, refusal, refusalOf, sends} from './binding.js';

/** The request under the cursor of the escalations screen. */
export const selectedEscalation = ({state, view}: Focus): Escalation | undefined =>
	state.escalations[selectedId(view, 'escalations') ?? ''];

/** What the coordinator is told, so that it can be asked beforehand whether it would take it. */
const decision = ({id, fingerprint}: Escalation, choice: Choice, text?: string) =>
	({type: 'escalation.decide', escalationId: id, fingerprint, choice, ...(text !== undefined && {text})}) as const;

/** A key decides only what was long enough before the operator's eyes, and only what is still open for this choice. */
const whenArmed =
	(choice: Choice, act: (escalation: Escalation, focus: Focus) => Act): Binding['action'] =>
	focus => {
		const escalation = selectedEscalation(focus);
		if (!escalation) {
			return refusal('Nothing waits for a decision.');
		}

		const {id, fingerprint} = escalation;
		const {arming, key, alone, nowMs} = focus;
		const refused =
			refusalOf(focus, decision(escalation, choice, choice === 'answer' ? 'x' : undefined)) ??
			mayDecide(arming, {escalationId: id, fingerprint, choice, key, alone, nowMs})?.sentence;
		return refused === undefined ? act(escalation, focus) : refusal(refused);
	};

const approve = whenArmed('approve', (escalation, {state}) => {
	const {id, fingerprint} = escalation;
	const tooLong = whyNotApprove(escalation);
	if (tooLong) {
		return refusal(tooLong.sentence);
	}

	const word = confirmWordOf(riskOf(escalation, state.sessions[escalation.sessionId]!.cwd));
	return word === undefined
		? sends(decision(escalation, 'approve'), {done: 'Approved.'})
		: intends({type: 'open', overlay: {kind: 'approve-word', escalationId: id, fingerprint, word, input: emptyField}});
});

const deny = whenArmed('deny', ({id, fingerprint}) =>
	intends({type: 'open', overlay: {kind: 'deny-reason', escalationId: id, fingerprint, input: emptyField}}),
);

const answer = whenArmed('answer', ({id, fingerprint}) =>
	intends({type: 'open', overlay: {kind: 'answer', escalationId: id, fingerprint, input: emptyField}}),
);

const scroll =
	(direction: 1 | -1): Binding['action'] =>
	focus => {
		const escalation = selectedEscalation(focus);
		return escalation
			? intends({
					type: 'scroll',
					by: direction * Math.max(1, Math.floor(escalationLayout(focus.rows).bodyRows / 2)),
					max: furthestScroll(focus.state, escalation, focus),
				})
			: refusal('There is nothing to scroll.');
	};

/** How requests are decided. Never by enter, space, escape or `y`. */
export const escalationBindings: readonly Binding[] = [
	{
		id: 'escalation.approve',
		keys: ['a'],
		places: ['escalations'],
		title: 'Approve',
		help: 'Let it happen once; a high risk wants a typed word',
		footer: true,
		changes: true,
		decides: true,
		action: approve,
	},
	{
		id: 'escalation.deny',
		keys: ['d'],
		places: ['escalations'],
		title: 'Deny',
		help: 'Refuse it, with a reason if you like',
		footer: true,
		changes: true,
		decides: true,
		action: deny,
	},
	{
		id: 'escalation.answer',
		keys: ['s'],
		places: ['escalations'],
		title: 'Answer',
		help: 'Answer a question with a text',
		footer: true,
		changes: true,
		decides: true,
		action: answer,
	},
	{
		id: 'escalation.scroll-down',
		keys: [']', 'pagedown'],
		places: ['escalations'],
		title: 'Read on',
		help: 'Scroll down: it is read whole before it is approved',
		footer: true,
		action: scroll(1),
	},
	{
		id: 'escalation.scroll-up',
		keys: ['[', 'pageup'],
		places: ['escalations'],
		title: 'Read back',
		help: 'Scroll the request up',
		action: scroll(-1),
	},
];
