import {type ChildProcess, execFile, spawn} from 'node:child_process';
import {existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import {expect, vi} from 'vitest';
import {commandNamed} from '../../source/ctl/commands.js';
import {parseFlags} from '../../source/ctl/flags.js';
import {type Called, isAlive, openBuiltProgram} from './built-program.js';
import {type HttpRequest, type HttpResponse, http} from './http.js';
import {openProgram, type Program} from './open-program.js';

const cliFile = fileURLToPath(new URL('../../dist/bin/cli.js', import.meta.url));

/** How long these tests wait for what is to happen: the machine has other things to do. */
export const soon = {timeout: 30_000, interval: 50} as const;

export type AgentdOptions = {
	/** The configuration file, as JSON. */
	readonly config?: object;
	/** The arguments of agentd. */
	readonly args?: readonly string[];
	readonly env?: Readonly<Record<string, string>>;
	/** Programs to find on the PATH: their names, and the scripts they are. */
	readonly programs?: Readonly<Record<string, string>>;
};

/** What agentctl left behind, and its answer where that was JSON. */
export type CtlCalled = Called & {
	// biome-ignore lint/suspicious/noExplicitAny: answers have many shapes.
	readonly json: any;
};

const parsed = (text: string): unknown => {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
};

/** A port of this machine that is free now. */
export const freePort = (): Promise<number> =>
	new Promise((resolve, reject) => {
		const server = createServer();
		server.once('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const address = server.address();
			server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
		});
	});

/** The lines of a file that agents write to; none while there is no file. */
export const linesOf = (file: string): readonly string[] =>
	existsSync(file)
		? readFileSync(file, 'utf8')
				.split('\n')
				.filter(line => line !== '')
		: [];

/** A program that goes on, without a terminal. */
const startProcess = (argv: readonly string[], {cwd, env}: {cwd: string; env: Record<string, string | undefined>}) => {
	let text = '';
	const child: ChildProcess = spawn(process.execPath, argv, {cwd, env, stdio: ['ignore', 'pipe', 'inherit']});
	child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
		text += chunk;
	});
	const exited = new Promise<number>(resolve => {
		child.once('close', code => resolve(code ?? -1));
	});
	return {
		stdout: (): string => text,
		exited,
		/** Ends it by a signal, as ctrl+c does, and resolves with its exit code. */
		async stop(): Promise<number> {
			child.kill('SIGINT');
			return exited;
		},
	};
};

/**
 * A real agentd, started by its name in a project with a home and a state folder of its own, and `agentctl` beside it as people type it.
 * At the end of the block all of it is gone.
 */
