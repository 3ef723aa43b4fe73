import type {Json} from '../../state/json.js';
import type {AgentAdapter, AgentAnswer, HookCall} from '../agent-adapter.js';
import {anyTextOf, countOf, fieldsOf} from '../untrusted-json.js';
import {hookStatus} from './hook-status.js';
import {piExtension} from './pi-extension.js';
import {profileProgram} from './profile-program.js';
import {refusalWords} from './refusal-words.js';
import {callDigest, callSummary, type ToolCall, toolPayload, toolWords} from './tool-request.js';

const extensionFile = 'agent-tui-gate.mjs';

/** Tools that only look, inside the folder or not: pi itself would ask for none at all. */
const freeTools = ['read', 'grep', 'find', 'ls'];

const toolCallOf = (event: Json): ToolCall => {
	const {tool, input, cwd} = fieldsOf(event);
	return {tool: anyTextOf(tool) ?? 'a tool', input: input ?? {}, cwd: anyTextOf(cwd)};
};

const threadOf = (event: Json): HookCall['reports'] => {
	const threadId = anyTextOf(fieldsOf(event)['thread']);
	return threadId === undefined ? [] : [{kind: 'thread', threadId}];
};

/** What one turn used. */
const usageOf = (event: Json): HookCall['reports'] => {
	const {input, output, cacheRead, cacheWrite, cost} = fieldsOf(fieldsOf(event)['usage']);
	const inputTokens = countOf(input) + countOf(cacheRead) + countOf(cacheWrite);
	const usage = {inputTokens, outputTokens: countOf(output), costUsd: countOf(fieldsOf(cost)['total'])};
	return usage.inputTokens + usage.outputTokens === 0 ? [] : [{kind: 'usage', usage}];
};

const asked = (event: Json): HookCall => {
	const call = toolCallOf(event);
	const requestId = anyTextOf(fieldsOf(event)['id']) ?? callDigest(call);
	const request = {requestId, kind: 'approval', text: toolWords(call), payload: toolPayload(call)} as const;
	return {reports: [hookStatus('blocked', 'tool_call of the extension', 'permission')], request};
};

const resolved = (event: Json): HookCall => {
	const id = anyTextOf(fieldsOf(event)['id']);
	return {
		reports: [hookStatus('working', 'permission_resolved of the extension')],
		...(id !== undefined && {closes: {requestIds: [id], why: 'it was answered on the agent’s own screen'}}),
	};
};

const read = (event: Json): HookCall => {
	const {event: name} = fieldsOf(event);
	switch (name) {
		case 'tool_call': {
			return asked(event);
		}

		case 'permission_resolved': {
			return resolved(event);
		}

		case 'session_start': {
			return {reports: [hookStatus('idle', 'session_start of the extension')]};
		}

		case 'agent_start': {
			return {reports: [...threadOf(event), {kind: 'accepted'}, hookStatus('working', 'agent_start of the extension')]};
		}

		case 'tool_result': {
			const call = toolCallOf(event);
			return {reports: [{kind: 'tool', tool: call.tool, summary: callSummary(call), digest: callDigest(call)}]};
		}

		case 'turn_end': {
			return {reports: usageOf(event)};
		}

		case 'agent_end': {
			const closes = {why: 'the agent’s turn ended'};
			return {reports: [...threadOf(event), hookStatus('done', 'agent_end of the extension')], closes};
		}

		default: {
			return {reports: []};
		}
	}
};

const reply = (_event: Json, answer: AgentAnswer): Json => {
	switch (answer.choice) {
		case 'approve': {
			return {allow: true};
		}

		case 'deny':
		case 'expired': {
			return {allow: false, reason: refusalWords(answer)};
		}

		case 'answer': {
			return {allow: false, reason: answer.text};
		}

		case 'withdrawn': {
			return {};
		}
	}
};

/** A prompt that pi would take for the name of a file (`@x`) begins with a blank. */
const promptArgument = (text: string): string => (text.startsWith('@') ? ` ${text}` : text);

/** pi. It has no permissions of its own; an extension that it gets for this run alone asks before its tools change anything. */
export const pi: AgentAdapter = {
	name: 'pi',
	program: 'pi',
	title: 'pi',
	passedEnv: [
		'PI_*',
		'ANTHROPIC_*',
		'OPENAI_*',
		'GEMINI_*',
		'GOOGLE_*',
		'OPENROUTER_API_KEY',
		'GROQ_API_KEY',
		'XAI_API_KEY',
		'MISTRAL_API_KEY',
	],
	provesAcceptance: true,
	plan({profile, text, folder, threadId, hookCommand, newUuid}) {
		const {file, extra} = profileProgram(profile, 'pi');
		const chosen = threadId ?? newUuid();
		return {
			file,
			args: [
				...['-e', `${folder}/${extensionFile}`],
				// Made when it is missing, resumed when it is there.
				...['--session-id', chosen],
				...(profile.model === undefined ? [] : ['--model', profile.model]),
				...extra,
				...(text === '' ? [] : ['--', promptArgument(text)]),
			],
			env: profile.env ?? {},
			files: {[extensionFile]: piExtension({hookCommand, freeTools})},
			threadId: chosen,
		};
	},
	hooks: {read, reply},
};
