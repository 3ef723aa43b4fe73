import {open, stat} from 'node:fs/promises';
import {type CastHeader, castEvent, castHeader, castLines} from './cast-lines.js';
import {earlierRecording} from './recording.js';
import {createScreen, type Screen} from './screen.js';

/** One event of a recording: `atMs` counts from its beginning; `o` output, `r` a new size such as `90x30`, `m` a marker, `x` the exit. */
export type RecordedEvent = {readonly atMs: number; readonly code: string; readonly data: string};

type RecordedFile = {readonly file: string; readonly length: number};

/** The files of one recording, oldest first; none when there is no recording. */
const filesOf = async (file: string): Promise<readonly RecordedFile[]> => {
	const files: RecordedFile[] = [];
	for (const one of [earlierRecording(file), file]) {
		const length = await stat(one).then(
			found => found.size,
			() => undefined,
		);
		if (length !== undefined) {
			files.push({file: one, length});
		}
	}

	return files;
};

/** The header of a recording's oldest file; `undefined` when there is none that can be read. */
export const readRecordingHeader = async (file: string): Promise<CastHeader | undefined> => {
	const [oldest] = await filesOf(file);
	return oldest && headerOf(oldest.file);
};

const headerOf = async (file: string): Promise<CastHeader | undefined> => {
	for await (const line of castLines(file)) {
		return castHeader(line);
	}

	return undefined;
};

/**
 * Reads a recording event by event; the first one is an `r` with the size it began with. Lines that a crash cut or a disk damaged are
 * passed over. A recording that is not there has no events.
 */
export async function* readRecording(file: string): AsyncGenerator<RecordedEvent> {
	let atMs = 0;
	for (const one of await filesOf(file)) {
		for await (const line of castLines(one.file)) {
			const header = castHeader(line);
			const event = castEvent(line);
			if (header !== undefined) {
				yield {atMs, code: 'r', data: `${header.columns}x${header.rows}`};
			} else if (event !== undefined) {
				atMs += event.intervalMs;
				yield {atMs, code: event.code, data: event.data};
			}
		}
	}
}

const sizeOf = (data: string): {readonly columns: number; readonly rows: number} | undefined => {
	const [, columns, rows] = /^(\d{1,4})x(\d{1,4})$/.exec(data) ?? [];
	return columns === undefined ? undefined : {columns: Number(columns), rows: Number(rows)};
};

const resizeMark = Buffer.from(', "r", "');
const headPiece = 1024 * 1024;

/** The last size set before `end`, found from the back so that a long head is not parsed. */
const sizeBefore = async (file: string, end: number): Promise<{columns: number; rows: number} | undefined> => {
	const handle = await open(file);
	try {
		const piece = Buffer.alloc(headPiece + 64);
		for (let to = end; to > 0; to -= headPiece) {
			const from = Math.max(to - headPiece, 0);
			const {bytesRead} = await handle.read(piece, 0, Math.min(end, to + 64) - from, from);
			const at = piece.subarray(0, bytesRead).lastIndexOf(resizeMark);
			const data = at === -1 ? undefined : piece.toString('latin1', at + resizeMark.length, at + resizeMark.length + 9).split('"')[0];
			const size = data === undefined ? undefined : sizeOf(data);
			if (size !== undefined) {
				return size;
			}
		}

		return undefined;
	} finally {
		await handle.close();
	}
};

const mostPendingBytes = 256 * 1024;

const feed = async (screen: Screen, lines: AsyncIterable<string>): Promise<void> => {
	for await (const line of lines) {
		const event = castEvent(line);
		const header = castHeader(line);
		const size = event?.code === 'r' ? sizeOf(event.data) : header;
		if (event?.code === 'o') {
			screen.write(Buffer.from(event.data));
		} else if (size !== undefined) {
			screen.resize(size.columns, size.rows);
		}

		if (screen.pendingBytes > mostPendingBytes) {
			await screen.parsed();
		}
	}

	await screen.parsed();
};

/** The files with the place to start in each, so that their tails make up the last `maxBytes`. */
const tailsOf = (files: readonly RecordedFile[], maxBytes: number): ReadonlyArray<RecordedFile & {readonly start: number}> => {
	let room = maxBytes;
	const tails: Array<RecordedFile & {readonly start: number}> = [];
	for (const one of files.toReversed()) {
		if (room > 0) {
			tails.unshift({...one, start: Math.max(one.length - room, 0)});
		}

		room -= one.length;
	}

	return tails;
};

/**
 * Rebuilds a screen from the last `maxBytes` of a recording; `undefined` when there is none. Where the beginning is cut, what was drawn
 * before and never again is missing.
 */
export const replayRecording = async (
	file: string,
	{maxBytes = 4 * 1024 * 1024}: {readonly maxBytes?: number} = {},
): Promise<Screen | undefined> => {
	const [first, ...rest] = tailsOf(await filesOf(file), maxBytes);
	const header = first && (await headerOf(first.file));
	if (first === undefined || header === undefined) {
		return undefined;
	}

	const size = (await sizeBefore(first.file, first.start)) ?? header;
	const screen = createScreen({columns: size.columns, rows: size.rows, reply: () => undefined});
	for (const tail of [first, ...rest]) {
		await feed(screen, castLines(tail.file, tail.start));
	}

	return screen;
};
