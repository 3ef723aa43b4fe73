import {createReadStream} from 'node:fs';

/** The first line of an asciicast v3 file. */
export type CastHeader = {
	readonly columns: number;
	readonly rows: number;
	readonly title: string;
	readonly startedAtMs: number;
};

/** An event line: the time since the event before, what happened, and its data. */
export type CastEvent = {readonly intervalMs: number; readonly code: string; readonly data: string};

const parsed = (line: string): unknown => {
	try {
		return JSON.parse(line);
	} catch {
		return undefined;
	}
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

/** The header a line holds, or `undefined` when it is none. */
export const castHeader = (line: string): CastHeader | undefined => {
	const header = line.startsWith('{') ? parsed(line) : undefined;
	const term = isRecord(header) ? header['term'] : undefined;
	if (!isRecord(header) || !isRecord(term) || !Number.isInteger(term['cols']) || !Number.isInteger(term['rows'])) {
		return undefined;
	}

	const {title, timestamp} = header;
	return {
		columns: Number(term['cols']),
		rows: Number(term['rows']),
		title: typeof title === 'string' ? title : '',
		startedAtMs: typeof timestamp === 'number' ? timestamp * 1000 : 0,
	};
};

/** The event a line holds, or `undefined` for a comment or a damaged line. */
export const castEvent = (line: string): CastEvent | undefined => {
	const value = line.startsWith('[') ? parsed(line) : undefined;
	if (!Array.isArray(value)) {
		return undefined;
	}

	const [seconds, code, data] = value as readonly unknown[];
	const isEvent = typeof seconds === 'number' && seconds >= 0 && typeof code === 'string' && typeof data === 'string';
	return isEvent ? {intervalMs: seconds * 1000, code, data} : undefined;
};

const lineFeed = 0x0a;

/**
 * The lines of a file from a byte on; the first may be cut. Only a line feed ends a line: other separators of Unicode stand unescaped in
 * JSON strings, and agents print them.
 */
export async function* castLines(file: string, start = 0): AsyncGenerator<string> {
	let rest: Buffer[] = [];
	for await (const piece of createReadStream(file, {start, highWaterMark: 256 * 1024})) {
		const bytes = piece as Buffer;
		let from = 0;
		for (let at = bytes.indexOf(lineFeed); at !== -1; at = bytes.indexOf(lineFeed, from)) {
			yield Buffer.concat([...rest, bytes.subarray(from, at)]).toString('utf8');
			rest = [];
			from = at + 1;
		}

		rest.push(bytes.subarray(from));
	}

	const last = Buffer.concat(rest);
	if (last.length > 0) {
		yield last.toString('utf8');
	}
}
