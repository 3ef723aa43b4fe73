/** Turns something untrusted into a `T`, or throws a `MalformedError`. */
export type Parser<T> = (value: unknown) => T;

export type Parsed<P> = P extends Parser<infer T> ? T : never;

/** Something from the other side that is not what the protocol allows there. The message names the place. */
export class MalformedError extends Error {
	override readonly name = 'MalformedError';
}

const expected = (what: string): never => {
	throw new MalformedError(`expected ${what}`);
};

export const text: Parser<string> = value => (typeof value === 'string' ? value : expected('a text'));

export const truth: Parser<boolean> = value => (typeof value === 'boolean' ? value : expected('true or false'));

/** A whole number from 0 up. */
export const count: Parser<number> = value =>
	typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : expected('a whole number');

/** A finite number of milliseconds, not negative. */
export const duration: Parser<number> = value =>
	typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : expected('a duration');

export const anyOf =
	<const T extends string>(...choices: readonly T[]): Parser<T> =>
	value =>
		choices.find(choice => choice === value) ?? expected(`one of ${choices.join(', ')}`);

export const orNull =
	<T>(parse: Parser<T>): Parser<T | null> =>
	value =>
		value === null ? null : parse(value);

export const listOf =
	<T>(parse: Parser<T>): Parser<readonly T[]> =>
	value =>
		Array.isArray(value) ? value.map(parse) : expected('a list');

const entriesOf = (value: unknown): Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : expected('an object');

/** Names and texts, such as an environment. */
export const texts: Parser<Readonly<Record<string, string>>> = value =>
	Object.fromEntries(Object.entries(entriesOf(value)).map(([name, one]) => [name, text(one)]));

const at = <T>(name: string, parse: Parser<T>, value: unknown): T => {
	try {
		return parse(value);
	} catch (error) {
		throw error instanceof MalformedError ? new MalformedError(`${name}: ${error.message}`) : error;
	}
};

type Shape = Readonly<Record<string, Parser<unknown>>>;

type ObjectOf<R extends Shape, O extends Shape> = {readonly [K in keyof R]: Parsed<R[K]>} & {readonly [K in keyof O]?: Parsed<O[K]>};

const noMore: Shape = {};

/** An object with these fields; others are dropped, the second kind may be missing. */
export const shape =
	<R extends Shape, O extends Shape = Record<never, never>>(required: R, optional?: O): Parser<ObjectOf<R, O>> =>
	value => {
		const entries = entriesOf(value);
		const parsed: Record<string, unknown> = {};
		for (const [name, parse] of Object.entries(required)) {
			parsed[name] = at(name, parse, entries[name]);
		}

		for (const [name, parse] of Object.entries(optional ?? noMore)) {
			if (entries[name] !== undefined) {
				parsed[name] = at(name, parse, entries[name]);
			}
		}

		return parsed as ObjectOf<R, O>;
	};

type OneOf<V extends Readonly<Record<string, Parser<object>>>> = {[K in keyof V]: {readonly type: K} & Parsed<V[K]>}[keyof V];

/** An object whose `type` says which of several it is; the result carries it. */
export const byType =
	<V extends Readonly<Record<string, Parser<object>>>>(variants: V): Parser<OneOf<V>> =>
	value => {
		const {type} = entriesOf(value);
		const parse = typeof type === 'string' && Object.hasOwn(variants, type) ? variants[type] : undefined;
		return parse ? ({...at(String(type), parse, value), type} as OneOf<V>) : expected('a known type');
	};
