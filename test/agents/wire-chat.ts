import {listOf, objectOf, stringOf, textOf} from './json-value.js';
import {piecesOf, type ServerEvent, type SpokenReply, type Tool, type Turn, usage, type Wire} from './wire.js';

const speakers: Readonly<Record<string, Turn['from']>> = {user: 'user', assistant: 'model', tool: 'tool', function: 'tool'};

const turnOf = (message: unknown): Turn => {
	const {role, content} = objectOf(message);
	return {from: speakers[stringOf(role)] ?? 'system', text: textOf(content)};
};

const toolOf = (tool: unknown): Tool => {
	const declared = objectOf(objectOf(tool)['function']);
	return {name: stringOf(declared['name']), schema: objectOf(declared['parameters'])};
};

const used = {prompt_tokens: usage.input, completion_tokens: usage.output, total_tokens: usage.total};

const toolCall = (reply: SpokenReply & {readonly kind: 'call'}, id: string) => ({
	id: `call_${id}`,
	type: 'function',
	function: {name: reply.name, arguments: JSON.stringify(reply.input)},
});

const finish = (reply: SpokenReply): string => (reply.kind === 'call' ? 'tool_calls' : 'stop');

const deltas = (reply: SpokenReply, id: string): readonly object[] =>
	reply.kind === 'call' ? [{tool_calls: [{index: 0, ...toolCall(reply, id)}]}] : piecesOf(reply.text).map(content => ({content}));

/** OpenAI's chat completions, as OpenCode, pi, Qwen and Copilot speak them. */
export const chatWire: Wire = {
	name: 'chat',
	read: body => ({
		model: stringOf(body['model']),
		turns: listOf(body['messages']).map(turnOf),
		tools: listOf(body['tools']).map(toolOf),
		isStreaming: body['stream'] === true,
		answerSchema: jsonSchema(body['response_format']),
	}),
	whole: (reply, {id, model}) => ({
		id: `chatcmpl-${id}`,
		object: 'chat.completion',
		created: 0,
		model,
		choices: [
			{
				index: 0,
				message:
					reply.kind === 'call'
						? {role: 'assistant', content: null, tool_calls: [toolCall(reply, id)]}
						: {role: 'assistant', content: reply.text},
				finish_reason: finish(reply),
			},
		],
		usage: used,
	}),
	events(reply, {id, model}): readonly ServerEvent[] {
		const chunk = {id: `chatcmpl-${id}`, object: 'chat.completion.chunk', created: 0, model};
		const piece = (delta: object, reason: string | null = null) => ({
			data: {...chunk, choices: [{index: 0, delta, finish_reason: reason}]},
		});
		return [
			piece({role: 'assistant', content: ''}),
			...deltas(reply, id).map(delta => piece(delta)),
			piece({}, finish(reply)),
			{data: {...chunk, choices: [], usage: used}},
			{data: '[DONE]'},
		];
	},
	limited: seconds => ({
		error: {message: `Rate limit reached. Try again in ${seconds} seconds.`, type: 'rate_limit_exceeded', code: 'rate_limit_exceeded'},
	}),
	counted: () => ({}),
};

const jsonSchema = (format: unknown) => {
	const schema = objectOf(objectOf(format)['json_schema'])['schema'];
	return schema === undefined ? undefined : objectOf(schema);
};
