import {constants} from 'node:fs';
import {access, open, stat} from 'node:fs/promises';
import path from 'node:path';
import {systemErrorCode} from '../errors.js';
import type {SpawnRequest} from '../launcher-port.js';

/** The kernel refuses a longer argument or variable (MAX_ARG_STRLEN). */
const longestArgumentBytes = 128 * 1024 - 1;

const reasons: Readonly<Record<string, string>> = {
	ENOENT: 'does not exist',
	ENOTDIR: 'lies below something that is not a folder',
	EACCES: 'may not be used by this user',
	ELOOP: 'is a loop of symbolic links',
	ENAMETOOLONG: 'has a name that is too long',
};

const reasonOf = (error: unknown): string => {
	const code = systemErrorCode(error);
	return (code && reasons[code]) ?? `cannot be used (${code ?? String(error)})`;
};

const whyNotFolder = async (cwd: string): Promise<string | undefined> => {
	if (!path.isAbsolute(cwd)) {
		return `the working folder ${JSON.stringify(cwd)} is not an absolute path`;
	}

	try {
		if (!(await stat(cwd)).isDirectory()) {
			return `the working folder ${cwd} is not a folder`;
		}

		await access(cwd, constants.X_OK);
		return undefined;
	} catch (error) {
		return `the working folder ${cwd} ${reasonOf(error)}`;
	}
};

const whyNotExecutable = async (file: string): Promise<string | undefined> => {
	if (!path.isAbsolute(file)) {
		return `${JSON.stringify(file)} is not an absolute path`;
	}

	try {
		if (!(await stat(file)).isFile()) {
			return `${file} is not a file`;
		}
	} catch (error) {
		return `${file} ${reasonOf(error)}`;
	}

	try {
		await access(file, constants.X_OK);
		return undefined;
	} catch {
		return `${file} is not executable`;
	}
};

/** The program that a script names in its first line (`#!…`); `undefined` for anything else. */
const interpreterOf = async (file: string): Promise<string | undefined> => {
	const handle = await open(file).catch(() => undefined);
	if (!handle) {
		return undefined;
	}

	try {
		const {buffer, bytesRead} = await handle.read(Buffer.alloc(256), 0, 256, 0);
		return /^#!\s*(\S+)/.exec(buffer.toString('utf8', 0, bytesRead))?.[1];
	} finally {
		await handle.close();
	}
};

const whyNotInterpreter = async (file: string): Promise<string | undefined> => {
	const interpreter = await interpreterOf(file);
	const why = interpreter === undefined ? undefined : await whyNotExecutable(interpreter);
	return why === undefined ? undefined : `its interpreter ${why}`;
};

const whyNotStrings = ({args, env}: SpawnRequest): string | undefined => {
	const isUnnameable = Object.keys(env).some(name => name === '' || name.includes('='));
	if (isUnnameable) {
		return 'a variable of its environment has a name that is empty or holds "="';
	}

	const strings = [...args, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
	if (strings.some(text => text.includes('\0'))) {
		return 'an argument or variable holds a NUL byte';
	}

	return strings.some(text => Buffer.byteLength(text) > longestArgumentBytes)
		? 'an argument or variable is longer than the 128 KB the system takes'
		: undefined;
};

/**
 * Says why a program cannot be started, as the end of the sentence "Could not start it: …"; `undefined` when nothing speaks against it.
 * Needed because a child that fails between fork and exec looks like a program that exits with 1.
 */
export const whyNotSpawn = async (request: SpawnRequest): Promise<string | undefined> =>
	whyNotStrings(request) ??
	(await whyNotExecutable(request.file)) ??
	(await whyNotInterpreter(request.file)) ??
	(await whyNotFolder(request.cwd));
