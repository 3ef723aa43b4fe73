import {open, readdir} from 'node:fs/promises';
import path from 'node:path';
import {systemErrorCode} from '../errors.js';

const chunkBytes = 1 << 20;
const newline = 10;

/** One file of the journal, named after its first record. */
export type Segment = {readonly file: string; readonly firstSeq: number};

/** A line of a segment, without its end. `number` counts from one; `isEnded` is false for a last line that lacks its newline. */
export type Line = {readonly bytes: Buffer; readonly number: number; readonly offset: number; readonly isEnded: boolean};

/** The folder of the segments inside a store's folder. */
export const journalFolder = (folder: string): string => path.join(folder, 'journal');

/** Where the segment that begins with record `firstSeq` lives. Padded, so that names sort as numbers do. */
export const segmentFile = (folder: string, firstSeq: number): string =>
	path.join(journalFolder(folder), `${String(firstSeq).padStart(12, '0')}.jsonl`);

/** The store's segments, oldest first; none when there is no journal yet. */
export const listSegments = async (folder: string): Promise<readonly Segment[]> => {
	const names = await readdir(journalFolder(folder)).catch((error: unknown) => {
		if (systemErrorCode(error) === 'ENOENT') {
			return [];
		}

		throw error;
	});
	return names
		.filter(name => /^\d+\.jsonl$/.test(name))
		.map(name => ({file: path.join(journalFolder(folder), name), firstSeq: Number.parseInt(name, 10)}))
		.sort((a, b) => a.firstSeq - b.firstSeq);
};

/** Cuts a stream of chunks into lines. A line longer than a chunk is put together once, at its end. */
const createLineSplitter = () => {
	let pieces: Buffer[] = [];
	let number = 0;
	let offset = 0;
	const take = (end: Buffer, isEnded: boolean): Line => {
		const bytes = pieces.length === 0 ? end : Buffer.concat([...pieces, end]);
		const line = {bytes, number: number + 1, offset, isEnded};
		pieces = [];
		number += 1;
		offset += bytes.length + 1;
		return line;
	};

	return {
		push(chunk: Buffer): readonly Line[] {
			const lines: Line[] = [];
			let start = 0;
			for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
				lines.push(take(chunk.subarray(start, end), true));
				start = end + 1;
			}

			if (start < chunk.length) {
				pieces.push(chunk.subarray(start));
			}

			return lines;
		},
		rest: (): readonly Line[] => (pieces.length === 0 ? [] : [take(Buffer.alloc(0), false)]),
	};
};

/** The lines of a segment, a chunk's worth at a time, so that a long journal neither fills memory nor holds up the event loop. */
export async function* readLines(file: string): AsyncGenerator<readonly Line[]> {
	const handle = await open(file, 'r');
	try {
		const splitter = createLineSplitter();
		for (;;) {
			const {buffer, bytesRead} = await handle.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes, null);
			if (bytesRead === 0) {
				break;
			}

			yield splitter.push(buffer.subarray(0, bytesRead));
		}

		yield splitter.rest();
	} finally {
		await handle.close();
	}
}
