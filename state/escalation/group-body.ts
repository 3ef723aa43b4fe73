import type {State} from '../state.js';
import {type FrameLine, span, unicodeMarks} from '../view/frame-line.js';
import type {Escalation} from './escalation.js';
import {type BodyContext, commandLines, fieldLines, wordLines} from './escalation-body.js';
import {askerFields, type FactsContext, type FrameField, folderField, programField, riskFields} from './escalation-facts.js';
import type {EscalationGroup} from './escalation-group.js';

/**
 * A group, line by line: the command they have in common, then each of those who ask with where and why. All of it is read before it is
 * approved. `leftOut` are the ids of those that a decision leaves alone.
 */
export const groupBody = (
	state: State,
	{members}: EscalationGroup,
	{columns, nowMs, marks = unicodeMarks, leftOut}: BodyContext & {readonly leftOut: ReadonlySet<string>},
): readonly FrameLine[] => {
	const contextOf = (escalation: Escalation): FactsContext => {
		const session = state.sessions[escalation.sessionId];
		return {state, escalation, session, nowMs, marks, isNarrow: columns < 40};
	};
	const fields = (found: readonly FrameField[]): readonly FrameLine[] => found.flatMap(field => fieldLines(field, columns));
	const [first] = members;
	const memberLines = (member: Escalation, index: number): readonly FrameLine[] => {
		const context = contextOf(member);
		const isLeftOut = leftOut.has(member.id);
		return [
			[],
			[
				span(` ${index + 1} of ${members.length}`, 'strong'),
				span(isLeftOut ? ' left out' : '', 'failed'),
				span(`  ${member.id}, digest ${member.fingerprint.slice(0, 12)}`, 'quiet'),
			],
			...fields([...askerFields(context), folderField(context)]),
			...wordLines(context, columns),
		];
	};

	return first
		? [
				...fields([...riskFields(contextOf(first)), ...programField(contextOf(first))]),
				...commandLines(first, columns, marks),
				...members.flatMap(memberLines),
			]
		: [];
};
