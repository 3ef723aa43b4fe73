import process from 'node:process';
import {createEmitter} from './emitter.js';
import {type EndingSignal, type GuardedProcess, guardExit} from './exit-guard.js';
import {clearAgentStatus, clearFleetStatus} from './fleet-status.js';
import {createInkOutput, type InkOutput, type InkStdout, type Overlay} from './ink-output.js';
import {createInkStdin, type InkStdin} from './ink-stdin.js';
import {createInputRouter, type InputListener, type InputRouter} from './input-router.js';
import {clearScreen, consoleModes, enterAlternateScreen, hideCursor, restoreSequence} from './restore-sequence.js';
import {type Tenancy, type Tenant, takeOver} from './tenancy.js';
import {makeNonBlocking, type Size, sizeOf, type TerminalInput, type TerminalOutput, writeNow} from './terminal-streams.js';

export type OperatorTerminalOptions = {
	readonly stdin: TerminalInput;
	readonly stdout: TerminalOutput;
	readonly env: Readonly<Record<string, string | undefined>>;
	/** The process whose end gives the terminal back: this one, unless told otherwise; `false` where somebody else sees to it. */
	readonly guarded?: GuardedProcess | false;
	/** What to do after a signal that ends: the terminal is restored by then. Without it the signal has its usual effect. */
	readonly onSignal?: (signal: EndingSignal) => void;
};

export type OperatorTerminal = {
	/** For Ink's `render`. */
	readonly stdin: InkStdin;
	/** For Ink's `render`. */
	readonly stdout: InkStdout;
	/** The environment it was opened in: what kind of terminal it is. */
	readonly env: Readonly<Record<string, string | undefined>>;
	size(): Size;
	/** Hears a new size after Ink has drawn for it. */
	onResize(listener: (size: Size) => void): () => void;
	/** Hears the console's input. */
	onInput(listener: InputListener): () => void;
	/** Hears every frame of Ink's, counted, at the moment it is written: what Ink drew last is in it. */
	onFrame(listener: (frame: number) => void): () => void;
	/** Hears that the terminal has taken a frame: a stalled one takes it late, or never. */
	onFrameShown(listener: (frame: number) => void): () => void;
	/** The terminal is gone: its window was closed or the connection broke. */
	onHangup(listener: () => void): () => void;
	/** Rows that belong on top of every frame. */
	addOverlay(overlay: Overlay): () => void;
	/** Draws between frames, inside one update, with the cursor put back; false when it was dropped and will be covered by a redraw. */
	paint(rows: string): boolean;
	/** Has everything drawn again, once the present turn of the loop is over. */
	redraw(): void;
	/**
	 * Sends what draws nothing (a bell, a notification); while an agent has the terminal, at the next moment that cuts nothing in two. Of
	 * several that had to wait, only the last is sent.
	 */
	signal(sequence: string): void;
	/**
	 * Sends a report of the program status protocol, and takes it back when the terminal is given back. While an agent has the terminal or the
	 * terminal lags, the latest one goes out with the next thing that is written whole.
	 */
	setStatus(sequence: string): void;
	/** Hands the whole terminal over. Takes effect at once, even for the unread bytes of the chunk being handled. */
	takeOver(tenant: Tenant): Tenancy;
	/** Gives the terminal back as it was found. Waits a moment for queued output first. */
	close(): Promise<void>;
};

type Terminal = {
	readonly stdin: TerminalInput;
	readonly stdout: TerminalOutput;
	readonly output: InkOutput;
	readonly router: InputRouter;
	tenancy: Tenancy | undefined;
	/** What came while the terminal lagged: of a hundred bells one is enough. */
	lateSignal: string | undefined;
	/** The report that stands, and whether the terminal has not had it yet. */
	status: string | undefined;
	isStatusLate: boolean;
	isGivenBack: boolean;
	/** Nothing is written or read any more. */
	isFinished: boolean;
};

const enter = ({stdin, stdout}: Terminal): void => {
	// Once off and on again: after a stop the shell has changed the terminal behind Node's back.
	stdin.setRawMode(false);
	stdin.setRawMode(true);
	makeNonBlocking(stdout);
	stdout.write(consoleModes);
};

/** The way out, whatever the way: written past every queue, and only once. */
const giveBack = (terminal: Terminal): void => {
	const {stdin, stdout, output, tenancy} = terminal;
	if (!terminal.isGivenBack) {
		terminal.isGivenBack = true;
		const restore = restoreSequence({onAlternateScreen: output.isOnAlternateScreen(), attached: tenancy !== undefined});
		const clear = (tenancy ? clearAgentStatus : '') + (terminal.status === undefined ? '' : clearFleetStatus);
		writeNow(stdout, restore + clear);
		stdin.setRawMode(false);
	}
};

const drawAnew = ({tenancy, output}: Terminal): void => {
	if (tenancy) {
		tenancy.needRepaint();
	} else {
		output.redraw();
	}
};

