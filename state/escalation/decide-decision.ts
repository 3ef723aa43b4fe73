import {actorName} from '../actor.js';
import type {CommandOf} from '../command.js';
import {type DecisionContext, noAnswer, type Outcome} from '../decision-context.js';
import {type Refusal, refuse} from '../refusal.js';
import type {Rules} from '../rule.js';
import {decidedBudgetFacts} from '../safety/budget-facts.js';
import type {State} from '../state.js';
import {whyNotApprove} from './approval.js';
import {escalationAnswer, resumeFacts, whyNotOpen} from './decide-escalation.js';
import {choicesOf, type Decision, type Escalation} from './escalation.js';
import {grantOf, longestGrantMs, whyNotGrant} from './grant.js';
import {confirmWordOf, riskOf} from './risk.js';

type Decide = CommandOf<'escalation.decide'>;

const scopeOf = ({choice, scope = 'once'}: Decide): NonNullable<Decide['scope']> => (choice === 'approve' ? scope : 'once');

const isSameDecision = (decision: Decision, command: Decide): boolean =>
	decision.choice === command.choice && (decision.text ?? '') === (command.text ?? '') && (decision.scope ?? 'once') === scopeOf(command);

/** The word without which a request is not approved, whoever asks by whatever way; `undefined` when it needs none. */
export const wordToApprove = (state: State, escalation: Pick<Escalation, 'kind' | 'payload' | 'sessionId'>): string | undefined =>
	confirmWordOf(riskOf(escalation, state.sessions[escalation.sessionId]?.cwd ?? '/'));

const whyNotWord = (state: State, escalation: Escalation, {word = ''}: Decide): Refusal | undefined => {
	const needed = wordToApprove(state, escalation);
	return needed !== undefined && word.trim().toLowerCase() !== needed.toLowerCase()
		? refuse('NOT_ARMED', `It is a high risk: it is approved only with the word “${needed}”.`)
		: undefined;
};

const isWithin = (value: number | undefined, most: number): boolean =>
	value === undefined || (Number.isInteger(value) && value > 0 && value <= most);

const mostUses = 10_000;

const whyNotScope = (state: State, escalation: Escalation, command: Decide): Refusal | undefined => {
	if (scopeOf(command) === 'once') {
		return command.lifetimeMs === undefined && command.maxUses === undefined
			? undefined
			: refuse('INVALID', 'Only an approval that holds longer than once has a lifetime or a count.');
	}

	if (!isWithin(command.lifetimeMs, longestGrantMs)) {
		return refuse('INVALID', 'An approval holds for some time, and for 30 days at most.');
	}

	if (!isWithin(command.maxUses, mostUses)) {
		return refuse('INVALID', `An approval holds for a number of times, from 1 to ${mostUses}.`);
	}

	const why = whyNotGrant(state, escalation);
	return why === undefined ? undefined : refuse('INVALID', why);
};

const whyNotChoice = (state: State, escalation: Escalation, command: Decide): Refusal | undefined => {
	const {choice, text, scope = 'once'} = command;
	if (!choicesOf(escalation).includes(choice)) {
		return refuse('INVALID', `A ${escalation.kind} takes ${choicesOf(escalation).join(' or ')}, not ${choice}.`);
	}

	if (choice === 'approve') {
		return whyNotApprove(escalation) ?? whyNotWord(state, escalation, command) ?? whyNotScope(state, escalation, command);
	}

	if (scope !== 'once') {
		return refuse('INVALID', 'Only an approval holds longer than once.');
	}

	return choice === 'answer' && !text?.trim() ? refuse('INVALID', 'An answer needs some text.') : undefined;
};

/** First answer wins; the same answer again is no news; what was not seen cannot be decided. */
const whyNotDecide = (state: State, command: Decide, {nowMs}: {readonly nowMs: number}): Refusal | undefined => {
	const escalation = state.escalations[command.escalationId];
	if (!escalation) {
		return refuse('UNKNOWN_ESCALATION', `There is no request ${command.escalationId}.`);
	}

	if (escalation.state === 'answered' && isSameDecision(escalation.decision!, command)) {
		return undefined;
	}

	const notOpen = whyNotOpen(escalation);
	if (notOpen) {
		return notOpen;
	}

	// The clock decides at the stroke, not the timer that would have written it down a moment later.
	if (nowMs >= escalation.expiresAtMs) {
		const clockTime = new Date(escalation.expiresAtMs).toISOString().slice(11, 19);
		return refuse('EXPIRED', `${escalation.id} expired unanswered at ${clockTime} UTC.`);
	}

	return command.fingerprint === escalation.fingerprint
		? whyNotChoice(state, escalation, command)
		: refuse('CHANGED', 'What is asked for is not what was shown; look at it again.');
};

const decideDecide = (state: State, command: Decide, context: DecisionContext): Outcome => {
	const {nowMs, actor, newId} = context;
	const escalation = state.escalations[command.escalationId]!;
	if (escalation.state === 'answered') {
		return {facts: [], answer: escalationAnswer(escalation)};
	}

	const {choice, text, lifetimeMs, maxUses} = command;
	const scope = scopeOf(command);
	const by = actorName(actor);
	const grant = scope === 'once' ? undefined : grantOf(state, escalation, {id: newId('grt'), scope, by, nowMs, lifetimeMs, maxUses});
	const decision: Decision = {
		choice,
		...(text?.trim() && {text}),
		by,
		atMs: nowMs,
		...(grant && {scope, grantId: grant.id}),
	};
	return {
		facts: [
			{type: 'escalation.decided', escalationId: escalation.id, decision, atMs: nowMs},
			...(grant ? [{type: 'grant.made', grant, atMs: nowMs} as const] : []),
			...(escalation.kind === 'budget' ? decidedBudgetFacts(state, escalation, decision, context) : []),
			...resumeFacts(state, [escalation], nowMs),
		],
		answer: escalationAnswer({...escalation, state: 'answered', decision}),
	};
};

const whyNotRevoke = (state: State, {grantId}: CommandOf<'grant.revoke'>): Refusal | undefined =>
	state.grants[grantId] ? undefined : refuse('UNKNOWN_GRANT', `There is no grant ${grantId}.`);

/** Decisions on requests, and on what was decided for longer. */
export const decisionRules: Rules<'escalation.decide' | 'grant.revoke'> = {
	'escalation.decide': {whyNot: whyNotDecide, decide: decideDecide},
	'grant.revoke': {
		whyNot: whyNotRevoke,
		decide(state, {grantId}, {nowMs, actor}) {
			const isNews = !state.grants[grantId]!.revoked;
			return {facts: isNews ? [{type: 'grant.revoked', grantId, by: actorName(actor), atMs: nowMs}] : [], answer: noAnswer};
		},
	},
};
