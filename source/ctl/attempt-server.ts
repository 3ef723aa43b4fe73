import {readFileSync} from 'node:fs';
import path from 'node:path';
import {type AttemptFile, attemptFiles} from '../attempt-folder.js';
import {CtlFailure} from './failure.js';
import type {Place} from './server.js';

const readText = (folder: string, name: string): string => {
	try {
		return readFileSync(path.join(folder, name), 'utf8');
	} catch (cause) {
		throw new CtlFailure('NO_TOKEN', `The attempt of ${folder} is gone: it has ended.`, {cause});
	}
};

/** The attempt whose folder this is. Throws a `CtlFailure` when it is over. */
export const readAttempt = (folder: string): AttemptFile => JSON.parse(readText(folder, attemptFiles.attempt)) as AttemptFile;

/** The coordinator of an attempt and the attempt's token, from the attempt's folder alone. */
export const attemptServer = (folder: string): {readonly place: Place; readonly token: () => string} => {
	const {socket} = readAttempt(folder);
	return {place: {socketPath: socket, shown: socket}, token: () => readText(folder, attemptFiles.token).trim()};
};
