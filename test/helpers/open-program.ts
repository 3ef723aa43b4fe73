import process from 'node:process';
import {spawn} from 'node-pty';
import {createOuterTerminal} from './outer-terminal.js';

export type ProgramOptions = {
	/** Absolute path, or a name found on `env.PATH`. */
	readonly file: string;
	readonly args?: readonly string[];
	/** Laid over a small environment (`PATH`, `HOME`, `LANG`, `TERM`); nothing else is inherited. `undefined` takes a name out. */
	readonly env?: Readonly<Record<string, string | undefined>>;
	readonly cwd?: string;
	readonly columns?: number;
	readonly rows?: number;
};

/** How a program ended. `signal` is `undefined` when it exited by itself. */
export type ProgramExit = {readonly exitCode: number; readonly signal: number | undefined};

export type Program = ReturnType<typeof openProgram>;

const environment = (overlay: ProgramOptions['env']): Record<string, string> => {
	const {PATH = '/usr/bin:/bin', HOME = '/tmp'} = process.env;
	const wanted = {PATH, HOME, LANG: 'C.UTF-8', TERM: 'xterm-256color', COLORTERM: 'truecolor', ...overlay};
	return Object.fromEntries(Object.entries(wanted).filter((entry): entry is [string, string] => entry[1] !== undefined));
};

const end = (pid: number, signal: NodeJS.Signals | number): void => {
	try {
		process.kill(pid, signal);
	} catch {
		// It is gone already.
	}
};

/** Starts the program and collects what it writes and how it ends. */
const start = ({file, args = [], env, cwd = process.cwd(), columns = 80, rows = 24}: ProgramOptions) => {
	const whole = environment(env);
	// node-pty lays its name for the terminal over TERM.
	const name = whole['TERM'] ?? 'xterm-256color';
	const pty = spawn(file, [...args], {cols: columns, rows, cwd, env: whole, name, encoding: null});
	const outer = createOuterTerminal({columns, rows, onReply: reply => pty.write(reply)});
	const output: Buffer[] = [];
	// Without an encoding node-pty delivers bytes, whatever its types say.
	pty.onData((data: unknown) => {
		const bytes = data as Buffer;
		output.push(bytes);
		outer.write(bytes);
	});
	const exited = new Promise<ProgramExit>(resolve => {
		pty.onExit(({exitCode, signal}) => resolve({exitCode, signal: signal === 0 ? undefined : signal}));
	});
	return {pty, outer, output, exited};
};

/**
 * Any program in a real pty, with a real emulator as its screen that answers its terminal queries. Close it (or use
 * `await using`): its process group is killed then, and also when the test process exits.
 */
export const openProgram = (options: ProgramOptions) => {
	const {pty, outer, output, exited} = start(options);
	const send = (bytes: string | Uint8Array) => pty.write(typeof bytes === 'string' ? bytes : Buffer.from(bytes));
	const killGroup = () => end(-pty.pid, 'SIGKILL');
	process.once('exit', killGroup);

	const close = async (): Promise<void> => {
		process.off('exit', killGroup);
		pty.resume();
		killGroup();
		await exited;
		outer.dispose();
	};

	return {
		pid: pty.pid,
		/** Resolves when the program ended and all its output was read. */
		exited,
		see: outer.see,
		gone: outer.gone,
		lines: outer.lines,
		cell: outer.cell,
		/** The emulator itself: modes, cursor, scrollback. */
		terminal: outer.terminal,
		/** Every byte the program wrote so far. */
		output: (): Buffer => Buffer.concat(output),
		/** Sends the bytes of a key in one write. */
		press: send,
		/** Sends text one character at a time, as fingers do. */
		async type(text: string): Promise<void> {
			for (const character of text) {
				send(character);
				await new Promise(resolve => {
					setImmediate(resolve);
				});
			}
		},
		resize(nextColumns: number, nextRows: number): void {
			outer.resize(nextColumns, nextRows);
			pty.resize(nextColumns, nextRows);
		},
		/** Sends a signal to the program alone. */
		kill: (signal: NodeJS.Signals) => end(pty.pid, signal),
		/** The terminal stops reading, as a stalled connection does, until `resume`. */
		stall: () => pty.pause(),
		resume: () => pty.resume(),
		close,
		[Symbol.asyncDispose]: close,
	};
};
