import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {JsonObject} from './json-value.js';
import {createModelServer, type ModelServer} from './model-server.js';

let server: ModelServer;

beforeEach(async () => {
	server = await createModelServer();
});

afterEach(() => server.close());

const post = (path: string, body: unknown): Promise<Response> =>
	fetch(`${server.url}${path}`, {method: 'POST', body: JSON.stringify(body)});

const bodyOf = async (response: Response): Promise<JsonObject> => (await response.json()) as JsonObject;

/** The data of the events of a streamed answer, in order. */
const eventsOf = async (response: Response): Promise<readonly JsonObject[]> => {
	expect(response.headers.get('content-type')).toBe('text/event-stream');
	return [...(await response.text()).matchAll(/^data: (\{.*\})$/gm)].map(([, data]) => JSON.parse(data ?? '') as JsonObject);
};

const parameters = {
	type: 'object',
	properties: {command: {type: 'string'}, description: {type: 'string'}, is_background: {type: 'boolean'}},
	required: ['command', 'is_background'],
};

const touch = {command: 'touch a', description: 'scripted command', is_background: false};

const wires = [
	{
		name: 'responses',
		path: '/v1/responses',
		ask: (text: string) => ({
			model: 'm',
			input: [{type: 'message', role: 'user', content: [{type: 'input_text', text}]}],
			tools: [{type: 'function', name: 'shell', parameters}],
		}),
		result: {type: 'function_call_output', call_id: 'call_1', output: 'operator says no'},
		text: {output: [{type: 'message', content: [{type: 'output_text', text: 'hello'}]}], usage: {input_tokens: 100, output_tokens: 7}},
		call: {
			output: [
				{
					type: 'function_call',
					name: 'shell',
					arguments: JSON.stringify({command: 'touch a', is_background: false, description: 'scripted command'}),
				},
			],
		},
		member: 'input',
	},
	{
		name: 'chat',
		path: '/v1/chat/completions',
		ask: (text: string) => ({
			model: 'm',
			messages: [{role: 'user', content: text}],
			tools: [{type: 'function', function: {name: 'bash', parameters}}],
		}),
		result: {role: 'tool', tool_call_id: 'call_1', content: 'operator says no'},
		text: {choices: [{message: {content: 'hello'}, finish_reason: 'stop'}], usage: {prompt_tokens: 100, completion_tokens: 7}},
		call: {choices: [{message: {tool_calls: [{type: 'function', function: {name: 'bash'}}]}, finish_reason: 'tool_calls'}]},
		member: 'messages',
	},
	{
		name: 'messages',
		path: '/v1/messages',
		ask: (text: string) => ({
			model: 'm',
			messages: [{role: 'user', content: [{type: 'text', text}]}],
			tools: [{name: 'Bash', input_schema: parameters}],
		}),
		result: {role: 'user', content: [{type: 'tool_result', tool_use_id: 'toolu_1', content: 'operator says no', is_error: true}]},
		text: {content: [{type: 'text', text: 'hello'}], stop_reason: 'end_turn', usage: {input_tokens: 100, output_tokens: 7}},
		call: {content: [{type: 'tool_use', name: 'Bash', input: touch}], stop_reason: 'tool_use'},
		member: 'messages',
	},
	{
		name: 'gemini',
		path: '/v1beta/models/m:generateContent',
		ask: (text: string) => ({
			contents: [{role: 'user', parts: [{text}]}],
			tools: [{functionDeclarations: [{name: 'run_shell_command', parametersJsonSchema: parameters}]}],
		}),
		result: {role: 'user', parts: [{functionResponse: {name: 'run_shell_command', response: {error: 'operator says no'}}}]},
		text: {
			candidates: [{content: {parts: [{text: 'hel'}, {text: 'lo'}]}}],
			usageMetadata: {promptTokenCount: 100, candidatesTokenCount: 7},
		},
		call: {candidates: [{content: {parts: [{functionCall: {name: 'run_shell_command', args: touch}}]}}]},
		member: 'contents',
	},
] as const;

