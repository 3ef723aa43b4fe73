import {execFile} from 'node:child_process';
import {stat} from 'node:fs/promises';
import type {AgentAdapter} from './agent-adapter.js';
import {findExecutable} from './find-executable.js';

/** An agent CLI that is on the PATH. */
export type ProbedAgent = {
	readonly name: string;
	readonly title: string;
	/** Absolute path of its program. */
	readonly file: string;
	/** The version number it told; missing when it told none. */
	readonly version?: string;
	/** Why it told no version, as a sentence. */
	readonly why?: string;
};

type Told = Pick<ProbedAgent, 'version' | 'why'>;

const limitMs = 5000;
const largestOutput = 64 * 1024;

/** What each program told, by its path and the moment it was last changed. */
const told = new Map<string, Promise<Told>>();

const versionIn = (output: string): string | undefined => /\d+\.\d+(?:\.\d+)?(?:[-+][\w.-]+)?/.exec(output)?.[0];

const ask = (file: string, env: NodeJS.ProcessEnv, timeoutMs: number): Promise<Told> =>
	new Promise(resolve => {
		const options = {env, timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: largestOutput, encoding: 'utf8'} as const;
		const child = execFile(file, ['--version'], options, (error, stdout, stderr) => {
			const version = versionIn(stdout) ?? versionIn(stderr);
			if (version !== undefined) {
				resolve({version});
			} else if (child.killed) {
				resolve({why: `It did not tell its version within ${timeoutMs / 1000} s.`});
			} else {
				resolve({why: error ? `It could not tell its version: ${error.message.split('\n')[0]}` : 'It told no version.'});
			}
		});
		child.stdin?.end();
	});

const askOnce = async (file: string, env: NodeJS.ProcessEnv, timeoutMs: number): Promise<Told> => {
	const {mtimeMs} = await stat(file);
	const key = `${file}\0${mtimeMs}`;
	const asked = told.get(key) ?? ask(file, env, timeoutMs);
	told.set(key, asked);
	return asked;
};

/**
 * The agent CLIs that are installed, each with the version it tells. Every program is asked once as long as it does not change, has five
 * seconds and gets nothing to read.
 */
export const probeAgents = (
	env: NodeJS.ProcessEnv,
	{adapters, timeoutMs = limitMs}: {readonly adapters: Iterable<AgentAdapter>; readonly timeoutMs?: number},
): Promise<readonly ProbedAgent[]> =>
	Promise.all(
		[...adapters].flatMap(({name, program, title = name}) => {
			const file = program === undefined ? undefined : findExecutable(program, {searchPath: env['PATH'] ?? '', cwd: '/'});
			return file === undefined ? [] : [askOnce(file, env, timeoutMs).then(answer => ({name, title, file, ...answer}))];
		}),
	);
