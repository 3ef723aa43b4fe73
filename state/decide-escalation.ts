import {actorName} from './actor.js';
import type {Command, CommandOf} from './command.js';
import {limitReached} from './decide-session.js';
import {type DecisionContext, noAnswer, type Outcome} from './decision-context.js';
import {choicesOf, type Decision, type Escalation, type EscalationKind} from './escalation.js';
import type {Fact} from './fact.js';
import type {Json} from './json.js';
import {type Refusal, refuse} from './refusal.js';
import type {Rules} from './rule.js';
import {isEnded, type WaitingReason} from './run.js';
import type {State} from './state.js';

const openOfRun = (state: State, runId: string): readonly Escalation[] =>
	[...state.index.openEscalations].map(id => state.escalations[id]!).filter(escalation => escalation.runId === runId);

/** An open request of the same attempt for the very same plan: asking again is the same request, not a second one. */
const sameOpen = (state: State, {runId, fingerprint}: CommandOf<'escalation.raise'>): Escalation | undefined =>
	openOfRun(state, runId).find(escalation => escalation.fingerprint === fingerprint);

/** What an asker or a decider is told about an escalation. */
export const escalationAnswer = (escalation: Escalation): Json => ({
	escalation: {
		id: escalation.id,
		run_id: escalation.runId,
		session_id: escalation.sessionId,
		state: escalation.state,
		kind: escalation.kind,
		...(escalation.decision && {
			choice: escalation.decision.choice,
			...(escalation.decision.text !== undefined && {text: escalation.decision.text}),
			by: escalation.decision.by,
		}),
		...(escalation.closed && {why: escalation.closed.why}),
	},
});

const whyNotRaise = (state: State, command: CommandOf<'escalation.raise'>): Refusal | undefined => {
	const run = state.runs[command.runId];
	if (!run) {
		return refuse('UNKNOWN_RUN', `There is no run ${command.runId}.`);
	}

	if (isEnded(run)) {
		return refuse('ALREADY_ENDED', `${run.id} ended as ${run.state}; it can ask nothing more.`);
	}

	if (run.state === 'queued' || run.state === 'stopping') {
		return refuse('NOT_RUNNING', `${run.id} is ${run.state}; only a running agent can ask.`);
	}

	if (sameOpen(state, command)) {
		return undefined;
	}

	const open = openOfRun(state, run.id).length;
	return open >= state.limits.openEscalations
		? limitReached(state.limits, 'openEscalations', `${run.id} has ${open} open requests`)
		: undefined;
};

const waitingReason = (kind: EscalationKind): WaitingReason => (kind === 'question' ? 'question' : 'approval');

const decideRaise = (state: State, command: CommandOf<'escalation.raise'>, {nowMs, newId}: DecisionContext): Outcome => {
	const same = sameOpen(state, command);
	if (same) {
		return {facts: [], answer: escalationAnswer(same)};
	}

	const {runId, kind, text, payload, blocking, fingerprint} = command;
	const run = state.runs[runId]!;
	const escalation: Escalation = {
		id: newId('esc'),
		runId,
		sessionId: run.sessionId,
		generation: run.generation,
		kind,
		text,
		...(payload && {payload}),
		blocking,
		raisedAtMs: nowMs,
		expiresAtMs: nowMs + state.limits.escalationExpiryMs,
		fingerprint,
		state: 'open',
	};
	const facts: Fact[] = [{type: 'escalation.raised', escalation, atMs: nowMs}];
	if (blocking && run.state === 'running') {
		facts.push({type: 'run.waiting', runId, reason: waitingReason(kind), atMs: nowMs});
	}

	return {facts, answer: escalationAnswer(escalation)};
};

/** An agent that asked before the report of its start came in is held from the start. */
export const heldFacts = (state: State, runId: string, nowMs: number): readonly Fact[] => {
	const holding = openOfRun(state, runId).find(({blocking}) => blocking);
	return holding ? [{type: 'run.waiting', runId, reason: waitingReason(holding.kind), atMs: nowMs}] : [];
};

const isSameDecision = (decision: Decision, {choice, text}: CommandOf<'escalation.decide'>): boolean =>
	decision.choice === choice && (decision.text ?? '') === (text ?? '');

const clockTime = (atMs: number): string => new Date(atMs).toISOString().slice(11, 19);

const whyNotOpen = (escalation: Escalation): Refusal | undefined => {
	switch (escalation.state) {
		case 'open': {
			return undefined;
		}

		case 'answered': {
			const {choice, by, atMs} = escalation.decision!;
			return refuse('ALREADY_RESOLVED', `${by} already answered “${choice}” at ${clockTime(atMs)} UTC.`);
		}

		case 'expired': {
			return refuse('EXPIRED', `${escalation.id} expired unanswered at ${clockTime(escalation.closed!.atMs)} UTC.`);
		}

		case 'withdrawn': {
			return refuse('WITHDRAWN', `${escalation.id} was withdrawn: ${escalation.closed!.why}.`);
		}
	}
};