describe.each(wires)('$name', ({name, path, ask, result, text, call, member}) => {
	const withResult = (prompt: string) => {
		const question: JsonObject = ask(prompt);
		return {...question, [member]: [...(question[member] as readonly unknown[]), result]};
	};

	test('says what it is told, and what it used', async () => {
		expect(await bodyOf(await post(path, ask('SAY: hello')))).toMatchObject(text);
	});

	test('calls the shell in the shape that was declared', async () => {
		expect(await bodyOf(await post(path, ask('RUN: touch a')))).toMatchObject(call);
	});

	test('quotes the result of the call, and calls once', async () => {
		const answer = JSON.stringify(await bodyOf(await post(path, withResult('RUN: touch a'))));
		expect(server.requests.at(-1)?.reply).toEqual({kind: 'text', text: 'RESULT: operator says no'});
		expect(answer).not.toContain('touch a');
	});

	test('makes several calls one after another', async () => {
		await post(path, withResult('RUN: touch a\nRUN: touch b'));
		expect(server.requests.at(-1)?.reply).toMatchObject({kind: 'call', input: {command: 'touch b'}});
	});

	test('is limited', async () => {
		const response = await post(path, ask('LIMIT: 30'));
		expect(response.status).toBe(429);
		expect(response.headers.get('retry-after')).toBe('30');
		expect(await bodyOf(response)).toHaveProperty('error.message', expect.stringContaining('30'));
	});

	test('logs what it was asked', async () => {
		await post(path, ask('SAY: hello'));
		expect(server.requests).toMatchObject([{wire: name, path, body: ask('SAY: hello'), reply: {kind: 'text', text: 'hello'}}]);
		expect(server.requests[0]?.conversation).toMatchObject({model: 'm', isStreaming: false});
		expect(server.requests[0]?.conversation.turns.at(-1)).toEqual({from: 'user', text: 'SAY: hello'});
	});
});

describe('streams', () => {
	const streamed = async (wire: (typeof wires)[number], prompt: string) =>
		eventsOf(await post(wire.path, {...wire.ask(prompt), stream: true}));

	test('chat completions piece by piece, with the usage before the end', async () => {
		const events = await streamed(wires[1], 'SAY: hello');
		const deltas = events.flatMap(({choices}) => choices as readonly {delta: {content?: string}}[]).map(({delta}) => delta.content ?? '');
		expect(deltas.join('')).toBe('hello');
		expect(deltas.filter(delta => delta !== '').length).toBeGreaterThan(1);
		expect(events.at(-1)).toMatchObject({choices: [], usage: {total_tokens: 107}});
	});

	test('Responses from created to completed', async () => {
		const events = await streamed(wires[0], 'RUN: touch a');
		expect(events.map(({type}) => type)).toEqual([
			'response.created',
			'response.output_item.added',
			'response.function_call_arguments.delta',
			'response.function_call_arguments.delta',
			'response.function_call_arguments.done',
			'response.output_item.done',
			'response.completed',
		]);
		expect(events.at(-1)).toMatchObject({response: wires[0].call});
	});

	test('Messages from start to stop', async () => {
		const events = await streamed(wires[2], 'RUN: touch a');
		expect(events[0]).toMatchObject({type: 'message_start', message: {usage: {input_tokens: 100}}});
		const json = events.map(({delta}) => (delta as {partial_json?: string} | undefined)?.partial_json ?? '').join('');
		expect(JSON.parse(json)).toEqual(touch);
		expect(events.slice(-2)).toMatchObject([
			{type: 'message_delta', delta: {stop_reason: 'tool_use'}, usage: {output_tokens: 7}},
			{type: 'message_stop'},
		]);
	});

	test('Gemini', async () => {
		const response = await post('/v1beta/models/m:streamGenerateContent?alt=sse', wires[3].ask('SAY: hello'));
		expect(await eventsOf(response)).toMatchObject([wires[3].text]);
	});
});

