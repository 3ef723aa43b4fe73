import {type ChildProcess, spawn} from 'node:child_process';
import os from 'node:os';
import process from 'node:process';
import {systemErrorCode} from '../errors.js';

/** Keys that make a signal reach every program of the terminal: what they mean is up to the one in front. */
const ofTheTerminal = ['SIGINT', 'SIGQUIT'] as const;

/** How long a program may live without its terminal: until it is asked to end, and until it is ended. */
const orphanAskedMs = 1000;
const orphanEndedMs = 4000;

const handedOn = ['SIGTERM', 'SIGHUP'] as const;

const exitCodeOf = (code: number | null, signal: NodeJS.Signals | null): number =>
	code ?? (signal ? 128 + os.constants.signals[signal] : 1);

/**
 * Runs a program in this terminal as if it were this process: same terminal, signals handed on. It
 * does not outlive the terminal by more than a few seconds. Resolves with its exit code (128 + the
 * number of the signal that ended it, 127 when it could not be started).
 */
export const runForeground = ([file = '', ...args]: readonly string[]): Promise<number> =>
	new Promise(resolve => {
		const child: ChildProcess = spawn(file, args, {stdio: 'inherit'});
		const leave = (): void => undefined;
		const timers: NodeJS.Timeout[] = [];
		const later = (signal: NodeJS.Signals, ms: number): void => {
			timers.push(setTimeout(() => child.kill(signal), ms));
		};
		const pass = (signal: NodeJS.Signals): void => {
			child.kill(signal);
			// Some live on without a terminal, where nobody would ever see or stop them.
			if (signal === 'SIGHUP') {
				later('SIGTERM', orphanAskedMs);
				later('SIGKILL', orphanEndedMs);
			}
		};
		const finish = (code: number): void => {
			for (const timer of timers) {
				clearTimeout(timer);
			}

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
