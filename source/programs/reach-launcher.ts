import type {LauncherPort} from '../launcher-port.js';
import type {Paths} from '../paths.js';

/** The launcher of a state folder: in this process when embedded, else the running one, started first where there is none. */
export const reachLauncher = async ({
	paths,
	embedded,
	programFile,
}: {
	paths: Paths;
	embedded: boolean;
	programFile: string;
}): Promise<{readonly launcher: LauncherPort; readonly pid: number}> => {
	if (embedded) {
		const {createLauncher} = await import('../launcher/launcher.js');
		return {launcher: createLauncher({folder: paths.launcherFolder}), pid: process.pid};
	}

	const {ensureLauncher} = await import('../launcher/start-launcher.js');
	const launcher = await ensureLauncher({
		folder: paths.launcherFolder,
		socketPath: paths.launcherSocket,
		command: process.execPath,
		args: [programFile, 'launcher', '--state-dir', paths.folder],
	});
	return {launcher, pid: launcher.pid};
};
