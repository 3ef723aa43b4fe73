import type {IncomingMessage} from 'node:http';
import {RequestError} from './request-error.js';

/** The port a TCP request came in on; `undefined` on the unix socket. */
const portOf = ({socket}: IncomingMessage): number | undefined => (socket.remoteAddress === undefined ? undefined : socket.localPort);

/**
 * Throws a `RequestError` (403) for a request that a web page could have made: one with a foreign `Origin`, or over TCP with a `Host`
 * that is not this machine's own name for itself (a rebound DNS name). No `Origin` is no proof of anything: the token still decides.
 */
export const checkOrigin = (request: IncomingMessage): void => {
	const port = portOf(request);
	const hosts = port === undefined ? [] : [`127.0.0.1:${port}`, `localhost:${port}`];
	const {origin, host} = request.headers;
	const isForeignHost = port !== undefined && !hosts.includes(host?.toLowerCase() ?? '');
	if (isForeignHost) {
		throw new RequestError(403, 'FORBIDDEN', `The header Host must be ${hosts.join(' or ')}.`);
	}

	const isForeignOrigin = origin !== undefined && !hosts.some(own => origin === `http://${own}`);
	if (isForeignOrigin) {
		throw new RequestError(403, 'FORBIDDEN', 'Requests of web pages are not taken.');
	}
};
