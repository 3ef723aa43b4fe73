import {type JsonObject, listOf, objectOf, stringOf} from './json-value.js';
import type {Conversation, Reply, Tool, Turn} from './wire.js';

type Step = {readonly word: string; readonly rest: string};

/** A directive is at the start of a line. An agent may have put the operator's text in quotation marks, as `opencode run` does. */
const directive = /^("?)(RUN|SAY|LIMIT|TOOL): ?(.*)\1$/gm;

const stepsOf = (text: string): readonly Step[] =>
	[...text.matchAll(directive)].map(([, , word, rest]) => ({word: word ?? '', rest: (rest ?? '').trim()}));

/** The names under which agents offer their shell, the likeliest first. */
const shellNames = ['bash', 'exec_command', 'run_shell_command', 'shell_command', 'shell', 'local_shell', 'exec', 'terminal'];

/** The tool of the agent that runs a command line, if it offers one. */
export const shellToolOf = (tools: readonly Tool[]): Tool | undefined =>
	shellNames.map(name => tools.find(tool => tool.name.toLowerCase() === name)).find(tool => tool !== undefined);

const typeOf = (schema: JsonObject): string => {
	const type = Array.isArray(schema['type']) ? schema['type'][0] : schema['type'];
	return stringOf(type).toLowerCase();
};

/** A value that fits a JSON Schema: the first of an enumeration, the least number, no items. */
export const exampleOf = (schema: JsonObject): unknown => {
	const [first] = listOf(schema['enum']);
	if (first !== undefined) {
		return first;
	}

	switch (typeOf(schema)) {
		case 'object':
			return Object.fromEntries(Object.entries(objectOf(schema['properties'])).map(([name, value]) => [name, exampleOf(objectOf(value))]));
		case 'array':
			return [];
		case 'boolean':
			return false;
		case 'integer':
		case 'number':
			return typeof schema['minimum'] === 'number' ? schema['minimum'] : 1;
		default:
			return 'scripted';
	}
};

/** Arguments for a shell tool: the command in its own place, what else is required filled in, and leave asked for to leave the sandbox. */
export const shellInput = (tool: Tool, command: string): JsonObject => {
	const properties = objectOf(tool.schema['properties']);
	const name = ['command', 'cmd', 'commands'].find(one => one in properties) ?? 'command';
	const isList = typeOf(objectOf(properties[name])) === 'array';
	const required = listOf(tool.schema['required']).map(stringOf);
	const filled = Object.fromEntries(required.map(one => [one, exampleOf(objectOf(properties[one]))]));
	const described = 'description' in properties ? {description: 'scripted command'} : {};
	const escalated = 'sandbox_permissions' in properties ? {sandbox_permissions: 'require_escalated', justification: 'Need it'} : {};
	return {...filled, ...described, ...escalated, [name]: isList ? ['bash', '-lc', command] : command};
};

const call = ({word, rest}: Step, tools: readonly Tool[]): Reply => {
	if (word === 'TOOL') {
		const [, name = '', input = '{}'] = /^(\S+)\s*(.*)$/.exec(rest) ?? [];
		return {kind: 'call', name, input: objectOf(JSON.parse(input || '{}'))};
	}

	const tool = shellToolOf(tools);
	return tool ? {kind: 'call', name: tool.name, input: shellInput(tool, rest)} : {kind: 'text', text: 'NO SHELL TOOL'};
};

/** The directives of the last user text that has any, unless the model has answered it: then some other question follows. */
const openDirectives = (turns: readonly Turn[]): {readonly steps: readonly Step[]; readonly results: readonly Turn[]} | undefined => {
	const at = turns.findLastIndex(({from, text}) => from === 'user' && stepsOf(text).length > 0);
	const later = turns.slice(at + 1);
	const isAnswered = later.some(({from, text}) => from === 'model' && text !== '');
	return at < 0 || isAnswered ? undefined : {steps: stepsOf(turns[at]!.text), results: later.filter(({from}) => from === 'tool')};
};

/**
 * What the scripted model answers. The last user text that holds directives decides, one a line:
 * `RUN: <command>` calls the shell tool that the agent offers, `TOOL: <name> <json>` any tool, `SAY: <text>` answers with a text and
 * `LIMIT: <seconds>` is refused for the rate limit. Calls come one after another; when all have a result, the answer is
 * `RESULT: ` and what the last result said. A question beside the conversation (the schema of an answer is given, or no tool is
 * offered: routers, titles) gets JSON that fits, or `SCRIPTED`, as does a text without directives.
 */
export const replyTo = ({turns, tools, answerSchema}: Conversation): Reply => {
	if (answerSchema) {
		return {kind: 'text', text: JSON.stringify(exampleOf(answerSchema))};
	}

	const script = tools.length > 0 ? openDirectives(turns) : undefined;
	const [first] = script?.steps ?? [];
	if (!script || !first) {
		return {kind: 'text', text: 'SCRIPTED'};
	}

	if (first.word === 'LIMIT') {
		return {kind: 'limit', seconds: Number(first.rest)};
	}

	if (first.word === 'SAY') {
		return {kind: 'text', text: first.rest};
	}

	const calls = script.steps.filter(({word}) => word === 'RUN' || word === 'TOOL');
	const next = calls[script.results.length];
	return next ? call(next, tools) : {kind: 'text', text: `RESULT: ${script.results.at(-1)?.text ?? ''}`};
};
