import {chmod, lstat, mkdir, rm} from 'node:fs/promises';
import type {Server} from 'node:http';
import net, {type AddressInfo} from 'node:net';
import path from 'node:path';
import process from 'node:process';
import {ExpectedError, exitCodes, systemErrorCode} from '../errors.js';

/** Whether somebody answers at a unix socket. */
const isAnswered = (socketPath: string): Promise<boolean> =>
	new Promise(resolve => {
		const socket = net.connect(socketPath);
		socket.once('connect', () => {
			socket.destroy();
			resolve(true);
		});
		socket.once('error', () => resolve(false));
	});

const refuse = (socketPath: string, why: string, hint: string): ExpectedError =>
	new ExpectedError(`Could not listen on ${socketPath}: ${why}`, {hint, exitCode: exitCodes.cannotCreate});

/** Removes what a dead coordinator left at the path. Anything else that is there stays, and is told. */
const clearStale = async (socketPath: string): Promise<void> => {
	const found = await lstat(socketPath).catch(() => undefined);
	if (!found) {
		return;
	}

	if (!found.isSocket()) {
		throw refuse(socketPath, 'something that is not a socket is in its place.', 'Move it away, or choose another --state-dir.');
	}

	const uid = process.geteuid?.();
	if (uid !== undefined && found.uid !== uid) {
		throw refuse(socketPath, `the socket there belongs to user ${found.uid}.`, 'Choose another --state-dir.');
	}

	if (await isAnswered(socketPath)) {
		throw new ExpectedError(`Could not listen on ${socketPath}: another coordinator answers there.`, {
			hint: 'Use that one, or choose another --state-dir.',
			exitCode: exitCodes.locked,
		});
	}

	await rm(socketPath, {force: true});
};

const listening = (server: Server, begin: () => void): Promise<void> =>
	new Promise((resolve, reject) => {
		server.once('error', reject);
		server.once('listening', () => {
			server.off('error', reject);
			resolve();
		});
		begin();
	});

/**
 * Listens on a unix socket of mode 0600 in a folder of mode 0700. A socket that a dead process left is replaced; rejects with an
 * `ExpectedError` when a living one answers there, or when the place is taken by anything else.
 */
export const listenOnSocket = async (server: Server, socketPath: string): Promise<void> => {
	await mkdir(path.dirname(socketPath), {recursive: true, mode: 0o700});
	await clearStale(socketPath);
	// The socket is made inside `listen`, at once: there is no moment at which others could connect.
	await listening(server, () => {
		const umask = process.umask(0o177);
		try {
			server.listen(socketPath);
		} finally {
			process.umask(umask);
		}
	});
	await chmod(socketPath, 0o600);
};

/** Listens on 127.0.0.1 alone; 0 takes any free port. Gives the port; rejects with an `ExpectedError` when it is taken. */
export const listenOnPort = async (server: Server, port: number): Promise<number> => {
	try {
		await listening(server, () => server.listen({host: '127.0.0.1', port}));
	} catch (error) {
		const why = systemErrorCode(error) === 'EADDRINUSE' ? 'another program has that port.' : (error as Error).message;
		throw new ExpectedError(`Could not listen on 127.0.0.1:${port}: ${why}`, {
			hint: 'Choose another port; the unix socket works without one.',
			exitCode: exitCodes.unavailable,
			cause: error,
		});
	}

	return (server.address() as AddressInfo).port;
};
