import {createReadStream, existsSync} from 'node:fs';
import {open, stat} from 'node:fs/promises';
import {createInterface} from 'node:readline';
import {earlierRecording} from './recording.js';
import {createScreen, type Screen} from './screen.js';

/** One event of a recording: `atMs` counts from its beginning; `o` output, `r` a new size such as `90x30`, `m` a marker, `x` the exit. */
export type RecordedEvent = {readonly atMs: number; readonly code: string; readonly data: string};

type Size = {readonly columns: number; readonly rows: number};

const parsed = (line: string): unknown => {
	try {
		return JSON.parse(line);
	} catch {
		return undefined;
	}
};

const sizeOfHeader = (line: string): Size | undefined => {
	const header = parsed(line) as {term?: {cols?: unknown; rows?: unknown}} | undefined;
	const {cols, rows} = header?.term ?? {};
	return Number.isInteger(cols) && Number.isInteger(rows) ? {columns: Number(cols), rows: Number(rows)} : undefined;
};

const eventOf = (line: string): readonly [seconds: number, code: string, data: string] | undefined => {
	const value = line.startsWith('[') ? parsed(line) : undefined;
	const isEvent = Array.isArray(value) && typeof value[0] === 'number' && typeof value[1] === 'string' && typeof value[2] === 'string';
	return isEvent ? (value as unknown as [number, string, string]) : undefined;
};

/** The files of one recording, oldest first; none when there is no recording. */
const filesOf = (file: string): readonly string[] => [earlierRecording(file), file].filter(one => existsSync(one));

/**
 * Reads a recording event by event; the first one is an `r` with the size it began with. Lines that a crash cut or a disk damaged are
 * passed over. A recording that is not there has no events.
 */
export async function* readRecording(file: string): AsyncGenerator<RecordedEvent> {
	let atMs = 0;
	for (const one of filesOf(file)) {
		for await (const line of createInterface({input: createReadStream(one, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY})) {
			const size = line.startsWith('{') ? sizeOfHeader(line) : undefined;
			const event = eventOf(line);
			if (size) {
				yield {atMs, code: 'r', data: `${size.columns}x${size.rows}`};
			} else if (event) {
				atMs += event[0] * 1000;
				yield {atMs, code: event[1], data: event[2]};
			}
		}
	}
}

const firstSize = async (file: string): Promise<Size | undefined> => {
	const handle = await open(file);
	try {
		const {buffer, bytesRead} = await handle.read(Buffer.alloc(4096), 0, 4096, 0);
		return sizeOfHeader(buffer.toString('utf8', 0, bytesRead).split('\n')[0] ?? '');
	} finally {
		await handle.close();
	}
};

const feed = async (screen: Screen, input: AsyncIterable<string>): Promise<void> => {
	for await (const line of input) {
		const [, code, data = ''] = eventOf(line) ?? [];
		if (code === 'o') {
			screen.write(Buffer.from(data));
		} else if (code === 'r') {
			const [columns = 80, rows = 24] = data.split('x').map(Number);
			screen.resize(columns, rows);
		}

		if (screen.pendingBytes > 256 * 1024) {
			await screen.parsed();
		}
	}

	await screen.parsed();
};

/**
 * Rebuilds a screen from the last `maxBytes` of a recording; `undefined` when there is none. Where the beginning is cut, what was drawn
 * before and never again is missing.
 */
export const replayRecording = async (
	file: string,
	{maxBytes = 4 * 1024 * 1024}: {maxBytes?: number} = {},
): Promise<Screen | undefined> => {
	const newest = filesOf(file).at(-1);
	const size = newest === undefined ? undefined : await firstSize(newest);
	if (newest === undefined || size === undefined) {
		return undefined;
	}

	const screen = createScreen({...size, reply: () => {}});
	const {size: length} = await stat(newest);
	const input = createReadStream(newest, {encoding: 'utf8', start: Math.max(0, length - maxBytes)});
	await feed(screen, createInterface({input, crlfDelay: Number.POSITIVE_INFINITY}));
	return screen;
};
