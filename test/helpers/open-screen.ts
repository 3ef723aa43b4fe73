import {EventEmitter} from 'node:events';
import process from 'node:process';
import {PassThrough} from 'node:stream';
import {type Instance, render} from 'ink';
import type {ReactElement} from 'react';
import {type OperatorTerminal, openOperatorTerminal} from '../../source/terminal/operator-terminal.js';
import {createOuterTerminal, type OuterTerminal} from './outer-terminal.js';

export type ScreenOptions = {
	readonly columns?: number;
	readonly rows?: number;
	/** What kind of terminal it pretends to be. */
	readonly env?: Readonly<Record<string, string | undefined>>;
};

/** What is drawn: an element, or what makes one of the operator's terminal. */
export type Drawn = ReactElement | ((terminal: OperatorTerminal) => ReactElement);

export type Screen = Awaited<ReturnType<typeof openScreen>>;

type OnWritten = (error?: Error | null) => void;

/** What the kernel makes of output on its way to a terminal: a line feed returns the carriage too. */
const asPrinted = (data: string | Uint8Array): string | Uint8Array =>
	typeof data === 'string'
		? data.replaceAll('\n', '\r\n')
		: Buffer.from(Buffer.from(data).toString('latin1').replaceAll('\n', '\r\n'), 'latin1');

/** The terminal's writing side: everything reaches the emulator at once, unless it is stalled. */
const createStdout = (outer: OuterTerminal, columns: number, rows: number) => {
	const waiting: Array<{readonly data: string | Uint8Array; readonly onWritten: OnWritten}> = [];
	const sizeOf = (data: string | Uint8Array) => (typeof data === 'string' ? Buffer.byteLength(data) : data.length);
	const stdout = Object.assign(new EventEmitter(), {
		isTTY: true,
		columns,
		rows,
		writableLength: 0,
		isStalled: false,
		write(data: string | Uint8Array, onWritten: OnWritten = () => {}): boolean {
			if (stdout.isStalled) {
				waiting.push({data, onWritten});
				stdout.writableLength += sizeOf(data);
				return false;
			}

			outer.write(asPrinted(data));
			process.nextTick(onWritten);
			return true;
		},
		/** The terminal stops reading: what is written queues. */
		stall() {
			stdout.isStalled = true;
		},
		/** The terminal reads again, all that waited first. */
		unstall() {
			stdout.isStalled = false;
			for (const {data, onWritten} of waiting.splice(0)) {
				outer.write(asPrinted(data));
				process.nextTick(onWritten);
			}

			stdout.writableLength = 0;
			stdout.emit('drain');
		},
		resize(nextColumns: number, nextRows: number) {
			outer.resize(nextColumns, nextRows);
			Object.assign(stdout, {columns: nextColumns, rows: nextRows});
			stdout.emit('resize');
		},
	});
	return stdout;
};

const createStdin = () => {
	const stdin = Object.assign(new PassThrough(), {
		isTTY: true,
		isRaw: false,
		setRawMode(isRaw: boolean) {
			stdin.isRaw = isRaw;
		},
	});
	return stdin;
};

const inkOptions = {alternateScreen: true, incrementalRendering: true, interactive: true, patchConsole: false, exitOnCtrlC: false} as const;

const renderInto = (drawn: Drawn, terminal: OperatorTerminal): Instance =>
	render(typeof drawn === 'function' ? drawn(terminal) : drawn, {
		...inkOptions,
		stdin: terminal.stdin as unknown as NodeJS.ReadStream,
		stdout: terminal.stdout as unknown as NodeJS.WriteStream,
	});

/**
 * Draws with the real Ink, through the operator's terminal, into a real emulator: what a test reads is what an operator would see. Close it at
 * the end (or use `await using`).
 */
export const openScreen = async (drawn: Drawn, {columns = 80, rows = 24, env = {TERM: 'xterm-256color'}}: ScreenOptions = {}) => {
	const outer = createOuterTerminal({columns, rows});
	const stdout = createStdout(outer, columns, rows);
	const stdin = createStdin();
	const terminal = openOperatorTerminal({stdin, stdout, env, guarded: false});
	const app = renderInto(drawn, terminal);
	await app.waitUntilRenderFlush();

	const close = async (): Promise<void> => {
		app.unmount();
		await terminal.close();
		outer.dispose();
	};

	return {
		/** Ink's instance: `rerender`, `waitUntilRenderFlush`, `waitUntilExit`. */
		app,
		/** The operator's terminal under test. */
		terminal,
		/** The emulator: modes, cursor. */
		outer: outer.terminal,
		stdin,
		/** The stream the terminal writes to: `stall()` and `unstall()` make it lag. */
		stdout,
		lines: outer.lines,
		cell: outer.cell,
		see: outer.see,
		gone: outer.gone,
		/** Resolves when everything Ink has to draw is on the screen. */
		async settled(): Promise<void> {
			await app.waitUntilRenderFlush();
			await outer.drawn();
		},
		/** Sends the bytes of a key, or any other input, as one chunk. */
		press(bytes: string | Uint8Array): void {
			stdin.write(bytes);
		},
		resize: stdout.resize,
		close,
		[Symbol.asyncDispose]: close,
	};
};
