import {constants} from 'node:fs';
import {copyFile, type FileHandle, open, rename, rm, stat} from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import {systemErrorCode} from '../errors.js';

let temporaries = 0;

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
