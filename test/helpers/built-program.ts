import {execFile} from 'node:child_process';
import {mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import {vi} from 'vitest';
import {readLauncherHolder} from '../../source/launcher/launcher-lock.js';
import {openProgram, type Program, type ProgramOptions} from './open-program.js';

const cliFile = fileURLToPath(new URL('../../dist/bin/cli.js', import.meta.url));

/** How long a test waits for something to appear: long, for a machine with other things to do. */
export const patient = {withinMs: 20_000} as const;

/** What a call without a terminal left behind. */
export type Called = {readonly exitCode: number; readonly stdout: string; readonly stderr: string};

/** Whether a process is there and not only waiting to be collected. */
export const isAlive = (pid: number): boolean => {
	try {
		return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
	} catch {
		return false;
	}
};

/** The processes with a text in their arguments. */
export const processesNaming = (text: string): readonly number[] =>
	readdirSync('/proc')
		.filter(name => /^\d+$/.test(name))
		.map(Number)
		.filter(pid => {
			try {
				return pid !== process.pid && isAlive(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
			} catch {
				return false;
			}
		});

const end = (pid: number): void => {
	try {
		process.kill(pid, 'SIGTERM');
	} catch {
		// It is gone already.
	}
};

const environment = (home: string): Record<string, string | undefined> => {
	const {PATH = '/usr/bin:/bin'} = process.env;
	return {PATH, HOME: home, LANG: 'C.UTF-8', SHELL: '/bin/sh', XDG_CONFIG_HOME: undefined, XDG_STATE_HOME: undefined};
};

type Start = Omit<ProgramOptions, 'file'>;

/**
 * The built program with a home, a project and a state folder of its own. At the end of the block its consoles are closed, its
 * launcher is ended, and the folders are removed.
 */
export const openBuiltProgram = () => {
	const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'e2e-')));
	const [home, project, stateDir] = ['home', 'project', 'state'].map(name => path.join(root, name)) as [string, string, string];
	mkdirSync(home);
	mkdirSync(project);
	const opened: Program[] = [];
	const launcherPid = (): number | undefined => readLauncherHolder(path.join(stateDir, 'launcher'))?.pid;

	/** Starts any program of the file in a terminal of 120×40. */
	const start = ({args = [], env, ...options}: Start = {}): Program => {
		const program = openProgram({
			file: process.execPath,
			args: [cliFile, ...args],
			cwd: project,
			columns: 120,
			rows: 40,
			env: {...environment(home), ...env},
			...options,
		});
		opened.push(program);
		return program;
	};

	/** Runs any program of the file without a terminal until it ends. */
	const call = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Called> =>
		new Promise(resolve => {
			const options = {cwd: project, env: {...environment(home), ...env}, timeout: 30_000};
			execFile(process.execPath, [cliFile, ...args], options, (error, stdout, stderr) => {
				resolve({exitCode: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr});
			});
		});

	const endLauncher = async (): Promise<void> => {
		const pid = launcherPid();
		if (pid !== undefined && isAlive(pid)) {
			end(pid);
			await vi.waitUntil(() => !isAlive(pid), {timeout: 20_000, interval: 20});
		}
	};

	return {
		root,
		home,
		project,
		stateDir,
		launcherPid,
		start,
		call,
		/** The console over the state folder. */
		console: (options: Start = {}): Program => start({...options, args: ['--state-dir', stateDir, ...(options.args ?? [])]}),
		/** agentctl as the operator, answering with JSON. */
		ctl: async (...args: readonly string[]) => {
			const called = await call(['ctl', '--state-dir', stateDir, '--format', 'json', ...args]);
			const lines = called.stdout.trim();
			// biome-ignore lint/suspicious/noExplicitAny: answers have many shapes.
			const json: any = lines.startsWith('{') || lines.startsWith('[') ? JSON.parse(lines.split('\n')[0] ?? '') : undefined;
			return {...called, json};
		},
		async [Symbol.asyncDispose](): Promise<void> {
			for (const program of opened) {
				await program.close();
			}

			await endLauncher();
			rmSync(root, {recursive: true, force: true, maxRetries: 5});
		},
	};
};

export type BuiltProgram = ReturnType<typeof openBuiltProgram>;

/** Fills the form for a new shell session and starts it. */
export const startSession = async (screen: Program, {command, label}: {command: string; label: string}): Promise<void> => {
	screen.press('n');
	await screen.see('‹ shell ›', patient);
	await screen.see('› Command', patient);
	screen.press(`\u001B[200~${command}\u001B[201~`);
	screen.press('\t');
	await screen.see('› Folder', patient);
	screen.press('\t');
	await screen.see('› Name', patient);
	await screen.type(label);
	await screen.see(label, patient);
	screen.press('\r');
	await screen.gone('New session', patient);
	await screen.see(label, patient);
};
