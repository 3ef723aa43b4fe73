import {existsSync, mkdirSync, readdirSync, readlinkSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {expect, vi} from 'vitest';
import type {Limits} from '../../state/safety/limits.js';
import {isAlive, openBuiltProgram} from '../helpers/built-program.js';
import type {Program} from '../helpers/open-program.js';
import {createAgentHome} from './agent-home.js';
import type {ConsoleAgent} from './console-agents.js';
import {createModelServer} from './model-server.js';
import {realAgent} from './real-agent.js';
import type {Turn} from './wire.js';

/** How long a test waits for an agent: a first start alone can take more than a minute on a busy machine. */
export const agentLook = {withinMs: 120_000} as const;

const poll = {timeout: agentLook.withinMs, interval: 200} as const;

/** The processes that work in a folder. */
const processesIn = (folder: string): readonly number[] =>
	readdirSync('/proc')
		.filter(name => /^\d+$/.test(name))
		.map(Number)
		.filter(pid => {
			try {
				return isAlive(pid) && readlinkSync(`/proc/${pid}/cwd`) === folder;
			} catch {
				return false;
			}
		});

/** A test that failed may leave an agent behind. */
const killAll = (pids: readonly number[]): void => {
	for (const pid of pids) {
		try {
			process.kill(pid, 'SIGKILL');
		} catch {
			// It is gone already.
		}
	}
};

/** An open request as `agentctl escalation list` tells it. */
type OpenRequest = {readonly id: string; readonly state: string};

const textOfScreen = async (screen: Program): Promise<string> => (await screen.lines()).join('\n');

/** One step on the way to an approval, whatever the screen shows now. */
const stepToApproval = async (screen: Program): Promise<void> => {
	const text = await textOfScreen(screen);
	const word = /High risk: type (\S+) to approve/.exec(text)?.[1];
	if (word !== undefined) {
		screen.press('\u0015');
		await screen.type(word);
		screen.press('\r');
		await screen.gone('High risk: type', {withinMs: 5000});
	} else if (text.includes('Scroll to its end')) {
		screen.press(']');
	} else {
		screen.press('a');
	}
};

/**
 * The built console in a real terminal with one real agent that talks to the scripted model. Everything has folders of its own; at the
 * end the console, the launcher with its agents, and the model are gone.
 */
export const openAgentConsole = async (agent: ConsoleAgent, limits: Partial<Limits> = {}) => {
	const server = await createModelServer();
	const home = createAgentHome(agent.cli, server.url);
	const built = openBuiltProgram();
	const profile = {
		adapter: agent.adapter,
		argv: [realAgent(agent.cli).file, ...(agent.args ?? [])],
		env: home.env,
		...(agent.adapter === 'pi' && {args: home.manual}),
	};
	const configFolder = path.join(built.home, '.config', 'agent-tui');
	mkdirSync(configFolder, {recursive: true});
	writeFileSync(
		path.join(configFolder, 'config.json'),
		JSON.stringify({agents: {[agent.name]: profile}, limits: {acceptanceTimeoutMs: 150_000, ...limits}}),
	);

	const consoles: Program[] = [];
	const fileIn = (name: string): string => path.join(home.cwd, name);

	return {
		server,
		built,
		cwd: home.cwd,
		/** A console; the first one starts the launcher. */
		console(): Program {
			const console = built.console({cwd: home.cwd, columns: 140, rows: 60});
			consoles.push(console);
			return console;
		},
		/** Whether a command has made its file. */
		isMade: (name: string): boolean => existsSync(fileIn(name)),
		/** Resolves once the file is there. */
		made: (name: string) => expect.poll(() => existsSync(fileIn(name)), {...poll, message: `${name} was never made`}).toBe(true),
		/** Everything said in the model's conversations so far. */
		turns: (): readonly Turn[] => server.requests.flatMap(({conversation}) => conversation.turns),
		/** Resolves once a tool's result with this text has reached the model. */
		resultSaying: (words: RegExp) =>
			vi.waitFor(() => {
				const results = server.requests.flatMap(({conversation}) => conversation.turns.filter(({from}) => from === 'tool'));
				expect(results.map(({text}) => text)).toContainEqual(expect.stringMatching(words));
			}, poll),
		/** Resolves once any text that matches has reached the model. */
		modelHears: (words: RegExp) =>
			vi.waitFor(() => {
				const turns = server.requests.flatMap(({conversation}) => conversation.turns);
				expect(turns.map(({text}) => text)).toContainEqual(expect.stringMatching(words));
			}, poll),
		/** The requests there ever were, by state. */
		async requests(): Promise<readonly OpenRequest[]> {
			const {json, stderr} = await built.ctl('escalation', 'list', '--all');
			expect(stderr).toBe('');
			return (json as {readonly escalations: readonly OpenRequest[]}).escalations;
		},
		/** The agent's own id of the conversation of the one session. */
		async threadId(): Promise<string | undefined> {
			const {json} = await built.ctl('session', 'list');
			const {sessions} = json as {readonly sessions: ReadonlyArray<{readonly thread_id?: string}>};
			return sessions[0]?.thread_id;
		},
		/** The processes that work in the agent's folder. */
		agentProcesses: (): readonly number[] =>
			processesIn(home.cwd).filter(pid => pid !== built.launcherPid() && !consoles.some(console => console.pid === pid)),
		async [Symbol.asyncDispose](): Promise<void> {
			await built[Symbol.asyncDispose]();
			killAll(processesIn(home.cwd));
			await server.close();
			home[Symbol.dispose]();
		},
	};
};

export type AgentConsole = Awaited<ReturnType<typeof openAgentConsole>>;

/** Starts a session of the agent with a prompt, by the form. */
export const startAgent = async (screen: Program, {name}: ConsoleAgent, prompt: string): Promise<void> => {
	await screen.see('Agents here', agentLook);
	screen.press('n');
	await screen.see('› Command', agentLook);
	screen.press(`\u001B[200~${prompt}\u001B[201~`);
	await screen.see(prompt, agentLook);
	screen.press('\u001B[Z');
	await screen.see('› Agent', agentLook);
	screen.press('\u001B[C');
	await screen.see(`‹ ${name} ›`, agentLook);
	screen.press('\r');
	await screen.gone('New session', agentLook);
};

/** Shows the one request that waits, whole. */
export const showRequest = async (screen: Program): Promise<string> => {
	await screen.see('1 waits for you', agentLook);
	screen.press('4');
	return screen.see(/In the words of|Sent along by/, agentLook);
};

/** Approves the request that is shown, by whatever its risk wants. */
export const approve = (screen: Program): Promise<unknown> =>
	vi.waitFor(
		async () => {
			await stepToApproval(screen);
			await screen.see('nobody waits for you', {withinMs: 1500});
		},
		{timeout: 60_000, interval: 100},
	);

/** Denies the request that is shown, with a reason. */
export const deny = async (screen: Program, reason: string): Promise<void> => {
	await vi.waitFor(
		async () => {
			screen.press('d');
			await screen.see('why? It may stay empty', {withinMs: 1500});
		},
		{timeout: 60_000, interval: 100},
	);
	await screen.type(reason);
	await screen.see(reason, agentLook);
	screen.press('\r');
	await screen.see('nobody waits for you', agentLook);
};

/** Gives the terminal to the selected agent: its own screen is there, and nothing of the console's but its line of badges. */
export const attach = async (screen: Program, shows: string): Promise<void> => {
	screen.press('\r');
	await screen.see(lines => !lines.some(line => line.includes('2 Queue')) && lines.some(line => line.includes(shows)), agentLook);
};

/** Sends a line to the one session, by key. */
export const sendLine = async (screen: Program, line: string): Promise<void> => {
	screen.press('1');
	await screen.see('i Send', agentLook);
	screen.press('i');
	await screen.see(/^.*To \S+/m, agentLook);
	await screen.type(line);
	await screen.see(line, agentLook);
	screen.press('\r');
	await screen.see(/Typed into|Queued for/, agentLook);
};
