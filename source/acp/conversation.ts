import {type ClientContext, methods, type RequestPermissionResponse} from '@agentclientprotocol/sdk';
import {type AgentActivity, type BlockedKind, statusOf} from '../../state/agent/agent-status.js';
import {canonicalJson} from '../../state/escalation/fingerprint.js';
import type {Json} from '../../state/json.js';
import {sha256} from '../digest.js';
import {type Fields, fieldsOf, textOf} from '../untrusted-json.js';
import type {Door, Verdict} from './door.js';
import {askingOf, outcomeOf, wordsFor} from './permission.js';
import type {Transcript} from './transcript.js';
import {costOfUpdate, usageOfMessage, usageOfResult} from './usage.js';

const statusEveryMs = 60_000;

/** One session with an ACP agent: prompts go in one after another, what it does is shown and reported, what it asks goes to the operator. */
export type Conversation = {
	/** Takes a prompt; it is sent when the turns before it are over. */
	prompt(text: string): void;
	/** Cancels the turn under way, if there is one, and what it asks; `false` when there is none. */
	cancel(): boolean;
	/** Handlers of what the agent sends. */
	onUpdate(params: Fields): void;
	onPermission(params: Fields): Promise<RequestPermissionResponse>;
	/** While the history of a loaded session is told again, nothing of it is new. */
	replaying<Result>(load: () => Promise<Result>): Promise<Result>;
	/** From now on prompts are sent to this session. */
	begin(agent: ClientContext, session: {readonly sessionId: string; readonly agentName: string}): void;
	end(): void;
};

type ConversationOptions = {
	readonly door: Door;
	readonly transcript: Transcript;
	readonly cwd: string;
	/** Hears that it is idle and would take a prompt. */
	readonly onIdle: () => void;
};

