import type xterm from '@xterm/headless';
import type {History} from './history.js';
import {packLine} from './packed-row.js';
import {type Core, type CsiParams, guarded, type LineRing, liveScrollback} from './xterm-internals.js';

/** A reflow to fewer columns multiplies rows; beyond this many it may forget the oldest. */
const mostReflowedRows = 16_384;

const eraseScrollback = 3;
const noBytes = new Uint8Array();

/**
 * Moves every row that the ring of live rows forgets into `history`. The alternate screen adds nothing; "clear scrollback"
 * (CSI 3 J) and a full reset (ESC c) empty the history too, as they do on any terminal.
 */
export const keepScrollback = ({terminal, core, history}: {terminal: xterm.Terminal; core: Core; history: History}) => {
	let ring: LineRing | undefined;
	let isReflowing = false;

	const pack = (source: LineRing, from: number, to: number): void => {
		for (let index = from; index < to; index++) {
			const line = source.get(index);
			history.add(line === undefined ? noBytes : packLine(line));
		}
	};

	/** The rows just cut off still lie in the ring, past its last slot. */
	const packTrimmed = (source: LineRing, amount: number): void => {
		if (!isReflowing) {
			pack(source, source.maxLength - amount, source.maxLength);
		}
	};

	const hook = (source: LineRing): void => {
		const splice = source.splice.bind(source);
		let isPacked = false;
		source.onTrim(amount => {
			if (!isPacked) {
				packTrimmed(source, amount);
			}
		});

		// Scrolling above fixed lines puts a row into the midst of the ring, over the oldest: take that one out before.
		source.splice = (start, deleteCount, ...lines) => {
			const overflow = source.length - deleteCount + lines.length - source.maxLength;
			isPacked = overflow > 0;
			pack(source, 0, isPacked ? overflow : 0);
			splice(start, deleteCount, ...lines);
			isPacked = false;
		};
	};

	const follow = (): void => {
		const current = core.buffers.normal.lines;
		if (current === ring) {
			return;
		}

		if (ring !== undefined) {
			history.clear();
		}

		ring = current;
		hook(current);
	};

	follow();
	core.buffers.onBufferActivate(follow);

	const clear = (params: CsiParams): boolean => {
		const isClear = params.params[0] === eraseScrollback && core.buffers.active === core.buffers.normal;
		if (!isClear) {
			return false;
		}

		core._inputHandler.eraseInDisplay(params);
		history.clear();
		return true;
	};

	core.registerCsiHandler({final: 'J'}, guarded(clear));

	return {
		/** Resizes the terminal. No row is lost while wrapped rows are laid out anew: the ring is widened for that long. */
		resize(columns: number, rows: number): void {
			if (columns === core.cols && rows === core.rows) {
				return;
			}

			const rowsPerRow = Math.ceil(core.cols / columns);
			const room = (liveScrollback + Math.max(core.rows, rows)) * rowsPerRow;
			isReflowing = true;
			try {
				terminal.options.scrollback = Math.min(room, mostReflowedRows);
				terminal.resize(columns, rows);
			} finally {
				isReflowing = false;
				terminal.options.scrollback = liveScrollback;
			}
		},
	};
};
