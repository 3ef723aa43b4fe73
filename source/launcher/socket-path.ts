import {lstatSync, mkdirSync, rmSync} from 'node:fs';
import {connect} from 'node:net';
import path from 'node:path';
import {ExpectedError, exitCodes} from '../errors.js';

/** The kernel's `sun_path` without its terminating NUL; a longer one would be cut without a word. */
export const longestSocketPathBytes = 107;

/** Throws an `ExpectedError` for a path that no unix socket can have. */
export const checkSocketPath = (socketPath: string): void => {
	const bytes = Buffer.byteLength(socketPath);
	if (bytes > longestSocketPathBytes) {
		throw new ExpectedError(
			`Could not use the socket ${socketPath}: its path has ${bytes} bytes, the system takes ${longestSocketPathBytes}.`,
			{
				hint: 'Give a shorter --state-dir.',
				exitCode: exitCodes.cannotCreate,
			},
		);
	}
};

/** Whether somebody answers at a socket. */
export const isAnswered = async (socketPath: string): Promise<boolean> =>
	new Promise(resolve => {
		const socket = connect(socketPath);
		const settle = (answered: boolean) => {
			socket.destroy();
			resolve(answered);
		};

		socket.once('connect', () => settle(true)).once('error', () => settle(false));
	});

const isSocket = (file: string): boolean => lstatSync(file, {throwIfNoEntry: false})?.isSocket() ?? false;

/**
 * Makes a path ready for a new socket: its folder exists, and what a dead launcher left there is gone. Throws an `ExpectedError`
 * when somebody answers there, or when something that is no socket lies there.
 */
export const clearSocketPath = async (socketPath: string): Promise<void> => {
	checkSocketPath(socketPath);
	mkdirSync(path.dirname(socketPath), {recursive: true, mode: 0o700});
	if (isSocket(socketPath)) {
		if (await isAnswered(socketPath)) {
			throw new ExpectedError(`Could not listen on ${socketPath}: another launcher answers there.`, {exitCode: exitCodes.locked});
		}

		rmSync(socketPath, {force: true});
	}
};
