import {connect} from 'node:net';
import {WebSocket} from 'ws';
import {ExpectedError, exitCodes, systemErrorCode} from '../errors.js';
import type {Log} from '../log.js';
import {type ClientMessage, type LauncherMessage, parseLauncherMessage, protocolVersion} from './protocol.js';

type Hello = Extract<LauncherMessage, {readonly type: 'hello'}>;

/** One connection that has said hello. */
export type Link = {
	readonly hello: Hello;
	send(message: ClientMessage): void;
	sendBytes(packed: Uint8Array): void;
	/** Resolves once the connection is gone. */
	close(): Promise<void>;
};

export type LinkOptions = {
	readonly socketPath: string;
	readonly onMessage: (message: LauncherMessage) => void;
	readonly onBytes: (packed: Buffer) => void;
	/** The connection broke, or was closed. Comes at most once, and only after the link was opened. */
	readonly onClose: () => void;
	readonly log: Log;
};

const helloTimeoutMs = 10_000;
const closeTimeoutMs = 1000;

const notReached = (socketPath: string, cause: unknown): ExpectedError =>
	new ExpectedError(`Could not reach the launcher at ${socketPath}: ${cause instanceof Error ? cause.message : String(cause)}`, {
		hint: 'Nobody answers there. The console starts a launcher by itself; look into launcher.log if it does not.',
		exitCode: exitCodes.unavailable,
		cause,
	});

const wrongVersion = (socketPath: string, {version, pid}: Hello): ExpectedError =>
	new ExpectedError(
		`Could not use the launcher at ${socketPath}: it speaks version ${version} of the protocol, this program version ${protocolVersion}.`,
		{
			hint: `Use the agent-tui it was started with until its agents are done, then end it (kill ${pid}).`,
			exitCode: exitCodes.unavailable,
		},
	);

/** What the system says of a socket whose launcher is gone, or is just going. */
const codesOfTheDead = ['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'];

/** Whether nobody is there any more, as opposed to somebody who does not understand us or must not be asked. */
export const isUnreachable = (error: unknown): boolean => {
	const cause = error instanceof ExpectedError ? error.cause : undefined;
	const code = systemErrorCode(cause);
	return code === undefined ? cause instanceof Error : codesOfTheDead.includes(code);
};

const openSocket = (socketPath: string): WebSocket =>
	new WebSocket('ws://launcher/', {
		createConnection: () => connect(socketPath),
		perMessageDeflate: false,
		maxPayload: 0,
		handshakeTimeout: helloTimeoutMs,
		// Masking protects proxies; there is none on a unix socket. A mask of zeros costs nothing.
		generateMask: () => {},
	});

const createLink = (socket: WebSocket, hello: Hello): Link => ({
	hello,
	send(message) {
		socket.send(JSON.stringify(message), () => {});
	},
	sendBytes(packed) {
		socket.send(packed, () => {});
	},
	async close() {
		if (socket.readyState !== WebSocket.CLOSED) {
			const gone = new Promise(resolve => socket.once('close', resolve));
			const timer = setTimeout(() => socket.terminate(), closeTimeoutMs);
			socket.close();
			await gone;
			clearTimeout(timer);
		}
	},
});

const understood = (data: Buffer, log: Log): LauncherMessage | undefined => {
	try {
		return parseLauncherMessage(data.toString('utf8'));
	} catch (error) {
		log('The launcher talked nonsense.', error);
		return undefined;
	}
};

/**
 * Connects to a launcher and exchanges hellos. Rejects with an `ExpectedError` when nobody answers (see `isUnreachable`) or when the
 * two speak different versions.
 */
export const openLink = async ({socketPath, onMessage, onBytes, onClose, log}: LinkOptions): Promise<Link> => {
	const socket = openSocket(socketPath);
	let link: Link | undefined;

	return new Promise((resolve, reject) => {
		const timer = setTimeout(() => fail(new Error('it does not say hello')), helloTimeoutMs);

		const fail = (cause: unknown) => {
			clearTimeout(timer);
			reject(cause instanceof ExpectedError ? cause : notReached(socketPath, cause));
			socket.terminate();
		};

		const greet = (hello: Hello) => {
			if (hello.version !== protocolVersion) {
				fail(wrongVersion(socketPath, hello));
				return;
			}

			clearTimeout(timer);
			link = createLink(socket, hello);
			resolve(link);
		};

		const take = (message: LauncherMessage) => {
			if (message.type === 'hello') {
				greet(message);
			} else {
				onMessage(message);
			}
		};

		socket.on('open', () => socket.send(JSON.stringify({type: 'hello', version: protocolVersion} satisfies ClientMessage)));
		socket.on('message', (data: Buffer, isBinary) => {
			if (isBinary) {
				onBytes(data);
				return;
			}

			const message = understood(data, log);
			if (message) {
				take(message);
			} else {
				socket.terminate();
			}
		});
		socket.on('error', fail);
		socket.on('close', () => {
			fail(new Error('it closed the connection'));
			if (link) {
				onClose();
			}
		});
	});
};
