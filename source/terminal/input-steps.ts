import {meaningOfControlSequence, meaningOfLinuxKey, meaningOfSingleShift} from './control-sequence.js';
import type {InputEvent} from './input-event.js';
import {keyOfCharacter, keyOfControlByte, modifierBits} from './key-press.js';
import type {PasteGatherer} from './paste-gatherer.js';

/** What the bytes read so far are the beginning of. */
export type Mode = 'ground' | 'escape' | 'csi' | 'linux' | 'x10' | 'ss3' | 'string' | 'string-escape' | 'paste' | 'utf8';

/** Everything the reading of a byte may change. */
export type ParserState = {
	readonly paste: PasteGatherer;
	mode: Mode;
	chunk: Uint8Array;
	at: number;
	/** The chunk came by itself, not as the rest of something larger. */
	isWhole: boolean;
	/** Where the present token began in this chunk; -1 when in an earlier one. */
	tokenStart: number;
	body: string;
	/** Only operating system commands end with a bell. */
	endsWithBell: boolean;
	bytesLeft: number;
	codePoint: number;
	leastCodePoint: number;
	bits: number;
};

/** The event a byte completed, if any. */
export type Step = InputEvent | undefined;

const escapeByte = 0x1b;
const bell = 0x07;
const longestBody = 256;

/** Nothing is unfinished any more. */
export const ground = (parser: ParserState): undefined => {
	parser.mode = 'ground';
	parser.bits = 0;
	parser.body = '';
};

/** Leaves a sequence that cannot go on and reads the byte again as the start of something new. */
const again = (parser: ParserState): undefined => {
	ground(parser);
	parser.at--;
};

/** A key was read to its end: `alone` when it was the whole chunk. */
export const keyEvent = (parser: ParserState, key: string | undefined, repeated = false): Step => {
	const wasAlone = parser.isWhole && parser.tokenStart === 0 && parser.at === parser.chunk.length && !repeated;
	ground(parser);
	return key === undefined ? undefined : {kind: 'key', key, alone: wasAlone};
};

const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80;

const startCharacter = (parser: ParserState, byte: number): Step => {
	const length = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;
	if (byte < 0xc2 || byte > 0xf4) {
		return ground(parser);
	}

	parser.mode = 'utf8';
	parser.bytesLeft = length;
	parser.codePoint = byte & (0x3f >> length);
	parser.leastCodePoint = [0x80, 0x8_00, 0x1_00_00][length - 1]!;
	return undefined;
};

const inCharacter = (parser: ParserState, byte: number): Step => {
	if (!isContinuation(byte)) {
		return again(parser);
	}

	parser.codePoint = (parser.codePoint << 6) | (byte & 0x3f);
	parser.bytesLeft--;
	if (parser.bytesLeft > 0) {
		return undefined;
	}

	const isOverlong = parser.codePoint < parser.leastCodePoint;
	return keyEvent(parser, isOverlong ? undefined : keyOfCharacter(parser.codePoint, parser.bits));
};

const inGround = (parser: ParserState, byte: number): Step => {
	if (byte === escapeByte) {
		parser.mode = 'escape';
		return undefined;
	}

	if (byte >= 0x80) {
		return startCharacter(parser, byte);
	}

	return keyEvent(parser, byte < 0x20 || byte === 0x7f ? keyOfControlByte(byte, parser.bits) : keyOfCharacter(byte, parser.bits));
};

const introducers: Readonly<Record<string, Mode>> = {
	'[': 'csi',
	O: 'ss3',
	']': 'string',
	P: 'string',
	_: 'string',
	'^': 'string',
	X: 'string',
};

const inEscape = (parser: ParserState, byte: number): Step => {
	if (byte === escapeByte) {
		// Two escapes: the first was a key, the second may start something.
		parser.at--;
		return keyEvent(parser, 'escape');
	}

	const introduced = introducers[String.fromCharCode(byte)];
	if (introduced !== undefined) {
		parser.mode = introduced;
		parser.endsWithBell = byte === 0x5d;
		return undefined;
	}

	parser.bits = modifierBits.alt;
	return inGround(parser, byte);
};

const finishControlSequence = (parser: ParserState, final: string): Step => {
	if (parser.body === '' && (final === '[' || final === 'M')) {
		parser.mode = final === '[' ? 'linux' : 'x10';
		parser.bytesLeft = 3;
		return undefined;
	}

	const meaning = meaningOfControlSequence(parser.body, final);
	switch (meaning.kind) {
		case 'key':
			return keyEvent(parser, meaning.key, meaning.repeated);
		case 'nothing':
			return ground(parser);
		case 'paste-start':
			ground(parser);
			parser.mode = 'paste';
			return undefined;
		default:
			ground(parser);
			return meaning;
	}
};

const inControlSequence = (parser: ParserState, byte: number): Step => {
	if (byte < 0x20 || byte >= 0x7f) {
		return again(parser);
	}

	if (byte >= 0x40) {
		return finishControlSequence(parser, String.fromCharCode(byte));
	}

	// A body longer than any key's still has to be read to its end, but not remembered.
	if (parser.body.length < longestBody) {
		parser.body += String.fromCharCode(byte);
	}

	return undefined;
};

const inSingleShift = (parser: ParserState, byte: number): Step => {
	const isModifier = byte >= 0x30 && byte <= 0x39 && parser.body === '';
	if (isModifier) {
		parser.body = String.fromCharCode(byte);
		return undefined;
	}

	if (byte < 0x20 || byte >= 0x7f) {
		return again(parser);
	}

	const meaning = meaningOfSingleShift(parser.body, String.fromCharCode(byte));
	return meaning.kind === 'key' ? keyEvent(parser, meaning.key) : ground(parser);
};

/** Replies are strings: they are skipped to their end without being looked at. */
const inString = (parser: ParserState, byte: number): Step => {
	if (byte === escapeByte) {
		parser.mode = 'string-escape';
	} else if (byte === 0x18 || byte === 0x1a || (byte === bell && parser.endsWithBell)) {
		ground(parser);
	}

	return undefined;
};

const inStringEscape = (parser: ParserState, byte: number): Step => {
	if (byte === 0x5c) {
		return ground(parser);
	}

	// An escape inside a string starts something new.
	parser.mode = 'escape';
	parser.tokenStart = -1;
	parser.at--;
	return undefined;
};

const inX10 = (parser: ParserState): Step => {
	parser.bytesLeft--;
	return parser.bytesLeft === 0 ? ground(parser) : undefined;
};

const inLinux = (parser: ParserState, byte: number): Step => {
	const meaning = meaningOfLinuxKey(String.fromCharCode(byte));
	return meaning.kind === 'key' ? keyEvent(parser, meaning.key) : ground(parser);
};

/** What each mode does with the next byte; `at` already points behind it. Pastes are read in larger pieces. */
export const steps: Readonly<Record<Exclude<Mode, 'paste'>, (parser: ParserState, byte: number) => Step>> = {
	ground: inGround,
	escape: inEscape,
	csi: inControlSequence,
	linux: inLinux,
	x10: inX10,
	ss3: inSingleShift,
	string: inString,
	'string-escape': inStringEscape,
	utf8: inCharacter,
};
