import net from 'node:net';
import WebSocket from 'ws';
import {ExpectedError, exitCodes} from './errors.js';
import type {FleetMessage, FleetRequest} from './fleet-protocol.js';

const firstPauseMs = 100;
const longestPauseMs = 2000;

/** A connection to a coordinator that comes back by itself. */
export type CoordinatorLine = {
	/** Sends a message; `false` while there is no connection. */
	send(request: FleetRequest): boolean;
	close(): void;
};

/** Keeps a connection to the coordinator: comes back, with growing pauses, whenever it was lost after the first hello. */
export const openLine = ({
	socketPath,
	token,
	onMessage,
	onLost,
	onFirstFailure,
}: {
	socketPath: string;
	token: string;
	onMessage: (message: FleetMessage) => void;
	/** The connection was there and is gone. */
	onLost: () => void;
	/** There never was one. */
	onFirstFailure: (error: ExpectedError) => void;
}): CoordinatorLine => {
	let socket: WebSocket | undefined;
	let timer: NodeJS.Timeout | undefined;
	let pauseMs = firstPauseMs;
	let wasReached = false;
	let isClosed = false;

	const connect = (): void => {
		let why = 'the connection was closed';
		let isReached = false;
		const opened = new WebSocket('ws://localhost/fleet', {
			headers: {authorization: `Bearer ${token}`},
			createConnection: () => net.connect(socketPath),
			perMessageDeflate: false,
			maxPayload: 2 ** 30,
		});
		socket = opened;
		opened.on('message', data => {
			wasReached = true;
			isReached = true;
			pauseMs = firstPauseMs;
			onMessage(JSON.parse(data.toString()) as FleetMessage);
		});
		opened.on('error', error => {
			why = error.message;
		});
		opened.on('close', () => {
			if (isClosed) {
				return;
			}

			if (!wasReached) {
				onFirstFailure(
					new ExpectedError(`Could not connect to the coordinator at ${socketPath}: ${why}.`, {
						hint: 'Is agentd running, and is this the state folder it uses?',
						exitCode: exitCodes.unavailable,
					}),
				);
				return;
			}

			if (isReached) {
				onLost();
			}

			timer = setTimeout(connect, pauseMs);
			pauseMs = Math.min(longestPauseMs, pauseMs * 2);
		});
	};

	connect();
	return {
		send(request) {
			if (socket?.readyState !== WebSocket.OPEN) {
				return false;
			}

			socket.send(JSON.stringify(request));
			return true;
		},
		close() {
			isClosed = true;
			clearTimeout(timer);
			socket?.close();
			socket?.terminate();
		},
	};
};