const sendStatus = (terminal: Terminal): void => {
	const {status, tenancy, output} = terminal;
	if (status !== undefined && tenancy) {
		tenancy.setStatus(status);
	} else if (status !== undefined) {
		terminal.isStatusLate = !output.write(status);
	}
};

const finish = (terminal: Terminal): void => {
	giveBack(terminal);
	terminal.isFinished = true;
	terminal.output.close();
	terminal.router.close();
};

const resume = (terminal: Terminal): void => {
	if (terminal.isFinished) {
		return;
	}

	terminal.isGivenBack = false;
	enter(terminal);
	if (terminal.output.isOnAlternateScreen()) {
		terminal.stdout.write(enterAlternateScreen + hideCursor + clearScreen);
	}

	drawAnew(terminal);
	sendStatus(terminal);
};

/** Resolves when nothing is queued any more, or after `patienceMs`. */
const untilDrained = async (stdout: TerminalOutput, patienceMs = 500): Promise<void> => {
	const deadline = performance.now() + patienceMs;
	while (stdout.writableLength > 0 && performance.now() < deadline) {
		await new Promise(resolve => {
			setTimeout(resolve, 5);
		});
	}
};

const signal = (terminal: Terminal, sequence: string): void => {
	const {tenancy, output} = terminal;
	if (tenancy) {
		tenancy.signal(sequence);
	} else if (!output.write(sequence)) {
		terminal.lateSignal = sequence;
	}
};

const recover = (terminal: Terminal): void => {
	const {lateSignal} = terminal;
	terminal.lateSignal = undefined;
	drawAnew(terminal);
	if (lateSignal !== undefined) {
		signal(terminal, lateSignal);
	}

	if (terminal.isStatusLate) {
		sendStatus(terminal);
	}
};

const handOver = (terminal: Terminal, tenant: Tenant): Tenancy => {
	if (terminal.tenancy) {
		throw new Error('The terminal was taken over while somebody else had it.');
	}

	const onReleased = () => {
		terminal.tenancy = undefined;
	};

	terminal.tenancy = takeOver({output: terminal.output, router: terminal.router, tenant, onReleased});
	return terminal.tenancy;
};

type Heard = {readonly onHangup: () => void; readonly onResize: (size: Size) => void};

const listen = ({stdin, stdout, router, output}: Terminal, {onHangup, onResize}: Heard): (() => void) => {
	let isGone = false;
	const hangUp = () => {
		if (!isGone) {
			isGone = true;
			output.close();
			onHangup();
		}
	};

	const resized = () => {
		output.redraw();
		onResize(sizeOf(stdout));
	};

	const read = (bytes: Buffer) => router.push(bytes);
	stdin.on('data', read);
	stdin.on('end', hangUp);
	stdin.on('error', hangUp);
	stdout.on('error', hangUp);
	stdout.on('resize', resized);
	return () => {
		stdin.off('data', read);
		stdin.off('end', hangUp);
		stdout.off('resize', resized);
		// The error listeners stay: what fails after the terminal was given back must not end the process.
	};
};

/**
 * Takes the operator's terminal: raw input, output that never blocks, pastes and focus reported. The alternate screen is Ink's
 * to enter. It is given back on every way out of the process; `close` is the orderly one.
 */
export const openOperatorTerminal = ({stdin, stdout, env, guarded = process, onSignal}: OperatorTerminalOptions): OperatorTerminal => {
	const frames = createEmitter<[number]>();
	const shownFrames = createEmitter<[number]>();
	const hangups = createEmitter<[]>();
	const sizes = createEmitter<[Size]>();
	const onRecovered = () => recover(terminal);
	const output = createInkOutput({stdout, onRecovered, onFrame: frames.emit, onFrameShown: shownFrames.emit});
	const terminal: Terminal = {
		stdin,
		stdout,
		output,
		router: createInputRouter(),
		tenancy: undefined,
		lateSignal: undefined,
		status: undefined,
		isStatusLate: false,
		isGivenBack: false,
		isFinished: false,
	};

	const unguard = guarded
		? guardExit({
				process: guarded,
				restore: () => finish(terminal),
				suspend: () => giveBack(terminal),
				resume: () => resume(terminal),
				onSignal,
			})
		: () => {};
	const unlisten = listen(terminal, {onHangup: hangups.emit, onResize: sizes.emit});
	enter(terminal);
	stdin.resume();

	return {
		stdin: createInkStdin(),
		stdout: output.inkStdout,
		env,
		size: () => sizeOf(stdout),
		onResize: sizes.listen,
		onInput: terminal.router.onInput,
		onFrame: frames.listen,
		onFrameShown: shownFrames.listen,
		onHangup: hangups.listen,
		addOverlay: output.addOverlay,
		paint: output.paint,
		redraw: output.redrawSoon,
		signal: sequence => signal(terminal, sequence),
		setStatus(sequence) {
			terminal.status = sequence;
			sendStatus(terminal);
		},
		takeOver: tenant => handOver(terminal, tenant),
		async close() {
			output.gate(true);
			await untilDrained(stdout);
			finish(terminal);
			unguard();
			unlisten();
			stdin.pause();
		},
	};
};
