import {readdirSync, readFileSync} from 'node:fs';
import {setImmediate as nextTurn} from 'node:timers/promises';

/** One process as /proc shows it. `startTicks` (clock ticks since boot) tells a process from a later one with the same pid. */
export type ProcessInfo = {
	readonly pid: number;
	readonly parentPid: number;
	readonly group: number;
	readonly session: number;
	readonly startTicks: number;
	/** One letter: R running, S sleeping, T stopped, Z zombie … */
	readonly state: string;
};

/** Whether this system shows its processes in /proc. */
export const hasProcessTable = process.platform === 'linux';

/** How many processes are read between two turns of the event loop: keys must not wait for a long list. */
const perTurn = 40;

const parseStat = (stat: string): ProcessInfo | undefined => {
	// The name, in parentheses, may itself hold spaces and parentheses: the fields begin behind the last one.
	const pid = Number.parseInt(stat, 10);
	const [state, parentPid, group, session, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	const startTicks = Number(rest[15]);
	return state === undefined || Number.isNaN(startTicks)
		? undefined
		: {pid, parentPid: Number(parentPid), group: Number(group), session: Number(session), startTicks, state};
};

/** What /proc says of one process now; `undefined` when there is none. A zombie counts as one. */
export const readProcess = (pid: number): ProcessInfo | undefined => {
	try {
		return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
	} catch {
		return undefined;
	}
};

/** A zombie has ended; it only waits for its parent to notice. */
export const isAlive = (process: ProcessInfo | undefined): process is ProcessInfo =>
	process !== undefined && process.state !== 'Z' && process.state !== 'X';

/** The environment a process was started with, one `NAME=value` each; empty when it may not be read. */
export const readEnvironment = (pid: number): readonly string[] => {
	try {
		return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
	} catch {
		return [];
	}
};

/** Every process but kernel threads' and our own, seen over several turns of the event loop. */
export const readProcesses = async <T>(look: (process: ProcessInfo) => T): Promise<T[]> => {
	const pids = readdirSync('/proc')
		.map(Number)
		.filter(pid => Number.isInteger(pid) && pid !== process.pid);
	const seen: T[] = [];
	for (const [index, pid] of pids.entries()) {
		const found = readProcess(pid);
		if (isAlive(found)) {
			seen.push(look(found));
		}

		if (index % perTurn === perTurn - 1) {
			await nextTurn();
		}
	}

	return seen;
};
