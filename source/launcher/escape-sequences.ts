/** The kinds of sequences a scanner tells apart. `other` is a string nobody looks into (PM, SOS). */
export type SequenceKind = 'esc' | 'csi' | 'osc' | 'dcs' | 'apc' | 'other';

/**
 * A control sequence without its introducer and terminator, one character a byte. Only a string (OSC, DCS, APC) can be
 * judged before it is complete; then `body` is what has arrived. `isBroken` when something else than a terminator ended it:
 * no terminal carries it out.
 */
export type ControlSequence = {readonly kind: SequenceKind; readonly body: string; readonly isComplete: boolean; readonly isBroken?: true};

export const esc = 0x1b;
const bell = 0x07;
const backslash = 0x5c;
const cancel = 0x18;
const substitute = 0x1a;
/** In UTF-8 the C1 controls (CSI, OSC …) are this byte and a second from 0x80 to 0x9f. */
export const c1Lead = 0xc2;
const c1StringTerminator = 0x9c;

/** No sequence is held back longer than this before it is let through. */
export const mostHeld = 4096;

const kindsByFinal: Readonly<Record<number, SequenceKind>> = {91: 'csi', 93: 'osc', 80: 'dcs', 95: 'apc', 94: 'other', 88: 'other'};
const kindsByC1: Readonly<Record<number, SequenceKind>> = {155: 'csi', 157: 'osc', 144: 'dcs', 159: 'apc', 158: 'other', 152: 'other'};

/** Where a sequence lies in the bytes; `kind` is `other` for one that was broken off. */
export type Span = {readonly kind: SequenceKind; readonly bodyFrom: number; readonly bodyTo: number; readonly end: number};

/** Control characters that terminals carry out in the midst of a sequence. */
const isSkipped = (byte: number | undefined): boolean =>
	byte !== undefined && byte < 0x20 && byte !== esc && byte !== cancel && byte !== substitute;

/** The sequence is cut off by the end of the bytes. */
export const isCutOff = 'cut off';
type Found = Span | typeof isCutOff;

const controlCharacters = /[\u0000-\u001F\u007F]/g;

/** The body of a short sequence, without control characters. */
export const bodyOf = (data: Buffer, span: Span): string => {
	const body = data.toString('latin1', span.bodyFrom, span.bodyTo);
	const mayHoldControls = span.kind === 'csi' || span.kind === 'esc';
	return mayHoldControls ? body.replace(controlCharacters, '') : body;
};

/** A sequence that ends with a final byte. Control characters inside are carried out by terminals and do not end it. */
export const findShort = (data: Buffer, kind: SequenceKind, from: number): Found => {
	const firstFinal = kind === 'csi' ? 0x40 : 0x30;
	for (let at = from; at < data.length; at++) {
		const byte = data[at]!;
		if (byte === esc) {
			return {kind: 'other', bodyFrom: from, bodyTo: at, end: at};
		}

		if (byte === cancel || byte === substitute || byte >= 0x7f) {
			return {kind: 'other', bodyFrom: from, bodyTo: at, end: at + 1};
		}

		if (byte >= firstFinal) {
			return {kind, bodyFrom: from, bodyTo: at + 1, end: at + 1};
		}
	}

	return data.length - from > mostHeld ? {kind: 'other', bodyFrom: from, bodyTo: data.length, end: data.length} : isCutOff;
};

/** Where a string ends: `bodyTo` before its terminator, `end` after it; undefined when the terminator has not come yet. */
export const findStringEnd = (data: Buffer, kind: SequenceKind, from: number): {bodyTo: number; end: number} | undefined => {
	for (let at = from; at < data.length; at++) {
		const byte = data[at]!;
		const next = data[at + 1];
		if ((byte === bell && kind === 'osc') || byte === cancel || byte === substitute) {
			return {bodyTo: at, end: at + 1};
		}

		if (byte === esc) {
			return next === undefined ? undefined : {bodyTo: at, end: next === backslash ? at + 2 : at};
		}

		if (byte === c1Lead && next === c1StringTerminator) {
			return {bodyTo: at, end: at + 2};
		}
	}

	return undefined;
};

/** Whether a string that ends with the byte at `at` was broken off there: cancelled, or cut short by another sequence. */
export const isBrokenAt = (data: Buffer, at: number): boolean => {
	const byte = data[at];
	return byte === cancel || byte === substitute || (byte === esc && data[at + 1] !== backslash);
};

/** Whether the kind ends with a terminator rather than a final byte. */
export const isString = (kind: SequenceKind): boolean => kind !== 'csi' && kind !== 'esc';

/** What starts at `at`: undefined when it is no sequence after all. */
export const introducerAt = (data: Buffer, at: number): {kind: SequenceKind; bodyFrom: number} | typeof isCutOff | undefined => {
	let secondAt = at + 1;
	while (data[at] === esc && isSkipped(data[secondAt])) {
		secondAt++;
	}

	const second = data[secondAt];
	if (second === undefined) {
		return isCutOff;
	}

	if (data[at] === c1Lead) {
		const kind = kindsByC1[second];
		return kind === undefined ? undefined : {kind, bodyFrom: secondAt + 1};
	}

	const kind = kindsByFinal[second];
	return kind === undefined ? {kind: 'esc', bodyFrom: secondAt} : {kind, bodyFrom: secondAt + 1};
};

/** How many bytes at the end begin a UTF-8 character that is not complete. */
export const cutCharacterLength = (data: Uint8Array, from: number): number => {
	for (let back = 1; back <= 3 && data.length - back >= from; back++) {
		const byte = data[data.length - back]!;
		if (byte >= 0xc0) {
			const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
			return length > back ? back : 0;
		}

		if (byte < 0x80) {
			return 0;
		}
	}

	return 0;
};
