import {cellBits, type ExtendedAttributes} from './xterm-internals.js';

const colourMode = 0x3_00_00_00;
const mode16 = 0x1_00_00_00;
const mode256 = 0x2_00_00_00;

const isUnderlined = 0x10_00_00_00;

/** Flags of the `fg` and `bg` words with their SGR parameters, underline excepted. */
const fgFlags = [
	[0x8_00_00_00, 1],
	[0x20_00_00_00, 5],
	[0x4_00_00_00, 7],
	[0x40_00_00_00, 8],
	[0x80_00_00_00, 9],
] as const;
const bgFlags = [
	[0x8_00_00_00, 2],
	[0x4_00_00_00, 3],
	[0x40_00_00_00, 53],
] as const;

const rgb = (word: number): readonly [number, number, number] => [(word >>> 16) & 255, (word >>> 8) & 255, word & 255];

/** SGR parameters of a colour; `base` is 30 for the foreground and 40 for the background. */
const colour = (word: number, base: 30 | 40): string => {
	const mode = word & colourMode;
	const index = word & 255;
	if (mode === 0) {
		return '';
	}

	if (mode === mode16) {
		return `;${index < 8 ? base + index : base + 52 + index}`;
	}

	return mode === mode256 ? `;${base + 8};5;${index}` : `;${base + 8};2;${rgb(word).join(';')}`;
};

/** xterm.js stores "default underline colour" (SGR 59) as white. */
const forgottenUnderlineColour = 0x3_ff_ff_ff;

/** Colons, so that a terminal which knows no underline colours ignores all of it. */
const underlineColour = (ext: number): string => {
	const word = ext & forgottenUnderlineColour;
	const mode = word & colourMode;
	if (mode === 0 || word === forgottenUnderlineColour) {
		return '';
	}

	return mode === colourMode ? `;58:2::${rgb(word).join(':')}` : `;58:5:${word & 255}`;
};

const underline = (fg: number, ext: number): string => {
	if ((fg & isUnderlined) === 0) {
		return '';
	}

	const style = (ext >>> 26) & 7;
	return style > 1 ? `;4:${style}` : ';4';
};

const flags = (fg: number, bg: number): string => {
	let parameters = '';
	for (const [flag, parameter] of fgFlags) {
		parameters += (fg & flag) === 0 ? '' : `;${parameter}`;
	}

	for (const [flag, parameter] of bgFlags) {
		parameters += (bg & flag) === 0 ? '' : `;${parameter}`;
	}

	return parameters;
};

/** The `bg` word without the bits that say nothing about looks. */
export const visibleBg = (bg: number): number => bg & ~(cellBits.bgHasExtended | cellBits.bgProtected);

const write = (fg: number, bg: number, ext: number): string =>
	`\u001B[0${flags(fg, bg)}${underline(fg, ext)}${colour(fg, 30)}${colour(bg, 40)}${underlineColour(ext)}m`;

/** Sequences by the looks they set; looks of the same slot replace one another. */
const slotBits = 12;
const slotFg = new Uint32Array(1 << slotBits);
const slotBg = new Uint32Array(1 << slotBits);
const slots: string[] = new Array<string>(1 << slotBits).fill('\u001B[0m');

const slotOf = (fg: number, bg: number): number => (Math.imul(fg, 0x9e_37_79_b1) ^ Math.imul(bg, 0x85_eb_ca_6b)) >>> (32 - slotBits);

/** The sequence that sets exactly these looks, starting from a reset. Underlines are plain: every terminal draws them. */
export const sgr = (fg: number, bg: number): string => {
	const slot = slotOf(fg, bg);
	if (slotFg[slot] !== fg || slotBg[slot] !== bg) {
		slotFg[slot] = fg;
		slotBg[slot] = bg;
		slots[slot] = write(fg, visibleBg(bg), 0);
	}

	return slots[slot]!;
};

/** As `sgr`, with the underline's own style and colour. */
export const fullSgr = (fg: number, bg: number, extended: ExtendedAttributes | undefined): string =>
	extended === undefined || extended._ext === 0 ? sgr(fg, bg) : write(fg, visibleBg(bg), extended._ext);
