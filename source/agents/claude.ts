import type {Json} from '../../state/json.js';
import type {AgentAdapter, AgentAnswer, AgentRequest, HookCall} from '../agent-adapter.js';
import {shellQuoted} from '../shell-quoted.js';
import {anyTextOf, countOf, fieldsOf, listOf} from '../untrusted-json.js';
import {hookStatus} from './hook-status.js';
import {longestHookSeconds, tellingSeconds, tellOnly} from './hook-words.js';
import {profileProgram} from './profile-program.js';
import {refusalWords} from './refusal-words.js';
import {callDigest, callSummary, type ToolCall, toolPayload, toolWords} from './tool-request.js';

const settingsFile = 'claude-settings.json';

/** What is told and never answered. */
const tellingEvents = [
	'SessionStart',
	'UserPromptSubmit',
	'PostToolUse',
	'PostToolUseFailure',
	'Notification',
	'Stop',
	'StopFailure',
	'SessionEnd',
] as const;

const settingsOf = (hookCommand: readonly string[]): Json => {
	const hook = (argv: readonly string[], timeout: number): Json => [{hooks: [{type: 'command', command: shellQuoted(argv), timeout}]}];
	return {
		hooks: {
			PermissionRequest: hook(hookCommand, longestHookSeconds),
			...Object.fromEntries(tellingEvents.map(event => [event, hook([...hookCommand, tellOnly], tellingSeconds)])),
		},
	};
};

const toolCallOf = (event: Json): ToolCall => {
	const {tool_name: tool, tool_input: input, cwd} = fieldsOf(event);
	return {tool: anyTextOf(tool) ?? 'a tool', input: input ?? {}, cwd: anyTextOf(cwd)};
};

const isQuestion = (event: Json): boolean => fieldsOf(event)['tool_name'] === 'AskUserQuestion';

const questionsOf = (event: Json): readonly Json[] => listOf(fieldsOf(fieldsOf(event)['tool_input'])['questions']);

const labelsOf = (question: Json): readonly string[] =>
	listOf(fieldsOf(question)['options']).map(option => anyTextOf(fieldsOf(option)['label']) ?? '');

const questionText = (question: Json): string => {
	const labels = labelsOf(question).map((label, index) => `${index + 1}. ${label}`);
	return [anyTextOf(fieldsOf(question)['question']) ?? '', ...labels].join('\n');
};

/** PermissionRequest has no id of its own: the same call of the same tool is the same request. */
const requestOf = (event: Json): AgentRequest => {
	const call = toolCallOf(event);
	const requestId = callDigest(call);
	return isQuestion(event)
		? {requestId, kind: 'question', text: questionsOf(event).map(questionText).join('\n\n'), payload: {tool: call.tool}}
		: {requestId, kind: 'approval', text: toolWords(call), payload: toolPayload(call)};
};

/** A number stands for the option it names. */
const answerTo = (question: Json, text: string): string => {
	const label = /^\d+$/.test(text.trim()) ? labelsOf(question)[Number(text) - 1] : undefined;
	return label ?? text.trim();
};

/** One line for each question; a text of another shape answers them all. */
const answersTo = (questions: readonly Json[], text: string): Json => {
	const lines = text.split('\n').filter(line => line.trim() !== '');
	const isEach = lines.length === questions.length;
	return Object.fromEntries(
		questions.map((question, index) => [
			anyTextOf(fieldsOf(question)['question']) ?? '',
			answerTo(question, isEach ? lines[index]! : text),
		]),
	);
};

const decided = (decision: Json): Json => ({hookSpecificOutput: {hookEventName: 'PermissionRequest', decision}});

const reply = (event: Json, answer: AgentAnswer): Json => {
	switch (answer.choice) {
		case 'approve': {
			// An allowed question without its answer would be answered by nobody.
			return isQuestion(event) ? {} : decided({behavior: 'allow'});
		}

		case 'answer': {
			const questions = questionsOf(event);
			return isQuestion(event)
				? decided({behavior: 'allow', updatedInput: {questions: [...questions], answers: answersTo(questions, answer.text)}})
				: decided({behavior: 'deny', message: answer.text});
		}

		case 'deny':
		case 'expired': {
			return decided({behavior: 'deny', message: refusalWords(answer)});
		}

		case 'withdrawn': {
			return {};
		}
	}
};

