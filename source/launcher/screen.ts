import {installAnswers} from './answers.js';
import {createHistory} from './history.js';
import {trackModes} from './modes.js';
import {createOutputQueue} from './output-queue.js';
import {guardParser} from './parser-guards.js';
import {createPicture, longestDrawingMs, type Picture} from './picture.js';
import {createQuerySniffer} from './queries.js';
import {keepScrollback} from './scrollback.js';
import {snapshotOf} from './snapshot.js';
import {trackTitle} from './title.js';
import {openTerminal} from './xterm-internals.js';

/** What a pty shows: its cells, its history, its modes. It answers the agent's terminal queries. Nothing here throws. */
export type Screen = {
	/** Takes output bytes as they came. Parsed at once while watched; otherwise collected for 50 ms and parsed in slices, unless the bytes hold a terminal query, which is answered at once. */
	write(chunk: Uint8Array): void;
	/** Resolves when everything written so far has been parsed. */
	parsed(): Promise<void>;
	/** Parses everything written so far at once, however long it takes. */
	parseNow(): void;
	/** Bytes written and not yet parsed. */
	readonly pendingBytes: number;
	setWatched(watched: boolean): void;
	/** Takes 1 to 1000 columns and rows; anything else is brought into that range. What was written before is parsed first. */
	resize(columns: number, rows: number): void;
	readonly columns: number;
	readonly rows: number;
	/** Bytes that draw the screen anew on a terminal in its reset state and bring the agent's modes into force; never the alternate screen. What was written before is parsed first. */
	snapshot(): Uint8Array;
	/** Bytes of a sequence or character that has not come to its end. A viewer's filter needs them before the bytes that follow a snapshot. */
	readonly unfinished: Uint8Array;
	/** Plain lines without trailing blanks; trailing empty lines are dropped. `all` begins with what scrolled off. */
	text(range: 'screen' | 'all'): readonly string[];
	/** The window title: untrusted text of at most 256 characters. */
	readonly title: string;
	readonly bells: number;
	/** True when the agent has switched bracketed paste (2004) on. */
	readonly bracketedPaste: boolean;
	/** Rows for a view to draw. */
	readonly picture: Picture;
	/** Hears after each parse that something may have changed. */
	onParsed(listener: () => void): () => void;
	/** Frees everything; what is written afterwards is dropped. */
	dispose(): void;
};

export type ScreenOptions = {
	readonly columns: number;
	readonly rows: number;
	/** Writes an answer to the agent. */
	readonly reply: (bytes: string) => void;
	readonly maxHistoryLines?: number;
	/** Gets the body of every OSC that came to its end, as it arrives and one character a byte; see `createQuerySniffer`. */
	readonly onOsc?: ((body: string) => void) | undefined;
};

const largestSide = 1000;

const clampSide = (value: number): number => (Number.isFinite(value) ? Math.min(Math.max(Math.trunc(value), 1), largestSide) : 1);

const withoutTrailingEmpty = (lines: readonly string[]): readonly string[] => lines.slice(0, lines.findLastIndex(line => line !== '') + 1);

const plainRows = (picture: Picture, from: number, to: number): readonly string[] =>
	withoutTrailingEmpty(Array.from({length: to - from}, (_, index) => picture.plain(from + index)));

/** A reply that fails (the pty is gone) is no concern of the parser. */
const quietly =
	<Input extends readonly unknown[]>(action: (...input: Input) => void): ((...input: Input) => void) =>
	(...input) => {
		try {
			action(...input);
		} catch {}
	};

/** Tells once more when a synchronized update has gone on for too long: views show it then, finished or not. */
const createPatience = (picture: Picture, tell: () => void) => {
	let timer: NodeJS.Timeout | undefined;
	const end = (): void => {
		clearTimeout(timer);
		timer = undefined;
	};

	return {
		look(): void {
			if (!picture.isDrawing) {
				end();
				return;
			}

			timer ??= setTimeout(() => {
				timer = undefined;
				tell();
			}, longestDrawingMs + 1).unref();
		},
		end,
	};
};

/** An empty screen. `maxHistoryLines` bounds what is kept of the rows that scrolled off. */
export const createScreen = ({columns, rows, reply, maxHistoryLines = 10_000, onOsc}: ScreenOptions): Screen => {
	let size = {columns: clampSide(columns), rows: clampSide(rows)};
	const {terminal, core} = openTerminal(size);
	const history = createHistory({maxRows: maxHistoryLines});
	const scrollback = keepScrollback({terminal, core, history});
	const modes = trackModes(core);
	const title = trackTitle(core);
	const picture = createPicture(core, history);
	const sniffer = createQuerySniffer({onOsc: onOsc && quietly(onOsc)});
	const queue = createOutputQueue({parse: bytes => core._inputHandler.parse(bytes), reset: () => terminal.reset()});
	let bells = 0;

	const answer = quietly(reply);
	terminal.onData(answer);
	terminal.onBell(() => {
		bells++;
	});
	guardParser(core);
	installAnswers({core, modes, reply: answer});
	const patience = createPatience(picture, queue.tell);
	queue.onParsed(patience.look);

	return {
		write: chunk => queue.write(chunk, sniffer.push(chunk)),
		parsed: queue.parsed,
		parseNow: queue.parseAll,
		get pendingBytes() {
			return queue.pendingBytes;
		},
		setWatched: queue.setEager,
		resize(nextColumns, nextRows) {
			size = {columns: clampSide(nextColumns), rows: clampSide(nextRows)};
			queue.parseAll();
			quietly(scrollback.resize)(size.columns, size.rows);
			queue.tell();
		},
		get columns() {
			return size.columns;
		},
		get rows() {
			return size.rows;
		},
		snapshot() {
			queue.parseAll();
			return Buffer.from(snapshotOf(core, modes));
		},
		get unfinished() {
			return sniffer.unfinished;
		},
		text: range => plainRows(picture, range === 'all' ? picture.firstRow : picture.screenRow, picture.screenRow + core.rows),
		get title() {
			return title.current;
		},
		get bells() {
			return bells;
		},
		get bracketedPaste() {
			return core.coreService.decPrivateModes.bracketedPasteMode;
		},
		picture,
		onParsed: queue.onParsed,
		dispose() {
			patience.end();
			queue.dispose();
			terminal.dispose();
		},
	};
};
