import {appendFileSync} from 'node:fs';
import {ExpectedError} from './errors.js';

/** Where the program writes what nobody has to see now. Never holds tokens or agents' output. */
export type Log = (sentence: string, error?: unknown) => void;

const described = (error: unknown): string => {
	if (error instanceof ExpectedError) {
		return ` ${error.message}`;
	}

	return error instanceof Error ? ` ${error.stack ?? error.message}` : error === undefined ? '' : ` ${String(error)}`;
};

/** A log that appends to a file of mode 0600. A disk that does not take it is not worth stopping for. */
export const createLog =
	(file: string): Log =>
	(sentence, error) => {
		try {
			appendFileSync(file, `${new Date().toISOString()} ${sentence}${described(error)}\n`, {mode: 0o600});
		} catch {
			// There is nowhere left to say it.
		}
	};
