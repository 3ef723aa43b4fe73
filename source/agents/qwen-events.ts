import type {AgentReport} from '../../state/agent/agent-report.js';
import type {AgentActivity, BlockedKind} from '../../state/agent/agent-status.js';
import type {Json} from '../../state/json.js';
import type {AgentRequest, ChannelEvent} from '../agent-adapter.js';
import {anyTextOf, countOf, fieldsOf, listOf} from '../untrusted-json.js';
import {callDigest, callSummary, type ToolCall, toolPayload, toolWords} from './tool-request.js';

/** A request that stands on the agent's screen, and the call of a tool it is about. */
type Pending = {readonly request: AgentRequest; readonly toolUseId: string | undefined};

/** What Qwen's events add up to. */
export type QwenEvents = {
	/** Takes one event; gives what is new in it. */
	take(event: Json): readonly ChannelEvent[];
	/** The requests that nobody has answered yet. */
	pending(): readonly AgentRequest[];
	/** Whether it still waits for an answer to a request, as far as it told. */
	isOpen(requestId: string): boolean;
	/** A request was refused by us: Qwen ends its turn then and tells nothing more about it. */
	refuse(requestId: string): readonly ChannelEvent[];
};

const elsewhere = 'it was answered on the agent’s own screen';

/** Reads Qwen's dual output (protocol 2). `now` gives the moment of a status. */
export const createQwenEvents = ({cwd, now}: {readonly cwd: string; readonly now: () => number}): QwenEvents => {
	const open = new Map<string, Pending>();
	const counted = new Set<string>();

	const reported = (report: AgentReport): ChannelEvent => ({type: 'report', report});

	const status = (activity: AgentActivity, evidence: string, kind?: BlockedKind): ChannelEvent => {
		const atMs = now();
		return reported({
			kind: 'status',
			status: {activity, ...(kind && {kind}), source: 'protocol', confidence: 1, sinceMs: atMs, seenMs: atMs, evidence},
		});
	};

	const close = (isClosed: (pending: Pending) => boolean): readonly ChannelEvent[] =>
		[...open].flatMap(([requestId, pending]) => {
			if (!isClosed(pending)) {
				return [];
			}

			open.delete(requestId);
			return [{type: 'request-closed', requestId, why: elsewhere} as const];
		});

	const usage = (message: Json | undefined): readonly ChannelEvent[] => {
		const {id, usage: used} = fieldsOf(message);
		const name = anyTextOf(id);
		const {input_tokens: input, output_tokens: output} = fieldsOf(used);
		if (used === undefined || name === undefined || counted.has(name)) {
			return [];
		}

		counted.add(name);
		return [reported({kind: 'usage', usage: {inputTokens: countOf(input), outputTokens: countOf(output)}})];
	};

	const calls = (message: Json | undefined): readonly ChannelEvent[] =>
		listOf(fieldsOf(message)['content']).flatMap(item => {
			const {type, name, input} = fieldsOf(item);
			const call: ToolCall = {tool: anyTextOf(name) ?? 'a tool', input: input ?? {}};
			return type === 'tool_use' ? [reported({kind: 'tool', tool: call.tool, summary: callSummary(call), digest: callDigest(call)})] : [];
		});

	const takeAssistant = (message: Json | undefined): readonly ChannelEvent[] => {
		const isOver = fieldsOf(message)['stop_reason'] === 'end_turn';
		return [...usage(message), ...calls(message), isOver ? status('done', 'end_turn') : status('working', 'assistant')];
	};

	const takeUser = (message: Json | undefined): readonly ChannelEvent[] => {
		const items = listOf(fieldsOf(message)['content']).map(fieldsOf);
		const results = new Set(items.filter(({type}) => type === 'tool_result').map(item => anyTextOf(item['tool_use_id'])));
		if (results.size > 0) {
			return [...close(({toolUseId}) => results.has(toolUseId)), status('working', 'tool_result')];
		}

		// A new prompt: whatever was asked before it has been refused on the screen.
		return [...close(() => true), reported({kind: 'accepted'}), status('working', 'user')];
	};

	const takeRequest = ({request_id: id, request}: ReturnType<typeof fieldsOf>): readonly ChannelEvent[] => {
		const {subtype, tool_name: tool, tool_use_id: toolUseId, input} = fieldsOf(request);
		const requestId = anyTextOf(id);
		if (subtype !== 'can_use_tool' || requestId === undefined) {
			return [];
		}

		const call: ToolCall = {tool: anyTextOf(tool) ?? 'a tool', input: input ?? {}, cwd};
		const asked: AgentRequest = {requestId, kind: 'approval', text: toolWords(call), payload: toolPayload(call)};
		open.set(requestId, {request: asked, toolUseId: anyTextOf(toolUseId)});
		return [{type: 'request', request: asked}, status('blocked', 'can_use_tool', 'permission')];
	};

	const takeResponse = ({response, request_id: outer}: ReturnType<typeof fieldsOf>): readonly ChannelEvent[] => {
		const requestId = anyTextOf(fieldsOf(response)['request_id']) ?? anyTextOf(outer);
		return close(pending => pending.request.requestId === requestId);
	};

	return {
		take(event) {
			const fields = fieldsOf(event);
			switch (fields['type']) {
				case 'system': {
					const threadId = anyTextOf(fields['session_id']);
					return fields['subtype'] === 'session_start' && threadId !== undefined ? [reported({kind: 'thread', threadId})] : [];
				}

				case 'user': {
					return takeUser(fields['message']);
				}

				case 'assistant': {
					return takeAssistant(fields['message']);
				}

				case 'control_request': {
					return takeRequest(fields);
				}

				case 'control_response': {
					return takeResponse(fields);
				}

				default: {
					return [];
				}
			}
		},
		pending: () => [...open.values()].map(({request}) => request),
		isOpen: requestId => open.has(requestId),
		refuse(requestId) {
			open.delete(requestId);
			return [status('idle', 'refused')];
		},
	};
};
