import type {Command, CommandOf} from '../command.js';
import {type DecisionContext, noAnswer, type Outcome} from '../decision-context.js';
import type {Fact} from '../fact.js';
import type {Json} from '../json.js';
import {type Refusal, refuse} from '../refusal.js';
import type {Rules} from '../rule.js';
import {isOver, type WaitingReason} from '../run/run.js';
import {limitReached} from '../safety/limit-reached.js';
import {limitsOf} from '../safety/limits-of-state.js';
import type {State} from '../state.js';
import {automaticAnswer, automaticFacts} from './automatic-answer.js';
import type {Escalation, EscalationKind} from './escalation.js';
import {canonicalJson} from './fingerprint.js';

const openOfRun = (state: State, runId: string): readonly Escalation[] =>
	[...state.index.openEscalations].map(id => state.escalations[id]!).filter(escalation => escalation.runId === runId);

/** An open request of the same attempt in the very same words: asking again is the same request, not a second one. */
const openForPlan = (state: State, {runId, fingerprint}: CommandOf<'escalation.raise'>): Escalation | undefined =>
	openOfRun(state, runId).find(escalation => escalation.fingerprint === fingerprint);

/** Whether the words mean what they meant: the same programs, folders and files behind them. */
const meansTheSame = (escalation: Escalation, {found}: CommandOf<'escalation.raise'>): boolean =>
	canonicalJson(escalation.found as Json | undefined) === canonicalJson(found as Json | undefined);

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
			...(escalation.decision.scope && {scope: escalation.decision.scope}),
			...(escalation.decision.grantId !== undefined && {grant_id: escalation.decision.grantId}),
		}),
		...(escalation.closed && {why: escalation.closed.why}),
	},
});

/** What the rules ask about a run is no request of its agent. */
const isOfTheRules = (kind: EscalationKind): boolean => kind === 'budget' || kind === 'stuck';

const whyNotRaise = (state: State, command: CommandOf<'escalation.raise'>): Refusal | undefined => {
	const run = state.runs[command.runId];
	if (!run) {
		return refuse('UNKNOWN_RUN', `There is no run ${command.runId}.`);
	}

	if (isOver(run)) {
		return refuse('ALREADY_ENDED', `${run.id} ended as ${run.state}; it can ask nothing more.`);
	}

	if (run.state === 'queued' || run.state === 'stopping') {
		return refuse('NOT_RUNNING', `${run.id} is ${run.state}; only a running agent can ask.`);
	}

	if (openForPlan(state, command)) {
		return undefined;
	}

	const limits = limitsOf(state, state.sessions[run.sessionId]);
	const open = openOfRun(state, run.id).filter(({kind}) => !isOfTheRules(kind)).length;
	return open >= limits.openEscalations ? limitReached(limits, 'openEscalations', `${run.id} has ${open} open requests`) : undefined;
};

const waitingReason = (kind: EscalationKind): WaitingReason => (kind === 'question' ? 'question' : 'approval');

const decideRaise = (state: State, command: CommandOf<'escalation.raise'>, {nowMs, newId}: DecisionContext): Outcome => {
	const before = openForPlan(state, command);
	if (before && meansTheSame(before, command)) {
		return {facts: [], answer: escalationAnswer(before)};
	}

	const {runId, kind, text, payload, found, blocking, fingerprint} = command;
	const run = state.runs[runId]!;
	const escalation: Escalation = {
		id: newId('esc'),
		runId,
		sessionId: run.sessionId,
		generation: run.generation,
		kind,
		text,
		...(payload && {payload}),
		...(found && {found}),
		blocking,
		raisedAtMs: nowMs,
		expiresAtMs: nowMs + limitsOf(state, state.sessions[run.sessionId]).escalationExpiryMs,
		fingerprint,
		state: 'open',
	};
	const facts: Fact[] = [
		{type: 'escalation.raised', escalation, atMs: nowMs},
		...(before ? [{type: 'escalation.superseded', escalationId: before.id, byId: escalation.id, atMs: nowMs} as const] : []),
	];
	const decision = automaticAnswer(state, escalation, nowMs);
	if (decision) {
		facts.push(...automaticFacts(escalation, decision, nowMs), ...resumeFacts(state, before ? [before] : [], nowMs));
		return {facts, answer: escalationAnswer({...escalation, state: 'answered', decision})};
	}

	if (before && !blocking) {
		// The one whose place it takes may have held the agent.
		facts.push(...resumeFacts(state, [before], nowMs));
	}

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

const clockTime = (atMs: number): string => new Date(atMs).toISOString().slice(11, 19);

/** Why a request takes no decision any more; `undefined` while it is open. */
export const whyNotOpen = (escalation: Escalation): Refusal | undefined => {
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

		case 'superseded': {
			return refuse('CHANGED', `What ${escalation.id} would do changed meanwhile; ${escalation.supersededBy} is asked instead.`);
		}
	}
};

/** Once nothing blocking is open any more, a run goes on. Takes all that closes at this moment: the last two may close together. */
export const resumeFacts = (state: State, closing: readonly Escalation[], nowMs: number): readonly Fact[] =>
	[...new Set(closing.map(({runId}) => runId))].flatMap(runId => {
		const run = state.runs[runId]!;
		const isHeldByAnother = openOfRun(state, runId).some(other => other.blocking && !closing.includes(other));
		const isHeld = run.state === 'waiting' && (run.reason === 'approval' || run.reason === 'question');
		return isHeld && !isHeldByAnother ? [{type: 'run.resumed', runId, atMs: nowMs} as const] : [];
	});

const whyNotShow = (state: State, {escalationId}: CommandOf<'escalation.show'>): Refusal | undefined =>
	state.escalations[escalationId] ? undefined : refuse('UNKNOWN_ESCALATION', `There is no request ${escalationId}.`);

/** A frame is no longer than a screen; what claims to be one is cut. */
const longestFrame = 32_768;

const decideShow = (state: State, command: CommandOf<'escalation.show'>, {nowMs}: DecisionContext): Outcome => {
	const {escalationId, frame, columns, rows, text} = command;
	const {state: current, shown} = state.escalations[escalationId]!;
	// What is looked at after it was decided was not what the decision was made on.
	const isNew = current === 'open' && shown === undefined;
	return {
		facts: isNew
			? [
					{
						type: 'escalation.shown',
						escalationId,
						frame,
						columns,
						rows,
						...(text !== undefined && {text: text.slice(0, longestFrame)}),
						atMs: nowMs,
					},
				]
			: [],
		answer: noAnswer,
	};
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

/** Requests to a person, from the raise to the delivered answer; the decision itself has rules of its own. */
export const escalationRules: Rules<Exclude<Extract<Command['type'], `escalation.${string}`>, 'escalation.decide'>> = {
	'escalation.raise': {whyNot: whyNotRaise, decide: decideRaise},
	'escalation.show': {whyNot: whyNotShow, decide: decideShow},
	'escalation.withdraw': {whyNot: whyNotWithdraw, decide: decideWithdraw},
	'escalation.deliver': {decide: decideDeliver},
	'escalation.asker': {decide: decideAsker},
};
