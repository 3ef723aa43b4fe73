import {writeSync} from 'node:fs';
import {systemErrorCode} from '../errors.js';

/** What the console needs of `process.stdin`. */
export type TerminalInput = {
	readonly isTTY?: boolean;
	setRawMode(isRaw: boolean): unknown;
	on(event: 'data' | 'end' | 'error', listener: (chunk: Buffer) => void): unknown;
	off(event: 'data' | 'end' | 'error', listener: (chunk: Buffer) => void): unknown;
	pause(): unknown;
	resume(): unknown;
};

/** What the console needs of `process.stdout`. */
export type TerminalOutput = {
	readonly isTTY?: boolean;
	readonly columns?: number;
	readonly rows?: number;
	/** Bytes waiting because the terminal does not take them. */
	readonly writableLength: number;
	/** `onWritten` is called when the terminal has taken the data, or with what went wrong. */
	write(data: string | Uint8Array, onWritten?: (error?: Error | null) => void): boolean;
	on(event: 'resize' | 'drain' | 'error', listener: () => void): unknown;
	off(event: 'resize' | 'drain' | 'error', listener: () => void): unknown;
};

/** A size in cells. */
export type Size = {readonly columns: number; readonly rows: number};

/** The terminal's size; 80×24 when it does not say. */
export const sizeOf = ({columns, rows}: Pick<TerminalOutput, 'columns' | 'rows'>): Size => ({columns: columns || 80, rows: rows || 24});

/** The libuv handle behind a real terminal's stream; nothing public reaches it. */
type Handle = {readonly fd?: unknown; setBlocking?: unknown};

const handleOf = (stdout: TerminalOutput): Handle => {
	const handle: unknown = '_handle' in stdout ? stdout._handle : undefined;
	return typeof handle === 'object' && handle !== null ? handle : {};
};

/** Writes to a terminal block by default, and a stalled one would stop the whole console: from here on they queue instead. */
export const makeNonBlocking = (stdout: TerminalOutput): void => {
	const handle = handleOf(stdout);
	if (typeof handle.setBlocking === 'function') {
		handle.setBlocking(false);
	}
};

const pauseThread = (delayMs: number): void => {
	Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, delayMs);
};

/**
 * Writes before it returns, past everything queued: for the moment the process ends. A terminal that takes nothing for `patienceMs` is given
 * up, and so is one that is gone.
 */
export const writeNow = (stdout: TerminalOutput, text: string, patienceMs = 300): void => {
	const {fd} = handleOf(stdout);
	if (typeof fd !== 'number' || fd < 0) {
		stdout.write(text);
		return;
	}

	const deadline = performance.now() + patienceMs;
	let rest = Buffer.from(text);
	while (rest.length > 0 && performance.now() < deadline) {
		try {
			rest = rest.subarray(writeSync(fd, rest));
		} catch (error) {
			if (systemErrorCode(error) !== 'EAGAIN') {
				return;
			}

			pauseThread(5);
		}
	}
};
