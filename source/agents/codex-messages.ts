import type {AgentReport} from '../../state/agent/agent-report.js';
import {statusOf} from '../../state/agent/agent-status.js';
import type {EscalationPayload} from '../../state/escalation/escalation.js';
import {canonicalJson} from '../../state/escalation/fingerprint.js';
import {parseShell} from '../../state/escalation/shell-words.js';
import type {Json} from '../../state/json.js';
import type {AgentAnswer, AgentRequest} from '../agent-adapter.js';
import {sha256} from '../digest.js';
import {type Fields, fieldsOf, listOf, numberOf, textOf, textsOf} from '../untrusted-json.js';

/** A request of Codex's server: JSON-RPC's method and parameters. */
export type CodexRequest = {readonly method: string; readonly params: Fields};

/** Codex tells a command as one line, quoted for a shell; as argv where that can be undone surely. */
const argvOf = (command: string): readonly string[] => {
	const {commands, isOpaque} = parseShell(command);
	const [only, ...others] = commands;
	const isPlain = !isOpaque && only !== undefined && others.length === 0 && only.redirects.length === 0;
	return isPlain ? only.words : ['sh', '-c', command];
};

const requestIdOf = ({approvalId, itemId}: Fields): string | undefined => textOf(approvalId) ?? textOf(itemId);

const commandRequest = ({command, cwd, reason, networkApprovalContext}: Fields): Omit<AgentRequest, 'requestId'> => {
	const line = textOf(command);
	const folder = textOf(cwd);
	const extra = {...(textOf(reason) && {reason}), ...(networkApprovalContext ? {network: networkApprovalContext} : {})};
	const payload = {
		tool: 'shell',
		...(line !== undefined && {argv: argvOf(line)}),
		...(folder !== undefined && {cwd: folder}),
		...(Object.keys(extra).length > 0 && {extra: extra as Json}),
	};
	return {kind: 'approval', text: textOf(reason) ?? 'Codex wants to run a command.', payload};
};

/** The changes of a file change, as one text; `undefined` when there is none to show. */
export const diffOf = (item: Fields): string | undefined => {
	const parts = listOf(item['changes']).map(change => {
		const {path, diff, kind} = fieldsOf(change);
		return `${String(fieldsOf(kind)['type'] ?? 'change')} ${String(path)}\n${String(diff ?? '')}`;
	});
	return parts.length === 0 ? undefined : parts.join('\n');
};

const fileRequest = ({reason, grantRoot}: Fields, item: Fields | undefined): Omit<AgentRequest, 'requestId'> => {
	const diff = item && diffOf(item);
	const root = textOf(grantRoot);
	const payload: EscalationPayload = {
		tool: 'edit',
		...(diff !== undefined && {diff}),
		...(root !== undefined && {extra: {writes_below: root}}),
	};
	return {kind: 'approval', text: textOf(reason) ?? 'Codex wants to change files.', payload};
};

const permissionRequest = ({cwd, reason, permissions}: Fields): Omit<AgentRequest, 'requestId'> => {
	const folder = textOf(cwd);
	return {
		kind: 'permission',
		text: textOf(reason) ?? 'Codex wants more permissions for this turn.',
		payload: {tool: 'permissions', ...(folder !== undefined && {cwd: folder}), extra: {permissions: permissions as Json}},
	};
};

const questionLine = (question: unknown): string => {
	const {question: asked, options} = fieldsOf(question);
	const labels = listOf(options).flatMap(option => textOf(fieldsOf(option)['label']) ?? []);
	return labels.length === 0 ? String(asked) : `${String(asked)} (${labels.join(' / ')})`;
};

const questionRequest = ({questions}: Fields): Omit<AgentRequest, 'requestId'> => ({
	kind: 'question',
	text: listOf(questions).map(questionLine).join('\n'),
	payload: {tool: 'question', extra: {questions: listOf(questions) as Json[]}},
});

/**
 * What a request of the server asks a person; `undefined` for one that only Codex's own screen can answer. `fileChange` gives the item
 * of a file change, where it is known.
 */
export const readRequest = ({method, params}: CodexRequest, fileChange: Fields | undefined): AgentRequest | undefined => {
	const requestId = requestIdOf(params);
	if (requestId === undefined) {
		return undefined;
	}

	switch (method) {
		case 'item/commandExecution/requestApproval': {
			return {requestId, ...commandRequest(params)};
		}

		case 'item/fileChange/requestApproval': {
			return {requestId, ...fileRequest(params, fileChange)};
		}

		case 'item/permissions/requestApproval': {
			return {requestId, ...permissionRequest(params)};
		}

		case 'item/tool/requestUserInput': {
			return {requestId, ...questionRequest(params)};
		}

		default: {
			return undefined;
		}
	}
};

/** One answer for each question: a line each where there are several. */
const answersOf = ({questions}: Fields, text: string): Fields => {
	const ids = listOf(questions).map(question => String(fieldsOf(question)['id']));
	const lines = ids.length > 1 ? text.split('\n') : [text];
	return Object.fromEntries(ids.map((id, place) => [id, {answers: [lines[place] ?? lines.at(-1) ?? text]}]));
};

