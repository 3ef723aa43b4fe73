import {type ExecFileException, execFile} from 'node:child_process';
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {readLauncherHolder} from '../../source/launcher/launcher-lock.js';

const projectFolder = fileURLToPath(new URL('../../../', import.meta.url));

/** The built program, as a user starts it. */
export const program = path.join(projectFolder, 'dist', 'bin', 'cli.js');

const agentFile = (name: string): string => path.join(projectFolder, 'test', 'demo', 'agents', `${name}.mjs`);

/** The scripted agents, configured the way a user configures any command. */
const config = {
	agents: {
		worker: {argv: [process.execPath, agentFile('worker'), '25', '{prompt}'], description: 'works for a while, then is done'},
		parent: {argv: [process.execPath, agentFile('parent')], description: 'gives its parts to children'},
		asker: {
			argv: [process.execPath, agentFile('asker'), 'git', 'branch', '-D', '{prompt}'],
			description: 'asks before it deletes a branch',
		},
		installer: {argv: [process.execPath, agentFile('asker'), 'npm', 'ci', '{prompt}'], description: 'asks before it installs'},
		flaky: {
			argv: [process.execPath, agentFile('flaky')],
			provider: 'acme',
			retry: {waitsMs: [0, 1000], jitter: 0},
			description: 'fails until its breaker opens',
		},
		flood: {argv: [process.execPath, agentFile('flood'), '20'], description: 'prints as fast as it can'},
	},
	limits: {concurrent: 6},
	budgets: {all: {runsPerHour: 500}},
};

export type DemoPlace = {readonly stateDir: string; readonly project: string; readonly env: NodeJS.ProcessEnv};

/** A state folder and a configuration that nobody else uses. */
export const createDemoPlace = async (): Promise<DemoPlace> => {
	const stateDir = await mkdtemp(path.join(tmpdir(), 'agent-tui-demo-'));
	const configFile = path.join(stateDir, 'config.json');
	await writeFile(configFile, JSON.stringify(config, undefined, '\t'));
	const project = path.join(stateDir, 'shop');
	await mkdir(project);
	return {stateDir, project, env: {...process.env, AGENT_TUI_HOME: stateDir, AGENT_TUI_CONFIG: configFile}};
};

/** Runs `agentctl` against the demo's coordinator and resolves with what it printed; rejects with its sentence. */
export const agentctl = ({env}: DemoPlace, ...args: readonly string[]): Promise<string> =>
	new Promise((resolve, reject) => {
		execFile(process.execPath, [program, 'ctl', ...args], {env}, (error: ExecFileException | null, stdout, stderr) => {
			if (error) {
				reject(new Error(stderr.trim() || error.message));
			} else {
				resolve(stdout.trim());
			}
		});
	});

/** Resolves once a coordinator answers. */
export const untilReady = async (place: DemoPlace): Promise<void> => {
	for (let tries = 0; ; tries += 1) {
		try {
			await agentctl(place, 'daemon', 'status');
			return;
		} catch (error) {
			if (tries > 100) {
				throw error;
			}
		}
	}
};

type Work = {readonly agent: string; readonly label: string; readonly texts: readonly string[]; readonly lane?: string};

const tasks = [
	'fix the flaky login test',
	'port the date picker',
	'write the release notes',
	'bump the linter',
	'profile the importer',
] as const;

/** What the fleet does: workers, a parent with children, five that ask, one that fails until its breaker opens, one that floods. */
const work = (workers: number): readonly Work[] => [
	{agent: 'asker', label: 'branch clean-up', texts: ['feature/old-login']},
	...['api tests', 'web tests', 'docs site'].map(label => ({agent: 'installer', label, texts: ['--no-audit'], lane: 'high'})),
	{agent: 'asker', label: 'stale branches', texts: ['spike/graphql']},
	{agent: 'parent', label: 'compiler port', texts: ['port the compiler'], lane: 'high'},
	{agent: 'flaky', label: 'translate manual', texts: Array.from({length: 6}, (_, index) => `chapter ${index + 1}`), lane: 'high'},
	...Array.from({length: workers}, (_, index) => {
		const task = tasks[index % tasks.length]!;
		return {agent: 'worker', label: task, texts: [task]};
	}),
	{agent: 'flood', label: 'verbose build', texts: ['build'], lane: 'low'},
];

/** Starts the fleet through the same commands that a script would use. */
export const startFleet = async (place: DemoPlace, {workers}: {workers: number}): Promise<void> => {
	for (const {agent, label, texts, lane} of work(workers)) {
		const sessionId = await agentctl(
			place,
			'--field',
			'session.id',
			'session',
			'create',
			'--agent',
			agent,
			'--label',
			label,
			'--cwd',
			place.project,
		);
		for (const text of texts) {
			await agentctl(place, 'message', 'send', '--session-id', sessionId, '--text', text, ...(lane ? ['--lane', lane] : []));
		}
	}
};

/** Ends the launcher, which ends every agent of the demo (its console may have been left with `q`), and removes the folder. */
export const endDemo = async ({stateDir}: DemoPlace): Promise<void> => {
	const holder = readLauncherHolder(path.join(stateDir, 'launcher'));
	try {
		process.kill(holder?.pid ?? Number.NaN, 'SIGTERM');
	} catch {
		// It has ended already.
	}

	await rm(stateDir, {recursive: true, force: true, maxRetries: 50, retryDelay: 200});
};
