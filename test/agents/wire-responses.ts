import {type JsonObject, listOf, objectOf, stringOf, textOf} from './json-value.js';
import {piecesOf, type ServerEvent, type SpokenReply, type Tool, type Turn, usage, type Wire} from './wire.js';

const turnOf = (item: unknown): Turn => {
	const {type, role, content, output} = objectOf(item);
	if (stringOf(type).endsWith('_output')) {
		return {from: 'tool', text: textOf(output)};
	}

	const isModels = role === 'assistant' || (role === undefined && content === undefined);
	return {from: isModels ? 'model' : role === 'user' ? 'user' : 'system', text: textOf(content)};
};

const inputTurns = (input: unknown): readonly Turn[] =>
	typeof input === 'string' ? [{from: 'user', text: input}] : listOf(input).map(turnOf);

const toolOf = (tool: unknown): Tool => {
	const {name, type, parameters} = objectOf(tool);
	return {name: stringOf(name) || stringOf(type), schema: objectOf(parameters)};
};

const used = {
	input_tokens: usage.input,
	input_tokens_details: {cached_tokens: 0},
	output_tokens: usage.output,
	output_tokens_details: {reasoning_tokens: 0},
	total_tokens: usage.total,
};

const itemOf = (reply: SpokenReply, id: string) =>
	reply.kind === 'call'
		? {
				id: `fc_${id}`,
				type: 'function_call',
				status: 'completed',
				call_id: `call_${id}`,
				name: reply.name,
				arguments: JSON.stringify(reply.input),
			}
		: {
				id: `msg_${id}`,
				type: 'message',
				status: 'completed',
				role: 'assistant',
				content: [{type: 'output_text', text: reply.text, annotations: []}],
			};

const response = (id: string, model: string, rest: JsonObject): JsonObject => ({
	id: `resp_${id}`,
	object: 'response',
	created_at: 0,
	model,
	...rest,
});

const completed = (reply: SpokenReply, {id, model}: {readonly id: string; readonly model: string}): JsonObject =>
	response(id, model, {status: 'completed', output: [itemOf(reply, id)], usage: used});

const named = (type: string, rest: JsonObject): ServerEvent => ({event: type, data: {type, ...rest}});

const textEvents = (text: string, id: string): readonly ServerEvent[] => {
	const place = {item_id: `msg_${id}`, output_index: 0, content_index: 0};
	return [
		named('response.output_item.added', {
			output_index: 0,
			item: {id: place.item_id, type: 'message', status: 'in_progress', role: 'assistant', content: []},
		}),
		named('response.content_part.added', {...place, part: {type: 'output_text', text: '', annotations: []}}),
		...piecesOf(text).map(delta => named('response.output_text.delta', {...place, delta})),
		named('response.output_text.done', {...place, text}),
		named('response.content_part.done', {...place, part: {type: 'output_text', text, annotations: []}}),
	];
};

const callEvents = (name: string, input: JsonObject, id: string): readonly ServerEvent[] => {
	const place = {item_id: `fc_${id}`, output_index: 0};
	const item = {id: place.item_id, type: 'function_call', status: 'in_progress', call_id: `call_${id}`, name, arguments: ''};
	return [
		named('response.output_item.added', {output_index: 0, item}),
		...piecesOf(JSON.stringify(input)).map(delta => named('response.function_call_arguments.delta', {...place, delta})),
		named('response.function_call_arguments.done', {...place, arguments: JSON.stringify(input)}),
	];
};

/** OpenAI's Responses, as Codex speaks them. */
export const responsesWire: Wire = {
	name: 'responses',
	read: body => ({
		model: stringOf(body['model']),
		turns: inputTurns(body['input']),
		tools: listOf(body['tools']).map(toolOf),
		isStreaming: body['stream'] === true,
		answerSchema: jsonSchema(body['text']),
	}),
	whole: completed,
	events: (reply, answer) => [
		named('response.created', {response: response(answer.id, answer.model, {status: 'in_progress', output: []})}),
		...(reply.kind === 'call' ? callEvents(reply.name, reply.input, answer.id) : textEvents(reply.text, answer.id)),
		named('response.output_item.done', {output_index: 0, item: itemOf(reply, answer.id)}),
		named('response.completed', {response: completed(reply, answer)}),
	],
	limited: seconds => ({
		error: {message: `Rate limit reached. Try again in ${seconds} seconds.`, type: 'rate_limit_exceeded', code: 'rate_limit_exceeded'},
	}),
	counted: () => ({}),
};

const jsonSchema = (text: unknown) => {
	const schema = objectOf(objectOf(text)['format'])['schema'];
	return schema === undefined ? undefined : objectOf(schema);
};
