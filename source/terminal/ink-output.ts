import {Writable} from 'node:stream';
import {
	beginUpdate,
	clearScreen,
	endOfSequence,
	endUpdate,
	enterAlternateScreen,
	hideCursor,
	leaveAlternateScreen,
	showCursor,
} from './restore-sequence.js';
import {sizeOf, type TerminalOutput} from './terminal-streams.js';

/** More than this waiting for the terminal means it lags: what is drawn then is dropped, and everything is drawn anew when it has caught up. */
export const lagBytes = 256 * 1024;

/** Something painted over Ink's frames: called at the end of every frame, inside the same update. Empty when it has nothing to say. */
export type Overlay = () => string;

/** The stream Ink writes to. It never lets Ink wait. */
export type InkStdout = Writable & {readonly isTTY: true; readonly columns: number; readonly rows: number};

type Output = {
	readonly stdout: TerminalOutput;
	readonly overlays: Set<Overlay>;
	readonly onRecovered: () => void;
	readonly onFrame: (frame: number) => void;
	readonly onFrameShown: (frame: number) => void;
	isClosed: boolean;
	/** While an agent has the terminal, what Ink writes goes nowhere. */
	isGated: boolean;
	isLagging: boolean;
	isCursorShown: boolean;
	onAlternateScreen: boolean;
	/** The frame Ink is writing, until it is complete. */
	frame: string | undefined;
	/** Makes the next reading of the width one too many: see `redraw`. */
	isWidthFeigned: boolean;
	isRedrawDue: boolean;
	/** How many frames were written. */
	frames: number;
};

/** The state of the last of two switches in `text`, or as it `was` when neither is there. */
const lastSwitch = (text: string, on: string, off: string, was: boolean): boolean => {
	const lastOn = text.lastIndexOf(on);
	const lastOff = text.lastIndexOf(off);
	return lastOn === lastOff ? was : lastOn > lastOff;
};

const send = (output: Output, data: string | Uint8Array, onWritten?: (error?: Error | null) => void): void => {
	if (output.isClosed) {
		return;
	}

	output.stdout.write(data, onWritten);
	output.isLagging ||= output.stdout.writableLength > lagBytes;
};

const painted = (output: Output): string => {
	const rows = [...output.overlays].map(overlay => overlay()).join('');
	return rows === '' ? '' : `\u{1B}7${rows}\u{1B}8`;
};

const sendFromInk = (output: Output, text: string, onWritten?: (error?: Error | null) => void): void => {
	output.isCursorShown = lastSwitch(text, showCursor, hideCursor, output.isCursorShown);
	output.onAlternateScreen = lastSwitch(text, enterAlternateScreen, leaveAlternateScreen, output.onAlternateScreen);
	send(output, text, onWritten);
};

/** Ink's line updates erase to the end of the line, panes included: so every frame ends with the panes, before anything is shown. */
const finishFrame = (output: Output, frame: string): void => {
	output.frame = undefined;
	const hides = lastSwitch(frame, showCursor, hideCursor, output.isCursorShown);
	const rows = painted(output);
	const isDrawnHidden = rows !== '' && hides;
	const number = ++output.frames;
	sendFromInk(output, `${frame}${isDrawnHidden ? hideCursor : ''}${rows}${isDrawnHidden ? showCursor : ''}${endUpdate}`, error => {
		if (!error) {
			output.onFrameShown(number);
		}
	});
	output.onFrame(number);
};

const takeFromInk = (output: Output, text: string): void => {
	const isRepeatedEntry = text === enterAlternateScreen && output.onAlternateScreen;
	if (text === '' || output.isGated || output.isLagging || output.isClosed || isRepeatedEntry) {
		return;
	}

	if (output.frame !== undefined) {
		if (text === endUpdate) {
			finishFrame(output, output.frame);
		} else {
			output.frame += text;
		}
	} else if (text === beginUpdate) {
		output.frame = text;
	} else {
		sendFromInk(output, text);
	}
};

