import {type Actor, actorName} from '../actor.js';
import type {CommandOf} from '../command.js';
import {type DecisionContext, noAnswer, type Outcome} from '../decision-context.js';
import type {Fact} from '../fact.js';
import {isBelow} from '../permission.js';
import {type Refusal, refuse} from '../refusal.js';
import type {Rules} from '../rule.js';
import {newRun, runAnswer, whyNotOptions, whyNotQueue} from '../run/new-run.js';
import {isLive, isOver} from '../run/run.js';
import {limitReached} from '../safety/limit-reached.js';
import {limitsOf} from '../safety/limits-of-state.js';
import type {State} from '../state.js';
import {mostExchanges, pairKey} from './outbox.js';
import {activeRun, childrenOf, isBusy, type Session} from './session.js';

/** The refusal for an id that names no session. */
export const unknownSession = (id: string): Refusal => refuse('UNKNOWN_SESSION', `There is no session ${id}.`);

const whyNotChild = (state: State, parent: Session): Refusal | undefined => {
	const limits = limitsOf(state, parent);
	if (parent.depth + 1 > limits.depth) {
		return limitReached(limits, 'depth', `${parent.label} is at depth ${parent.depth}`);
	}

	const liveChildren = childrenOf(state, parent.id).filter(child => isBusy(state, child)).length;
	if (liveChildren >= limits.liveChildren) {
		return limitReached(limits, 'liveChildren', `${parent.label} has ${liveChildren} live children`);
	}

	const descendants = state.index.descendants.get(parent.rootId) ?? 0;
	return descendants >= limits.sessionsPerRoot
		? limitReached(limits, 'sessionsPerRoot', `The tree of ${state.sessions[parent.rootId]!.label} has had ${descendants} sessions`)
		: undefined;
};

const whyNotCreateSession = (state: State, command: CommandOf<'session.create'>): Refusal | undefined => {
	const {agent, parentRunId, text} = command;
	if (!state.agents[agent]) {
		const known = Object.keys(state.agents).join(', ');
		return refuse('UNKNOWN_AGENT', `There is no agent ${JSON.stringify(agent)}. Known: ${known}.`);
	}

	if (parentRunId !== undefined) {
		const parentRun = state.runs[parentRunId];
		if (!parentRun) {
			return refuse('UNKNOWN_RUN', `There is no run ${parentRunId} to be the parent.`);
		}

		if (isOver(parentRun)) {
			return refuse('ALREADY_ENDED', `The parent run ${parentRunId} ended as ${parentRun.state}; it can have no more children.`);
		}

		if (parentRun.state === 'stopping') {
			return refuse('NOT_RUNNING', `The parent run ${parentRunId} is being stopped; it can have no more children.`);
		}

		const refusal = whyNotChild(state, state.sessions[parentRun.sessionId]!);
		if (refusal) {
			return refusal;
		}
	}

	return text === undefined ? undefined : (whyNotQueue(state) ?? whyNotOptions(state, command));
};

const decideCreateSession = (state: State, command: CommandOf<'session.create'>, context: DecisionContext): Outcome => {
	const {nowMs, newId} = context;
	const {agent, cwd, text, lane, parentRunId, tags, onParentSuccess} = command;
	const parent = parentRunId === undefined ? undefined : state.sessions[state.runs[parentRunId]!.sessionId]!;
	const id = newId('ses');
	const firstLine = text?.trim().split('\n')[0] ?? '';
	const session: Session = {
		id,
		agent,
		label: command.label?.trim() || firstLine.slice(0, 40) || agent,
		cwd,
		createdAtMs: nowMs,
		...(parent && parentRunId !== undefined && {parentId: parent.id, parentRunId}),
		rootId: parent?.rootId ?? id,
		depth: parent ? parent.depth + 1 : 0,
		...(tags && tags.length > 0 && {tags: [...new Set(tags)]}),
		...(onParentSuccess && {onParentSuccess}),
		runIds: [],
	};
	const facts: Fact[] = [{type: 'session.created', session, atMs: nowMs}];
	const shown = {id, agent, label: session.label, cwd, ...(parent && {parent_id: parent.id})};
	if (text === undefined) {
		return {facts, answer: {session: shown}};
	}

	const run = newRun(state, {sessionId: id, text, lane, options: command}, context);
	facts.push({type: 'run.queued', run, atMs: nowMs});
	return {facts, answer: {session: shown, run: runAnswer(run)}};
};

