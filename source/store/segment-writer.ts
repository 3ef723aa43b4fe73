import {type FileHandle, open, rm} from 'node:fs/promises';
import {syncFolder, withFile} from './disk.js';
import {journalFolder, segmentFile} from './segment.js';

/** The newest segment, while it is written to. */
type OpenSegment = {readonly file: string; readonly handle: FileHandle; durableBytes: number};

/** Writes batches of lines to segments. One call at a time. */
export type SegmentWriter = {
	/** Makes sure that there is a segment to write to; a new one is named after record `firstSeq`, durably. */
	open(firstSeq: number): Promise<void>;
	/** Writes bytes and flushes them to disk. When it rejects, any part of them may be in the file: call `cut` before anything else. */
	write(bytes: Buffer): Promise<void>;
	/** Closes the segment, which is not written to again. */
	seal(): Promise<void>;
	/** After an error: takes everything off the segment that was not flushed, durably, and seals it. May be called until it succeeds. */
	cut(): Promise<void>;
};

/** A disk may take less than it was given; that is an error only if it then takes nothing more. */
const writeAll = async (handle: FileHandle, bytes: Buffer): Promise<void> => {
	for (let written = 0; written < bytes.length; ) {
		const {bytesWritten} = await handle.write(bytes, written, bytes.length - written);
		if (bytesWritten === 0) {
			throw new Error(`the disk took ${written} of ${bytes.length} bytes and no more`);
		}

		written += bytesWritten;
	}
};

const createSegment = async (folder: string, firstSeq: number): Promise<OpenSegment> => {
	const file = segmentFile(folder, firstSeq);
	const handle = await open(file, 'wx', 0o600);
	try {
		await handle.sync();
		await syncFolder(journalFolder(folder));
		return {file, handle, durableBytes: 0};
	} catch (error) {
		await handle.close();
		await rm(file, {force: true});
		throw error;
	}
};

/** An empty file is removed, so that its name is free for the next segment. */
const cutBack = async (file: string, bytes: number): Promise<void> => {
	if (bytes === 0) {
		await rm(file, {force: true});
		return;
	}

	await withFile(file, 'r+', async handle => {
		await handle.truncate(bytes);
		await handle.sync();
	});
};

/** A writer of segments that seals one and goes on to the next when it has grown to `segmentBytes`. */
export const createSegmentWriter = ({folder, segmentBytes}: {folder: string; segmentBytes: number}): SegmentWriter => {
	let current: OpenSegment | undefined;
	let spoilt: OpenSegment | undefined;

	/** Whatever was flushed stays so, whatever closing says. */
	const seal = async (): Promise<void> => {
		const closing = current;
		current = undefined;
		await closing?.handle.close().catch(() => {});
	};

	return {
		async open(firstSeq) {
			if (current && current.durableBytes >= segmentBytes) {
				await seal();
			}

			current ??= await createSegment(folder, firstSeq);
		},
		async write(bytes) {
			const {handle} = current!;
			await writeAll(handle, bytes);
			await handle.datasync();
			current!.durableBytes += bytes.length;
		},
		seal,
		async cut() {
			spoilt ??= current;
			await seal();
			if (spoilt) {
				await cutBack(spoilt.file, spoilt.durableBytes);
				await syncFolder(journalFolder(folder));
				spoilt = undefined;
			}
		},
	};
};
