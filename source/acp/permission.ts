import type {RequestPermissionResponse} from '@agentclientprotocol/sdk';
import type {Json} from '../../state/json.js';
import {type Fields, fieldsOf, listOf, textOf, textsOf} from '../untrusted-json.js';
import type {Asking, Verdict} from './door.js';

/** The command of a tool call as argv; a line is one for a shell. */
const argvOf = ({command, cmd}: Fields): readonly string[] | undefined => {
	const given = command ?? cmd;
	const line = textOf(given);
	const words = textsOf(given);
	return line === undefined ? (words.length === 0 ? undefined : words) : ['sh', '-c', line];
};

const diffOf = (content: readonly unknown[]): string | undefined => {
	const diffs = content.map(fieldsOf).filter(({type}) => type === 'diff');
	const parts = diffs.map(
		({path, oldText, newText}) => `--- ${String(path)}\n${String(oldText ?? '')}\n+++ ${String(path)}\n${String(newText)}`,
	);
	return parts.length === 0 ? undefined : parts.join('\n');
};

const textsOfContent = (content: readonly unknown[]): readonly string[] =>
	content.map(fieldsOf).flatMap(({type, content: block}) => (type === 'content' ? (textOf(fieldsOf(block)['text']) ?? []) : []));

/** What `session/request_permission` asks the operator. `seen` is what was told about the same tool call before. */
export const askingOf = ({toolCall}: Fields, {cwd, seen}: {readonly cwd: string; readonly seen: Fields | undefined}): Asking => {
	const call: Fields = {...seen, ...Object.fromEntries(Object.entries(fieldsOf(toolCall)).filter(([, value]) => value != null))};
	const input = fieldsOf(call['rawInput']);
	const content = listOf(call['content']);
	const argv = argvOf(input);
	const diff = diffOf(content);
	const words = textsOfContent(content);
	const {command: _, cmd: __, ...rest} = input;
	return {
		text: textOf(call['title']) ?? 'The agent wants to use a tool.',
		request_kind: 'approval_request',
		payload: {
			tool: (textOf(call['name']) ?? textOf(call['kind']) ?? 'tool').slice(0, 200),
			cwd: textOf(input['cwd']) ?? cwd,
			...(argv && {argv}),
			...(diff !== undefined && {diff}),
			...(words.length > 0 && {said: words}),
			...(Object.keys(rest).length > 0 && {input: rest as Json}),
			request_id: textOf(call['toolCallId']) ?? '',
		},
	};
};

/**
 * The option that does what was decided, chosen by its kind: ids differ from agent to agent. Never one that allows more than this once.
 * Without a fitting option the request is cancelled, which lets nothing happen.
 */
export const outcomeOf = ({options}: Fields, {choice}: Verdict): RequestPermissionResponse => {
	const kind = choice === 'approve' ? 'allow_once' : 'reject_once';
	const optionId = listOf(options)
		.map(fieldsOf)
		.find(option => option['kind'] === kind)?.['optionId'];
	return {outcome: typeof optionId === 'string' ? {outcome: 'selected', optionId} : {outcome: 'cancelled'}};
};

/** What the agent is told with the next prompt, since an outcome has no place for words. */
export const wordsFor = (title: string, {choice, words}: Verdict): string | undefined => {
	if (choice === 'nobody') {
		return `About “${title}”: nobody answered in time. No person denied it; it did not happen.`;
	}

	return choice === 'deny' && words ? `About “${title}”: the operator denied it: ${words}` : undefined;
};
