import type {MouseEvent} from './input-event.js';
import {type KeyPress, keyOfCharacter, modifierBits, withModifiers} from './key-press.js';

/** What a complete control sequence from a terminal means. Replies to queries, releases of keys and anything unknown mean nothing. */
export type Meaning =
	| {readonly kind: 'key'; readonly key: KeyPress; readonly repeated: boolean}
	| {readonly kind: 'focus'; readonly focused: boolean}
	| {readonly kind: 'paste-start'}
	| {readonly kind: 'nothing'}
	| MouseEvent;

const nothing: Meaning = {kind: 'nothing'};

/** `1;5:2` → `[[1], [5, 2]]`; an empty place is `undefined`. */
type Parameters = ReadonlyArray<ReadonlyArray<number | undefined>>;

const none: Parameters[number] = [];

const parametersOf = (text: string): Parameters =>
	text.split(';').map(group => group.split(':').map(part => (part === '' ? undefined : Number.parseInt(part, 10))));

const letterKeys: Readonly<Record<string, string>> = {
	A: 'up',
	B: 'down',
	C: 'right',
	D: 'left',
	E: 'begin',
	F: 'end',
	H: 'home',
	P: 'f1',
	Q: 'f2',
	S: 'f4',
};

const numberedKeys: ReadonlyMap<number, string> = new Map([
	[1, 'home'],
	[2, 'insert'],
	[3, 'delete'],
	[4, 'end'],
	[5, 'pageup'],
	[6, 'pagedown'],
	[7, 'home'],
	[8, 'end'],
	...[11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24, 25, 26, 28, 29, 31, 32, 33, 34].map(
		(number, index) => [number, `f${index + 1}`] as const,
	),
]);

/** Keys of the keypad and the rarer function keys, as kitty numbers them in Unicode's private area. */
const privateKeys: ReadonlyMap<number, string> = new Map([
	...Array.from({length: 23}, (_, index) => [57_376 + index, `f${index + 13}`] as const),
	...[...'0123456789./*-+'].map((character, index) => [57_399 + index, character] as const),
	...['enter', '=', ',', 'left', 'right', 'up', 'down', 'pageup', 'pagedown', 'home', 'end', 'insert', 'delete', 'begin'].map(
		(name, index) => [57_414 + index, name] as const,
	),
]);

const isPrivate = (code: number): boolean => code >= 0xe000 && code <= 0xf8ff;

const keyMeaning = (key: KeyPress | undefined, eventType: number): Meaning =>
	key === undefined || eventType === 3 ? nothing : {kind: 'key', key, repeated: eventType === 2};

const bitsOf = (modifiers: number | undefined): number => Math.max(0, (modifiers ?? 1) - 1);

/** `CSI code:shifted:base ; modifiers:event ; text u`, and xterm's older form of it. */
const unicodeKey = (parameters: Parameters): Meaning => {
	const [codes = none, [modifiers, eventType = 1] = none, text = none] = parameters;
	const [code = 0, shifted] = codes;
	const bits = bitsOf(modifiers);
	if (isPrivate(code)) {
		const name = privateKeys.get(code);
		return keyMeaning(name === undefined ? undefined : withModifiers(name, bits), eventType);
	}

	const isShortcut = (bits & (modifierBits.ctrl | modifierBits.super | modifierBits.hyper | modifierBits.meta)) !== 0;
	const typed = text[0] ?? ((bits & modifierBits.shift) !== 0 ? shifted : undefined);
	const isTyped = typed !== undefined && !isShortcut && code > 0x20 && code !== 0x7f;
	const key = isTyped ? keyOfCharacter(typed, bits & ~(modifierBits.shift | modifierBits.capsLock)) : keyOfCharacter(code, bits);
	return keyMeaning(key, eventType);
};

const tildeKey = (parameters: Parameters): Meaning => {
	const [[number = 0] = none, [modifiers, eventType = 1] = none, [code] = none] = parameters;
	if (number === 200) {
		return {kind: 'paste-start'};
	}

	if (number === 27 && code !== undefined) {
		return keyMeaning(keyOfCharacter(code, bitsOf(modifiers)), 1);
	}

	const name = numberedKeys.get(number);
	return keyMeaning(name === undefined ? undefined : withModifiers(name, bitsOf(modifiers)), eventType);
};

const buttons = ['left', 'middle', 'right', 'none'] as const;

const mouseAction = (code: number, final: string): MouseEvent['action'] | undefined => {
	if (code & 64) {
		return (['wheel-up', 'wheel-down'] as const)[code & 3];
	}

	if (code & 32) {
		return 'move';
	}

	return final === 'M' ? 'press' : 'release';
};

/** `CSI < code ; x ; y M` (or `m` for a release). */
const mouse = ([[code = 0] = [], [x = 1] = [], [y = 1] = []]: Parameters, final: string): Meaning => {
	const action = mouseAction(code, final);
	if (action === undefined || code >= 128) {
		return nothing;
	}

	const button = (code & 64) !== 0 ? 'none' : (buttons[code & 3] ?? 'none');
	const modifiers = {shift: (code & 4) !== 0, alt: (code & 8) !== 0, ctrl: (code & 16) !== 0};
	return {kind: 'mouse', action, button, x: Math.max(0, x - 1), y: Math.max(0, y - 1), ...modifiers};
};

const plain = /^[\d;:]*$/;

/**
 * What `CSI body final` means. Only the shapes keys have are keys: sequences with a private marker or intermediates, cursor reports
 * (`CSI 1;5R` is one, never F3) and every other reply mean nothing.
 */
export const meaningOfControlSequence = (body: string, final: string): Meaning => {
	if (body.startsWith('<') && (final === 'M' || final === 'm') && plain.test(body.slice(1))) {
		return mouse(parametersOf(body.slice(1)), final);
	}

	if (!plain.test(body)) {
		return nothing;
	}

	const parameters = parametersOf(body);
	const [, [modifiers, eventType = 1] = none] = parameters;
	switch (final) {
		case 'u':
			return unicodeKey(parameters);
		case '~':
			return tildeKey(parameters);
		case 'Z':
			return keyMeaning(withModifiers('tab', bitsOf(modifiers) | modifierBits.shift), eventType);
		case 'R':
			return body === '' ? keyMeaning('f3', 1) : nothing;
		case 'I':
		case 'O':
			return body === '' ? {kind: 'focus', focused: final === 'I'} : nothing;
		default: {
			const name = letterKeys[final];
			return keyMeaning(name === undefined ? undefined : withModifiers(name, bitsOf(modifiers)), eventType);
		}
	}
};

const keypadKeys: Readonly<Record<string, string>> = {
	...letterKeys,
	R: 'f3',
	M: 'enter',
	I: 'tab',
	' ': 'space',
	X: '=',
	...Object.fromEntries([...'*+,-./0123456789'].map((character, index) => [String.fromCharCode(0x6a + index), character])),
};

/** What `SS3 modifiers final` means: arrows and function keys in application mode, and the keypad. */
export const meaningOfSingleShift = (modifiers: string, final: string): Meaning => {
	const name = keypadKeys[final];
	const bits = modifiers === '' ? 0 : bitsOf(Number.parseInt(modifiers, 10));
	return keyMeaning(name === undefined ? undefined : withModifiers(name, bits), 1);
};

/** What the Linux console sends for its first five function keys: `CSI [ A` to `CSI [ E`. */
export const meaningOfLinuxKey = (final: string): Meaning => {
	const index = 'ABCDE'.indexOf(final);
	return keyMeaning(index === -1 ? undefined : `f${index + 1}`, 1);
};
