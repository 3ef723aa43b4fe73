import {type Core, type CsiParams, guarded} from './xterm-internals.js';

/*
 * An agent may write anything. xterm.js repeats some sequences as often as their parameter says, up to two thousand million
 * times in one step, and stumbles over one corner of the screen. These handlers run before its own and mend what they see.
 */

/** Sequences that work once per row or per column: more than the screen has changes nothing. */
const repeatedPerRow = ['L', 'M', 'S', 'T'];
const repeatedPerColumn = ['I', 'Z', 'b'];

const clamp =
	(most: () => number) =>
	(params: CsiParams): boolean => {
		if (params.params[0]! > most()) {
			params.params[0] = most();
		}

		return false;
	};

/** "Erase above" with the cursor in the last corner touches the row below the screen, which must exist. */
const provideRowBelow =
	(core: Core) =>
	(params: CsiParams): boolean => {
		const {buffer} = core;
		const below = buffer.y + 1;
		if (params.params[0] === 1 && buffer.lines.get(below) === undefined) {
			buffer.lines.set(below, buffer.getBlankLine({fg: 0, bg: 0}));
		}

		return false;
	};

const longestLink = 4096;
const mostLinks = 2048;

/** Every open hyperlink follows its row about; without an end to them, scrolling would slow down. */
const limitLinks =
	(core: Core) =>
	(data: string): boolean => {
		const isTooMuch = data.length > longestLink || core._oscLinkService._dataByLinkId.size >= mostLinks;
		return isTooMuch && core._inputHandler.setHyperlink(';');
	};

/** Bounds what one sequence can cost. */
export const guardParser = (core: Core): void => {
	for (const final of repeatedPerRow) {
		core.registerCsiHandler({final}, guarded(clamp(() => core.rows)));
	}

	for (const final of repeatedPerColumn) {
		core.registerCsiHandler({final}, guarded(clamp(() => core.cols)));
	}

	core.registerCsiHandler({final: 'J'}, guarded(provideRowBelow(core)));
	core.registerCsiHandler({prefix: '?', final: 'J'}, guarded(provideRowBelow(core)));
	core.registerOscHandler(8, guarded(limitLinks(core)));
};