/** The sums of the conversation's transcript, which the hook command adds to what Claude tells. */
const usageOf = (event: Json): HookCall['reports'] => {
	const {transcript_usage: sums} = fieldsOf(event);
	if (sums === undefined) {
		return [];
	}

	const {input_tokens: input, output_tokens: output} = fieldsOf(sums);
	return [{kind: 'usage', usage: {inputTokens: countOf(input), outputTokens: countOf(output)}, isTotal: true}];
};

const threadOf = (event: Json): HookCall['reports'] => {
	const threadId = anyTextOf(fieldsOf(event)['session_id']);
	return threadId === undefined ? [] : [{kind: 'thread', threadId}];
};

const notified = (event: Json): HookCall => {
	const {notification_type: type} = fieldsOf(event);
	switch (type) {
		case 'permission_prompt': {
			return {reports: [hookStatus('blocked', 'Notification hook: permission_prompt', 'permission')]};
		}

		case 'idle_prompt': {
			return {reports: [hookStatus('idle', 'Notification hook: idle_prompt')]};
		}

		default: {
			return {reports: []};
		}
	}
};

const limited = (event: Json): HookCall['reports'] => {
	const {error, error_type: type, error_details: details} = fieldsOf(event);
	const words = [error, type, details].map(anyTextOf).filter(text => text !== undefined);
	const isLimit = words.some(text => /rate.?limit|usage.?limit|overloaded/i.test(text));
	return isLimit ? [{kind: 'limited', sentence: words.join(': ').slice(0, 300)}] : [];
};

const called = (event: Json): HookCall => {
	const call = toolCallOf(event);
	const digest = callDigest(call);
	return {
		reports: [{kind: 'tool', tool: call.tool, summary: callSummary(call), digest}, hookStatus('working', `PostToolUse hook: ${call.tool}`)],
		closes: {requestIds: [digest], why: 'it was answered on the agent’s own screen'},
	};
};

const turnOver = 'the agent went on without the answer: it was answered on its own screen';

const read = (event: Json): HookCall => {
	const {hook_event_name: name} = fieldsOf(event);
	switch (name) {
		case 'PermissionRequest': {
			const kind = isQuestion(event) ? 'question' : 'permission';
			return {reports: [hookStatus('blocked', 'PermissionRequest hook', kind)], request: requestOf(event), output: {}};
		}

		case 'UserPromptSubmit': {
			// The conversation can be resumed from now on, and not before.
			const reports = [...threadOf(event), {kind: 'accepted'} as const, hookStatus('working', 'UserPromptSubmit hook')];
			return {reports, closes: {why: turnOver}};
		}

		case 'PostToolUse':
		case 'PostToolUseFailure': {
			return called(event);
		}

		case 'Stop': {
			return {reports: [...threadOf(event), ...usageOf(event), hookStatus('done', 'Stop hook')], closes: {why: turnOver}};
		}

		case 'StopFailure': {
			return {reports: [...limited(event), ...usageOf(event), hookStatus('error', 'StopFailure hook')], closes: {why: turnOver}};
		}

		case 'Notification': {
			return notified(event);
		}

		case 'SessionStart': {
			// After a compaction it works on.
			return {reports: fieldsOf(event)['source'] === 'compact' ? [] : [hookStatus('idle', 'SessionStart hook')]};
		}

		case 'SessionEnd': {
			return {reports: usageOf(event), closes: {why: 'the agent’s conversation ended'}};
		}

		default: {
			return {reports: []};
		}
	}
};

/**
 * Claude Code. Its permission hook and its own dialog ask at the same time and the first answer wins, so whatever it does next after an
 * unanswered request closes that request.
 */
export const claude: AgentAdapter = {
	name: 'claude',
	program: 'claude',
	title: 'Claude Code',
	provider: 'anthropic',
	passedEnv: ['ANTHROPIC_*', 'CLAUDE_*', 'AWS_*', 'DISABLE_AUTOUPDATER'],
	provesAcceptance: true,
	plan({profile, text, folder, threadId, hookCommand, newUuid}) {
		const {file, extra} = profileProgram(profile, 'claude');
		const chosen = threadId ?? newUuid();
		return {
			file,
			args: [
				...['--permission-mode', 'manual'],
				...['--settings', `${folder}/${settingsFile}`],
				...(threadId === undefined ? ['--session-id', chosen] : ['--resume', chosen]),
				...(profile.model === undefined ? [] : ['--model', profile.model]),
				...extra,
				// A prompt that begins with a dash is still a prompt.
				...(text === '' ? [] : ['--', text]),
			],
			env: profile.env ?? {},
			files: {[settingsFile]: JSON.stringify(settingsOf(hookCommand))},
			threadId: chosen,
		};
	},
	hooks: {read, reply},
};
