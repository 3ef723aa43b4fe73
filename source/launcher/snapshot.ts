import type {Modes} from './modes.js';
import {cellText, shownWidth} from './row-ansi.js';
import {fullSgr} from './sgr.js';
import {type BufferLine, type Charset, type Core, cellBits, type ExtendedAttributes} from './xterm-internals.js';

/** Plain looks, plain characters, no margins, insert off, wraparound on, an empty screen. */
const blank = '\u001B[0m\u001B[0"q\u001B]8;;\u001B\\\u001B(B\u000F\u001B[4l\u001B[?6l\u001B[?7h\u001B[r\u001B[H\u001B[2J';

/** Blanks are skipped with a cursor movement when that is shorter. */
const shortestJump = 4;

/** Below this no code point joins the one before it, but after a prefix. */
const firstJoining = 0x3_00;

const space = 0x20;
const joins = 1;
const kindShift = 3;

const moveTo = (x: number, y: number): string => `\u001B[${y + 1};${x + 1}H`;

const hyperlink = (core: Core, linkId: number): string => {
	const link = linkId === 0 ? undefined : core._oscLinkService.getLinkData(linkId);
	return link === undefined ? '\u001B]8;;\u001B\\' : `\u001B]8;${link.id ? `id=${link.id}` : ''};${link.uri}\u001B\\`;
};

const protection = (bg: number): string => `\u001B[${(bg & cellBits.bgProtected) === 0 ? 0 : 1}"q`;

/** Writes cells one after another, with as few sequences as keep their looks, their links and their columns. */
const createCellWriter = (core: Core) => {
	let written = '';
	let fg = 0;
	let bg = 0;
	let extended: ExtendedAttributes | undefined;
	let link = 0;
	/** What the terminal remembers of the character before, to decide what joins it; 0 after any sequence. */
	let joinState = 0;

	const sequence = (bytes: string): void => {
		written += bytes;
		joinState = 0;
	};

	const setLink = (linkId: number): void => {
		if (linkId !== link) {
			sequence(hyperlink(core, linkId));
			link = linkId;
		}
	};

	/** SGR takes the protection away in some terminals and leaves it in others: say it anew after each. */
	const setLooks = (nextFg: number, nextBg: number, nextExtended: ExtendedAttributes | undefined): void => {
		if (nextFg === fg && nextBg === bg && nextExtended === extended) {
			return;
		}

		const concernsProtection = ((bg | nextBg) & cellBits.bgProtected) !== 0;
		sequence(fullSgr(nextFg, nextBg, nextExtended) + (concernsProtection ? protection(nextBg) : ''));
		fg = nextFg;
		bg = nextBg;
		extended = nextExtended;
	};

	const wouldJoin = (codePoint: number): boolean => {
		const cannot = joinState === 0 || (codePoint < firstJoining && joinState >>> kindShift === 0);
		return !cannot && (core.unicodeService.charProperties(codePoint, joinState) & joins) !== 0;
	};

	const print = (text: string): void => {
		written += text;
		for (const character of text) {
			joinState = core.unicodeService.charProperties(character.codePointAt(0)!, joinState);
		}
	};

	return {
		sequence,
		setLink,
		setLooks,
		/** Passes over blank cells. */
		skip(columns: number): void {
			const isPlain = fg === 0 && bg === 0 && link === 0;
			if (isPlain && columns <= shortestJump && !wouldJoin(space)) {
				print(' '.repeat(columns));
			} else {
				sequence(columns === 1 ? '\u001B[C' : `\u001B[${columns}C`);
			}
		},
		cell(line: BufferLine, x: number, y: number): void {
			const at = x * 3;
			const cellBg = line._data[at + 2]!;
			const cellExtended = (cellBg & cellBits.bgHasExtended) === 0 ? undefined : line._extendedAttrs[x];
			setLink(cellExtended?.urlId ?? 0);
			setLooks(line._data[at + 1]!, cellBg, cellExtended);
			const text = shownWidth(line, x) === 0 ? ' ' : cellText(line, x);
			if (wouldJoin(text.codePointAt(0)!)) {
				sequence(moveTo(x, y));
			}

			print(text);
		},
		written: (): string => written,
	};
};

type CellWriter = ReturnType<typeof createCellWriter>;

const isBlankAt = (line: BufferLine, x: number): boolean => {
	const content = line._data[x * 3]! & cellBits.hasContent;
	return (content === 0 || content === 0x20) && line._data[x * 3 + 1] === 0 && line._data[x * 3 + 2] === 0;
};

