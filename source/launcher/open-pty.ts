import {ExpectedError} from '../errors.js';
import {type ForkedPty, nativePty} from './native-pty.js';
import {createPtyReader} from './pty-reader.js';
import {createPtyWriter} from './pty-writer.js';

/** How a process ended: by itself with a status, or by a signal. */
export type PtyEnd = {readonly exitCode: number | null; readonly signal: number | null};

/** One child process on its own pty. */
export type Pty = {
	readonly pid: number;
	/** Queues keys for the child; written at once when nothing waits before them. */
	write(bytes: Uint8Array): void;
	/** Resolves once everything written so far has been taken by the kernel, or will never be. */
	flushed(): Promise<void>;
	/** Does nothing once the pty is closed. */
	resize(columns: number, rows: number): void;
	/** Stops reading, which in the end stops the child's writing. Has no effect once the child is gone. */
	pause(): void;
	resume(): void;
};

/** The nearest size that a screen and the kernel both take. */
export const clampedSize = (columns: number, rows: number): {readonly columns: number; readonly rows: number} => {
	const clamp = (value: number, lowest: number) => (Number.isFinite(value) ? Math.min(1000, Math.max(lowest, Math.trunc(value))) : lowest);
	return {columns: clamp(columns, 2), rows: clamp(rows, 1)};
};

const fork = (options: Parameters<typeof nativePty.fork>[0]): ForkedPty => {
	try {
		return nativePty.fork(options);
	} catch (cause) {
		throw new ExpectedError(`Could not start ${options.file}: the system has no pseudo terminal, file descriptor or process left for it.`, {
			hint: 'Stop some agents, or raise the limits (ulimit -n, ulimit -u, sysctl kernel.pty.max).',
			cause,
		});
	}
};

/**
 * Starts a program on a new pty with exactly the given environment. `onOutput` gets every byte as it was written; `onExit` comes once,
 * after the process has gone *and* all its output has been handed over. Throws an `ExpectedError` when the system has no pty left;
 * a missing program cannot be told from one that exits with 1, so look for it before.
 */
export const openPty = ({
	onOutput,
	onExit,
	...program
}: {
	readonly file: string;
	readonly args: readonly string[];
	readonly cwd: string;
	readonly env: Readonly<Record<string, string>>;
	readonly columns: number;
	readonly rows: number;
	readonly onOutput: (chunk: Buffer) => void;
	readonly onExit: (end: PtyEnd) => void;
}): Pty => {
	let end: PtyEnd | undefined;
	let hasClosed = false;
	const tell = () => {
		if (end && hasClosed) {
			onExit(end);
		}
	};

	const onChildExit = (code: number, signal: number) => {
		end = signal === 0 ? {exitCode: code, signal: null} : {exitCode: null, signal};
		reader.childExited();
		tell();
	};

	const {fd, pid} = fork({...program, ...clampedSize(program.columns, program.rows), onExit: onChildExit});
	const reader = createPtyReader({
		fd,
		onOutput(chunk) {
			onOutput(chunk);
			writer.nudge();
		},
		onClosed() {
			hasClosed = true;
			writer.close();
			tell();
		},
	});
	const isOpen = () => !reader.isClosed;
	const writer = createPtyWriter({fd, isOpen});

	return {
		pid,
		write: writer.write,
		flushed: writer.flushed,
		resize(columns, rows) {
			if (isOpen()) {
				const size = clampedSize(columns, rows);
				nativePty.resize(fd, size.columns, size.rows);
			}
		},
		pause: reader.pause,
		resume: reader.resume,
	};
};
