import {chmodSync, closeSync, mkdirSync, openSync, renameSync, writeSync} from 'node:fs';
import path from 'node:path';
import {StringDecoder} from 'node:string_decoder';

/** The asciicast v3 file of one attempt: what its agent printed, when, and on how large a terminal. */
export type Recording = {
	output(chunk: Uint8Array): void;
	resize(columns: number, rows: number): void;
	marker(label: string): void;
	exit(status: number): void;
	/** Resolves once everything so far was handed to the file. Never rejects: see `failure`. */
	flush(): Promise<void>;
	close(): Promise<void>;
	/** The first error of the disk. Recording stopped there; the pty goes on. */
	readonly failure: Error | undefined;
};

export type RecordingOptions = {
	/** Absolute; its folder is made when missing, mode 0700. */
	readonly path: string;
	readonly columns: number;
	readonly rows: number;
	readonly title: string;
	readonly startedAtMs: number;
	/** Once a file is this long it becomes `<path>.1`, replacing an earlier one, and a new one begins. */
	readonly maxBytes?: number;
};

const flushMs = 1000;
const flushBytes = 256 * 1024;

/** What was recorded before the newest file began. */
export const earlierRecording = (file: string): string => `${file}.1`;

/** Writes to a file whose first error is its last word. */
const openFile = (file: string) => {
	let descriptor: number | undefined;
	let failure: Error | undefined;
	let length = 0;

	const attempt = (action: () => void): void => {
		try {
			action();
		} catch (error) {
			failure = error instanceof Error ? error : new Error(String(error));
			descriptor = undefined;
		}
	};

	const begin = (): void => {
		mkdirSync(path.dirname(file), {recursive: true, mode: 0o700});
		descriptor = openSync(file, 'w', 0o600);
		chmodSync(file, 0o600);
		length = 0;
	};

	attempt(begin);
	return {
		get failure() {
			return failure;
		},
		get length() {
			return length;
		},
		write(text: string): void {
			const bytes = Buffer.from(text);
			attempt(() => {
				for (let at = 0; descriptor !== undefined && at < bytes.length; ) {
					at += writeSync(descriptor, bytes, at);
				}

				length += bytes.length;
			});
		},
		startAnew(): void {
			attempt(() => {
				if (descriptor !== undefined) {
					closeSync(descriptor);
					renameSync(file, earlierRecording(file));
					begin();
				}
			});
		},
		close(): void {
			attempt(() => {
				if (descriptor !== undefined) {
					closeSync(descriptor);
					descriptor = undefined;
				}
			});
		},
	};
};

/** Begins a recording. Nothing here throws: a disk that fails ends the recording, not the agent. */
export const openRecording = ({
	path: file,
	columns,
	rows,
	title,
	startedAtMs,
	maxBytes = 64 * 1024 * 1024,
}: RecordingOptions): Recording => {
	const target = openFile(file);
	const decoder = new StringDecoder('utf8');
	let size = {columns, rows};
	let lastMs = performance.now();
	let pending: string[] = [];
	let pendingLength = 0;
	let timer: NodeJS.Timeout | undefined;

	const header = (): string => {
		const term = {cols: size.columns, rows: size.rows, type: 'xterm-256color'};
		return `${JSON.stringify({version: 3, term, timestamp: Math.floor(startedAtMs / 1000), title})}\n`;
	};

	const flush = (): void => {
		clearTimeout(timer);
		timer = undefined;
		target.write(pending.join(''));
		pending = [];
		pendingLength = 0;
		if (target.length > maxBytes) {
			target.startAnew();
			target.write(header());
		}
	};

	const event = (code: string, data: string): void => {
		if (target.failure) {
			return;
		}

		const nowMs = performance.now();
		const line = `[${((nowMs - lastMs) / 1000).toFixed(3)}, "${code}", ${JSON.stringify(data)}]\n`;
		lastMs = nowMs;
		pending.push(line);
		pendingLength += line.length;
		if (pendingLength >= flushBytes) {
			flush();
		} else {
			timer ??= setTimeout(flush, flushMs).unref();
		}
	};

	target.write(header());
	return {
		output(chunk) {
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
		async flush() {
			flush();
		},
		async close() {
			const rest = decoder.end();
			if (rest !== '') {
				event('o', rest);
			}

			flush();
			target.close();
		},
		get failure() {
			return target.failure;
		},
	};
};
