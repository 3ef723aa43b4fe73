import {UnicodeGraphemesAddon} from '@xterm/addon-unicode-graphemes';
import xterm from '@xterm/headless';

/** What `see` looks for: text anywhere on the screen, a pattern, or a condition on its lines. */
export type Sight = string | RegExp | ((lines: readonly string[]) => boolean);

export type SightOptions = {readonly withinMs?: number};

/** One cell of the screen: its text (empty to the right of a wide character) and how it is drawn. Colours are palette numbers or 24-bit values; -1 is the default. */
export type Cell = {
	readonly text: string;
	readonly width: number;
	readonly bold: boolean;
	readonly dim: boolean;
	readonly inverse: boolean;
	readonly underline: boolean;
	readonly foreground: number;
	readonly background: number;
};

export type OuterTerminal = ReturnType<typeof createOuterTerminal>;

const pollMs = 10;

const isSeen = (sight: Sight, lines: readonly string[]): boolean => {
	if (typeof sight === 'function') {
		return sight(lines);
	}

	const screen = lines.join('\n');
	return typeof sight === 'string' ? screen.includes(sight) : sight.test(screen);
};

const nameOf = (sight: Sight): string => (typeof sight === 'string' ? `“${sight}”` : String(sight));

/** The last screen in a frame, for the message of a failed look. */
const framed = (lines: readonly string[]): string => {
	const width = Math.max(...lines.map(line => line.length), 1);
	return [`┌${'─'.repeat(width)}┐`, ...lines.map(line => `│${line.padEnd(width)}│`), `└${'─'.repeat(width)}┘`].join('\n');
};

const cellAt = (terminal: xterm.Terminal, x: number, y: number): Cell => {
	const buffer = terminal.buffer.active;
	const cell = buffer.getLine(buffer.baseY + y)?.getCell(x);
	if (!cell) {
		throw new RangeError(`There is no cell ${x},${y} on a screen of ${terminal.cols}×${terminal.rows}.`);
	}

	return {
		text: cell.getChars(),
		width: cell.getWidth(),
		bold: cell.isBold() !== 0,
		dim: cell.isDim() !== 0,
		inverse: cell.isInverse() !== 0,
		underline: cell.isUnderline() !== 0,
		foreground: cell.isFgDefault() ? -1 : cell.getFgColor(),
		background: cell.isBgDefault() ? -1 : cell.getBgColor(),
	};
};

/** The looks every screen in a test offers: they poll until `lines` satisfies them, and fail showing the last screen. */
export const looksAt = (lines: () => Promise<readonly string[]>) => {
	const until = async (sight: Sight, wanted: boolean, {withinMs = 10_000}: SightOptions): Promise<string> => {
		const deadline = performance.now() + withinMs;
		for (;;) {
			const seen = await lines();
			if (isSeen(sight, seen) === wanted) {
				return seen.join('\n');
			}

			if (performance.now() > deadline) {
				throw new Error(`${wanted ? 'Never saw' : 'Still saw'} ${nameOf(sight)} within ${withinMs} ms. Last screen:\n${framed(seen)}`);
			}

			await new Promise(resolve => {
				setTimeout(resolve, pollMs);
			});
		}
	};

	return {
		/** Resolves with the screen as soon as it shows `sight`. */
		see: (sight: Sight, options: SightOptions = {}) => until(sight, true, options),
		/** Resolves with the screen as soon as it no longer shows `sight`. */
		gone: (sight: Sight, options: SightOptions = {}) => until(sight, false, options),
	};
};

/**
 * The operator's terminal of a test: a real emulator with no window. `lines()` waits until everything written was drawn.
 * `onReply` hears what the emulator answers to queries.
 */
export const createOuterTerminal = ({columns, rows, onReply}: {columns: number; rows: number; onReply?: (reply: string) => void}) => {
	const terminal = new xterm.Terminal({
		cols: columns,
		rows,
		scrollback: 1000,
		allowProposedApi: true,
		windowOptions: {getWinSizeChars: true},
	});
	// The addon's types name the browser's Terminal; it needs only what the headless one has.
	terminal.loadAddon(new UnicodeGraphemesAddon() as unknown as xterm.ITerminalAddon);
	terminal.unicode.activeVersion = '15-graphemes';
	if (onReply) {
		terminal.onData(onReply);
	}

	const drawn = () =>
		new Promise<void>(resolve => {
			terminal.write('', resolve);
		});

	const lines = async (): Promise<readonly string[]> => {
		await drawn();
		const buffer = terminal.buffer.active;
		return Array.from({length: terminal.rows}, (_, row) => buffer.getLine(buffer.baseY + row)?.translateToString(true) ?? '');
	};

	return {
		terminal,
		write: (data: string | Uint8Array) => terminal.write(data),
		resize: (nextColumns: number, nextRows: number) => terminal.resize(nextColumns, nextRows),
		/** Resolves once everything written so far is on the screen. */
		drawn,
		/** The visible rows, without trailing blanks. */
		lines,
		/** One cell as it is drawn now; `await lines()` or `see` first. */
		cell: (x: number, y: number): Cell => cellAt(terminal, x, y),
		...looksAt(lines),
		dispose: () => terminal.dispose(),
	};
};