const drawRow = (line: BufferLine, y: number, writer: CellWriter): void => {
	let column = -1;
	for (let x = 0; x < line.length; ) {
		const content = line._data[x * 3]!;
		const width = Math.max(shownWidth(line, x), 1);
		if (isBlankAt(line, x)) {
			x += width;
			continue;
		}

		const gap = x - column;
		if (column === -1) {
			writer.sequence(moveTo(x, y));
		} else if (gap > 0) {
			writer.skip(gap);
		}

		writer.cell(line, x, y);
		const isCluster = (content & cellBits.isCombined) !== 0;
		x += width;
		// Another terminal may give a cluster another width: say where the next cell is.
		column = isCluster ? -1 : x;
	}
};

const designation = (charset: Charset | undefined): string => {
	if (charset?.['q'] === '─') {
		return '0';
	}

	return charset?.['#'] === '£' ? 'A' : 'B';
};

/** Line drawing and shifts: what the agent's next bytes will mean. */
const charsets = ({_charsetService: {_charsets, glevel}}: Core): string => {
	const designated = ['(', ')', '*', '+'].map((slot, index) => {
		const name = designation(_charsets[index]);
		return name === 'B' ? '' : `\u001B${slot}${name}`;
	});
	const shifts = ['', '\u000E', '\u001Bn', '\u001Bo'];
	return designated.join('') + (shifts[glevel] ?? '');
};

const savedCursor = ({buffer, cols, rows}: Core): string => {
	const pen = buffer.savedCurAttrData;
	const x = Math.min(buffer.savedX, cols - 1);
	const y = Math.min(Math.max(buffer.savedY - buffer.ybase, 0), rows - 1);
	const name = designation(buffer.savedCharset);
	const isDefault = x === 0 && y === 0 && pen.fg === 0 && pen.bg === 0 && name === 'B';
	if (isDefault) {
		return '';
	}

	const drawing = name === 'B' ? '' : `\u001B(${name}`;
	const looks = fullSgr(pen.fg, pen.bg, undefined) + ((pen.bg & cellBits.bgProtected) === 0 ? '' : protection(pen.bg));
	return `${moveTo(x, y)}${looks}${drawing}\u001B7\u001B(B\u001B[0m\u001B[0"q`;
};

const margins = ({buffer, rows}: Core): string => {
	const isWhole = buffer.scrollTop === 0 && buffer.scrollBottom === rows - 1;
	return isWhole ? '' : `\u001B[${buffer.scrollTop + 1};${buffer.scrollBottom + 1}r`;
};

/** Puts the cursor where it is; past the last column that takes printing the last cell once more. */
const placeCursor = ({buffer, cols, coreService}: Core, writer: CellWriter): void => {
	const top = coreService.decPrivateModes.origin ? buffer.scrollTop : 0;
	writer.sequence(coreService.decPrivateModes.origin ? '\u001B[?6h' : '');
	const line = buffer.lines.get(buffer.ybase + buffer.y);
	const isPastEnd = buffer.x >= cols && line !== undefined;
	if (!isPastEnd) {
		writer.sequence(moveTo(buffer.x, buffer.y - top));
		return;
	}

	const last = shownWidth(line, cols - 2) === 2 ? cols - 2 : cols - 1;
	writer.sequence(moveTo(last, buffer.y - top));
	writer.cell(line, last, buffer.y);
};

/**
 * The screen as bytes: written to a terminal of the same size in its reset state they give the same cells, cursor, pen,
 * saved cursor, margins and modes. The alternate screen is drawn, but never switched to.
 */
export const snapshotOf = (core: Core, modes: Modes): string => {
	const {buffer, coreService} = core;
	const writer = createCellWriter(core);
	writer.sequence(blank);
	for (let y = 0; y < core.rows; y++) {
		const line = buffer.lines.get(buffer.ybase + y);
		if (line !== undefined) {
			drawRow(line, y, writer);
		}
	}

	writer.setLink(0);
	writer.setLooks(0, 0, undefined);
	writer.sequence(savedCursor(core) + margins(core));
	placeCursor(core, writer);
	const pen = core._inputHandler.getAttrData();
	writer.setLink(pen.extended.urlId);
	writer.setLooks(pen.fg, pen.bg, pen.extended);
	writer.sequence((coreService.modes.insertMode ? '\u001B[4h' : '') + charsets(core) + modes.replay());
	return writer.written();
};
