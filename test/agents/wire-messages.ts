import {listOf, objectOf, stringOf, textOf} from './json-value.js';
import {piecesOf, type ServerEvent, type SpokenReply, type Turn, usage, type Wire} from './wire.js';

const blockTurn = (block: unknown, from: Turn['from']): Turn => {
	const {type, text, content} = objectOf(block);
	return type === 'tool_result' ? {from: 'tool', text: textOf(content)} : {from, text: stringOf(text)};
};

const turnsOf = (message: unknown): readonly Turn[] => {
	const {role, content} = objectOf(message);
	const from = role === 'assistant' ? 'model' : role === 'user' ? 'user' : 'system';
	return typeof content === 'string' ? [{from, text: content}] : listOf(content).map(block => blockTurn(block, from));
};

const blockOf = (reply: SpokenReply, id: string) =>
	reply.kind === 'call' ? {type: 'tool_use', id: `toolu_${id}`, name: reply.name, input: reply.input} : {type: 'text', text: reply.text};

const emptyBlock = (reply: SpokenReply, id: string) =>
	reply.kind === 'call' ? {type: 'tool_use', id: `toolu_${id}`, name: reply.name, input: {}} : {type: 'text', text: ''};

const deltas = (reply: SpokenReply): readonly object[] =>
	reply.kind === 'call'
		? piecesOf(JSON.stringify(reply.input)).map(partial_json => ({type: 'input_json_delta', partial_json}))
		: piecesOf(reply.text).map(text => ({type: 'text_delta', text}));

const stopReason = (reply: SpokenReply): string => (reply.kind === 'call' ? 'tool_use' : 'end_turn');

const noCache = {cache_creation_input_tokens: 0, cache_read_input_tokens: 0};

const named = (type: string, rest: object = {}): ServerEvent => ({event: type, data: {type, ...rest}});

/** Anthropic's Messages, as Claude Code speaks them. */
export const messagesWire: Wire = {
	name: 'messages',
	read: body => ({
		model: stringOf(body['model']),
		turns: [{from: 'system', text: textOf(body['system'])}, ...listOf(body['messages']).flatMap(turnsOf)],
		tools: listOf(body['tools']).map(tool => ({name: stringOf(objectOf(tool)['name']), schema: objectOf(objectOf(tool)['input_schema'])})),
		isStreaming: body['stream'] === true,
		answerSchema: jsonSchema(objectOf(body['output_config'])['format'] ?? body['output_format']),
	}),
	whole: (reply, {id, model}) => ({
		id: `msg_${id}`,
		type: 'message',
		role: 'assistant',
		model,
		content: [blockOf(reply, id)],
		stop_reason: stopReason(reply),
		stop_sequence: null,
		usage: {input_tokens: usage.input, output_tokens: usage.output, ...noCache},
	}),
	events: (reply, {id, model}) => [
		named('message_start', {
			message: {
				id: `msg_${id}`,
				type: 'message',
				role: 'assistant',
				model,
				content: [],
				stop_reason: null,
				stop_sequence: null,
				usage: {input_tokens: usage.input, output_tokens: 1, ...noCache},
			},
		}),
		named('content_block_start', {index: 0, content_block: emptyBlock(reply, id)}),
		...deltas(reply).map(delta => named('content_block_delta', {index: 0, delta})),
		named('content_block_stop', {index: 0}),
		named('message_delta', {delta: {stop_reason: stopReason(reply), stop_sequence: null}, usage: {output_tokens: usage.output}}),
		named('message_stop'),
	],
	limited: seconds => ({
		type: 'error',
		error: {type: 'rate_limit_error', message: `This request would exceed the rate limit. Try again in ${seconds} seconds.`},
	}),
	counted: () => ({input_tokens: usage.input}),
};

const jsonSchema = (format: unknown) => {
	const schema = objectOf(format)['schema'];
	return schema === undefined ? undefined : objectOf(schema);
};
