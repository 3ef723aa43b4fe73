import type {Json} from '../state/json.js';

/** Any fields, of which nothing is known yet. */
export type Fields = Readonly<Record<string, Json | undefined>>;

/** The fields of an object; none for anything else. What an agent sends may be of any shape. */
export const fieldsOf = (value: unknown): Fields =>
	typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

/** A text, or nothing when it is none or empty. */
export const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** A text, an empty one too, or nothing. */
export const anyTextOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** A count of 0 or more; 0 for anything else. */
export const countOf = (value: unknown): number => Math.max(0, numberOf(value) ?? 0);

/** A finite number, or nothing. */
export const numberOf = (value: unknown): number | undefined => (typeof value === 'number' && Number.isFinite(value) ? value : undefined);

/** The items of a list; none for anything else. */
export const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : []);

/** The texts among the items of a list. */
export const textsOf = (value: unknown): readonly string[] => listOf(value).filter(item => typeof item === 'string');

/** JSON from outside; `undefined` for text that is none. */
export const parsedJson = (text: string): unknown => {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
};
