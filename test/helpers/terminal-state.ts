import type xterm from '@xterm/headless';
import {guardParser} from '../../source/launcher/parser-guards.js';
import {
	type BufferLine,
	type Core,
	cellBits,
	coreOf,
	type ExtendedAttributes,
	openTerminal,
} from '../../source/launcher/xterm-internals.js';

const isUnderlined = 0x10_00_00_00;
const forgottenColour = 0x3_ff_ff_ff;

/** A terminal to draw on, with the widths of the launcher's screens. */
export const openFresh = (columns: number, rows: number) => {
	const {terminal, core} = openTerminal({columns, rows});
	guardParser(core);
	return {
		terminal,
		core,
		write: async (data: string | Uint8Array): Promise<void> =>
			new Promise(resolve => {
				terminal.write(data, resolve);
			}),
	};
};

/** As `openFresh`, with a scrollback that forgets nothing. */
export const openReference = (columns: number, rows: number) => {
	const fresh = openFresh(columns, rows);
	fresh.terminal.options.scrollback = 100_000;
	return fresh;
};

/** xterm.js leaves green and red of an earlier colour behind an index of the palette. */
const meant = (word: number): number => {
	const mode = word & 0x3_00_00_00;
	const isPalette = mode === 0x1_00_00_00 || mode === 0x2_00_00_00;
	return (isPalette ? word & ~0xff_ff_00 : word) >>> 0;
};

const underline = (fg: number, extended: ExtendedAttributes | undefined) => {
	const ext = extended?._ext ?? 0;
	const colour = ext & forgottenColour;
	return {
		style: (fg & isUnderlined) === 0 ? 0 : (ext >>> 26) & 7 || 1,
		colour: colour === forgottenColour ? 0 : meant(colour),
	};
};

const linkOf = (core: Core, extended: ExtendedAttributes | undefined): string =>
	extended === undefined || extended.urlId === 0 ? '' : (core._oscLinkService.getLinkData(extended.urlId)?.uri ?? '');

const looks = (core: Core, fg: number, bg: number, extended: ExtendedAttributes | undefined): string =>
	JSON.stringify([meant(fg), meant(bg & ~cellBits.bgHasExtended), underline(fg, extended), linkOf(core, extended)]);

const cell = (core: Core, line: BufferLine, x: number): string => {
	const [content, fg, bg] = [line._data[x * 3]!, line._data[x * 3 + 1]!, line._data[x * 3 + 2]!];
	const codePoint = content & cellBits.codePoint;
	const single = codePoint === 0 ? ' ' : String.fromCodePoint(codePoint);
	const text = (content & cellBits.isCombined) === 0 ? single : line._combined[x]!;
	const hasExtended = (bg & cellBits.bgHasExtended) !== 0;
	const extended = hasExtended ? line._extendedAttrs[x] : undefined;
	// The colour of an underline that is not there does not show.
	const shown = extended && {_ext: (fg & isUnderlined) === 0 ? 0 : extended._ext, urlId: extended.urlId};
	const width = content >>> cellBits.widthShift;
	// xterm.js may tear a wide character (wraparound off, columns inserted); nothing can show one half.
	const isTail = (at: number): boolean => line._data[at * 3]! >>> cellBits.widthShift === 0;
	const isTorn = (width === 2 && !isTail(x + 1)) || (width === 0 && line._data[(x - 1) * 3]! >>> cellBits.widthShift !== 2);
	return isTorn ? 'torn' : `${width === 0 ? '' : text}|${width}|${looks(core, fg, bg, shown)}`;
};

/** Everything on the live screen, one string a cell; rows of strings. */
export const cellsOf = (core: Core): readonly (readonly string[])[] =>
	Array.from({length: core.rows}, (_, y) => {
		const line = core.buffer.lines.get(core.buffer.ybase + y)!;
		return Array.from({length: core.cols}, (__, x) => cell(core, line, x));
	});

/** Cursor, pen, saved cursor, margins, charsets and modes. */
export const stateOf = (terminal: xterm.Terminal) => {
	const core = coreOf(terminal);
	const {buffer} = core;
	const pen = core._inputHandler.getAttrData();
	const saved = buffer.savedCurAttrData;
	const {synchronizedOutputMode: _, ...modes} = terminal.modes;
	return {
		cursor: [buffer.x, buffer.y],
		pen: looks(core, pen.fg, pen.bg, pen.extended),
		saved: [
			Math.min(buffer.savedX, core.cols - 1),
			Math.min(Math.max(buffer.savedY - buffer.ybase, 0), core.rows - 1),
			meant(saved.fg),
			meant(saved.bg & ~cellBits.bgHasExtended),
			buffer.savedCharset?.['q'],
		],
		margins: [buffer.scrollTop, buffer.scrollBottom],
		charsets: [core._charsetService.glevel, ...[0, 1, 2, 3].map(slot => core._charsetService._charsets[slot]?.['q'])],
		isCursorHidden: core.coreService.isCursorHidden,
		modes,
	};
};

/** The rows of the normal screen with all its scrollback, as text. */
export const plainRows = (terminal: xterm.Terminal): readonly string[] => {
	const buffer = terminal.buffer.normal;
	const rows = Array.from({length: buffer.length}, (_, y) => buffer.getLine(y)!.translateToString(true).trimEnd());
	return rows.slice(0, rows.findLastIndex(row => row !== '') + 1);
};