describe('the script', () => {
	const chat = (messages: readonly unknown[], rest: JsonObject = {}) =>
		post('/v1/chat/completions', {...wires[1].ask(''), messages, ...rest});
	const replyTo = async (...asked: Parameters<typeof chat>) => {
		await chat(...asked);
		return server.requests.at(-1)?.reply;
	};

	test('goes by the last user text that has directives', async () => {
		const messages = [
			{role: 'user', content: 'SAY: first'},
			{role: 'assistant', content: 'first'},
			{role: 'user', content: '<note>today</note>\n\nSAY: second'},
			{role: 'user', content: 'a reminder'},
		];
		expect(await replyTo(messages)).toEqual({kind: 'text', text: 'second'});
	});

	test('takes the quotation marks off that an agent put around it', async () => {
		expect(await replyTo([{role: 'user', content: '"RUN: echo "a b""'}])).toMatchObject({input: {command: 'echo "a b"'}});
		expect(await replyTo([{role: 'user', content: 'RUN: echo "a b"'}])).toMatchObject({input: {command: 'echo "a b"'}});
	});

	test('is over once it has been answered', async () => {
		const messages = [
			{role: 'user', content: 'RUN: touch a'},
			{role: 'assistant', content: 'RESULT: '},
			{role: 'user', content: 'What would you like to remember?'},
		];
		expect(await replyTo(messages)).toEqual({kind: 'text', text: 'SCRIPTED'});
	});

	test('is not for questions beside the conversation', async () => {
		const messages = [{role: 'user', content: 'RUN: touch a'}];
		expect(await replyTo(messages, {tools: []})).toEqual({kind: 'text', text: 'SCRIPTED'});
		const schema = {type: 'object', properties: {next: {type: 'string', enum: ['user', 'model']}, score: {type: 'integer'}}};
		expect(await replyTo(messages, {response_format: {json_schema: {schema}}})).toEqual({kind: 'text', text: '{"next":"user","score":1}'});
	});

	test('asks for leave to leave the sandbox, and gives a list where one is declared', async () => {
		const properties = {command: {type: 'array'}, sandbox_permissions: {type: 'string'}, justification: {type: 'string'}};
		const tools = [{type: 'function', function: {name: 'exec_command', parameters: {type: 'object', properties}}}];
		expect(await replyTo([{role: 'user', content: 'RUN: touch a'}], {tools})).toEqual({
			kind: 'call',
			name: 'exec_command',
			input: {command: ['bash', '-lc', 'touch a'], sandbox_permissions: 'require_escalated', justification: 'Need it'},
		});
	});

	test('says so when the agent offers no shell', async () => {
		const tools = [{type: 'function', function: {name: 'read_file', parameters: {}}}];
		expect(await replyTo([{role: 'user', content: 'RUN: touch a'}], {tools})).toEqual({kind: 'text', text: 'NO SHELL TOOL'});
		const input = {path: 'a'};
		expect(await replyTo([{role: 'user', content: 'TOOL: read_file {"path": "a"}'}], {tools})).toEqual({
			kind: 'call',
			name: 'read_file',
			input,
		});
	});
});

describe('the server', () => {
	test('counts tokens', async () => {
		expect(await bodyOf(await post('/v1/messages/count_tokens', {messages: []}))).toEqual({input_tokens: 100});
		expect(await bodyOf(await post('/v1beta/models/m:countTokens', {contents: []}))).toEqual({totalTokens: 100});
		expect(server.requests).toEqual([]);
	});

	test('answers what it does not know with 404, and remembers it', async () => {
		expect((await post('/v1/embeddings', {})).status).toBe(404);
		expect(server.strays).toEqual(['POST /v1/embeddings']);
	});

	test('answers what is not JSON with 400', async () => {
		expect((await fetch(`${server.url}/v1/messages`, {method: 'POST', body: '{'})).status).toBe(400);
	});
});
