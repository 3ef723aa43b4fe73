import {nanoid} from 'nanoid';
import {type ExitCode, exitCodes} from '../errors.js';
import {createLog, type Log} from '../log.js';
import {createLauncher, type Launcher} from './launcher.js';
import {launcherLogOf, launcherSocketOf} from './launcher-files.js';
import {takeLauncherLock} from './launcher-lock.js';
import {type LauncherServer, serveLauncher} from './server.js';

export type RunLauncherOptions = {
	/** Holds the launcher's files: lock, log, unacknowledged reports, and the socket unless that is elsewhere. */
	readonly folder: string;
	readonly socketPath?: string;
	/** It ends by itself after this long without a live pty, a client and an unacknowledged report. */
	readonly idleMs?: number;
	/** How long agents have to end when the launcher is told to. */
	readonly stopGraceMs?: number;
};

type End = 'idle' | NodeJS.Signals;

const endSignals = ['SIGTERM', 'SIGINT'] as const;

/**
 * Looks now and then whether anybody still needs the launcher, and calls back once nobody has for `idleMs`. A socket that was cleaned
 * away is made again: without it nobody could ever come back to the agents.
 */
const watchIdleness = ({
	launcher,
	server,
	idleMs,
	onIdle,
}: {
	launcher: Launcher;
	server: LauncherServer;
	idleMs: number;
	onIdle: () => void;
}) => {
	let neededAtMs = performance.now();
	const look = () => {
		const isNeeded = launcher.liveCount > 0 || server.clientCount > 0 || launcher.unacknowledgedCount > 0;
		neededAtMs = isNeeded ? performance.now() : neededAtMs;
		if (performance.now() - neededAtMs >= idleMs) {
			onIdle();
		}

		void server.ensureSocket();
	};

	return setInterval(look, Math.max(20, Math.min(idleMs / 4, 30_000)));
};

/** Resolves when the launcher shall end, and says why. */
const untilEnd = async (launcher: Launcher, server: LauncherServer, idleMs: number): Promise<End> => {
	let timer: NodeJS.Timeout | undefined;
	const end = await new Promise<End>(resolve => {
		timer = watchIdleness({launcher, server, idleMs, onIdle: () => resolve('idle')});
		for (const signal of endSignals) {
			// Once: whoever says it again does not want to wait for agents.
			process.once(signal, resolve);
		}
	});
	clearInterval(timer);
	return end;
};

/** A fault in one screen or connection must not take the agents of all with it. */
const surviveFaults = (log: Log): void => {
	process.on('SIGHUP', () => log('Heard SIGHUP, and went on.'));
	process.on('uncaughtException', error => log('An unexpected error; the agents go on.', error));
	process.on('unhandledRejection', error => log('An unexpected rejection; the agents go on.', error));
};

const endAgents = async (launcher: Launcher, graceMs: number, log: Log): Promise<void> => {
	const proofs = await launcher.stopAll({graceMs});
	for (const [ptyId, {processes, survivors, killed}] of proofs) {
		log(`Stopped ${ptyId}: tree of ${processes}, ${survivors} survivors${killed ? ', killed' : ''}.`);
	}
};

/**
 * What the detached launcher process does: serves until it is told to end (SIGTERM or SIGINT: it stops every agent first) or nobody has
 * needed it for a while. SIGHUP means nothing to it. Resolves with the exit code: `exitCodes.locked` at once when the folder has a
 * launcher already. Rejects with an `ExpectedError` when it cannot listen.
 */
export const runLauncher = async ({
	folder,
	socketPath = launcherSocketOf(folder),
	idleMs = 600_000,
	stopGraceMs = 5000,
}: RunLauncherOptions): Promise<ExitCode> => {
	const launcherId = `lch_${nanoid()}`;
	const lock = takeLauncherLock({folder, launcherId});
	if (!lock) {
		return exitCodes.locked;
	}

	const log = createLog(launcherLogOf(folder));
	surviveFaults(log);
	const launcher = createLauncher({folder, launcherId, log, stopGraceMs});
	const server = await serveLauncher({launcher, socketPath, log});
	log(`Launcher ${launcherId} (process ${process.pid}) serves ${socketPath}.`);

	const end = await untilEnd(launcher, server, idleMs);
	log(`Launcher ${launcherId} ends: ${end === 'idle' ? 'nobody needs it' : `heard ${end}`}.`);
	await endAgents(launcher, stopGraceMs, log);
	await server.close();
	await launcher.close();
	lock.release();
	return exitCodes.ok;
};
