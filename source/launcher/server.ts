import {chmodSync, existsSync} from 'node:fs';
import {createServer, type Server} from 'node:http';
import {type WebSocket, WebSocketServer} from 'ws';
import {ExpectedError, exitCodes} from '../errors.js';
import type {Log} from '../log.js';
import type {Launcher} from './launcher.js';
import {serveClient} from './serve-client.js';
import {clearSocketPath} from './socket-path.js';

/** The launcher's door. */
export type LauncherServer = {
	readonly clientCount: number;
	/** Listens anew if somebody has removed the socket's file. Never rejects. */
	ensureSocket(): Promise<void>;
	/** Lets every client go and stops listening. The launcher itself goes on. */
	close(): Promise<void>;
};

/** The largest message: a spawn with a long environment, or a large paste. */
const maxPayload = 32 * 1024 * 1024;

const goingAway = 1001;
const leaveWithinMs = 500;

/** Binds with mode 0600 from the first moment on. */
const listen = async (server: Server, socketPath: string): Promise<void> => {
	const mask = process.umask(0o177);
	try {
		await new Promise<void>((resolve, reject) => {
			server.once('error', reject).listen(socketPath, resolve);
			// The bind has happened by now: whatever else is created while we wait gets its usual mode.
			process.umask(mask);
		});
		chmodSync(socketPath, 0o600);
	} catch (cause) {
		throw new ExpectedError(`Could not listen on ${socketPath}: ${cause instanceof Error ? cause.message : String(cause)}`, {
			hint: 'Look whether the folder may be written, and whether its file system takes sockets.',
			exitCode: exitCodes.cannotCreate,
			cause,
		});
	} finally {
		process.umask(mask);
	}
};

/** Says goodbye, so that what was written still arrives; whoever does not listen is cut off. */
const leave = async (client: WebSocket): Promise<void> =>
	new Promise(resolve => {
		const timer = setTimeout(() => client.terminate(), leaveWithinMs);
		client.once('close', () => {
			clearTimeout(timer);
			resolve();
		});
		client.close(goingAway);
	});

/**
 * Serves a launcher on a unix socket that this user alone may use. What a dead launcher left at that path is replaced.
 * Rejects with an `ExpectedError` when the path is too long, or somebody answers there.
 */
export const serveLauncher = async ({
	launcher,
	socketPath,
	log = () => {},
}: {
	readonly launcher: Launcher;
	readonly socketPath: string;
	readonly log?: Log;
}): Promise<LauncherServer> => {
	await clearSocketPath(socketPath);
	const http = createServer((_, response) => response.writeHead(426).end());
	const server = new WebSocketServer({server: http, perMessageDeflate: false, maxPayload, clientTracking: true});
	// Errors of listening are told below; the WebSocket server would throw them again.
	server.on('error', () => {});
	server.on('connection', socket => serveClient({launcher, socket, log}));
	await listen(http, socketPath);
	http.on('error', error => log('The launcher socket failed.', error));

	return {
		get clientCount() {
			return server.clients.size;
		},
		async ensureSocket() {
			if (http.listening && !existsSync(socketPath)) {
				log(`The socket ${socketPath} is gone; listening anew.`);
				http.close();
				await listen(http, socketPath).catch((error: unknown) => log('Could not listen anew.', error));
			}
		},
		async close() {
			http.close();
			await Promise.all([...server.clients].map(leave));
			server.close();
		},
	};
};
