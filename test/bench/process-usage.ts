import {readdirSync, readFileSync} from 'node:fs';

/** CPU time a process has used so far, in ms; 0 once it is gone. Linux counts it in hundredths of a second. */
export const cpuMs = (pid: number): number => {
	try {
		const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ');
		return (Number(fields[11]) + Number(fields[12])) * 10;
	} catch {
		return 0;
	}
};

/** Memory a process holds alone (its proportional set), in MB; 0 once it is gone. */
export const memoryMb = (pid: number): number => {
	try {
		const kb = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1];
		return Number(kb ?? 0) / 1024;
	} catch {
		return 0;
	}
};

/** The pids whose command line satisfies a predicate. */
export const pidsWhere = (matches: (commandLine: string) => boolean): readonly number[] =>
	readdirSync('/proc')
		.filter(name => /^\d+$/.test(name))
		.map(Number)
		.filter(pid => {
			try {
				return matches(readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '));
			} catch {
				return false;
			}
		});

/** The share of one core that processes use over a stretch of time. */
export const coreShare = async (pids: readonly number[], forMs: number): Promise<number> => {
	const before = pids.map(cpuMs);
	const startedMs = performance.now();
	await new Promise(resolve => {
		setTimeout(resolve, forMs);
	});
	const elapsedMs = performance.now() - startedMs;
	return pids.reduce((sum, pid, index) => sum + cpuMs(pid) - before[index]!, 0) / elapsedMs;
};

export const median = (values: readonly number[]): number => {
	const sorted = values.toSorted((a, b) => a - b);
	return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};
