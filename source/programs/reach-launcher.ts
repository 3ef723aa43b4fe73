import {nanoid} from 'nanoid';
import type {LauncherPort} from '../launcher-port.js';
import type {Log} from '../log.js';
import type {Paths} from '../paths.js';

export type ReachLauncherOptions = {
	readonly paths: Paths;
	readonly embedded: boolean;
	/** The file that starts this program, for the launcher process. */
	readonly programFile: string;
	readonly log: Log;
};

/** A launcher that was reached, and a look at which process it is (another one, should it have been started anew). */
export type ReachedLauncher = {readonly launcher: LauncherPort; readonly pid: () => number};

/** Output is short-lived: room for far more of it, as Node would take by itself, costs more memory than all screens and saves no time. */
const nodeOptions = ['--max-semi-space-size=4'];

/** The launcher of a state folder: in this process when embedded, else the running one, started first where there is none. */
export const reachLauncher = async ({paths, embedded, programFile, log}: ReachLauncherOptions): Promise<ReachedLauncher> => {
	const {launcherFolder: folder, launcherSocket: socketPath} = paths;
	if (embedded) {
		const {createLauncher} = await import('../launcher/launcher.js');
		return {launcher: createLauncher({folder, launcherId: `lch_${nanoid()}`, log}), pid: () => process.pid};
	}

	const [{ensureLauncher}, {readLauncherHolder}] = await Promise.all([
		import('../launcher/start-launcher.js'),
		import('../launcher/launcher-lock.js'),
	]);
	const args = [...nodeOptions, programFile, 'launcher', '--state-dir', paths.folder];
	const launcher = await ensureLauncher({folder, socketPath, command: process.execPath, args, log});
	return {launcher, pid: () => readLauncherHolder(folder)?.pid ?? 0};
};