const hasTerminal = (state: State, session: Session): boolean => {
	const active = activeRun(state, session);
	return active?.state === 'running' || active?.state === 'waiting';
};

const isTyped = (state: State, {mode = 'queue'}: CommandOf<'message.send'>, session: Session): boolean =>
	mode !== 'queue' && hasTerminal(state, session);

/**
 * Why an agent may say nothing to this session now: it is being stopped, and what was stopped must not start again; or the two talk to
 * each other without end. A parent may tell those below it as much as it likes: they need a way up to make a circle of it.
 */
const whyNotAsAgent = (state: State, session: Session, runId: string): Refusal | undefined => {
	const run = state.runs[runId]!;
	if (!isLive(run) || run.state === 'stopping') {
		return refuse('NOT_RUNNING', `${runId} is ${run.state}; only a running agent can send messages.`);
	}

	const spoken = state.exchanges[pairKey(run.sessionId, session.id)] ?? 0;
	return spoken >= mostExchanges && !isBelow(state, session.id, run.sessionId)
		? refuse(
				'LIMIT_REACHED',
				`${spoken} messages went to and fro by themselves, ${mostExchanges} may; the operator has to say something first.`,
			)
		: undefined;
};

const whyNotSendMessage = (state: State, command: CommandOf<'message.send'>, {actor}: {readonly actor: Actor}): Refusal | undefined => {
	const session = state.sessions[command.sessionId];
	if (!session) {
		return unknownSession(command.sessionId);
	}

	const refusal = actor.role === 'agent' ? whyNotAsAgent(state, session, actor.runId) : undefined;
	if (refusal) {
		return refusal;
	}

	return isTyped(state, command, session) ? undefined : (whyNotQueue(state, session) ?? whyNotOptions(state, command));
};

/** A message for a busy session waits for its turn, or goes into the live agent's terminal when it is to steer or to interrupt. */
const decideSendMessage = (state: State, command: CommandOf<'message.send'>, context: DecisionContext): Outcome => {
	const {sessionId, text, lane, mode} = command;
	const session = state.sessions[sessionId]!;
	if (isTyped(state, command, session)) {
		return typed(state, {sessionId, text, interrupts: mode === 'interrupt'}, context);
	}

	const run = newRun(state, {sessionId, text, lane, options: command}, context);
	return {facts: [{type: 'run.queued', run, atMs: context.nowMs}], answer: {run: runAnswer(run)}};
};

const whyNotTypeMessage = (state: State, {sessionId}: CommandOf<'message.type'>): Refusal | undefined => {
	const session = state.sessions[sessionId];
	if (!session) {
		return unknownSession(sessionId);
	}

	return hasTerminal(state, session) ? undefined : refuse('NOT_RUNNING', `${session.label} has no live terminal to type into.`);
};

const typed = (
	state: State,
	{sessionId, text, interrupts = false}: {readonly sessionId: string; readonly text: string; readonly interrupts?: boolean},
	{nowMs, actor}: DecisionContext,
): Outcome => {
	const run = activeRun(state, state.sessions[sessionId]!)!;
	const message = {sessionId, runId: run.id, text, ...(interrupts && {interrupts}), by: actorName(actor), atMs: nowMs};
	return {facts: [{type: 'message.typed', message, atMs: nowMs}], answer: {run: {id: run.id, session_id: sessionId}}};
};

/** Sessions and what is said in them. */
export const sessionRules: Rules<'session.create' | 'session.rename' | 'message.send' | 'message.type'> = {
	'session.create': {whyNot: whyNotCreateSession, decide: decideCreateSession},
	'session.rename': {
		whyNot: (state, {sessionId}) => (state.sessions[sessionId] ? undefined : unknownSession(sessionId)),
		decide: (_state, {sessionId, label}, {nowMs, actor}) => ({
			facts: [{type: 'session.renamed', sessionId, label, by: actorName(actor), atMs: nowMs}],
			answer: noAnswer,
		}),
	},
	'message.send': {whyNot: whyNotSendMessage, decide: decideSendMessage},
	'message.type': {whyNot: whyNotTypeMessage, decide: typed},
};
