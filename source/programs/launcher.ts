import {runLauncher} from '../launcher/launcher-main.js';
import {pathsOf} from '../paths.js';
import {readFlags} from './flags.js';

const help = `
  Usage
    $ agent-tui launcher --state-dir DIR

  Owns the agents' terminals of one state folder. The console starts it when it is missing and leaves it running.
`;

/** The process that outlives the console. */
export const main = async (args: readonly string[]): Promise<number> => {
	const {flags} = readFlags(args, help, {stateDir: {type: 'string', isRequired: true}});
	const {launcherFolder, launcherSocket} = pathsOf(flags.stateDir);
	const exitCode = await runLauncher({folder: launcherFolder, socketPath: launcherSocket});
	// Agents that could not be ended must not keep a launcher alive that nobody can reach any more.
	process.exit(exitCode);
};
