import {type ChildProcess, spawn} from 'node:child_process';
import {readdirSync, readFileSync} from 'node:fs';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import {expect, vi} from 'vitest';
import {launcherSocketOf} from '../../source/launcher/launcher-files.js';
import {readLauncherHolder} from '../../source/launcher/launcher-lock.js';
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

/** The launcher processes of a folder. */
const pidsOf = (folder: string): readonly number[] =>
	readdirSync('/proc')
		.map(Number)
		.filter(pid => pid > 0 && isRunning(pid) && isLauncherOf(folder, pid));

const isLauncherOf = (folder: string, pid: number): boolean => {
	try {
		const [, file, ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
		return file === program && args[0] === folder;
	} catch {
		return false;
	}
};

const terminate = (pid: number): void => {
	try {
		process.kill(pid, 'SIGTERM');
	} catch {
		// It ended first.
	}
};

/** A place for one detached launcher and the consoles that use it; all of them are gone at the end of the test. */
export const openDetachedPlace = () => {
	const files = createLauncherFolder();
	const folder = files.file('launcher');
	const clients: LauncherPort[] = [];
	const consoles: ChildProcess[] = [];

	return {
		files,
		folder,
		socketPath: launcherSocketOf(folder),
		/** The launcher that holds the place. */
		holderPid: () => readLauncherHolder(folder)?.pid,
		request: (script: string, overrides?: Partial<SpawnRequest>) => scriptRequest(files.folder, script, overrides),
		/** Makes sure of a launcher, as a console does. Further arguments go to the launcher process. */
		async ensure(args: readonly string[] = [], options: Partial<EnsureLauncherOptions> = {}) {
			const launcher = await ensureLauncher({folder, command: process.execPath, args: [program, folder, ...args], ...options});
			clients.push(launcher);
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

			// Also one that is only just being started by a client that came back.
			await vi.waitFor(() => {
				const pids = pidsOf(folder);
				pids.forEach(terminate);
				expect(pids).toEqual([]);
			}, seen);
			files[Symbol.dispose]();
		},
	};
};
