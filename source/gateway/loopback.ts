import {request as httpRequest, type IncomingMessage} from 'node:http';
import {text as textOf} from 'node:stream/consumers';
import type {Json} from '../../state/json.js';
import type {CallGateway} from './mcp-server.js';
import {type GatewayCode, RequestError} from './request-error.js';

type Body = Readonly<Record<string, Json | undefined>> & {
	readonly error?: {readonly code: GatewayCode; readonly message: string; readonly retry_after_ms?: number};
};

/**
 * Requests to this very gateway, by its own socket and with the token its caller came with: what comes in by another protocol passes the
 * same doors as everything else, and a connection that closes means the same.
 */
export const createLoopback =
	({socketPath, authorization}: {readonly socketPath: string; readonly authorization: string}): CallGateway =>
	async ({method, path, body, signal}) => {
		const text = body && JSON.stringify(body);
		const response = await new Promise<IncomingMessage>((resolve, reject) => {
			const request = httpRequest({
				socketPath,
				method,
				path,
				agent: false,
				signal,
				headers: {
					authorization,
					...(text !== undefined && {'content-type': 'application/json', 'content-length': Buffer.byteLength(text)}),
				},
			});
			request.on('response', resolve);
			request.on('error', reject);
			request.end(text);
		});
		const answer = JSON.parse(await textOf(response)) as Body;
		const status = response.statusCode ?? 500;
		if (answer.error) {
			throw new RequestError(status, answer.error.code, answer.error.message);
		}

		return answer;
	};
