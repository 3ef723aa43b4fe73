/** A JSON object whose members nobody has looked at yet. */
export type JsonObject = {readonly [name: string]: unknown};

/** The value when it is an object, else an empty one: agents leave out whatever they do not use. */
export const objectOf = (value: unknown): JsonObject =>
	typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};

/** The value when it is a list, else an empty one. */
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The value when it is a string, else an empty one. */
export const stringOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/**
 * The text of a message's content in any of the wire formats: a string, or a list of parts of which those with text count.
 * Parts are joined by line ends, so that a directive at the start of a part is at the start of a line.
 */
export const textOf = (content: unknown): string =>
	typeof content === 'string'
		? content
		: listOf(content)
				.map(part => (typeof part === 'string' ? part : stringOf(objectOf(part)['text'])))
				.filter(text => text !== '')
				.join('\n');
