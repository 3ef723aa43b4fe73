import {randomBytes} from 'node:crypto';
import {type FileHandle, link, lstat, mkdir, open, realpath, rename, rm} from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import {type ExitCode, ExpectedError, exitCodes, systemErrorCode} from '../errors.js';

export type ExportFileOptions = {
	readonly chunks: AsyncIterable<string>;
	readonly file: string;
	/** Replaces a file of that name; without it such a file is refused. */
	readonly overwrite?: boolean;
	/** Makes the folder (0700) when it is missing: for our own, not for one a person named. */
	readonly makeFolder?: boolean;
};

/** Pieces are gathered to about this size before they are written. */
const gatherCharacters = 64 * 1024;

type Remedy = {readonly why: string; readonly hint: string; readonly exitCode: ExitCode};

const remedies: Readonly<Record<string, Remedy>> = {
	EEXIST: {why: 'a file of that name exists', hint: 'Choose another name, or overwrite it on purpose.', exitCode: exitCodes.cannotCreate},
	ENOENT: {why: 'its folder does not exist', hint: 'Make the folder first, or choose another.', exitCode: exitCodes.cannotCreate},
	ENOTDIR: {why: 'a part of its path is not a folder', hint: 'Choose another name.', exitCode: exitCodes.cannotCreate},
	EISDIR: {why: 'it is a folder', hint: 'Give the name of a file in it.', exitCode: exitCodes.cannotCreate},
	EACCES: {why: 'permission was denied', hint: 'Choose a folder you may write to.', exitCode: exitCodes.cannotCreate},
	EPERM: {why: 'permission was denied', hint: 'Choose a folder you may write to.', exitCode: exitCodes.cannotCreate},
	EROFS: {why: 'the disk is read-only', hint: 'Choose another folder.', exitCode: exitCodes.cannotCreate},
	ENOSPC: {why: 'the disk is full', hint: 'Free some space or choose another disk; nothing was left behind.', exitCode: exitCodes.ioError},
	EDQUOT: {
		why: 'your quota is used up',
		hint: 'Free some space or choose another disk; nothing was left behind.',
		exitCode: exitCodes.ioError,
	},
};

/** The same failure, told to a person. What is one already stays as it is. */
export const exportFailure = (file: string, cause: unknown): ExpectedError => {
	if (cause instanceof ExpectedError) {
		return cause;
	}

	const remedy = remedies[systemErrorCode(cause) ?? ''];
	const why = remedy?.why ?? (cause instanceof Error ? cause.message : String(cause));
	const {hint, exitCode} = remedy ?? {hint: 'Choose another file.', exitCode: exitCodes.ioError};
	return new ExpectedError(`Could not write the export to ${file}: ${why}.`, {hint, exitCode, cause});
};

const refused = (code: keyof typeof remedies): Error => Object.assign(new Error(code), {code});

/** Where the bytes go in the end: a link is followed, anything but a file is left alone. */
const resolveTarget = async (file: string, overwrite: boolean): Promise<string> => {
	const isThere = async (name: string) =>
		lstat(name).catch((error: unknown) => {
			if (systemErrorCode(error) === 'ENOENT') {
				return undefined;
			}

			throw error;
		});
	if (!(await isThere(file))) {
		return file;
	}

	if (!overwrite) {
		throw refused('EEXIST');
	}

	const target = await realpath(file);
	const stats = await lstat(target);
	if (stats.isDirectory()) {
		throw refused('EISDIR');
	}

	if (!stats.isFile()) {
		throw new ExpectedError(`Could not write the export to ${file}: it is not an ordinary file.`, {
			hint: 'Choose another name, or - for standard output.',
			exitCode: exitCodes.cannotCreate,
		});
	}

	return target;
};

const writeAll = async (handle: FileHandle, chunks: AsyncIterable<string>): Promise<void> => {
	let gathered = '';
	for await (const chunk of chunks) {
		gathered += chunk;
		if (gathered.length >= gatherCharacters) {
			await handle.appendFile(gathered);
			gathered = '';
		}
	}

	await handle.appendFile(gathered);
	await handle.sync();
};

/** Gives the finished file its name. Without `overwrite` a name that was taken meanwhile stays as it is. */
const place = async (temporary: string, target: string, overwrite: boolean): Promise<void> => {
	if (overwrite) {
		await rename(temporary, target);
		return;
	}

	try {
		await link(temporary, target);
	} catch (error) {
		if (systemErrorCode(error) === 'EEXIST') {
			throw error;
		}

		// A disk without hard links: looked at once more, then renamed.
		await rename(temporary, await resolveTarget(target, false));
		return;
	}

	await rm(temporary);
};

const syncFolder = async (folder: string): Promise<void> => {
	if (process.platform === 'win32') {
		return;
	}

	const handle = await open(folder, 'r');
	try {
		await handle.sync();
	} finally {
		await handle.close();
	}
};

/**
 * Writes an export under its name at once and durably (temporary file, fsync, rename; mode 0600): who looks sees all of it or nothing.
 * Resolves with the absolute path. Rejects with an `ExpectedError` and leaves nothing behind.
 */
export const writeExport = async ({chunks, file, overwrite = false, makeFolder = false}: ExportFileOptions): Promise<string> => {
	const wanted = path.resolve(file);
	let temporary: string | undefined;
	try {
		if (makeFolder) {
			await mkdir(path.dirname(wanted), {recursive: true, mode: 0o700});
		}

		const target = await resolveTarget(wanted, overwrite);
		temporary = path.join(path.dirname(target), `.${randomBytes(6).toString('hex')}.export.tmp`);
		const handle = await open(temporary, 'wx', 0o600);
		try {
			await writeAll(handle, chunks);
		} finally {
			await handle.close();
		}

		await place(temporary, target, overwrite);
		await syncFolder(path.dirname(target));
		return target;
	} catch (error) {
		if (temporary !== undefined) {
			await rm(temporary, {force: true});
		}

		throw exportFailure(wanted, error);
	}
};
