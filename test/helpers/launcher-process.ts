import {existsSync, readFileSync} from 'node:fs';
import process from 'node:process';

/** Whether a process runs; one that has ended and was not reaped does not. */
export const isRunning = (pid: number): boolean => {
	try {
		return !/^\d+ \(.*\) [ZX] /s.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
	} catch {
		return false;
	}
};

/** The pid that a program of a test wrote into a file, once it has. */
export const pidIn = (file: string): number | undefined => {
	const pid = existsSync(file) ? Number(readFileSync(file, 'utf8').trim()) : 0;
	return pid > 0 ? pid : undefined;
};

/** Ends a process that a test started, if it is still there. */
export const endProcess = (pid: number | undefined): void => {
	try {
		if (pid !== undefined && pid > 1) {
			process.kill(pid, 'SIGKILL');
		}
	} catch {
		// It ended by itself.
	}
};
