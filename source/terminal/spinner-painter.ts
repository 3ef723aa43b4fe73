import type {OperatorTerminal} from './operator-terminal.js';

/** One turning cell, in cells of the terminal counted from 0. `sgr` colours it (`36`, `38;5;4`): parameters only. */
export type Spinner = {readonly x: number; readonly y: number; readonly sgr?: string};

/** The turns of a spinner, each one cell wide. Ink draws the first one, so that the cell is right while nothing turns. */
export const spinnerGlyphs = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;

/** Eight turns a second: more costs bytes on slow lines and looks no better. */
const turnMs = 125;

/**
 * Turns cells of Ink's own drawing without Ink: a frame of Ink's for each turn would cost more than everything else the console does. A
 * cell is never put back: Ink draws something else there when the spinner ends.
 */
export const createSpinnerPainter = ({terminal}: {readonly terminal: OperatorTerminal}) => {
	let spinners: readonly Spinner[] = [];
	let turn = 0;
	let timer: NodeJS.Timeout | undefined;
	let isPaintDue = false;

	const paint = (): void => {
		const {columns, rows} = terminal.size();
		const glyph = spinnerGlyphs[turn % spinnerGlyphs.length];
		const cells = spinners
			.filter(({x, y}) => x >= 0 && y >= 0 && x < columns && y < rows)
			.map(({x, y, sgr = ''}) => `\u{1B}[${y + 1};${x + 1}H\u{1B}[0;${sgr.replaceAll(/[^\d;:]/g, '')}m${glyph}`);
		if (cells.length > 0) {
			terminal.paint(`${cells.join('')}\u{1B}[0m`);
		}
	};

	// A moment after Ink's frame, not within it: by then its owner has said where the spinners are in the new layout.
	const paintSoon = (): void => {
		if (!isPaintDue && spinners.length > 0) {
			isPaintDue = true;
			setImmediate(() => {
				isPaintDue = false;
				paint();
			});
		}
	};

	const stopListening = terminal.onFrame(paintSoon);
	const stopTurning = (): void => {
		clearInterval(timer);
		timer = undefined;
	};

	return {
		/** Replaces all spinners. Nothing ticks while there are none. */
		set(nextSpinners: readonly Spinner[]): void {
			spinners = nextSpinners;
			if (spinners.length === 0) {
				stopTurning();
				return;
			}

			paintSoon();
			timer ??= setInterval(() => {
				turn++;
				paint();
			}, turnMs);
		},
		close(): void {
			spinners = [];
			stopTurning();
			stopListening();
		},
	};
};
