import type {WebSocket} from 'ws';
import {ExpectedError} from '../errors.js';
import type {Attachment, Watch} from '../launcher-port.js';
import type {Log} from '../log.js';
import type {Launcher} from './launcher.js';
import {createOutlet, mostBacklogBytes} from './outlet.js';
import {
	type ClientMessage,
	closeCodes,
	features,
	type LauncherMessage,
	parseClientMessage,
	protocolVersion,
	unpackBytes,
} from './protocol.js';

type Call = Extract<ClientMessage, {readonly id: number}>;
type Wish = Exclude<ClientMessage, Call | {readonly type: 'hello'}>;

/** A client that is further behind has stopped reading; it is let go, and will hear everything again when it comes back. */
const mostBufferedBytes = 16 * 1024 * 1024;
/** Frames wait while more than this is on its way: the next one will be newer. */
const mostFrameBacklogBytes = 64 * 1024;

/** What one client has going on, by the numbers it chose. */
type Client = {
	readonly launcher: Launcher;
	readonly socket: WebSocket;
	readonly send: (message: LauncherMessage) => void;
	readonly attachments: Map<number, Attachment>;
	readonly watches: Map<number, Watch>;
};

const attach = async (
	{launcher, socket, send, attachments}: Client,
	{channel, ptyId, columns, rows}: Call & {type: 'attach'},
): Promise<void> => {
	const onEnd = () => {
		attachments.delete(channel);
		send({type: 'end', channel});
	};

	const outlet = createOutlet({socket, channel, onEnd});
	const attachment = await launcher.attach(ptyId, {columns, rows}, outlet.events);
	outlet.joined(attachment);
	attachments.set(channel, attachment);
};

/** Does what a call asks for, and returns what it answers. */
const answer = async (client: Client, call: Call): Promise<unknown> => {
	const {launcher} = client;
	switch (call.type) {
		case 'spawn':
			return launcher.spawn(call.request);
		case 'stop':
			return launcher.stop(call.ptyId, call);
		case 'typeLine':
			return launcher.typeLine(call.ptyId, call.text);
		case 'pressKeys':
			return launcher.pressKeys(call.ptyId, call);
		case 'text':
			return launcher.text(call.target, call.range);
		case 'list':
			return launcher.list();
		case 'attach':
			return attach(client, call);
	}
};

const reply = async (client: Client, call: Call): Promise<void> => {
	const {id} = call;
	try {
		client.send({type: 'result', id, value: await answer(client, call)});
	} catch (error) {
		const message = error instanceof Error ? error.message : String(error);
		const hint = error instanceof ExpectedError ? error.hint : undefined;
		client.send({type: 'refused', id, message, ...(hint !== undefined && {hint})});
	}
};

const watch = ({launcher, socket, send, watches}: Client, {channel, target, viewport}: Wish & {type: 'watch'}): void => {
	const isReady = () => socket.bufferedAmount < mostFrameBacklogBytes;
	watches.get(channel)?.close();
	watches.set(
		channel,
		launcher.watch(target, viewport, frame => send({type: 'frame', channel, frame}), isReady),
	);
};

/** Does what needs no answer. A channel that has ended meanwhile is no mistake. */
const fulfil = (client: Client, wish: Wish): void => {
	const {launcher, attachments, watches} = client;
	switch (wish.type) {
		case 'resize':
			attachments.get(wish.channel)?.resize(wish.columns, wish.rows);
			break;
		case 'repaint':
			attachments.get(wish.channel)?.repaint();
			break;
		case 'detach':
			attachments.get(wish.channel)?.close();
			attachments.delete(wish.channel);
			break;
		case 'watch':
			watch(client, wish);
			break;
		case 'viewport':
			watches.get(wish.channel)?.setViewport(wish.viewport);
			break;
		case 'unwatch':
			watches.get(wish.channel)?.close();
			watches.delete(wish.channel);
			break;
		case 'forget':
			launcher.forget(wish.ptyId);
			break;
		case 'acknowledge':
			launcher.acknowledge(wish.ids);
			break;
	}
};

/** Says hello back, even to another version, so that it can say what is wrong. Returns how to stop telling. */
const welcome = ({launcher, socket, send}: Client, version: number): (() => void) => {
	send({type: 'hello', version: protocolVersion, launcherId: launcher.launcherId, pid: process.pid, features});
	if (version !== protocolVersion) {
		socket.close(closeCodes.versionMismatch, `This launcher speaks version ${protocolVersion} of the protocol.`);
		return () => {};
	}

	const stopReports = launcher.onReport(report => send({type: 'report', report}));
	const stopActivity = launcher.onActivity(activity => {
		if (socket.bufferedAmount < mostBacklogBytes) {
			send({type: 'activity', activity});
		}
	});

	return () => {
		stopReports();
		stopActivity();
	};
};

const createClient = (launcher: Launcher, socket: WebSocket): Client => ({
	launcher,
	socket,
	send(message) {
		if (socket.bufferedAmount > mostBufferedBytes) {
			socket.terminate();
			return;
		}

		socket.send(JSON.stringify(message));
	},
	attachments: new Map(),
	watches: new Map(),
});

/** Serves one connection until it closes; then everything it had going on ends, and nothing else does. */
export const serveClient = ({
	launcher,
	socket,
	log,
}: {
	readonly launcher: Launcher;
	readonly socket: WebSocket;
	readonly log: Log;
}): void => {
	const client = createClient(launcher, socket);
	let stopTelling: (() => void) | undefined;

	const take = (message: ClientMessage) => {
		if (message.type === 'hello') {
			stopTelling ??= welcome(client, message.version);
		} else if (!stopTelling) {
			throw new SyntaxError('expected a hello first');
		} else if ('id' in message) {
			void reply(client, message);
		} else {
			fulfil(client, message);
		}
	};

	socket.on('message', (data: Buffer, isBinary) => {
		if (isBinary) {
			const packed = unpackBytes(data);
			if (packed?.kind === 'input') {
				client.attachments.get(packed.channel)?.input(packed.bytes);
			}

			return;
		}

		try {
			take(parseClientMessage(data.toString('utf8')));
		} catch (error) {
			log('A client talked nonsense.', error);
			socket.close(closeCodes.malformed, 'The launcher did not understand that.');
		}
	});

	socket.on('error', error => log('A connection broke.', error));
	socket.on('close', () => {
		stopTelling?.();
		for (const {close} of [...client.attachments.values(), ...client.watches.values()]) {
			close();
		}
	});
};
