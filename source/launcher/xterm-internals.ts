import xterm from '@xterm/headless';
import {graphemes} from './graphemes.js';

/**
 * The parts of @xterm/headless 6.0.0 that are not in its public types and that the launcher relies on: reading cells without
 * an object per cell, parsing without a timer, and seeing a line before it is forgotten. The contract tests in
 * test/adapters/screen-internals.test.ts hold them against the public API.
 */

/** Underline style (bits 26–28) and colour (bits 0–25) of a cell, and the hyperlink it belongs to (0: none). */
export type ExtendedAttributes = {readonly _ext: number; readonly urlId: number};

/** One row: three words a cell (`content`, `fg`, `bg`), and the texts and attributes that do not fit into them. */
export type BufferLine = {
	readonly _data: Uint32Array;
	readonly _combined: Readonly<Record<number, string | undefined>>;
	readonly _extendedAttrs: Readonly<Record<number, ExtendedAttributes | undefined>>;
	readonly length: number;
	translateToString(trimRight?: boolean): string;
};

/** The pen or a saved pen: what the next character will look like. */
export type Pen = {readonly fg: number; readonly bg: number};

type Subscription = {dispose(): void};

/** A ring of rows. `onTrim` is told after the oldest rows were cut off, while they still lie in the ring. */
export type LineRing = {
	readonly length: number;
	readonly maxLength: number;
	get(index: number): BufferLine | undefined;
	set(index: number, line: BufferLine): void;
	/** Takes rows out and puts others in. Put into a full ring, rows overwrite the oldest before `onTrim` is told. */
	splice(start: number, deleteCount: number, ...lines: BufferLine[]): void;
	onTrim(listener: (amount: number) => void): Subscription;
};

export type Charset = Readonly<Record<string, string | undefined>>;

export type CellBuffer = {
	readonly lines: LineRing;
	readonly ybase: number;
	readonly x: number;
	readonly y: number;
	readonly scrollTop: number;
	readonly scrollBottom: number;
	readonly savedX: number;
	readonly savedY: number;
	readonly savedCurAttrData: Pen;
	readonly savedCharset: Charset | undefined;
	getBlankLine(pen: Pen): BufferLine;
};

/** Parameters of a CSI sequence as the parser holds them; writing to `params` changes what later handlers see. */
export type CsiParams = {readonly length: number; readonly params: Int32Array};

export type FunctionId = {readonly prefix?: string; readonly intermediates?: string; readonly final: string};

export type Core = {
	readonly cols: number;
	readonly rows: number;
	readonly buffer: CellBuffer;
	readonly buffers: {readonly normal: CellBuffer; readonly active: CellBuffer; onBufferActivate(listener: () => void): Subscription};
	readonly coreService: {
		readonly isCursorHidden: boolean;
		readonly modes: {readonly insertMode: boolean};
		readonly decPrivateModes: {readonly origin: boolean; readonly synchronizedOutput: boolean; readonly bracketedPasteMode: boolean};
	};
	readonly unicodeService: {charProperties(codePoint: number, preceding: number): number};
	readonly _charsetService: {readonly glevel: number; readonly _charsets: ReadonlyArray<Charset | undefined>};
	readonly _oscLinkService: {
		readonly _dataByLinkId: ReadonlyMap<number, unknown>;
		getLinkData(linkId: number): {readonly id?: string | undefined; readonly uri: string} | undefined;
	};
	readonly _inputHandler: {
		parse(data: Uint8Array | string): unknown;
		getAttrData(): Pen & {readonly extended: ExtendedAttributes};
		eraseInDisplay(params: CsiParams): boolean;
		setHyperlink(data: string): boolean;
	};
	registerCsiHandler(id: FunctionId, handler: (params: CsiParams) => boolean): Subscription;
	registerDcsHandler(id: FunctionId, handler: (data: string) => boolean): Subscription;
	registerEscHandler(id: FunctionId, handler: () => boolean): Subscription;
	registerOscHandler(code: number, handler: (data: string) => boolean): Subscription;
};

/** How the three words of a cell are packed. */
export const cellBits = {
	codePoint: 0x1f_ff_ff,
	isCombined: 0x20_00_00,
	hasContent: 0x3f_ff_ff,
	widthShift: 22,
	bgHasExtended: 0x10_00_00_00,
	bgProtected: 0x20_00_00_00,
} as const;

/** Rows kept as live cells above the screen; what scrolls off these is packed into the history. */
export const liveScrollback = 256;

/** A headless terminal with grapheme widths, and its insides. It answers only those window reports that tell sizes. */
export const openTerminal = ({columns, rows}: {columns: number; rows: number}): {terminal: xterm.Terminal; core: Core} => {
	const terminal = new xterm.Terminal({
		cols: columns,
		rows,
		scrollback: liveScrollback,
		allowProposedApi: true,
		logLevel: 'off',
		windowOptions: {
			getWinSizeChars: true,
			getWinSizePixels: true,
			getCellSizePixels: true,
			getScreenSizeChars: true,
			getScreenSizePixels: true,
			pushTitle: true,
			popTitle: true,
		},
	});
	terminal.unicode.register(graphemes);
	terminal.unicode.activeVersion = graphemes.version;
	return {terminal, core: coreOf(terminal)};
};

/** The insides of any terminal of @xterm/headless 6.0.0. */
export const coreOf = (terminal: xterm.Terminal): Core => (terminal as unknown as {readonly _core: Core})._core;

/** A parser handler that cannot throw into the parser: a failure counts as "not handled". */
export const guarded =
	<Input extends readonly unknown[]>(handler: (...input: Input) => boolean): ((...input: Input) => boolean) =>
	(...input) => {
		try {
			return handler(...input);
		} catch {
			return false;
		}
	};
