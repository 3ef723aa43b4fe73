import type {EscalationPayload} from '../../state/escalation/escalation.js';
import {canonicalJson} from '../../state/escalation/fingerprint.js';
import type {Json} from '../../state/json.js';
import {sha256} from '../digest.js';
import {anyTextOf, fieldsOf} from '../untrusted-json.js';

/** A call of a tool as an agent tells it. */
export type ToolCall = {readonly tool: string; readonly input: Json; readonly cwd?: string | undefined};

const shellTools = new Set(['bash', 'shell', 'run_shell_command', 'powershell']);

const longestSummary = 200;

/** Names call and arguments: the same call has the same digest. */
export const callDigest = ({tool, input}: ToolCall): string => sha256(canonicalJson([tool, input])).slice(0, 32);

const lineOf = ({tool, input}: ToolCall): string | undefined =>
	shellTools.has(tool.toLowerCase()) ? anyTextOf(fieldsOf(input)['command']) : undefined;

const pathOf = (input: Json): string | undefined => {
	const {file_path: filePath, notebook_path: notebookPath, absolute_path: absolutePath, path} = fieldsOf(input);
	return [filePath, notebookPath, absolutePath, path].map(anyTextOf).find(text => text !== undefined);
};

/** A call in one line. */
export const callSummary = (call: ToolCall): string => {
	const detail = lineOf(call) ?? pathOf(call.input) ?? '';
	return `${call.tool}${detail === '' ? '' : ` ${detail}`}`.slice(0, longestSummary);
};

const prefixed = (sign: string, text: string): string =>
	text
		.split('\n')
		.map(line => `${sign}${line}`)
		.join('\n');

/** The change an edit would make, where it says what it takes out and puts in. */
const diffOf = (input: Json): string | undefined => {
	const {old_string: oldString, new_string: newString, content} = fieldsOf(input);
	const [before, after] = [anyTextOf(oldString), anyTextOf(newString) ?? anyTextOf(content)];
	if (after === undefined) {
		return undefined;
	}

	return [...(before ? [prefixed('-', before)] : []), prefixed('+', after)].join('\n');
};

/** What would happen, in full: a shell's line as argv, an edit as a diff, and every argument that is in neither. */
export const toolPayload = (call: ToolCall): EscalationPayload => {
	const line = lineOf(call);
	const diff = line === undefined ? diffOf(call.input) : undefined;
	const shown = new Set([
		...(line === undefined ? [] : ['command', 'description']),
		...(diff === undefined ? [] : ['old_string', 'new_string', 'content']),
	]);
	const rest = Object.entries(fieldsOf(call.input)).filter(
		(entry): entry is [string, Json] => entry[1] !== undefined && !shown.has(entry[0]),
	);
	return {
		tool: call.tool,
		...(line !== undefined && {argv: ['bash', '-c', line]}),
		...(call.cwd !== undefined && {cwd: call.cwd}),
		...(diff !== undefined && {diff}),
		...(rest.length > 0 && {extra: Object.fromEntries(rest)}),
	};
};

/** The agent's own words about a call, else the call itself. */
export const toolWords = (call: ToolCall): string => anyTextOf(fieldsOf(call.input)['description']) ?? callSummary(call);
