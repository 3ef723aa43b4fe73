import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';

/** What lies in every attempt's folder, beside what its agent's adapter puts there. */
export const attemptFiles = {token: 'token', attempt: 'attempt.json'} as const;

/** Which attempt a folder belongs to, and where its coordinator listens. */
export type AttemptFile = {
	readonly runId: string;
	readonly generation: number;
	readonly sessionId: string;
	/** Absolute path of the gateway's socket. */
	readonly socket: string;
	readonly adapter: string;
	/** The conversation's id that the plan chose; bound to the session once the agent works. */
	readonly threadId?: string;
};

const isInside = (name: string): boolean => name !== '' && !path.isAbsolute(name) && !name.split('/').includes('..');

const writePrivate = (folder: string, name: string, text: string): void => {
	const file = path.join(folder, name);
	mkdirSync(path.dirname(file), {recursive: true, mode: 0o700});
	writeFileSync(file, text, {mode: 0o600});
};

/**
 * Makes an attempt's folder anew (0700) with its files (0600): the token, which attempt it is, and what the plan wants there. Gives the
 * token's path. Throws when the plan names a file outside the folder.
 */
export const writeAttemptFolder = (
	folder: string,
	{
		token,
		attempt,
		files = {},
	}: {readonly token: string; readonly attempt: AttemptFile; readonly files?: Readonly<Record<string, string>> | undefined},
): string => {
	const outside = Object.keys(files).find(name => !isInside(name));
	if (outside !== undefined) {
		throw new Error(`The plan of ${attempt.adapter} names a file outside its folder: ${JSON.stringify(outside)}.`);
	}

	rmSync(folder, {recursive: true, force: true});
	mkdirSync(folder, {recursive: true, mode: 0o700});
	for (const [name, text] of Object.entries(files)) {
		writePrivate(folder, name, text);
	}

	writePrivate(folder, attemptFiles.attempt, JSON.stringify(attempt));
	writePrivate(folder, attemptFiles.token, token);
	return path.join(folder, attemptFiles.token);
};
