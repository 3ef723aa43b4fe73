import {chmodSync, lstatSync, mkdirSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {sha256} from './digest.js';
import {ExpectedError, exitCodes} from './errors.js';

/** Where everything of one state folder lies. Folders are 0700, files 0600. */
export type Paths = {
	readonly folder: string;
	readonly gatewaySocket: string;
	readonly launcherFolder: string;
	readonly launcherSocket: string;
	readonly operatorTokenFile: string;
	/** Holds the `agentctl` that agents find first on their PATH. */
	readonly binFolder: string;
	readonly logFile: string;
	readonly exportFolder: string;
	/** Private files of one attempt: its token. */
	attemptFolder(ptyId: string): string;
	recording(ptyId: string): string;
};

/** The longest path the kernel takes for a unix socket, without its terminating NUL. */
const longestSocketPath = 107;

const privateFolder = (folder: string): string => {
	mkdirSync(folder, {recursive: true, mode: 0o700});
	return folder;
};

/** A short folder of our own for sockets whose natural path the kernel would refuse. */
const shortSocketFolder = (): string => {
	const folder = privateFolder(path.join(os.tmpdir(), `agent-tui-${process.getuid?.() ?? 'user'}`));
	const stats = lstatSync(folder);
	const isOurs = stats.isDirectory() && (process.getuid === undefined || stats.uid === process.getuid());
	if (!isOurs) {
		throw new ExpectedError(`Could not use ${folder} for sockets: it belongs to somebody else.`, {
			hint: 'Give a shorter --state-dir.',
			exitCode: exitCodes.cannotCreate,
		});
	}

	chmodSync(folder, 0o700);
	return folder;
};

/** Where a socket of a folder lies: in it, or in a short folder of our own when the kernel would refuse so long a path. */
export const socketPath = (folder: string, name: string): string => {
	const natural = path.join(folder, name);
	return Buffer.byteLength(natural) <= longestSocketPath
		? natural
		: path.join(shortSocketFolder(), `${sha256(folder).slice(0, 16)}-${name}`);
};

/** A folder's name made from a project's path: readable, and never the same for two projects. */
const projectSlug = (project: string): string => {
	const readable =
		path
			.basename(project)
			.replaceAll(/[^\w.-]+/g, '-')
			.slice(0, 40) || 'root';
	return `${readable}-${sha256(project).slice(0, 8)}`;
};

/** `--state-dir`, else `$AGENT_TUI_HOME`, else the XDG state folder of the project. */
export const stateFolder = ({stateDir, project, env}: {stateDir: string | undefined; project: string; env: NodeJS.ProcessEnv}): string => {
	const chosen = stateDir || env['AGENT_TUI_HOME'];
	if (chosen) {
		return path.resolve(chosen);
	}

	const xdg = env['XDG_STATE_HOME'];
	const base = xdg && path.isAbsolute(xdg) ? xdg : path.join(os.homedir(), '.local', 'state');
	return path.join(base, 'agent-tui', projectSlug(project));
};

export const pathsOf = (folder: string): Paths => ({
	folder,
	gatewaySocket: socketPath(folder, 'gateway.sock'),
	launcherFolder: path.join(folder, 'launcher'),
	launcherSocket: socketPath(folder, 'launcher.sock'),
	operatorTokenFile: path.join(folder, 'operator.token'),
	binFolder: path.join(folder, 'bin'),
	logFile: path.join(folder, 'agent-tui.log'),
	exportFolder: path.join(folder, 'exports'),
	attemptFolder: ptyId => path.join(folder, 'runs', ptyId),
	recording: ptyId => path.join(folder, 'recordings', `${ptyId}.cast`),
});
