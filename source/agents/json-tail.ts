import {closeSync, fstatSync, openSync, readSync, watch} from 'node:fs';
import path from 'node:path';
import type {Json} from '../../state/json.js';
import {systemErrorCode} from '../errors.js';

/** A file of JSON lines that grows, read as it does. */
export type JsonTail = {
	/** Reads what is there now. */
	look(): void;
	close(): void;
};

const chunkBytes = 1024 * 1024;

/** A line longer than this is no event that anybody could read. */
const longestLineBytes = 16 * 1024 * 1024;

/** Changes that the watch of the folder missed are found this often. */
const lookMs = 500;

const newline = 0x0a;

const parsed = (line: Buffer): Json | undefined => {
	try {
		return JSON.parse(line.toString('utf8')) as Json;
	} catch {
		return undefined;
	}
};

/**
 * Reads a file from its beginning, line by line, and goes on as it grows; a file that is not there yet is waited for. `onLine` gets each
 * whole line that is JSON, and the offset behind it. Lines that are not JSON, or are endless, are passed over.
 */
export const tailJson = ({
	file,
	onLine,
	onFailure,
}: {
	readonly file: string;
	readonly onLine: (value: Json, endOffset: number) => void;
	/** The file cannot be read; told once, and tried again. */
	readonly onFailure: (error: unknown) => void;
}): JsonTail => {
	const chunk = Buffer.alloc(chunkBytes);
	let offset = 0;
	let rest: Buffer = Buffer.alloc(0);
	let isSkipping = false;
	let wasTold = false;
	let isClosed = false;

	const takeLines = (bytes: Buffer, from: number): void => {
		let start = 0;
		for (let end = bytes.indexOf(newline); end >= 0 && !isClosed; end = bytes.indexOf(newline, start)) {
			const value = isSkipping ? undefined : parsed(bytes.subarray(start, end));
			isSkipping = false;
			start = end + 1;
			if (value !== undefined) {
				onLine(value, from + start);
			}
		}

		rest = Buffer.from(bytes.subarray(start));
		if (rest.length > longestLineBytes) {
			rest = Buffer.alloc(0);
			isSkipping = true;
		}
	};

	const readOn = (descriptor: number): void => {
		const {size} = fstatSync(descriptor);
		while (offset < size && !isClosed) {
			const read = readSync(descriptor, chunk, 0, chunkBytes, offset);
			if (read === 0) {
				return;
			}

			const from = offset - rest.length;
			offset += read;
			takeLines(Buffer.concat([rest, chunk.subarray(0, read)]), from);
		}
	};

	const look = (): void => {
		if (isClosed) {
			return;
		}

		try {
			const descriptor = openSync(file, 'r');
			try {
				readOn(descriptor);
			} finally {
				closeSync(descriptor);
			}
		} catch (error) {
			if (!wasTold && systemErrorCode(error) !== 'ENOENT') {
				wasTold = true;
				onFailure(error);
			}
		}
	};

	// A watch makes it quick, the timer makes it sure: some file systems tell nothing.
	const timer = setInterval(look, lookMs);
	timer.unref();
	const watched = (() => {
		try {
			return watch(path.dirname(file), {persistent: false}, (_event, name) => {
				if (name === null || name === path.basename(file)) {
					look();
				}
			});
		} catch {
			return undefined;
		}
	})();
	watched?.on('error', () => watched.close());
	return {
		look,
		close() {
			isClosed = true;
			clearInterval(timer);
			watched?.close();
		},
	};
};