export const openAgentd = async ({config, args = [], env = {}, programs = {}}: AgentdOptions = {}) => {
	const built = openBuiltProgram();
	const {root, home, project, stateDir} = built;
	const binFolder = path.join(root, 'bin');
	mkdirSync(binFolder);
	for (const name of ['agentd', 'agentctl']) {
		symlinkSync(cliFile, path.join(binFolder, name));
	}

	for (const [name, script] of Object.entries(programs)) {
		writeFileSync(path.join(binFolder, name), script, {mode: 0o755});
	}

	if (config) {
		mkdirSync(path.join(home, '.config', 'agent-tui'), {recursive: true});
		writeFileSync(path.join(home, '.config', 'agent-tui', 'config.json'), JSON.stringify(config));
	}

	const {PATH = '/usr/bin:/bin'} = process.env;
	const whole = {PATH: `${binFolder}:${PATH}`, HOME: home, LANG: 'C.UTF-8', SHELL: '/bin/sh', AGENT_TUI_HOME: stateDir, ...env};
	const opened: Program[] = [];
	const started: Array<ReturnType<typeof startProcess>> = [];
	const socketPath = path.join(stateDir, 'gateway.sock');

	const agentctl = (...words: readonly string[]): Promise<CtlCalled> =>
		new Promise(resolve => {
			const options = {cwd: project, env: whole, timeout: 60_000};
			execFile(process.execPath, [path.join(binFolder, 'agentctl'), ...words], options, (error, stdout, stderr) => {
				const exitCode = typeof error?.code === 'number' ? error.code : error ? -1 : 0;
				resolve({exitCode, stdout, stderr, json: parsed(stdout)});
			});
		});

	/** One request to its socket as the operator: what is looked at again and again costs no process. */
	const ask = (request: HttpRequest): Promise<HttpResponse> =>
		http({socketPath}, {token: readFileSync(path.join(stateDir, 'operator.token'), 'utf8').trim(), ...request});

	/** Starts agentd; resolves when it says that it is ready. */
	const start = async (more: readonly string[] = args): Promise<Program> => {
		const agentd = openProgram({
			file: process.execPath,
			args: [path.join(binFolder, 'agentd'), ...more],
			cwd: project,
			columns: 200,
			env: whole,
		});
		opened.push(agentd);
		await agentd.see('agentd is ready', {withinMs: 30_000});
		return agentd;
	};

	/** Kills agentd alone, with no chance to say goodbye; its launcher and the agents go on. */
	const kill = async (): Promise<void> => {
		const agentd = opened.at(-1)!;
		agentd.kill('SIGKILL');
		await agentd.exited;
	};

	const diagnosisOf = async (runId: string) => (await ask({path: `/runs/${runId}/diagnose`})).json;

	/** Why a run does not move, and what to do about it; a command that is named there has to be one of agentctl's. */
	const why = async (runId: string): Promise<{readonly code: string; readonly sentence: string; readonly step: string}> => {
		const {issue_code: code, likely_issue: sentence, next_step: step} = await diagnosisOf(runId);
		const [, named] = /agentctl ([^.]+)\./.exec(step ?? '') ?? [];
		if (named !== undefined) {
			const {words, given} = parseFlags(named.split(' '));
			const {command} = commandNamed(words);
			expect([...given.keys()].filter(flag => !command.flags.includes(flag))).toEqual([]);
		}

		return {code, sentence, step};
	};

	const fleet = {
		...built,
		/** How `agentctl` is called elsewhere, for agents and environments of one's own. */
		binFolder,
		agentctl,
		ask,
		start,
		kill,
		/** The same, and it must have gone well: the answer. */
		async told(...words: readonly string[]) {
			const called = await agentctl('--format', 'json', ...words);
			expect(called.exitCode, `agentctl ${words.join(' ')}\n${called.stdout}${called.stderr}`).toBe(0);
			return called.json;
		},
		/** agentctl that goes on. */
		follow: (...words: readonly string[]) => {
			const follower = startProcess([path.join(binFolder, 'agentctl'), ...words], {cwd: project, env: whole});
			started.push(follower);
			return follower;
		},
		/** A session of the shell, or of another agent, with its first run. */
		async run(text: string, options: object = {}): Promise<{readonly runId: string; readonly sessionId: string}> {
			const {status, json} = await ask({path: '/sessions', body: {agent: 'shell', cwd: project, text, ...options}});
			expect(status, JSON.stringify(json)).toBe(201);
			return {runId: json.run.id, sessionId: json.session.id};
		},
		stateOf: async (runId: string): Promise<string> => (await ask({path: `/runs/${runId}`})).json.run.state,
		runOf: async (runId: string) => (await ask({path: `/runs/${runId}`})).json.run,
		diagnosisOf,
		why,
		issueOf: async (runId: string): Promise<string> => (await diagnosisOf(runId)).issue_code,
		/** Resolves when the run is in this state. */
		becomes: async (runId: string, state: string): Promise<void> => {
			await vi.waitFor(async () => {
				const {json} = await ask({path: `/runs/${runId}`});
				expect(json.run.state, JSON.stringify(json.run)).toBe(state);
			}, soon);
		},
		/** The folder its agents work in, and files in it. */
		file: (name: string): string => path.join(project, name),
		async [Symbol.asyncDispose](): Promise<void> {
			await Promise.all(started.map(follower => follower.stop()));
			for (const program of opened) {
				program.kill('SIGTERM');
				await Promise.race([program.exited, vi.waitUntil(() => !isAlive(program.pid), soon)]);
				await program.close();
			}

			await built[Symbol.asyncDispose]();
		},
	};
	fleet satisfies AsyncDisposable;
	try {
		await start();
	} catch (error) {
		await fleet[Symbol.asyncDispose]();
		throw error;
	}

	return fleet;
};

export type Agentd = Awaited<ReturnType<typeof openAgentd>>;
