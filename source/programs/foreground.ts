import {type ChildProcess, spawn} from 'node:child_process';
import os from 'node:os';
import process from 'node:process';
import {systemErrorCode} from '../errors.js';

/** Keys that make a signal reach every program of the terminal: what they mean is up to the one in front. */
const ofTheTerminal = ['SIGINT', 'SIGQUIT'] as const;

const handedOn = ['SIGTERM', 'SIGHUP'] as const;

const exitCodeOf = (code: number | null, signal: NodeJS.Signals | null): number =>
	code ?? (signal ? 128 + os.constants.signals[signal] : 1);

/**
 * Runs a program in this terminal as if it were this process: same terminal, signals handed on. Resolves with its exit code (128 + the
 * number of the signal that ended it, 127 when it could not be started).
 */
export const runForeground = ([file = '', ...args]: readonly string[]): Promise<number> =>
	new Promise(resolve => {
		const child: ChildProcess = spawn(file, args, {stdio: 'inherit'});
		const leave = (): void => undefined;
		const pass = (signal: NodeJS.Signals): void => {
			child.kill(signal);
		};
		const finish = (code: number): void => {
			for (const signal of ofTheTerminal) {
				process.off(signal, leave);
			}

			for (const signal of handedOn) {
				process.off(signal, pass);
			}

			resolve(code);
		};
		for (const signal of ofTheTerminal) {
			process.on(signal, leave);
		}

		for (const signal of handedOn) {
			process.on(signal, pass);
		}

		child.once('error', error => {
			const why = systemErrorCode(error) === 'ENOENT' ? 'it was not found' : error.message;
			process.stderr.write(`Could not start ${file}: ${why}.\n`);
			finish(127);
		});
		child.once('exit', (code, signal) => finish(exitCodeOf(code, signal)));
	});
