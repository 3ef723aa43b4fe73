import type {WebSocket} from 'ws';
import type {AttachEvents, Attachment} from '../launcher-port.js';
import {packBytes} from './protocol.js';

/** The way of one attached viewer's output into a socket. */
export type Outlet = {
	readonly events: AttachEvents;
	/** Who draws the viewer a fresh picture once the socket has caught up. */
	joined(attachment: Attachment): void;
};

/** A viewer further behind than this gets no more output, but a fresh picture once it has caught up. */
export const mostBacklogBytes = 1024 * 1024;

export const createOutlet = ({
	socket,
	channel,
	onEnd,
}: {
	readonly socket: WebSocket;
	readonly channel: number;
	readonly onEnd: () => void;
}): Outlet => {
	let attachment: Attachment | undefined;
	let isCut = false;

	const sent = () => {
		if (isCut && socket.bufferedAmount === 0) {
			isCut = false;
			attachment?.repaint();
		}
	};

	return {
		events: {
			onRepaint(bytes) {
				socket.send(packBytes('repaint', channel, bytes), sent);
			},
			onOutput(bytes) {
				isCut ||= socket.bufferedAmount > mostBacklogBytes;
				if (!isCut) {
					socket.send(packBytes('output', channel, bytes), sent);
				}
			},
			onEnd,
		},
		joined(joinedAttachment) {
			attachment = joinedAttachment;
		},
	};
};
