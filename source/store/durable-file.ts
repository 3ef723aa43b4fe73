import {constants} from 'node:fs';
import {copyFile, type FileHandle, open, readFile, rename, rm, stat} from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import type {Adapter} from 'lowdb';
import {systemErrorCode} from '../errors.js';
import {readSeal, seal} from './checksum.js';

const key = 'check';
let temporaries = 0;

/** A file that was read but does not hold what was once written there; the message continues "… because". */
export class DamagedFile extends Error {
	override readonly name = 'DamagedFile';
}

/** Runs a piece of work on an open file and closes it, whatever happens. */
export const withFile = async <Result>(file: string, flags: string, work: (handle: FileHandle) => Promise<Result>): Promise<Result> => {
	const handle = await open(file, flags, 0o600);
	try {
		return await work(handle);
	} finally {
		await handle.close();
	}
};

/** Makes the names in a folder durable: files created, renamed or removed there. Windows has no such call and needs none. */
export const syncFolder = async (folder: string): Promise<void> => {
	if (process.platform !== 'win32') {
		await withFile(folder, 'r', async handle => handle.sync());
	}
};

/** Whether a file, folder or link of that name exists. */
export const exists = async (file: string): Promise<boolean> =>
	stat(file).then(
		() => true,
		(error: unknown) => {
			if (systemErrorCode(error) === 'ENOENT') {
				return false;
			}

			throw error;
		},
	);

/** The first of the names for 1, 2, 3 … that is not taken. */
export const freeName = async (nameFor: (n: number) => string): Promise<string> => {
	for (let n = 1; ; n += 1) {
		if (!(await exists(nameFor(n)))) {
			return nameFor(n);
		}
	}
};

/** Copies a file durably to a name that is not taken yet. */
export const copyDurably = async (from: string, to: string): Promise<void> => {
	await copyFile(from, to, constants.COPYFILE_EXCL);
	await withFile(to, 'r+', async handle => {
		await handle.chmod(0o600);
		await handle.sync();
	});
	await syncFolder(path.dirname(to));
};

/** Puts bytes under a name, durably and at once: who looks sees the old file or the new one, whole. Mode 0600. */
export const replaceDurably = async ({
	file,
	text,
	keepPrevious,
}: {
	file: string;
	text: string | Buffer;
	keepPrevious?: string;
}): Promise<void> => {
	temporaries += 1;
	const temporary = `${file}.${process.pid}-${Date.now().toString(36)}-${temporaries}.tmp`;
	try {
		await withFile(temporary, 'wx', async handle => {
			await handle.writeFile(text);
			await handle.sync();
		});
		if (keepPrevious !== undefined && (await exists(file))) {
			await rename(file, keepPrevious);
		}

		await rename(temporary, file);
		await syncFolder(path.dirname(file));
	} catch (error) {
		await rm(temporary, {force: true});
		throw error;
	}
};

const parseObject = (bytes: Buffer): Record<string, unknown> => {
	if (bytes.length === 0) {
		throw new DamagedFile('it is empty');
	}

	let value: unknown;
	try {
		value = JSON.parse(bytes.toString());
	} catch (error) {
		throw new DamagedFile('it is not JSON', {cause: error});
	}

	if (typeof value !== 'object' || value === null || Array.isArray(value)) {
		throw new DamagedFile('it is not a JSON object');
	}

	return value as Record<string, unknown>;
};

/**
 * A lowdb adapter that survives a power cut, which lowdb's own does not: unique temporary file → fsync → rename → fsync of the folder.
 * The last member, `check`, is a checksum of the rest: `read` throws `DamagedFile` when it is false, and leaves it to the caller to
 * judge an object without one. The file that is replaced is kept as `keepPrevious`.
 */
export const createDurableFile = <Data extends object>({file, keepPrevious}: {file: string; keepPrevious?: string}): Adapter<Data> => ({
	async read() {
		const bytes = await readFile(file).catch((error: unknown) => {
			if (systemErrorCode(error) === 'ENOENT') {
				return undefined;
			}

			throw error;
		});
		if (bytes === undefined) {
			return null;
		}

		if (readSeal({bytes, key})?.isTrue === false) {
			throw new DamagedFile('its checksum does not match');
		}

		return parseObject(bytes) as Data;
	},
	async write(data) {
		const {text} = seal({open: JSON.stringify(data).slice(0, -1), key});
		await replaceDurably({file, text, ...(keepPrevious !== undefined && {keepPrevious})});
	},
});
