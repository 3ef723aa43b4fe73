import {ExpectedError} from '../errors.js';
import type {Activity, LauncherPort} from '../launcher-port.js';
import type {Log} from '../log.js';
import {createCalls} from './calls.js';
import {createHeardReports} from './heard-reports.js';
import {openLastingLink} from './lasting-link.js';
import {createListeners} from './listeners.js';
import type {ClientMessage, features, LauncherMessage} from './protocol.js';
import {createRemoteScreens} from './remote-screens.js';
import {listOf, text} from './wire-parser.js';
import {parseKeyPress, parseProof, parsePtyInfo} from './wire-values.js';

export type ConnectOptions = {
	readonly socketPath: string;
	readonly log?: Log;
	/** Called whenever the launcher turns out to be gone: a chance to start another. */
	readonly onUnreachable?: () => void;
	/** How long calls wait for a connection that broke. */
	readonly patienceMs?: number;
};

/**
 * The launcher behind a socket. Rejects when nobody answers, or speaks another version. A connection that breaks later is made again;
 * meanwhile attachments have ended, watches stand still, lines cannot be typed, and other calls wait up to `patienceMs`.
 */
export const connectLauncher = async ({
	socketPath,
	log = () => {},
	onUnreachable = () => {},
	patienceMs = 30_000,
}: ConnectOptions): Promise<LauncherPort> => {
	const activity = createListeners<Activity>({log, what: 'activity'});
	const connection = createListeners<boolean>({log, what: 'the connection'});

	const send = (message: ClientMessage): boolean => {
		link.current?.send(message);
		return link.current !== undefined;
	};

	const calls = createCalls({send, patienceMs});
	const reports = createHeardReports({send: ids => send({type: 'acknowledge', ids}), log});
	const screens = createRemoteScreens({send, sendBytes: packed => link.current?.sendBytes(packed), ask: calls.ask});

	const take = (message: LauncherMessage) => {
		switch (message.type) {
			case 'result':
			case 'refused':
				calls.answered(message);
				break;
			case 'report':
				reports.heard(message.report);
				break;
			case 'activity':
				activity.tell(message.activity);
				break;
			case 'frame':
			case 'end':
				screens.take(message);
		}
	};

	const up = () => {
		for (const part of [reports, screens, calls]) {
			part.up();
		}

		connection.tell(true);
	};

	const down = () => {
		for (const part of [reports, screens, calls]) {
			part.down();
		}

		connection.tell(false);
	};

	const link = await openLastingLink({socketPath, onMessage: take, onBytes: screens.takeBytes, onUp: up, onDown: down, onUnreachable, log});

	const requireFeature = (feature: (typeof features)[number], what: string) => {
		if (!link.latest.hello.features?.includes(feature)) {
			throw new ExpectedError(`Could not ${what}: the launcher that owns it was started by an older agent-tui.`, {
				hint: 'Attach and answer there, or start a new launcher once its agents are done.',
			});
		}
	};

	return {
		get launcherId() {
			return link.latest.hello.launcherId;
		},
		spawn: async request => void (await calls.ask({type: 'spawn', request})),
		stop: async (ptyId, {graceMs}) => parseProof(await calls.ask({type: 'stop', ptyId, graceMs})),
		typeLine: async (ptyId, line) => void (await calls.ask({type: 'typeLine', ptyId, text: line})),
		async pressKeys(ptyId, {fingerprint, keys}) {
			requireFeature('pressKeys', `answer the prompt of ${ptyId}`);
			return parseKeyPress(await calls.ask({type: 'pressKeys', ptyId, fingerprint, keys}));
		},
		watch: screens.watch,
		attach: screens.attach,
		text: async (target, range) => listOf(text)(await calls.ask({type: 'text', target, range})),
		list: async () => listOf(parsePtyInfo)(await calls.ask({type: 'list'})),
		forget: ptyId => void send({type: 'forget', ptyId}),
		onReport: reports.onReport,
		acknowledge: reports.acknowledge,
		onActivity: activity.add,
		onConnection: connection.add,
		async close() {
			await link.close();
			screens.down();
			calls.close();
		},
	};
};
