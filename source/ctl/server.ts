import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {exitCodes, systemErrorCode} from '../errors.js';
import {pathsOf, stateFolder} from '../paths.js';
import {CtlFailure, Unreachable, usage} from './failure.js';
import type {Flags} from './flags.js';

/** Where a server listens. `shown` is what people call it. */
export type Place = {readonly shown: string} & (
	| {readonly socketPath: string}
	| {readonly socketPath?: undefined; readonly host: string; readonly port: number}
);

const defaultPort = 8765;

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]']);

const placeOfUrl = (url: string): Place => {
	if (url.startsWith('unix:')) {
		const socketPath = path.resolve(url.slice('unix:'.length).replace(/^\/\//, ''));
		return {socketPath, shown: socketPath};
	}

	if (!URL.canParse(url) || new URL(url).protocol !== 'http:') {
		throw usage(`--url ${JSON.stringify(url)} is neither http://HOST:PORT nor unix:/path/to/socket.`);
	}

	const {hostname, port} = new URL(url);
	return {host: hostname.replaceAll(/^\[|\]$/g, ''), port: port === '' ? 80 : Number(port), shown: url};
};

const readToken = (file: string): string | undefined => {
	try {
		return readFileSync(file, 'utf8').trim();
	} catch (error) {
		if (systemErrorCode(error) === 'ENOENT') {
			return undefined;
		}

		throw new CtlFailure('NO_TOKEN', `Could not read the token in ${file}.`, {cause: error});
	}
};

const isLocal = (place: Place): boolean => place.socketPath !== undefined || loopback.has(place.host) || place.host === '::1';

/** The token of this call: given, else the agent's own, else the operator's of the state folder. The latter never leaves the machine. */
const tokenFor = (place: Place, operatorTokenFile: string, given: string | undefined, env: NodeJS.ProcessEnv): string => {
	if (given) {
		return given;
	}

	const agentsFile = env['AGENT_TUI_TOKEN_FILE'];
	if (agentsFile) {
		const token = readToken(agentsFile);
		if (token === undefined) {
			throw new CtlFailure('NO_TOKEN', 'The token of this attempt is gone: it has ended.', {exitCode: exitCodes.failure});
		}

		return token;
	}

	if (!isLocal(place)) {
		throw usage(`${place.shown} is not this machine: give a token with --auth-token or AGENTCTL_AUTH_TOKEN.`);
	}

	const token = readToken(operatorTokenFile);
	if (token === undefined) {
		throw new Unreachable(`No coordinator answers at ${place.shown}: none has run with this state folder yet.`, {wasReached: false});
	}

	return token;
};

/**
 * Which server is meant, and the token for it: `--url`, else `--state-dir`, else the socket an agent was given, else the state folder of
 * this project. Where that has no socket and a token was given, the usual port of `agentd`.
 */
export const findServer = (
	flags: Flags,
	{env, project}: {env: NodeJS.ProcessEnv; project: string},
): {readonly place: Place; readonly token: () => string} => {
	const url = flags.text('url');
	const stateDir = flags.text('state-dir');
	const given = flags.text('auth-token') ?? env['AGENTCTL_AUTH_TOKEN'];
	const paths = pathsOf(stateFolder({stateDir, project, env}));
	const socketPath = (stateDir ? undefined : env['AGENT_TUI_SOCKET']) || paths.gatewaySocket;
	const isUsualPort = url === undefined && stateDir === undefined && given !== undefined && !existsSync(socketPath);
	const fallback: Place = isUsualPort
		? {host: '127.0.0.1', port: defaultPort, shown: `http://127.0.0.1:${defaultPort}`}
		: {socketPath, shown: socketPath};
	const place = url === undefined ? fallback : placeOfUrl(url);
	return {place, token: () => tokenFor(place, paths.operatorTokenFile, given, env)};
};
