import {chmodSync, mkdirSync} from 'node:fs';
import path from 'node:path';
import {ExpectedError, exitCodes} from '../errors.js';

/** Where a launcher's socket is unless told otherwise. */
export const launcherSocketOf = (folder: string): string => path.join(folder, 'launcher.sock');

/** The log of a launcher's life, and of whatever its runtime prints. */
export const launcherLogOf = (folder: string): string => path.join(folder, 'launcher.log');

/** The reports that nobody has acknowledged yet. */
export const launcherReportsOf = (folder: string): string => path.join(folder, 'reports.jsonl');

/** Makes a launcher's folder, for this user alone. Throws an `ExpectedError` when that cannot be. */
export const makeLauncherFolder = (folder: string): void => {
	try {
		mkdirSync(folder, {recursive: true, mode: 0o700});
		chmodSync(folder, 0o700);
	} catch (cause) {
		throw new ExpectedError(`Could not use ${folder} for the launcher: ${cause instanceof Error ? cause.message : String(cause)}`, {
			hint: 'Give a --state-dir that belongs to you and may be written.',
			exitCode: exitCodes.cannotCreate,
			cause,
		});
	}
};
