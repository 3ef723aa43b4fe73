/**
 * The canonical name of one key press: `a`, `A`, `é`, `enter`, `escape`, `up`, `space`, `backspace`, `pageup`, `f1`, with modifiers
 * in front in the order ctrl, alt, shift, super, hyper, meta: `ctrl+p`, `ctrl+]`, `shift+tab`, `ctrl+alt+delete`. A letter with shift alone is its
 * upper case. The same key has the same name whatever encoding the terminal chose for it.
 */
export type KeyPress = string;

/** The modifier bits terminals report (their number minus one). */
export const modifierBits = {shift: 1, alt: 2, ctrl: 4, super: 8, hyper: 16, meta: 32, capsLock: 64, numLock: 128} as const;

const shownModifiers = [
	['ctrl', modifierBits.ctrl],
	['alt', modifierBits.alt],
	['shift', modifierBits.shift],
	['super', modifierBits.super],
	['hyper', modifierBits.hyper],
	['meta', modifierBits.meta],
] as const;

const namedCharacters: ReadonlyMap<number, string> = new Map([
	[8, 'backspace'],
	[9, 'tab'],
	[13, 'enter'],
	[27, 'escape'],
	[32, 'space'],
	[127, 'backspace'],
]);

/** Symbols that shift already made what they are on the usual layouts: naming shift again would make two names of one key. */
const shiftedSymbols = '!"#$%&()*+:<>?@^_{|}~';

/** A named key (`up`, `f1`, `enter`) with modifiers in front. */
export const withModifiers = (name: string, bits: number): KeyPress =>
	shownModifiers
		.filter(([, bit]) => (bits & bit) !== 0)
		.map(([modifier]) => `${modifier}+`)
		.join('') + name;

const isControl = (codePoint: number): boolean => codePoint < 0x20 || (codePoint >= 0x7f && codePoint < 0xa0);
const isCharacter = (codePoint: number): boolean => codePoint <= 0x10_ff_ff && !(codePoint >= 0xd8_00 && codePoint <= 0xdf_ff);

const upperCase = (character: string): string => {
	const upper = character.toUpperCase();
	return [...upper].length === 1 ? upper : character;
};

/** The key that types `codePoint`, held with the modifiers of `bits`; `undefined` for a control character or a number that is no key. */
export const keyOfCharacter = (codePoint: number, bits = 0): KeyPress | undefined => {
	const named = namedCharacters.get(codePoint);
	if (named !== undefined) {
		return withModifiers(named, bits);
	}

	if (isControl(codePoint) || !isCharacter(codePoint)) {
		return undefined;
	}

	const character = String.fromCodePoint(codePoint);
	const isLetter = character.toLowerCase() !== character.toUpperCase();
	const isShifted = (bits & modifierBits.shift) !== 0;
	const isShortcut = (bits & ~(modifierBits.shift | modifierBits.alt | modifierBits.capsLock | modifierBits.numLock)) !== 0;
	if (isLetter && isShortcut) {
		return withModifiers(character.toLowerCase(), bits);
	}

	if (isLetter) {
		const isUpper = isShifted !== ((bits & modifierBits.capsLock) !== 0);
		return withModifiers(isUpper ? upperCase(character) : character, bits & ~modifierBits.shift);
	}

	return withModifiers(character, shiftedSymbols.includes(character) ? bits & ~modifierBits.shift : bits);
};

/** The key a control byte below 0x20, or 0x7f, stands for, with further modifiers (alt, for a byte after an escape). */
export const keyOfControlByte = (byte: number, bits = 0): KeyPress => {
	if (byte === 0) {
		return withModifiers('space', bits | modifierBits.ctrl);
	}

	const named = namedCharacters.get(byte);
	return named === undefined
		? withModifiers(String.fromCharCode(byte + 0x40).toLowerCase(), bits | modifierBits.ctrl)
		: withModifiers(named, bits);
};
