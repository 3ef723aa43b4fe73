import {readFileSync} from 'node:fs';
import type {Fleet} from '../fleet.js';
import type {LauncherPort} from '../launcher-port.js';
import type {Log} from '../log.js';
import type {Paths} from '../paths.js';
import {connectOrchestrator} from '../remote-orchestrator.js';
import type {Coordinator} from './coordinator.js';

/** A console's view of a coordinator in another process: the same State through the same facts, the same launcher over its socket. */
export const connectCoordinator = async ({
	paths,
	project,
	readOnly,
	log,
}: {
	paths: Paths;
	project: string;
	readOnly: boolean;
	log: Log;
}): Promise<Coordinator> => {
	const token = readFileSync(paths.operatorTokenFile, 'utf8').trim();
	const orchestrator = await connectOrchestrator({socketPath: paths.gatewaySocket, token});
	let launcher: LauncherPort | undefined;
	const fleet: Fleet = {orchestrator, launcher: () => launcher, paths, project, embedded: false, remote: true, readOnly};
	return {
		fleet,
		async begin() {
			const {connectLauncher} = await import('../launcher/client.js');
			launcher = await connectLauncher({socketPath: paths.launcherSocket, log});
		},
		async close() {
			orchestrator.close();
			await launcher?.close();
		},
	};
};
