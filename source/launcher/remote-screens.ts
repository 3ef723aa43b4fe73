import type {AttachEvents, Attachment, ScreenFrame, Viewport, Watch, WatchTarget} from '../launcher-port.js';
import type {CallBody} from './calls.js';
import {type ClientMessage, type LauncherMessage, packBytes, unpackBytes} from './protocol.js';

/** What a client watches and what it is attached to, by channel. */
export type RemoteScreens = {
	watch(target: WatchTarget, viewport: Viewport, onFrame: (frame: ScreenFrame) => void): Watch;
	attach(ptyId: string, size: {readonly columns: number; readonly rows: number}, events: AttachEvents): Promise<Attachment>;
	take(message: Extract<LauncherMessage, {readonly type: 'frame' | 'end'}>): void;
	takeBytes(packed: Buffer): void;
	/** Connected again: watches go on. */
	up(): void;
	/** The connection broke: attachments end. */
	down(): void;
};

type WatchState = {readonly target: WatchTarget; viewport: Viewport; readonly onFrame: (frame: ScreenFrame) => void};

export type RemoteScreensOptions = {
	/** What is sent while there is no connection is dropped. */
	readonly send: (message: ClientMessage) => void;
	readonly sendBytes: (packed: Uint8Array) => void;
	readonly ask: (call: CallBody) => Promise<unknown>;
};

export const createRemoteScreens = ({send, sendBytes, ask}: RemoteScreensOptions): RemoteScreens => {
	const watches = new Map<number, WatchState>();
	const attached = new Map<number, AttachEvents>();
	let lastChannel = 0;

	const nextChannel = (): number => {
		lastChannel += 1;
		return lastChannel;
	};

	const end = (channel: number) => {
		const events = attached.get(channel);
		attached.delete(channel);
		events?.onEnd();
	};

	const attachment = (channel: number): Attachment => ({
		input: bytes => attached.has(channel) && sendBytes(packBytes('input', channel, bytes)),
		resize: (columns, rows) => attached.has(channel) && send({type: 'resize', channel, columns, rows}),
		repaint: () => attached.has(channel) && send({type: 'repaint', channel}),
		close: () => attached.delete(channel) && send({type: 'detach', channel}),
	});

	return {
		watch(target, viewport, onFrame) {
			const channel = nextChannel();
			const state: WatchState = {target, viewport, onFrame};
			watches.set(channel, state);
			send({type: 'watch', channel, target, viewport});
			return {
				setViewport(next) {
					state.viewport = next;
					send({type: 'viewport', channel, viewport: next});
				},
				close: () => watches.delete(channel) && send({type: 'unwatch', channel}),
			};
		},
		async attach(ptyId, {columns, rows}, events) {
			const channel = nextChannel();
			// The first picture may arrive together with the answer.
			attached.set(channel, events);
			try {
				await ask({type: 'attach', channel, ptyId, columns, rows});
				return attachment(channel);
			} catch (error) {
				attached.delete(channel);
				throw error;
			}
		},
		take(message) {
			if (message.type === 'frame') {
				watches.get(message.channel)?.onFrame(message.frame);
			} else {
				end(message.channel);
			}
		},
		takeBytes(packed) {
			const {kind, channel, bytes} = unpackBytes(packed) ?? {};
			const events = channel === undefined ? undefined : attached.get(channel);
			if (events && bytes) {
				(kind === 'repaint' ? events.onRepaint : events.onOutput)(bytes);
			}
		},
		up() {
			for (const [channel, {target, viewport}] of watches) {
				send({type: 'watch', channel, target, viewport});
			}
		},
		down() {
			for (const channel of [...attached.keys()]) {
				end(channel);
			}
		},
	};
};
