import {connect} from 'node:net';
import {WebSocket} from 'ws';

/** A client that says what it likes, and keeps what it hears. */
export const openRawClient = async (socketPath: string) => {
	const socket = new WebSocket('ws://launcher/', {createConnection: () => connect(socketPath), perMessageDeflate: false});
	const closed = Promise.withResolvers<{code: number; reason: string}>();
	const messages: Array<Record<string, unknown>> = [];
	const packed: Buffer[] = [];
	socket.on('message', (data: Buffer, isBinary) => {
		if (isBinary) {
			packed.push(data);
		} else {
			messages.push(JSON.parse(data.toString()) as Record<string, unknown>);
		}
	});
	socket.on('close', (code, reason) => closed.resolve({code, reason: reason.toString()}));
	await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
	return {
		socket,
		messages,
		packed,
		closed: closed.promise,
		say: (message: unknown) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
		[Symbol.dispose]: () => socket.terminate(),
	};
};
