import {createServer, type IncomingMessage, type Server} from 'node:http';
import type {AgentHooks} from '../agent-adapter.js';
import type {ProbedAgent} from '../agent-probe.js';
import type {LauncherPort} from '../launcher-port.js';
import type {Log} from '../log.js';
import type {Orchestrator} from '../orchestrator.js';
import {packageVersion} from '../package-version.js';
import type {Paths} from '../paths.js';
import type {Tokens} from '../run-token.js';
import type {Recorded} from '../store-port.js';
import {createAgentWaits} from './agent-waits.js';
import {createApp} from './app.js';
import {createAskers} from './askers.js';
import {type Caller, createAuth} from './auth.js';
import {createCallRate} from './call-rate.js';
import type {GatewayContext} from './context.js';
import {listenOnPort, listenOnSocket} from './listen.js';
import {checkOrigin} from './origin.js';
import {acceptSockets} from './upgrade.js';

export type GatewayOptions = {
	readonly orchestrator: Orchestrator;
	/** The launcher; `undefined` until it has been reached. */
	readonly launcher: () => LauncherPort | undefined;
	readonly tokens: Tokens;
	readonly paths: Pick<Paths, 'gatewaySocket'>;
	readonly log: Log;
	/** Facts above a sequence number, from disk: the store's `read`. */
	readonly readFacts: (afterSeq: number) => AsyncIterable<Recorded>;
	/** Where a session starts that names no folder. */
	readonly project: string;
	/** Listens on 127.0.0.1 too; port 0 takes any free one. */
	readonly tcp?: {readonly port: number};
	/** Tokens that speak for an operator, beside the one in the state folder. */
	readonly extraOperatorTokens?: readonly string[];
	/** How the hooks of an adapter are read and answered, by the adapter's name. */
	readonly hooksOf?: (adapter: string) => AgentHooks | undefined;
	/** The agent programs that are installed, by the name of their adapter. */
	readonly probeAgents?: () => Promise<readonly ProbedAgent[]>;
	/** How long an asker whose connection closed has to come back before its request is withdrawn. */
	readonly askerGraceMs?: number;
	/** How often one attempt's agent may call; 60 unless told otherwise, 0: as often as it likes. */
	readonly callsPerMinute?: number;
};

export type Gateway = {
	/** `http://127.0.0.1:PORT` when it listens there. */
	readonly address: string | undefined;
	/** Ends every wait (clients are told to ask the next coordinator) and gives socket and port back. Withdraws nothing. */
	close(): Promise<void>;
};

/** Slow headers, idle and too many connections must not take the coordinator down. */
const bounded = (server: Server): Server => {
	server.headersTimeout = 10_000;
	server.requestTimeout = 60_000;
	server.keepAliveTimeout = 5000;
	server.maxConnections = 1000;
	return server;
};

const closed = (server: Server): Promise<void> =>
	new Promise(resolve => {
		// An error here says that it was not listening.
		server.close(() => resolve());
		server.closeAllConnections();
	});

/** Long enough for answers that are on their way; then connections are cut. */
const closingGraceMs = 200;

const flushed = (): Promise<void> =>
	new Promise(resolve => {
		setTimeout(resolve, closingGraceMs);
	});

/**
 * Opens the door for agents, scripts and consoles: HTTP, server-sent events and WebSocket on the unix socket of the state folder, and on
 * 127.0.0.1 when asked. Rejects with an `ExpectedError` when another coordinator answers there already.
 */
export const startGateway = async (options: GatewayOptions): Promise<Gateway> => {
	const {
		orchestrator,
		launcher,
		tokens,
		paths,
		log,
		readFacts,
		project,
		tcp,
		extraOperatorTokens = [],
		askerGraceMs = 5000,
		callsPerMinute = 60,
	} = options;
	const closing = new AbortController();
	const callers = new WeakMap<IncomingMessage, Caller>();
	const askers = createAskers({orchestrator, graceMs: askerGraceMs, log});
	const waits = createAgentWaits({orchestrator, log});
	const context: GatewayContext = {
		orchestrator,
		launcher,
		readFacts,
		project,
		log,
		askers,
		waits,
		socketPath: paths.gatewaySocket,
		version: packageVersion(),
		startedAtMs: orchestrator.now(),
		closing: closing.signal,
		hooksOf: options.hooksOf ?? (() => undefined),
		probeAgents: options.probeAgents ?? (async () => []),
		callerOf: request => callers.get(request.raw)!,
	};
	const admit = createAuth({tokens, extraOperatorTokens, getState: orchestrator.getState});
	const checkRate = createCallRate({perMinute: callsPerMinute, now: orchestrator.now});
	const app = await createApp(context, {checkOrigin, admit, checkRate, callers});
	const servers: Server[] = [];
	const socketClosers: Array<() => void> = [];
	const newServer = (): Server => {
		const server = bounded(createServer((request, response) => app.routing(request, response)));
		socketClosers.push(
			acceptSockets(server, context, request => {
				checkOrigin(request);
				return admit(request);
			}),
		);
		servers.push(server);
		return server;
	};

	const close = async (): Promise<void> => {
		askers.close();
		waits.close();
		closing.abort();
		const stopped = Promise.all(servers.filter(({listening}) => listening).map(server => new Promise(resolve => server.close(resolve))));
		for (const closeSockets of socketClosers) {
			closeSockets();
		}

		await Promise.race([stopped, flushed()]);
		await Promise.all(servers.map(closed));
		await app.close();
	};

	try {
		await listenOnSocket(newServer(), paths.gatewaySocket);
		const port = tcp && (await listenOnPort(newServer(), tcp.port));
		await askers.markAllGone();
		return {address: port === undefined ? undefined : `http://127.0.0.1:${port}`, close};
	} catch (error) {
		await close();
		throw error;
	}
};
