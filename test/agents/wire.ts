import type {JsonObject} from './json-value.js';

/** One thing said in a conversation, whoever's format it came in. The results of tools are turns of their own. */
export type Turn = {readonly from: 'system' | 'user' | 'model' | 'tool'; readonly text: string};

/** A tool that the agent offers the model, with the JSON Schema of its arguments (Gemini's writes its types in capitals). */
export type Tool = {readonly name: string; readonly schema: JsonObject};

/** What an agent asks a model, freed from its wire format. */
export type Conversation = {
	readonly model: string;
	readonly turns: readonly Turn[];
	readonly tools: readonly Tool[];
	readonly isStreaming: boolean;
	/** The schema that the answer must have, when the agent wants JSON: routers and title writers do. */
	readonly answerSchema: JsonObject | undefined;
};

/** What the scripted model answers. */
export type Reply =
	| {readonly kind: 'text'; readonly text: string}
	| {readonly kind: 'call'; readonly name: string; readonly input: JsonObject}
	| {readonly kind: 'limit'; readonly seconds: number};

/** A reply that has a body: a refusal for the rate limit has been answered before. */
export type SpokenReply = Exclude<Reply, {readonly kind: 'limit'}>;

/** One server-sent event; without a name there is only its data. */
export type ServerEvent = {readonly event?: string; readonly data: unknown};

/** One wire format. `id` is unique for each answer; `model` is repeated as the agent named it. */
export type Wire = {
	readonly name: 'responses' | 'chat' | 'messages' | 'gemini';
	read(body: JsonObject, url: URL): Conversation;
	/** The body of an answer that is not streamed. */
	whole(reply: SpokenReply, answer: {readonly id: string; readonly model: string}): JsonObject;
	/** The events of a streamed answer, in order; the last one ends it. */
	events(reply: SpokenReply, answer: {readonly id: string; readonly model: string}): readonly ServerEvent[];
	/** The body of HTTP 429. */
	limited(seconds: number): JsonObject;
	/** The body of an answer to a question about the size of a prompt. */
	counted(): JsonObject;
};

/** What every answer says it has used, in tokens. */
export const usage = {input: 100, output: 7, total: 107} as const;

/** A text as the pieces it is streamed in: two, so that an agent has to put it together. */
export const piecesOf = (text: string): readonly string[] => {
	const middle = Math.ceil(text.length / 2);
	return [text.slice(0, middle), text.slice(middle)].filter(piece => piece !== '');
};
