import type {AgentReport} from '../../state/agent/agent-report.js';
import {statusOf} from '../../state/agent/agent-status.js';
import {canonicalJson} from '../../state/escalation/fingerprint.js';
import type {Json} from '../../state/json.js';
import type {AgentAnswer, AgentRequest} from '../agent-adapter.js';
import {sha256} from '../digest.js';
import {type Fields, fieldsOf, listOf, numberOf, textOf, textsOf} from '../untrusted-json.js';

/** What a permission request asks; `undefined` for what is none. */
export const readPermission = (request: Fields, cwd: string): AgentRequest | undefined => {
	const requestId = textOf(request['id']);
	if (requestId === undefined) {
		return undefined;
	}

	const {command, diff, filepath} = fieldsOf(request['metadata']);
	const permission = textOf(request['permission']) ?? 'something';
	const patterns = textsOf(request['patterns']);
	const line = textOf(command);
	const text = line === undefined ? `OpenCode asks for ${permission}: ${patterns.join(', ')}` : `OpenCode wants to run a command.`;
	const file = textOf(filepath);
	return {
		requestId,
		kind: 'approval',
		text,
		payload: {
			tool: permission,
			// OpenCode hands the line to a shell.
			...(line !== undefined && {argv: ['sh', '-c', line]}),
			cwd,
			...(textOf(diff) !== undefined && {diff: textOf(diff)!}),
			extra: {patterns, ...(file !== undefined && {file})},
		},
	};
};

const questionLine = (question: unknown): string => {
	const {question: asked, options} = fieldsOf(question);
	const labels = listOf(options).flatMap(option => textOf(fieldsOf(option)['label']) ?? []);
	return labels.length === 0 ? String(asked) : `${String(asked)} (${labels.join(' / ')})`;
};

/** What its questions ask; `undefined` for what is none. */
export const readQuestion = (request: Fields): AgentRequest | undefined => {
	const requestId = textOf(request['id']);
	const questions = listOf(request['questions']);
	return requestId === undefined || questions.length === 0
		? undefined
		: {
				requestId,
				kind: 'question',
				text: questions.map(questionLine).join('\n'),
				payload: {tool: 'question', extra: {questions: questions as Json[]}},
			};
};

/** One answer for each question: a line each where there are several. */
export const answersTo = (request: Fields, text: string): readonly (readonly string[])[] => {
	const questions = listOf(request['questions']);
	const lines = questions.length > 1 ? text.split('\n') : [text];
	return questions.map((_, place) => [lines[place] ?? lines.at(-1) ?? text]);
};

/** The reply to a permission request. Only an approval lets it happen, and only this once. */
export const permissionReply = ({choice, text}: AgentAnswer): Fields => {
	if (choice === 'approve') {
		return {reply: 'once'};
	}

	const words = choice === 'deny' ? text : `Nobody decided about this, so it was not allowed: ${text}. No person denied it.`;
	return {reply: 'reject', ...(words && {message: words})};
};

type Activity = Pick<Parameters<typeof statusOf>[0], 'activity' | 'kind' | 'evidence'>;

/** A status as OpenCode's own protocol told it. */
export const protocolStatus = (activity: Activity, atMs: number): AgentReport => ({
	kind: 'status',
	status: statusOf({...activity, source: 'protocol', confidence: 1, atMs}),
});

/** What a session used since it began, from its record. */
export const usageReport = (info: Fields): AgentReport => {
	const {input, output, reasoning, cache} = fieldsOf(info['tokens']);
	const {read, write} = fieldsOf(cache);
	const sum = (...counts: readonly unknown[]) => counts.reduce<number>((total, count) => total + (numberOf(count) ?? 0), 0);
	const usage = {inputTokens: sum(input, read, write), outputTokens: sum(output, reasoning), costUsd: numberOf(info['cost']) ?? 0};
	return {kind: 'usage', usage, isTotal: true};
};

/** The tool call that a part of a message was, once it is over. */
export const toolReport = (part: Fields): AgentReport | undefined => {
	const {status, input, title} = fieldsOf(part['state']);
	const tool = textOf(part['tool']);
	const isOver = status === 'completed' || status === 'error';
	if (part['type'] !== 'tool' || tool === undefined || !isOver) {
		return undefined;
	}

	const summary = textOf(fieldsOf(input)['command']) ?? textOf(title) ?? tool;
	return {kind: 'tool', tool, summary, digest: sha256(canonicalJson([tool, input as Json]))};
};

/** Why the provider does not go on: an error of the session with status 429. */
export const limitReport = (error: Fields): AgentReport | undefined => {
	const {statusCode, message} = fieldsOf(error['data']);
	return statusCode === 429 ? {kind: 'limited', sentence: textOf(message) ?? 'the usage limit is reached'} : undefined;
};