const createInkStdout = (output: Output): InkStdout => {
	const stream = new Writable({
		decodeStrings: false,
		write(chunk: string | Buffer, _encoding, done) {
			takeFromInk(output, typeof chunk === 'string' ? chunk : chunk.toString('utf8'));
			done();
		},
	});
	// One listener for every component that asks for the size.
	stream.setMaxListeners(0);
	const columns = () => {
		const extra = output.isWidthFeigned ? 1 : 0;
		output.isWidthFeigned = false;
		return sizeOf(output.stdout).columns + extra;
	};

	return Object.defineProperties(stream, {
		isTTY: {value: true},
		columns: {get: columns},
		rows: {get: () => sizeOf(output.stdout).rows},
	}) as InkStdout;
};

/**
 * Has Ink draw everything again on a cleared screen. Ink forgets its last frame when it hears that the terminal became narrower, so it
 * is told of one column more, and then of the true width; only its comparison sees the feigned one, no layout does.
 */
const redraw = (output: Output, inkStdout: InkStdout): void => {
	if (output.isClosed || output.isGated || output.isLagging || !output.onAlternateScreen) {
		inkStdout.emit('resize');
		return;
	}

	output.isGated = true;
	output.isWidthFeigned = true;
	inkStdout.emit('resize');
	output.isWidthFeigned = false;
	output.isGated = false;
	// All that follows belongs to one frame, so that the cleared screen is never seen.
	const cleared = endOfSequence + beginUpdate + hideCursor + clearScreen;
	output.frame = cleared;
	inkStdout.emit('resize');
	if (output.frame === cleared) {
		// Ink had nothing to draw.
		finishFrame(output, cleared);
	}
};

/** Redraws once, however often it was asked for before the loop came round. */
const redrawSoon = (output: Output, inkStdout: InkStdout): void => {
	if (!output.isRedrawDue) {
		output.isRedrawDue = true;
		setImmediate(() => {
			output.isRedrawDue = false;
			redraw(output, inkStdout);
		});
	}
};

const watchLag = (output: Output): (() => void) => {
	const recover = () => {
		if (output.isLagging) {
			output.isLagging = false;
			output.onRecovered();
		}
	};

	output.stdout.on('drain', recover);
	return () => output.stdout.off('drain', recover);
};

const idle = {
	isClosed: false,
	isGated: false,
	isLagging: false,
	isCursorShown: true,
	onAlternateScreen: false,
	isWidthFeigned: false,
	isRedrawDue: false,
	frames: 0,
};

export type InkOutput = ReturnType<typeof createInkOutput>;

/**
 * Everything the console shows goes through here: Ink's frames with the panes painted over them, and what painters write between frames.
 * `onRecovered` is called when a lagging terminal has taken all that was queued; `onFrame` after each frame of Ink's was written, and `onFrameShown`
 * when the terminal has taken it.
 */
export const createInkOutput = ({stdout, ...listeners}: Pick<Output, 'stdout' | 'onRecovered' | 'onFrame' | 'onFrameShown'>) => {
	const output: Output = {...idle, ...listeners, stdout, overlays: new Set(), frame: undefined};
	const inkStdout = createInkStdout(output);
	const stopWatching = watchLag(output);
	const isReady = () => !output.isClosed && !output.isLagging;

	return {
		inkStdout,
		addOverlay(overlay: Overlay): () => void {
			output.overlays.add(overlay);
			return () => {
				output.overlays.delete(overlay);
			};
		},
		/** Draws between two frames of Ink's; false when it was dropped: lagging, or not the console's screen. */
		paint(rows: string): boolean {
			if (!isReady() || output.isGated || !output.onAlternateScreen) {
				return false;
			}

			const [before, after] = output.isCursorShown ? [hideCursor, showCursor] : ['', ''];
			send(output, `${beginUpdate}${before}\u{1B}7${rows}\u{1B}8${after}${endUpdate}`);
			return true;
		},
		/** Writes as it is, unless the terminal lags; false then. */
		write(data: string | Uint8Array): boolean {
			if (!isReady()) {
				return false;
			}

			send(output, data);
			return true;
		},
		/** Writes what must not be lost even though the terminal lags. */
		writeAlways: (data: string): void => send(output, data),
		redraw: () => redraw(output, inkStdout),
		redrawSoon: () => redrawSoon(output, inkStdout),
		/** From here on what Ink writes goes nowhere (`true`), or to the terminal again (`false`). */
		gate(isGated: boolean): void {
			output.isGated = isGated;
		},
		isOnAlternateScreen: () => output.onAlternateScreen,
		/** Nothing is written any more. */
		close(): void {
			output.isClosed = true;
			stopWatching();
		},
	};
};