/** First answer wins; the same answer again is no news; what was not seen cannot be decided. */
const whyNotDecide = (state: State, command: CommandOf<'escalation.decide'>, {nowMs}: {readonly nowMs: number}): Refusal | undefined => {
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
		return refuse('EXPIRED', `${escalation.id} expired unanswered at ${clockTime(escalation.expiresAtMs)} UTC.`);
	}

	if (command.fingerprint !== escalation.fingerprint) {
		return refuse('CHANGED', 'What is asked for is not what was shown; look at it again.');
	}

	if (!choicesOf(escalation).includes(command.choice)) {
		return refuse('INVALID', `A ${escalation.kind} takes ${choicesOf(escalation).join(' or ')}, not ${command.choice}.`);
	}

	return command.choice === 'answer' && !command.text?.trim() ? refuse('INVALID', 'An answer needs some text.') : undefined;
};

/** Once nothing blocking is open any more, a run goes on. Takes all that closes at this moment: the last two may close together. */
export const resumeFacts = (state: State, closing: readonly Escalation[], nowMs: number): readonly Fact[] =>
	[...new Set(closing.map(({runId}) => runId))].flatMap(runId => {
		const run = state.runs[runId]!;
		const isHeldByAnother = openOfRun(state, runId).some(other => other.blocking && !closing.includes(other));
		const isHeld = run.state === 'waiting' && (run.reason === 'approval' || run.reason === 'question');
		return isHeld && !isHeldByAnother ? [{type: 'run.resumed', runId, atMs: nowMs} as const] : [];
	});

const decideDecide = (state: State, command: CommandOf<'escalation.decide'>, {nowMs, actor}: DecisionContext): Outcome => {
	const escalation = state.escalations[command.escalationId]!;
	if (escalation.state === 'answered') {
		return {facts: [], answer: escalationAnswer(escalation)};
	}

	const {choice, text} = command;
	const decision: Decision = {choice, ...(text?.trim() && {text}), by: actorName(actor), atMs: nowMs};
	return {
		facts: [{type: 'escalation.decided', escalationId: escalation.id, decision, atMs: nowMs}, ...resumeFacts(state, [escalation], nowMs)],
		answer: escalationAnswer({...escalation, state: 'answered', decision}),
	};
};

const whyNotShow = (state: State, {escalationId}: CommandOf<'escalation.show'>): Refusal | undefined =>
	state.escalations[escalationId] ? undefined : refuse('UNKNOWN_ESCALATION', `There is no request ${escalationId}.`);

const decideShow = (state: State, command: CommandOf<'escalation.show'>, {nowMs}: DecisionContext): Outcome => {
	const {escalationId, frame, columns, rows} = command;
	const {state: current, shown} = state.escalations[escalationId]!;
	// What is looked at after it was decided was not what the decision was made on.
	const isNew = current === 'open' && shown === undefined;
	return {facts: isNew ? [{type: 'escalation.shown', escalationId, frame, columns, rows, atMs: nowMs}] : [], answer: noAnswer};
};

const whyNotWithdraw = (state: State, {escalationId}: CommandOf<'escalation.withdraw'>): Refusal | undefined => {
	const escalation = state.escalations[escalationId];
	return escalation ? whyNotOpen(escalation) : refuse('UNKNOWN_ESCALATION', `There is no request ${escalationId}.`);
};

const decideWithdraw = (state: State, {escalationId, why}: CommandOf<'escalation.withdraw'>, {nowMs}: DecisionContext): Outcome => {
	const escalation = state.escalations[escalationId]!;
	const facts: Fact[] = [{type: 'escalation.withdrawn', escalationId, why, atMs: nowMs}, ...resumeFacts(state, [escalation], nowMs)];
	return {facts, answer: escalationAnswer({...escalation, state: 'withdrawn', closed: {atMs: nowMs, why}})};
};

const decideDeliver = (state: State, {escalationId}: CommandOf<'escalation.deliver'>, {nowMs}: DecisionContext): Outcome => {
	const escalation = state.escalations[escalationId];
	const isNew = escalation !== undefined && escalation.state !== 'open' && escalation.deliveredAtMs === undefined;
	return {facts: isNew ? [{type: 'escalation.delivered', escalationId, atMs: nowMs}] : [], answer: noAnswer};
};

const decideAsker = (state: State, {escalationId, gone}: CommandOf<'escalation.asker'>, {nowMs}: DecisionContext): Outcome => {
	const escalation = state.escalations[escalationId];
	const isNews = escalation?.state === 'open' && (escalation.askerGone ?? false) !== gone;
	return {facts: isNews ? [{type: 'escalation.asker-changed', escalationId, gone, atMs: nowMs}] : [], answer: noAnswer};
};

/** Requests to a person, from the raise to the delivered answer. */
export const escalationRules: Rules<Extract<Command['type'], `escalation.${string}`>> = {
	'escalation.raise': {whyNot: whyNotRaise, decide: decideRaise},
	'escalation.show': {whyNot: whyNotShow, decide: decideShow},
	'escalation.decide': {whyNot: whyNotDecide, decide: decideDecide},
	'escalation.withdraw': {whyNot: whyNotWithdraw, decide: decideWithdraw},
	'escalation.deliver': {decide: decideDeliver},
	'escalation.asker': {decide: decideAsker},
};