/** The result that tells Codex what was decided. Whatever is no approval lets nothing happen, and the turn goes on. */
export const replyTo = ({method, params}: CodexRequest, answer: AgentAnswer): Fields => {
	const isApproved = answer.choice === 'approve';
	switch (method) {
		case 'item/tool/requestUserInput': {
			return {answers: answersOf(params, answer.text ?? 'No answer was given.')};
		}

		case 'item/permissions/requestApproval': {
			return {permissions: isApproved ? params['permissions'] : {}, scope: 'turn'};
		}

		default: {
			return {decision: isApproved ? 'accept' : 'decline'};
		}
	}
};

/** What the agent is told beside a denial, which has no place for words. */
export const wordsFor = ({method}: CodexRequest, {choice, text}: AgentAnswer): string | undefined => {
	if (method === 'item/tool/requestUserInput' || choice === 'approve' || choice === 'answer') {
		return undefined;
	}

	return choice === 'deny'
		? text && `The operator denied that: ${text}`
		: `Nobody decided about that, so it did not happen: ${text}. No person denied it.`;
};

type Activity = Pick<Parameters<typeof statusOf>[0], 'activity' | 'kind'>;

const activityOf = (status: Fields): Activity | undefined => {
	const flags = textsOf(status['activeFlags']);
	switch (status['type']) {
		case 'active': {
			if (flags.includes('waitingOnApproval')) {
				return {activity: 'blocked', kind: 'permission'};
			}

			return flags.includes('waitingOnUserInput') ? {activity: 'blocked', kind: 'question'} : {activity: 'working'};
		}

		case 'idle': {
			return {activity: 'idle'};
		}

		case 'systemError': {
			return {activity: 'error'};
		}

		default: {
			return undefined;
		}
	}
};

/** What a thread's status says about the agent. */
export const statusReport = (status: Fields, atMs: number): AgentReport | undefined => {
	const activity = activityOf(status);
	const evidence = `thread ${[status['type'], ...textsOf(status['activeFlags'])].join(' ')}`;
	return activity && {kind: 'status', status: statusOf({...activity, source: 'protocol', confidence: 1, evidence, atMs})};
};

/** What a thread used since it began. */
export const usageReport = (tokenUsage: unknown): AgentReport => {
	const {inputTokens, outputTokens} = fieldsOf(fieldsOf(tokenUsage)['total']);
	return {kind: 'usage', usage: {inputTokens: numberOf(inputTokens) ?? 0, outputTokens: numberOf(outputTokens) ?? 0}, isTotal: true};
};

const calls: Readonly<Record<string, (item: Fields) => {readonly tool: string; readonly summary: string; readonly input: unknown}>> = {
	commandExecution: ({command, cwd}) => ({tool: 'shell', summary: String(command), input: {command, cwd}}),
	fileChange: item => {
		const paths = listOf(item['changes']).map(change => String(fieldsOf(change)['path']));
		return {tool: 'edit', summary: paths.join(', '), input: diffOf(item) ?? ''};
	},
	mcpToolCall: ({server, tool, arguments: input}) => ({tool: `${server}.${tool}`, summary: String(tool), input}),
	webSearch: ({query}) => ({tool: 'web search', summary: String(query), input: query}),
};

/** The tool call that an item was, if it was one. */
export const toolReport = (item: Fields): AgentReport | undefined => {
	const type = textOf(item['type']) ?? '';
	const call = Object.hasOwn(calls, type) ? calls[type]?.(item) : undefined;
	return call && {kind: 'tool', tool: call.tool, summary: call.summary, digest: sha256(canonicalJson([call.tool, call.input as Json]))};
};

const limitCodes = ['usageLimitExceeded', 'rateLimitExceeded'];

/** Why the provider does not go on; `undefined` for other errors, and for those Codex tries again by itself. */
export const limitReport = ({error, willRetry}: Fields, resetsAtMs: number | undefined): AgentReport | undefined => {
	const {message, codexErrorInfo} = fieldsOf(error);
	const isLimit = typeof codexErrorInfo === 'string' && limitCodes.includes(codexErrorInfo);
	if (!isLimit || willRetry === true) {
		return undefined;
	}

	return {
		kind: 'limited',
		sentence: textOf(message) ?? 'the usage limit is reached',
		...(resetsAtMs !== undefined && {untilMs: resetsAtMs}),
	};
};

/** When the fullest window of the account's limits begins anew. */
export const resetOf = (rateLimits: unknown): number | undefined => {
	const windows = ['primary', 'secondary'].map(name => fieldsOf(fieldsOf(rateLimits)[name]));
	const full = windows.filter(({usedPercent}) => (numberOf(usedPercent) ?? 0) >= 100);
	const resets = full.flatMap(({resetsAt}) => numberOf(resetsAt) ?? []);
	return resets.length === 0 ? undefined : Math.max(...resets) * 1000;
};