export const createConversation = ({door, transcript, cwd, onIdle}: ConversationOptions): Conversation => {
	const waiting: string[] = [];
	const calls = new Map<string, Fields>();
	const questions = new Set<AbortController>();
	let agent: ClientContext | undefined;
	let sessionId = '';
	let agentName = '';
	let isReplaying = false;
	let turn: {isAccepted: boolean; isCancelled: boolean} | undefined;
	let status: {readonly activity: AgentActivity; readonly kind?: BlockedKind; readonly evidence: string} | undefined;

	const tellStatus = (next: NonNullable<typeof status>): void => {
		status = next;
		door.report({kind: 'status', status: statusOf({...next, source: 'protocol', confidence: 1, atMs: Date.now()})});
	};

	const again = setInterval(() => status && tellStatus(status), statusEveryMs);
	again.unref();

	const accept = (): void => {
		if (turn && !turn.isAccepted) {
			turn.isAccepted = true;
			door.report({kind: 'accepted'});
		}
	};

	const tellUsage = (result: Fields): void => {
		const report = usageOfResult(result, agentName);
		if (report) {
			door.report(report);
			const {inputTokens, outputTokens} = report.usage;
			transcript.note(`${inputTokens} tokens in, ${outputTokens} out${report.isTotal ? ' so far' : ''}`);
		}
	};

	const take = async (text: string, to: ClientContext): Promise<void> => {
		transcript.prompt(text);
		tellStatus({activity: 'working', evidence: 'a turn is under way'});
		turn = {isAccepted: false, isCancelled: false};
		try {
			const result = fieldsOf(await to.request(methods.agent.session.prompt, {sessionId, prompt: [{type: 'text', text}]}));
			accept();
			tellUsage(result);
			const reason = textOf(result['stopReason']) ?? 'end_turn';
			transcript.note(reason === 'end_turn' ? 'done' : `ended: ${reason.replaceAll('_', ' ')}`);
			tellStatus({activity: 'idle', evidence: `turn ended: ${reason}`});
		} catch (error) {
			transcript.note(`the turn failed: ${error instanceof Error ? error.message : String(error)}`);
			tellStatus({activity: 'error', evidence: 'the turn failed'});
		} finally {
			turn = undefined;
		}
	};

	const next = (): void => {
		if (!agent || turn) {
			return;
		}

		const text = waiting.shift();
		if (text === undefined) {
			onIdle();
			return;
		}

		void take(text, agent).then(next);
	};

	const updateCall = (update: Fields): Fields => {
		const id = String(update['toolCallId']);
		const given = Object.fromEntries(Object.entries(update).filter(([, value]) => value != null));
		const call: Fields = {...calls.get(id), ...given};
		calls.set(id, call);
		return call;
	};

	const tellCall = (update: Fields): void => {
		const call = updateCall(update);
		transcript.tool(call);
		const isOver = update['status'] === 'completed' || update['status'] === 'failed';
		if (isOver && !isReplaying) {
			const tool = textOf(call['name']) ?? textOf(call['kind']) ?? 'tool';
			const summary = textOf(call['title']) ?? tool;
			const digest = sha256(canonicalJson([tool, summary, (call['rawInput'] ?? null) as Json]));
			door.report({kind: 'tool', tool, summary, digest});
		}
	};

	const tellCost = (update: Fields): void => {
		const costUsd = costOfUpdate(update);
		if (costUsd !== undefined && !isReplaying) {
			door.report({kind: 'usage', usage: {costUsd}, isTotal: true});
		}
	};

	const said = ({content}: Fields): string => textOf(fieldsOf(content)['text']) ?? '';

	const updates: Readonly<Record<string, (update: Fields) => void>> = {
		agent_message_chunk(update) {
			transcript.say(said(update), 'message');
			const report = isReplaying ? undefined : usageOfMessage(update);
			if (report) {
				door.report(report);
			}
		},
		agent_thought_chunk: update => transcript.say(said(update), 'thought'),
		user_message_chunk: update => (isReplaying ? transcript.prompt(said(update)) : undefined),
		tool_call: tellCall,
		tool_call_update: tellCall,
		plan: ({entries}) => transcript.plan(entries),
		usage_update: tellCost,
	};

	const decide = async (params: Fields, question: AbortController): Promise<Verdict> => {
		const seen = calls.get(String(fieldsOf(params['toolCall'])['toolCallId']));
		const asking = askingOf(params, {cwd, seen});
		transcript.note(`waiting for the operator: ${asking.text}`);
		tellStatus({activity: 'blocked', kind: 'permission', evidence: 'session/request_permission'});
		try {
			const verdict = await door.ask(asking, question.signal);
			const words = wordsFor(asking.text, verdict);
			if (words !== undefined) {
				waiting.push(words);
			}

			transcript.note(
				verdict.choice === 'approve' ? 'allowed, this once' : verdict.choice === 'deny' ? 'denied' : 'nobody answered: not allowed',
			);
			return verdict;
		} catch (error) {
			const why = question.signal.aborted ? 'the turn was cancelled' : error instanceof Error ? error.message : String(error);
			transcript.note(`not allowed: ${why}`);
			return {choice: 'nobody'};
		}
	};

	return {
		prompt(text) {
			waiting.push(text);
			next();
		},
		cancel() {
			if (!turn || !agent) {
				return false;
			}

			turn.isCancelled = true;
			void agent.notify(methods.agent.session.cancel, {sessionId});
			for (const question of questions) {
				question.abort();
			}

			return true;
		},
		onUpdate(params) {
			accept();
			const update = fieldsOf(params['update']);
			const type = textOf(update['sessionUpdate']) ?? '';
			if (Object.hasOwn(updates, type)) {
				updates[type]?.(update);
			}
		},
		async onPermission(params) {
			accept();
			const question = new AbortController();
			questions.add(question);
			const verdict = await decide(params, question);
			questions.delete(question);
			if (question.signal.aborted || turn?.isCancelled) {
				return {outcome: {outcome: 'cancelled'}};
			}

			tellStatus({activity: 'working', evidence: 'a turn is under way'});
			return outcomeOf(params, verdict);
		},
		async replaying(load) {
			isReplaying = true;
			try {
				return await load();
			} finally {
				isReplaying = false;
			}
		},
		begin(context, session) {
			agent = context;
			({sessionId, agentName} = session);
			door.report({kind: 'thread', threadId: sessionId});
			next();
		},
		end() {
			clearInterval(again);
			for (const question of questions) {
				question.abort();
			}
		},
	};
};
