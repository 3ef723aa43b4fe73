import {type JsonObject, listOf, objectOf, stringOf, textOf} from './json-value.js';
import {piecesOf, type SpokenReply, type Tool, type Turn, usage, type Wire} from './wire.js';

const partTurn = (part: unknown, from: Turn['from']): Turn => {
	const {text, functionResponse} = objectOf(part);
	const response = objectOf(functionResponse)['response'];
	return response === undefined ? {from, text: stringOf(text)} : {from: 'tool', text: resultText(objectOf(response))};
};

const resultText = (response: JsonObject): string =>
	stringOf(response['output']) || stringOf(response['error']) || JSON.stringify(response);

const turnsOf = (content: unknown): readonly Turn[] => {
	const {role, parts} = objectOf(content);
	return listOf(parts).map(part => partTurn(part, role === 'model' ? 'model' : 'user'));
};

const toolOf = (declaration: unknown): Tool => {
	const {name, parametersJsonSchema, parameters} = objectOf(declaration);
	return {name: stringOf(name), schema: objectOf(parametersJsonSchema ?? parameters)};
};

const partsOf = (reply: SpokenReply): readonly object[] =>
	reply.kind === 'call' ? [{functionCall: {name: reply.name, args: reply.input}}] : piecesOf(reply.text).map(text => ({text}));

const usageMetadata = {promptTokenCount: usage.input, candidatesTokenCount: usage.output, totalTokenCount: usage.total};

const candidate = (parts: readonly object[]) => ({content: {role: 'model', parts}, finishReason: 'STOP', index: 0});

/** Gemini's generateContent and streamGenerateContent. The model is named by the path, as is the manner of the answer. */
export const geminiWire: Wire = {
	name: 'gemini',
	read(body, url) {
		const generation = objectOf(body['generationConfig']);
		const schema = generation['responseJsonSchema'] ?? generation['responseSchema'];
		const [, model = ''] = /models\/([^/:]+)/.exec(url.pathname) ?? [];
		return {
			model,
			turns: [{from: 'system', text: textOf(objectOf(body['systemInstruction'])['parts'])}, ...listOf(body['contents']).flatMap(turnsOf)],
			tools: listOf(body['tools']).flatMap(tool => listOf(objectOf(tool)['functionDeclarations']).map(toolOf)),
			isStreaming: url.pathname.endsWith(':streamGenerateContent'),
			answerSchema: schema === undefined ? undefined : objectOf(schema),
		};
	},
	whole: (reply, {id, model}) => ({candidates: [candidate(partsOf(reply))], usageMetadata, modelVersion: model, responseId: id}),
	events: (reply, {id, model}) => [{data: {candidates: [candidate(partsOf(reply))], usageMetadata, modelVersion: model, responseId: id}}],
	limited: seconds => ({
		error: {
			code: 429,
			status: 'RESOURCE_EXHAUSTED',
			message: `Resource has been exhausted. Please retry in ${seconds}s.`,
			details: [{'@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${seconds}s`}],
		},
	}),
	counted: () => ({totalTokens: usage.input}),
};
