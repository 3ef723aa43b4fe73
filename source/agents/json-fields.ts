import type {Json} from '../../state/json.js';

/** The fields of a value an agent sent; none when it is no object. */
export const fieldsOf = (value: Json | undefined): Readonly<Record<string, Json | undefined>> =>
	typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, Json>>) : {};

/** A text, or nothing. */
export const textOf = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined);

/** A count of 0 or more; 0 for anything else. */
export const countOf = (value: Json | undefined): number => (typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0);

/** The items of a list; none when it is no list. */
export const itemsOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);
