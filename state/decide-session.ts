import {actorName} from './actor.js';
import type {CommandOf} from './command.js';
import {type DecisionContext, noAnswer, type Outcome} from './decision-context.js';
import type {Fact} from './fact.js';
import type {Lane} from './lane.js';
import type {Limits} from './limits.js';
import {limitMeaning} from './limits.js';
import {queueLength} from './queue-order.js';
import {type Refusal, refuse} from './refusal.js';
import type {Rules} from './rule.js';
import {isEnded, isQueued, type Run} from './run.js';
import {activeRun, childrenOf, isBusy, type Session} from './session.js';
import type {State} from './state.js';

/** The sentence for a limit that refuses, with its name and value. */
export const limitReached = (limits: Limits, name: keyof Limits, what: string): Refusal =>
	refuse('LIMIT_REACHED', `${what}: the limit ${name} is ${limits[name]} ${limitMeaning[name]}.`);

/** The refusal for an id that names no session. */
export const unknownSession = (id: string): Refusal => refuse('UNKNOWN_SESSION', `There is no session ${id}.`);

const whyNotQueue = (state: State): Refusal | undefined =>
	queueLength(state) >= state.limits.queueLength ? limitReached(state.limits, 'queueLength', 'The queue is full') : undefined;

const whyNotChild = (state: State, parent: Session): Refusal | undefined => {
	const {limits} = state;
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

const whyNotCreateSession = (state: State, {agent, parentRunId, text}: CommandOf<'session.create'>): Refusal | undefined => {
	if (!state.agents[agent]) {
		const known = Object.keys(state.agents).join(', ');
		return refuse('UNKNOWN_AGENT', `There is no agent ${JSON.stringify(agent)}. Known: ${known}.`);
	}

	if (parentRunId !== undefined) {
		const parentRun = state.runs[parentRunId];
		if (!parentRun) {
			return refuse('UNKNOWN_RUN', `There is no run ${parentRunId} to be the parent.`);
		}

		if (isEnded(parentRun)) {
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

	return text === undefined ? undefined : whyNotQueue(state);
};

const newRun = (
	{order, sessionId, text, lane}: {order: number; sessionId: string; text: string; lane: Lane | undefined},
	{nowMs, newId, actor}: DecisionContext,
): Run => ({
	id: newId('run'),
	sessionId,
	text,
	lane: lane ?? 'normal',
	order,
	queuedAtMs: nowMs,
	by: actorName(actor),
	state: 'queued',
	sinceMs: nowMs,
	generation: 0,
	attempts: [],
});

const runAnswer = (run: Run) => ({id: run.id, session_id: run.sessionId, state: run.state, lane: run.lane});

const decideCreateSession = (state: State, command: CommandOf<'session.create'>, context: DecisionContext): Outcome => {
	const {nowMs, newId} = context;
	const {agent, cwd, text, lane, parentRunId} = command;
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
		runIds: [],
	};
	const facts: Fact[] = [{type: 'session.created', session, atMs: nowMs}];
	const shown = {id, agent, label: session.label, cwd, ...(parent && {parent_id: parent.id})};
	if (text === undefined) {
		return {facts, answer: {session: shown}};
	}

	const run = newRun({order: state.nextOrder, sessionId: id, text, lane}, context);
	facts.push({type: 'run.queued', run, atMs: nowMs});
	return {facts, answer: {session: shown, run: runAnswer(run)}};
};

const whyNotSendMessage = (state: State, {sessionId}: CommandOf<'message.send'>): Refusal | undefined => {
	const session = state.sessions[sessionId];
	if (!session) {
		return unknownSession(sessionId);
	}

	const waiting = session.runIds.filter(id => isQueued(state.runs[id]!)).length;
	return waiting >= state.limits.queuedPerSession
		? limitReached(state.limits, 'queuedPerSession', `${session.label} has ${waiting} messages waiting`)
		: whyNotQueue(state);
};

const decideSendMessage = (state: State, command: CommandOf<'message.send'>, context: DecisionContext): Outcome => {
	const {sessionId, text, lane} = command;
	const run = newRun({order: state.nextOrder, sessionId, text, lane}, context);
	return {facts: [{type: 'run.queued', run, atMs: context.nowMs}], answer: {run: runAnswer(run)}};
};

const whyNotTypeMessage = (state: State, {sessionId}: CommandOf<'message.type'>): Refusal | undefined => {
	const session = state.sessions[sessionId];
	if (!session) {
		return unknownSession(sessionId);
	}

	const active = activeRun(state, session);
	const hasTerminal = active?.state === 'running' || active?.state === 'waiting';
	return hasTerminal ? undefined : refuse('NOT_RUNNING', `${session.label} has no live terminal to type into.`);
};

const decideTypeMessage = (state: State, command: CommandOf<'message.type'>, {nowMs, actor}: DecisionContext): Outcome => {
	const {sessionId, text} = command;
	const run = activeRun(state, state.sessions[sessionId]!)!;
	const message = {sessionId, runId: run.id, text, by: actorName(actor), atMs: nowMs};
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
	'message.type': {whyNot: whyNotTypeMessage, decide: decideTypeMessage},
};
