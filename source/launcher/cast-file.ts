import {type FileHandle, mkdir, open, rename} from 'node:fs/promises';
import path from 'node:path';

/** A file that text is added to in the background. Its first error is its last word; nothing throws or rejects. */
export type CastFile = {
	append(text: string): void;
	/** Puts the file aside as `earlierFile` and begins an empty one. */
	rotate(): void;
	/** Resolves once everything so far was written, or given up. */
	written(): Promise<void>;
	close(): Promise<void>;
	/** Bytes given to the current file, written or not. */
	readonly length: number;
	readonly failure: Error | undefined;
};

/** A disk that is this far behind does not keep up: what it holds up must not fill the memory. */
const mostUnwrittenBytes = 32 * 1024 * 1024;

/** Begins an empty file, mode 0600, in a folder that is made when missing, mode 0700. */
export const openCastFile = ({file, earlierFile}: {readonly file: string; readonly earlierFile: string}): CastFile => {
	let handle: FileHandle | undefined;
	let failure: Error | undefined;
	let length = 0;
	let unwrittenBytes = 0;
	let last: Promise<void> = Promise.resolve();

	const begin = async (): Promise<void> => {
		await mkdir(path.dirname(file), {recursive: true, mode: 0o700});
		handle = await open(file, 'w', 0o600);
		await handle.chmod(0o600);
	};

	const end = async (): Promise<void> => {
		const ending = handle;
		handle = undefined;
		await ending?.close();
	};

	const fail = async (error: unknown): Promise<void> => {
		failure ??= error instanceof Error ? error : new Error(String(error));
		await end().catch(() => undefined);
	};

	/** One step after another, each only while nothing has failed. */
	const next = (step: () => Promise<void>): void => {
		last = last.then(() => (failure === undefined ? step().catch(fail) : undefined));
	};

	next(begin);
	return {
		append(text) {
			const bytes = Buffer.from(text);
			if (bytes.length === 0 || failure !== undefined) {
				return;
			}

			length += bytes.length;
			unwrittenBytes += bytes.length;
			if (unwrittenBytes > mostUnwrittenBytes) {
				last = last.then(() => fail(new Error(`The disk of ${file} cannot keep up with the terminal.`)));
			}

			next(async () => {
				await handle?.appendFile(bytes);
				unwrittenBytes -= bytes.length;
			});
		},
		rotate() {
			length = 0;
			next(async () => {
				await end();
				await rename(file, earlierFile);
				await begin();
			});
		},
		written: () => last,
		close() {
			next(end);
			return last;
		},
		get length() {
			return length;
		},
		get failure() {
			return failure;
		},
	};
};
