import {type ChildProcess, spawn} from 'node:child_process';
import {closeSync, openSync, readFileSync, statSync, truncateSync} from 'node:fs';
import {setTimeout as delay} from 'node:timers/promises';
import {ExpectedError, exitCodes} from '../errors.js';
import type {LauncherPort} from '../launcher-port.js';
import type {Log} from '../log.js';
import {type ConnectOptions, connectLauncher} from './client.js';
import {launcherLogOf, launcherSocketOf, makeLauncherFolder} from './launcher-files.js';
import {isUnreachable} from './link.js';
import {checkSocketPath} from './socket-path.js';

export type EnsureLauncherOptions = {
	/** The launcher's folder. */
	readonly folder: string;
	readonly socketPath?: string;
	/** The program that runs `runLauncher` for this folder, and its arguments. */
	readonly command: string;
	readonly args: readonly string[];
	readonly env?: NodeJS.ProcessEnv;
	/** How long a new launcher may take until it answers. */
	readonly startWithinMs?: number;
	readonly log?: Log;
};

const lookIntervalMs = 25;
const lockedIntervalMs = 250;
const longestLogBytes = 1024 * 1024;
const shownLogBytes = 500;

/** A log that nobody reads must not grow for ever. */
const cutLog = (file: string): void => {
	if ((statSync(file, {throwIfNoEntry: false})?.size ?? 0) > longestLogBytes) {
		truncateSync(file);
	}
};

/** Starts the launcher in a session of its own, so that neither our end nor our terminal's is its end. */
const startDetached = ({folder, command, args, env = process.env}: EnsureLauncherOptions): ChildProcess => {
	makeLauncherFolder(folder);
	cutLog(launcherLogOf(folder));
	const output = openSync(launcherLogOf(folder), 'a', 0o600);
	try {
		// Its working folder is its own: a launcher lives longer than many a worktree.
		const child = spawn(command, args, {cwd: folder, detached: true, env, stdio: ['ignore', output, output]});
		child.on('error', () => {});
		child.unref();
		return child;
	} finally {
		closeSync(output);
	}
};

const endOfLog = (folder: string): string => {
	try {
		return readFileSync(launcherLogOf(folder), 'utf8').slice(-shownLogBytes).trim();
	} catch {
		return '';
	}
};

const notStarted = ({folder, command}: EnsureLauncherOptions, why: string, cause: unknown): ExpectedError => {
	const lastWords = endOfLog(folder);
	return new ExpectedError(`Could not start the launcher (${command}): ${why}.`, {
		hint: lastWords === '' ? `Its log is ${launcherLogOf(folder)}.` : `The end of ${launcherLogOf(folder)}:\n${lastWords}`,
		exitCode: exitCodes.unavailable,
		cause,
	});
};

/** Why a started launcher will not answer any more; `undefined` while it may, or while another one holds the place and will. */
const whyNoHope = ({exitCode, signalCode, pid}: ChildProcess): string | undefined => {
	if (pid === undefined) {
		return 'the program cannot be run';
	}

	if (signalCode !== null) {
		return `it ended by ${signalCode}`;
	}

	const hasFailed = exitCode !== null && exitCode !== exitCodes.locked;
	return hasFailed ? `it exited with ${exitCode}` : undefined;
};

/**
 * Connects to the launcher of a folder, and starts it first when nobody answers. Two consoles that race end up with one launcher: the
 * lock of its folder decides, and both connect to the winner. Should it die later, the connection's attempts to come back start another.
 * Rejects with an `ExpectedError` when the launcher speaks another version, or does not come up.
 */
export const ensureLauncher = async (options: EnsureLauncherOptions): Promise<LauncherPort> => {
	const {folder, socketPath = launcherSocketOf(folder), startWithinMs = 15_000, log = () => {}} = options;
	checkSocketPath(socketPath);
	let child: ChildProcess | undefined;

	const start = () => {
		const isStarting = child && child.exitCode === null && child.signalCode === null && child.pid !== undefined;
		child = isStarting ? child : startDetached(options);
	};

	const connect: ConnectOptions = {socketPath, log, onUnreachable: start};
	const deadline = performance.now() + startWithinMs;
	for (;;) {
		try {
			return await connectLauncher(connect);
		} catch (error) {
			if (!isUnreachable(error)) {
				throw error;
			}

			const why = child ? whyNoHope(child) : undefined;
			const isLate = performance.now() >= deadline;
			if (why !== undefined || isLate) {
				throw notStarted(options, why ?? `it does not answer after ${Math.round(startWithinMs / 1000)} s`, error);
			}

			// The one that holds the place may be on its way out.
			child = child?.exitCode === exitCodes.locked ? undefined : (child ?? startDetached(options));
			await delay(child ? lookIntervalMs : lockedIntervalMs);
		}
	}
};
