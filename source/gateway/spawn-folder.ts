import {realpath, stat} from 'node:fs/promises';
import path from 'node:path';
import {RequestError} from './request-error.js';

const refused = (sentence: string): RequestError => new RequestError(422, 'INVALID', sentence);

const isBelow = (folder: string, top: string): boolean => folder === top || folder.startsWith(top === '/' ? top : `${top}/`);

/** The folder a session is to start in, checked: throws a `RequestError` (422) unless it is an absolute path of an existing folder. */
export const spawnFolder = async (cwd: string): Promise<string> => {
	const shown = JSON.stringify(cwd);
	if (!path.isAbsolute(cwd) || cwd.includes('\0')) {
		throw refused(`The folder ${shown} must be an absolute path.`);
	}

	const stats = await stat(cwd).catch(() => undefined);
	if (!stats?.isDirectory()) {
		throw refused(`The folder ${shown} ${stats ? 'is not a folder' : 'does not exist'}.`);
	}

	return path.resolve(cwd);
};

/** The same for a child an agent spawns: its folder must lie in its parent's, links followed; 403 otherwise. */
export const childFolder = async (cwd: string, parentCwd: string): Promise<string> => {
	const folder = await spawnFolder(cwd);
	const [real, top] = await Promise.all([realpath(folder), realpath(parentCwd)]);
	if (!isBelow(real, top)) {
		throw new RequestError(403, 'FORBIDDEN', `An agent may spawn children only inside its own folder ${parentCwd}.`);
	}

	return folder;
};
