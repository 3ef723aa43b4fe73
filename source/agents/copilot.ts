import type {Json} from '../../state/json.js';
import type {AgentAdapter, AgentAnswer, HookCall} from '../agent-adapter.js';
import {shellQuoted} from '../shell-quoted.js';
import {anyTextOf, countOf, fieldsOf} from '../untrusted-json.js';
import {hookStatus} from './hook-status.js';
import {longestHookSeconds, tellingSeconds, tellOnly} from './hook-words.js';
import {profileProgram} from './profile-program.js';
import {refusalWords} from './refusal-words.js';
import {callDigest, callSummary, type ToolCall, toolPayload, toolWords} from './tool-request.js';

const pluginFolder = 'copilot-plugin';

const tellingEvents = ['sessionStart', 'userPromptSubmitted', 'postToolUse', 'agentStop', 'notification', 'sessionEnd'] as const;

const pluginOf = {name: 'agent-tui', version: '1.0.0', description: 'Asks the operator of agent-tui', hooks: 'hooks.json'};

const hooksOf = (hookCommand: readonly string[]): Json => {
	const hook = (name: string, argv: readonly string[], timeoutSec: number): [string, Json] => [
		name,
		[{type: 'command', bash: shellQuoted(argv), timeoutSec}],
	];
	return {
		version: 1,
		hooks: Object.fromEntries([
			hook('permissionRequest', hookCommand, longestHookSeconds),
			...tellingEvents.map(event => hook(event, [...hookCommand, tellOnly], tellingSeconds)),
		]),
	};
};

const parsedInput = (input: Json | undefined): Json => {
	if (typeof input !== 'string') {
		return input ?? {};
	}

	try {
		return JSON.parse(input) as Json;
	} catch {
		return {input};
	}
};

const toolCallOf = (event: Json): ToolCall => {
	const {toolName, toolInput, toolArgs, cwd} = fieldsOf(event);
	return {tool: anyTextOf(toolName) ?? 'a tool', input: parsedInput(toolInput ?? toolArgs), cwd: anyTextOf(cwd)};
};

const threadOf = (event: Json): HookCall['reports'] => {
	const threadId = anyTextOf(fieldsOf(event)['sessionId']);
	return threadId === undefined ? [] : [{kind: 'thread', threadId}];
};

const called = (event: Json): HookCall => {
	const call = toolCallOf(event);
	return {
		reports: [
			{kind: 'tool', tool: call.tool, summary: callSummary(call), digest: callDigest(call)},
			hookStatus('working', `postToolUse hook: ${call.tool}`),
		],
	};
};

const turnOver = 'the agent went on without the answer';

/** The sums of the conversation's events, which the hook command adds to what Copilot tells. */
const usageOf = (event: Json): HookCall['reports'] => {
	const {transcript_usage: sums} = fieldsOf(event);
	if (sums === undefined) {
		return [];
	}

	const {input_tokens: input, output_tokens: output} = fieldsOf(sums);
	return [{kind: 'usage', usage: {inputTokens: countOf(input), outputTokens: countOf(output)}, isTotal: true}];
};

const asked = (event: Json): HookCall => {
	const call = toolCallOf(event);
	const request = {requestId: callDigest(call), kind: 'approval', text: toolWords(call), payload: toolPayload(call)} as const;
	return {reports: [hookStatus('blocked', 'permissionRequest hook', 'permission')], request, output: {}};
};

/** Only the permission hook names itself; the others are known by what they carry. */
const read = (event: Json): HookCall => {
	const {hookName, prompt, toolResult, stopReason, notification_type: notification, source, reason} = fieldsOf(event);
	if (hookName === 'permissionRequest') {
		return asked(event);
	}

	if (toolResult !== undefined) {
		return called(event);
	}

	if (stopReason !== undefined) {
		const reports = [...threadOf(event), ...usageOf(event), hookStatus('done', 'agentStop hook')];
		return {reports, closes: {why: turnOver}};
	}

	if (notification !== undefined) {
		const isAsking = notification === 'permission_prompt';
		return {reports: isAsking ? [hookStatus('blocked', 'notification hook: permission_prompt', 'permission')] : []};
	}

	if (anyTextOf(prompt) !== undefined) {
		const reports = [...threadOf(event), {kind: 'accepted'} as const, hookStatus('working', 'userPromptSubmitted hook')];
		return {reports, closes: {why: turnOver}};
	}

	if (anyTextOf(source) !== undefined) {
		return {reports: [hookStatus('idle', 'sessionStart hook')]};
	}

	return anyTextOf(reason) === undefined ? {reports: []} : {reports: [], closes: {why: 'the agent’s conversation ended'}};
};

/** `{}` hands the decision over to Copilot's own dialog, which is not there before. */
const reply = (_event: Json, answer: AgentAnswer): Json => {
	switch (answer.choice) {
		case 'approve': {
			return {behavior: 'allow'};
		}

		case 'deny':
		case 'expired': {
			return {behavior: 'deny', message: refusalWords(answer)};
		}

		case 'answer': {
			return {behavior: 'deny', message: answer.text};
		}

		case 'withdrawn': {
			return {};
		}
	}
};

/**
 * GitHub Copilot CLI. Its permission hook runs before its dialog and hides it: while nobody is attached the request waits here, and a
 * withdrawn one is handed over to the dialog.
 */
export const copilot: AgentAdapter = {
	name: 'copilot',
	program: 'copilot',
	title: 'GitHub Copilot CLI',
	provider: 'github',
	passedEnv: ['COPILOT_*', 'GH_TOKEN', 'GITHUB_TOKEN', 'GH_HOST'],
	provesAcceptance: true,
	plan({profile, text, folder, threadId, hookCommand, newUuid}) {
		const {file, extra} = profileProgram(profile, 'copilot');
		const chosen = threadId ?? newUuid();
		return {
			file,
			args: [
				...['--plugin-dir', `${folder}/${pluginFolder}`],
				...(threadId === undefined ? ['--session-id', chosen] : [`--resume=${chosen}`]),
				...(profile.model === undefined ? [] : ['--model', profile.model]),
				...extra,
				...(text === '' ? [] : [`--interactive=${text}`]),
			],
			env: profile.env ?? {},
			files: {
				[`${pluginFolder}/plugin.json`]: JSON.stringify(pluginOf),
				[`${pluginFolder}/hooks.json`]: JSON.stringify(hooksOf(hookCommand)),
			},
			threadId: chosen,
		};
	},
	hooks: {read, reply},
};
