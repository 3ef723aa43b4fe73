import {type ConnectOptions, connectLauncher} from '../../source/launcher/client.js';
import {createLauncher, type LauncherOptions} from '../../source/launcher/launcher.js';
import {serveLauncher} from '../../source/launcher/server.js';
import type {LauncherPort, SpawnRequest} from '../../source/launcher-port.js';
import {createLauncherFolder} from './launcher-folder.js';
import {collectReports, scriptRequest} from './launcher-requests.js';

const around = <L extends LauncherPort>(launcher: L, files: ReturnType<typeof createLauncherFolder>) => {
	const reports = collectReports(launcher);
	return {
		launcher,
		reports,
		files,
		request: (script: string, overrides?: Partial<SpawnRequest>) => scriptRequest(files.folder, script, overrides),
		/** Starts a script, and resolves when it runs. */
		async start(script: string, overrides?: Partial<SpawnRequest>) {
			const request = scriptRequest(files.folder, script, overrides);
			await launcher.spawn(request);
			await reports.until(request, 'started');
			return request;
		},
	};
};

/** A launcher in this process with a folder of its own; at the end of the test its agents are killed and the folder is gone. */
export const openTestLauncher = (options: Partial<LauncherOptions> = {}) => {
	const files = createLauncherFolder();
	const logged: string[] = [];
	const log = (sentence: string) => logged.push(sentence);
	const launcher = createLauncher({folder: files.file('launcher'), launcherId: 'lch_test', stopGraceMs: 0, log, ...options});
	return {
		...around(launcher, files),
		logged,
		async [Symbol.asyncDispose]() {
			await launcher.close();
			files[Symbol.dispose]();
		},
	};
};

/** The same launcher, reached through its socket. */
export const openServedLauncher = async (options: Partial<ConnectOptions> = {}) => {
	const files = createLauncherFolder();
	const socketPath = files.file('launcher/launcher.sock');
	const embedded = createLauncher({folder: files.file('launcher'), launcherId: 'lch_test', stopGraceMs: 0});
	const serve = async () => serveLauncher({launcher: embedded, socketPath});
	let server = await serve();
	const client = await connectLauncher({socketPath, ...options});
	return {
		...around(client, files),
		embedded,
		socketPath,
		clientCount: () => server.clientCount,
		/** The door closes; the launcher goes on behind it. */
		closeDoor: async () => server.close(),
		async openDoor() {
			server = await serve();
		},
		/** Another client of the same launcher. */
		connect: async () => connectLauncher({socketPath, ...options}),
		async [Symbol.asyncDispose]() {
			await client.close();
			await embedded.close();
			await server.close();
			files[Symbol.dispose]();
		},
	};
};
