import {closeSync, openSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {systemErrorCode} from '../errors.js';
import {makeLauncherFolder} from './launcher-files.js';

/** The one launcher's place in a folder: a lock of the kernel's, gone with the process that held it however that ended. */
export type LauncherLock = {
	/** May be called twice. */
	release(): void;
};

/** Who holds the place, for messages only. */
export type LauncherHolder = {readonly pid: number; readonly launcherId: string};

const busy = 5;

const holderFile = (folder: string): string => path.join(folder, 'launcher.json');

/**
 * Only ever created here, never opened and closed again: POSIX drops a process's locks on a file when the process closes any
 * descriptor of it. SQLite knows that about its own descriptors.
 */
const createLockFile = (file: string): void => {
	try {
		closeSync(openSync(file, 'wx', 0o600));
	} catch (error) {
		if (systemErrorCode(error) !== 'EEXIST') {
			throw error;
		}
	}
};

const lockDatabase = (file: string): DatabaseSync | undefined => {
	const database = new DatabaseSync(file, {timeout: 0});
	try {
		database.exec('PRAGMA journal_mode=OFF; PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE');
		return database;
	} catch (error) {
		database.close();
		if (error instanceof Error && 'errcode' in error && error.errcode === busy) {
			return undefined;
		}

		throw error;
	}
};

/** Who holds, or last held, the launcher's place in a folder; `undefined` when nobody has left a name. */
export const readLauncherHolder = (folder: string): LauncherHolder | undefined => {
	try {
		const {pid, launcherId} = JSON.parse(readFileSync(holderFile(folder), 'utf8')) as Record<string, unknown>;
		return Number.isSafeInteger(pid) && typeof launcherId === 'string' ? {pid: Number(pid), launcherId} : undefined;
	} catch {
		return undefined;
	}
};

/** Takes the launcher's place in a folder (made 0700 when missing); `undefined` when another process holds it. */
export const takeLauncherLock = ({
	folder,
	launcherId,
}: {
	readonly folder: string;
	readonly launcherId: string;
}): LauncherLock | undefined => {
	makeLauncherFolder(folder);
	const file = path.join(folder, 'launcher.lock');
	createLockFile(file);
	const database = lockDatabase(file);
	if (!database) {
		return undefined;
	}

	const holder: LauncherHolder = {pid: process.pid, launcherId};
	writeFileSync(holderFile(folder), `${JSON.stringify(holder)}\n`, {mode: 0o600});
	return {
		release() {
			if (database.isOpen) {
				rmSync(holderFile(folder), {force: true});
				database.close();
			}
		},
	};
};
