import process from 'node:process';
import {setTimeout as delay} from 'node:timers/promises';
import {openProgram} from '../helpers/open-program.js';
import {ctl} from '../helpers/run-ctl.js';
import {builtProgram, createPlace} from './bench-place.js';
import {coreShare} from './process-usage.js';

const quietShare = 0.05;
const mostLooks = 20;

/** Waits until processes do next to nothing: what was started is there, what was printed is drawn. Gives up after 20 s. */
export const untilQuiet = async (pids: readonly number[]): Promise<void> => {
	for (let looks = 0; looks < mostLooks && (await coreShare(pids, 1000)) > quietShare; looks += 1) {
		// Another look.
	}
};

/** The built console in a pty, with as many agents of the given program as asked for, all running. */
export const openBenchConsole = async ({
	argv,
	agents,
	columns,
	rows,
	nodeArgs = [],
	env = {},
}: {
	readonly argv: readonly string[];
	readonly agents: number;
	readonly columns: number;
	readonly rows: number;
	/** For the Node that runs the console. */
	readonly nodeArgs?: readonly string[];
	readonly env?: Readonly<Record<string, string>>;
}) => {
	const place = createPlace(argv);
	const args = [...nodeArgs, builtProgram];
	const program = openProgram({file: process.execPath, args, env: {...place.env, ...env}, cwd: place.stateDir, columns, rows});
	const close = async (): Promise<void> => {
		await program.close();
		await place.close();
	};

	const ask = async (...args: readonly string[]) => ctl(['--format', 'json', ...args], {env: place.env, cwd: place.stateDir});
	const untilAll = async (count: () => Promise<number>, wanted: number, what: string): Promise<void> => {
		const deadlineMs = performance.now() + 60_000;
		for (let found = await count(); found < wanted; found = await count()) {
			if (performance.now() > deadlineMs) {
				throw new Error(`Only ${found} of ${wanted} ${what} within a minute.`);
			}

			await delay(100);
		}
	};

	try {
		await untilAll(async () => ((await ask('session', 'list')).exitCode === 0 && place.launcherPid() > 0 ? 1 : 0), 1, 'consoles');
		for (let n = 0; n < agents; n += 1) {
			const {exitCode, stderr} = await ask('session', 'create', '--agent', 'load', '--label', `agent ${n}`, '--text', 'go');
			if (exitCode !== 0) {
				throw new Error(`Could not create agent ${n}: ${stderr}`);
			}
		}

		const countRunning = async (): Promise<number> => {
			const {json} = await ask('session', 'list');
			return (json.sessions as ReadonlyArray<{readonly state: string}>).filter(({state}) => state === 'running').length;
		};
		await untilAll(countRunning, agents, 'agents');
	} catch (error) {
		await close();
		throw error;
	}

	return {program, pids: [program.pid, place.launcherPid()] as const, launcherPid: place.launcherPid(), close};
};
