import {createRequire} from 'node:module';
import path from 'node:path';
import {forkWithoutGaps} from './descriptor-gaps.js';

/** A forked child on a new pty: the master's descriptor (non-blocking) and the child's pid, which leads its own session. */
export type ForkedPty = {readonly fd: number; readonly pid: number};

/**
 * The binary half of node-pty. Its JavaScript half is left out because it adds PWD and TERM to the environment, closes the pty 200 ms
 * after the child's exit whether everything was read or not, and spins while an agent does not read its input. The version of node-pty
 * is pinned exactly, and test/adapters/open-pty.test.ts holds this file to what it promises.
 */
export type NativePty = {
	/** Forks `file` on a new pty. Throws a bare `Error` when there is no pty or descriptor left. */
	fork(options: {
		readonly file: string;
		readonly args: readonly string[];
		readonly env: Readonly<Record<string, string>>;
		readonly cwd: string;
		readonly columns: number;
		readonly rows: number;
		readonly onExit: (exitCode: number, signal: number) => void;
	}): ForkedPty;
	/** Tells the kernel the size, which tells the child by SIGWINCH. Throws when the descriptor is closed. */
	resize(fd: number, columns: number, rows: number): void;
};

type Binary = {
	fork(
		file: string,
		args: readonly string[],
		env: readonly string[],
		cwd: string,
		columns: number,
		rows: number,
		uid: number,
		gid: number,
		isUtf8: boolean,
		helperPath: string,
		onExit: (exitCode: number, signal: number) => void,
	): ForkedPty;
	resize(fd: number, columns: number, rows: number, xPixels: number, yPixels: number): void;
};

/** Only macOS uses it: a small program beside the binary that prepares the child. */
const helperPathOf = (require: NodeJS.Require): string =>
	path.join(path.dirname(require.resolve('node-pty/package.json')), 'prebuilds', `${process.platform}-${process.arch}`, 'spawn-helper');

const sameUser = -1;

const load = (): NativePty => {
	const require = createRequire(import.meta.url);
	const {native} = require('node-pty') as {native: Binary};
	const helperPath = helperPathOf(require);
	return {
		fork: ({file, args, env, cwd, columns, rows, onExit}) => {
			const pairs = Object.entries(env).map(([name, value]) => `${name}=${value}`);
			return forkWithoutGaps(() => native.fork(file, [...args], pairs, cwd, columns, rows, sameUser, sameUser, true, helperPath, onExit));
		},
		resize(fd, columns, rows) {
			native.resize(fd, columns, rows, 0, 0);
		},
	};
};

/** Forks children on ptys. */
export const nativePty: NativePty = load();
