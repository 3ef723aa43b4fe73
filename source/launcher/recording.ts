import {StringDecoder} from 'node:string_decoder';
import {openCastFile} from './cast-file.js';
import type {Screen} from './screen.js';

/** The asciicast v3 file of one attempt: what its agent printed, when, and on how large a terminal. Nothing here throws: a disk that fails ends the recording, not the agent. */
export type Recording = {
	/** Takes output bytes as they came, before `screen` does in the same turn of the event loop. */
	output(chunk: Uint8Array): void;
	resize(columns: number, rows: number): void;
	marker(label: string): void;
	exit(status: number): void;
	/** Resolves once everything so far was handed to the file. Never rejects: see `failure`. */
	flush(): Promise<void>;
	/** As `flush`; then the file is closed. */
	close(): Promise<void>;
	/** The first error of the disk, or that it could not keep up. Recording stopped there; the pty goes on. */
	readonly failure: Error | undefined;
};

export type RecordingOptions = {
	/** Absolute; its folder is made when missing, mode 0700. An older file of that name is replaced. */
	readonly path: string;
	readonly columns: number;
	readonly rows: number;
	readonly title: string;
	readonly startedAtMs: number;
	/** Once a file is this long it becomes `<path>.1`, replacing an earlier one, and a new one begins. */
	readonly maxBytes?: number;
	/** The screen that shows the same output: a new file begins with a picture of it, so that it can be read without the one before. */
	readonly screen?: Pick<Screen, 'snapshot' | 'unfinished'>;
};

const flushMs = 1000;
const flushBytes = 256 * 1024;

/** What was recorded before the newest file began. */
export const earlierRecording = (file: string): string => `${file}.1`;

/** What draws the screen anew, with the beginning of a sequence that the next output will end. */
const pictureOf = ({snapshot, unfinished}: {snapshot: Uint8Array; unfinished: Uint8Array}): string =>
	new StringDecoder('utf8').write(Buffer.concat([snapshot, unfinished]));

/** Tells the distance between events in whole milliseconds, so that no error adds up. */
const createStopwatch = () => {
	const originMs = performance.now();
	let toldMs = 0;
	return {
		elapsedMs: (): number => toldMs,
		lapSeconds(): string {
			const lapMs = Math.max(Math.round(performance.now() - originMs - toldMs), 0);
			toldMs += lapMs;
			return (lapMs / 1000).toFixed(3);
		},
	};
};

/** Begins a recording. */
export const openRecording = ({
	path,
	columns,
	rows,
	title,
	startedAtMs,
	maxBytes = 64 * 1024 * 1024,
	screen,
}: RecordingOptions): Recording => {
	const file = openCastFile({file: path, earlierFile: earlierRecording(path)});
	const decoder = new StringDecoder('utf8');
	const stopwatch = createStopwatch();
	let size = {columns, rows};
	let pending: string[] = [];
	let pendingLength = 0;
	let timer: NodeJS.Timeout | undefined;

	const begin = (): void => {
		const term = {cols: size.columns, rows: size.rows, type: 'xterm-256color'};
		const timestamp = Math.floor((startedAtMs + stopwatch.elapsedMs()) / 1000);
		file.append(`${JSON.stringify({version: 3, term, timestamp, title})}\n`);
	};

	const write = (): void => {
		clearTimeout(timer);
		timer = undefined;
		file.append(pending.join(''));
		pending = [];
		pendingLength = 0;
	};

	const event = (code: string, data: string): void => {
		if (file.failure !== undefined) {
			return;
		}

		const line = `[${stopwatch.lapSeconds()}, "${code}", ${JSON.stringify(data)}]\n`;
		pending.push(line);
		pendingLength += line.length;
		if (pendingLength >= flushBytes) {
			write();
		} else {
			timer ??= setTimeout(write, flushMs).unref();
		}
	};

	/** Only before new output: then the screen shows exactly what the old file holds. */
	const rotateWhenFull = (): void => {
		if (file.length + pendingLength <= maxBytes) {
			return;
		}

		write();
		file.rotate();
		begin();
		if (screen !== undefined) {
			event('o', pictureOf({snapshot: screen.snapshot(), unfinished: screen.unfinished}));
		}
	};

	begin();
	return {
		output(chunk) {
			rotateWhenFull();
			const text = decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
			if (text !== '') {
				event('o', text);
			}
		},
		resize(nextColumns, nextRows) {
			size = {columns: nextColumns, rows: nextRows};
			event('r', `${nextColumns}x${nextRows}`);
		},
		marker: label => event('m', label),
		exit: status => event('x', String(status)),
		flush() {
			write();
			return file.written();
		},
		close() {
			const rest = decoder.end();
			if (rest !== '') {
				event('o', rest);
			}

			write();
			return file.close();
		},
		get failure() {
			return file.failure;
		},
	};
};
