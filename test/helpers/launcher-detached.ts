import {type ChildProcess, spawn} from 'node:child_process';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import {expect, vi} from 'vitest';
import {readLauncherHolder} from '../../source/launcher/launcher-lock.js';
import {launcherSocketOf} from '../../source/launcher/launcher-main.js';
import {type EnsureLauncherOptions, ensureLauncher} from '../../source/launcher/start-launcher.js';
import type {LauncherPort, SpawnRequest} from '../../source/launcher-port.js';
import {createLauncherFolder} from './launcher-folder.js';
import {isRunning} from './launcher-process.js';
import {scriptRequest} from './launcher-requests.js';
import {compiledFile} from './store-compiled.js';

const program = fileURLToPath(compiledFile('test/fixtures/launcher-process.js'));
const consoleProgram = fileURLToPath(compiledFile('test/fixtures/launcher-console.js'));

const seen = {timeout: 40_000, interval: 20};

const linesOf = (child: ChildProcess) => {
	let text = '';
	child.stdout?.on('data', (chunk: Buffer) => {
		text += chunk.toString();
	});
	return () => text.split('\n').filter(line => line !== '');
};

/** A place for one detached launcher and the consoles that use it; all of them are gone at the end of the test. */
export const openDetachedPlace = () => {
	const files = createLauncherFolder();
	const folder = files.file('launcher');
	const clients: LauncherPort[] = [];
	const consoles: ChildProcess[] = [];
	const launcherPids = new Set<number>();

	const holderPid = (): number | undefined => {
		const pid = readLauncherHolder(folder)?.pid;
		if (pid !== undefined) {
			launcherPids.add(pid);
		}

		return pid;
	};

	return {
		files,
		folder,
		socketPath: launcherSocketOf(folder),
		/** The launcher that holds the place. */
		holderPid,
		request: (script: string, overrides?: Partial<SpawnRequest>) => scriptRequest(files.folder, script, overrides),
		/** Makes sure of a launcher, as a console does. Further arguments go to the launcher process. */
		async ensure(args: readonly string[] = [], options: Partial<EnsureLauncherOptions> = {}) {
			const launcher = await ensureLauncher({folder, command: process.execPath, args: [program, folder, ...args], ...options});
			clients.push(launcher);
			holderPid();
			return launcher;
		},
		/** A console in a process of its own. Resolves with what it said once it has its launcher. */
		async openConsole(request?: SpawnRequest) {
			const order = request ? [JSON.stringify(request)] : [];
			const child = spawn(process.execPath, [consoleProgram, folder, ...order], {stdio: ['ignore', 'pipe', 'inherit']});
			consoles.push(child);
			const lines = linesOf(child);
			const [line = ''] = await vi.waitFor(() => (lines().length > 0 ? lines() : expect.fail('it has not said anything yet')), seen);
			return {child, launcherId: (JSON.parse(line) as {launcherId: string}).launcherId};
		},
		async [Symbol.asyncDispose]() {
			await Promise.all(clients.map(async client => client.close()));
			for (const child of consoles) {
				child.kill('SIGKILL');
			}

			holderPid();
			for (const pid of launcherPids) {
				if (isRunning(pid)) {
					process.kill(pid, 'SIGTERM');
				}
			}

			await vi.waitFor(() => expect([...launcherPids].some(isRunning)).toBe(false), seen);
			files[Symbol.dispose]();
		},
	};
};
