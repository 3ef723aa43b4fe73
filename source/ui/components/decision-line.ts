import {whyNotApprove} from '../../../state/escalation/approval.js';
import {type Arming, armedAtMs, armingRules, isReadToEnd} from '../../../state/escalation/arming.js';
import {choicesOf, type Escalation} from '../../../state/escalation/escalation.js';
import {confirmWordOf, type Risk} from '../../../state/escalation/risk.js';
import {outcomeOf} from '../../../state/view/escalation-rows.js';
import {type FrameLine, span} from '../../../state/view/frame-line.js';
import {keyLabel} from '../../keys/chord.js';
import {keymap} from '../../keys/keymap.js';

/** What a decision about the selected request depends on. */
export type DecisionContext = {
	/** Of a group, any of its members. */
	readonly escalation: Escalation;
	/** What is on the screen: the request, or its group. */
	readonly subjectId: string;
	readonly risk: Risk | undefined;
	readonly arming: Arming;
	readonly nowMs: number;
	readonly readOnly: boolean;
	readonly isAscii: boolean;
	/** The end is in sight, and something before it was not: another size breaks the lines anew. */
	readonly isAtEnd: boolean;
	/** An approval may hold for longer than once. */
	readonly canRemember: boolean;
	/** Set for a group: how many of how many a decision takes. */
	readonly taken?: string;
};

const separatorOf = ({isAscii}: DecisionContext): string => (isAscii ? ' - ' : ' · ');

const keyOf = (id: string, {isAscii}: DecisionContext): string =>
	keyLabel(keymap.find(binding => binding.id === id)?.keys[0] ?? '', {isAscii});

const tenths = (ms: number): string => `${(Math.ceil(ms / 100) / 10).toFixed(1)} s`;

const choiceWords = (context: DecisionContext): readonly string[] => {
	const {escalation, risk, arming} = context;
	const word = confirmWordOf(risk);
	const further = context.canRemember
		? [`${keyOf('escalation.approve-run', context)} this run`, `${keyOf('escalation.approve-always', context)} always`]
		: [];
	const approve = isReadToEnd(arming, context.subjectId)
		? [`${keyOf('escalation.approve', context)} approve${word === undefined ? '' : ` (by typing “${word}”)`}`, ...further].join(
				separatorOf(context),
			)
		: context.isAtEnd
			? `${keyOf('escalation.scroll-up', context)} read it from its start`
			: `${keyOf('escalation.scroll-down', context)} read on before you approve`;
	const words = {
		approve: whyNotApprove(escalation) ? undefined : approve,
		answer: `${keyOf('escalation.answer', context)} answer`,
		deny: `${keyOf('escalation.deny', context)} deny`,
	};
	return choicesOf(escalation)
		.map(choice => words[choice])
		.filter(choice => choice !== undefined);
};

/** What the keys can do about the selected request now, and when they go live: one line, ours alone. */
export const decisionLine = (context: DecisionContext): FrameLine => {
	const {escalation, arming, nowMs, readOnly, taken} = context;
	if (escalation.state !== 'open') {
		return [span(` ${outcomeOf(escalation)}: nothing is left to decide`, 'quiet')];
	}

	if (readOnly) {
		return [span(' read-only console: nothing is decided here', 'quiet')];
	}

	const liveAtMs = arming.shown?.escalationId === context.subjectId ? armedAtMs(arming) : undefined;
	if (nowMs < arming.pausedUntilMs) {
		return [span(` Five quick decisions: read this one again. Keys live in ${tenths(arming.pausedUntilMs - nowMs)}`, 'waiting')];
	}

	if (liveAtMs === undefined || nowMs < liveAtMs) {
		return [span(` keys live in ${tenths(liveAtMs === undefined ? armingRules.quietMs : liveAtMs - nowMs)}`, 'quiet')];
	}

	return [span(` ${taken === undefined ? '' : `${taken}: `}${choiceWords(context).join(separatorOf(context))}`, 'strong')];
};
