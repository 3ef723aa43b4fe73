import {ExpectedError} from '../errors.js';
import type {KeyPress} from './key-press.js';

/** What a chunk of the operator's bytes is, once a detach key was looked for. */
export type Detection = {
	/** Bytes for the agent. */
	readonly forAgent: Uint8Array;
	/** The bytes behind the detach key, when it was there. */
	readonly afterKey: Uint8Array | undefined;
};

export type DetachDetector = {
	/** Looks through the next chunk. The start of a sequence at its end may be held back: see `heldMs`. */
	push(bytes: Uint8Array): Detection;
	/** Gives up waiting for the rest of a held sequence: these bytes are the agent's. */
	flush(): Uint8Array;
	isHolding(): boolean;
};

/** How long the start of a sequence is held back for its end: long enough for a key cut in two, too short to feel on the escape key. */
export const heldMs = 15;

/** A paste that has said nothing for this long is over, whatever it says: the way out must never be lost to a missing end marker. */
const pasteSilenceMs = 1000;

/** Control with any state of caps lock and num lock, as kitty reports it. */
const controlModifiers = '(?:5|69|133|197)';
const takenByOthers = new Set(['i', 'm', '[', 'j', 'h']);

/** Every encoding of `ctrl+<character>`: the raw byte, kitty's, and xterm's two. A key's release is not a press. */
const patternOf = (key: KeyPress): string => {
	const [, character] = /^ctrl\+([a-z@[\\\]^_])$/.exec(key) ?? [];
	if (character === undefined || takenByOthers.has(character)) {
		throw new ExpectedError(`Cannot use ${key} to detach from an agent: it is not a key that every terminal can tell from others.`, {
			hint: 'Choose ctrl with a letter other than h, i, j and m, or with one of ] \\ ^ _ @.',
		});
	}

	const raw = (character.toUpperCase().charCodeAt(0) & 0x1f).toString(16).padStart(2, '0');
	const code = character.charCodeAt(0);
	const upperCode = character.toUpperCase().charCodeAt(0);
	return [
		`\\x${raw}`,
		`\\x1b\\[(?:${code}|${upperCode})(?::\\d*)*;${controlModifiers}(?::[12]?)?(?:;[\\d:]*)?u`,
		`\\x1b\\[27;${controlModifiers};(?:${code}|${upperCode})~`,
	].join('|');
};

const unfinished = /\x1b(?:\[[\d;:]{0,32})?$/;
const bytesOf = (latin1: string): Uint8Array => Buffer.from(latin1, 'latin1');

/**
 * Finds the key that leaves an agent's screen among raw bytes, in any encoding and cut anywhere, and passes on every other byte untouched. What
 * looks like it inside a bracketed paste is the paste's. `now` is a monotonic clock in milliseconds.
 */
export const createDetachDetector = ({keys, now}: {readonly keys: readonly KeyPress[]; readonly now: () => number}): DetachDetector => {
	const pattern = new RegExp(`(\\x1b\\[200~)|(\\x1b\\[201~)|(${keys.map(patternOf).join('|')})`, 'g');
	let held = '';
	let isInPaste = false;
	let lastMs = now();

	const indexOfKey = (text: string): readonly [start: number, end: number] | undefined => {
		for (const match of text.matchAll(pattern)) {
			if (match[1] !== undefined) {
				isInPaste = true;
			} else if (match[2] !== undefined) {
				isInPaste = false;
			} else if (!isInPaste) {
				return [match.index, match.index + match[0].length];
			}
		}

		return undefined;
	};

	return {
		push(bytes) {
			const nowMs = now();
			isInPaste &&= nowMs - lastMs < pasteSilenceMs;
			lastMs = nowMs;
			const text = held + Buffer.from(bytes).toString('latin1');
			held = '';
			const found = indexOfKey(text);
			if (found) {
				const [start, end] = found;
				return {forAgent: bytesOf(text.slice(0, start)), afterKey: bytesOf(text.slice(end))};
			}

			held = unfinished.exec(text.slice(-40))?.[0] ?? '';
			return {forAgent: bytesOf(text.slice(0, text.length - held.length)), afterKey: undefined};
		},
		flush() {
			const bytes = bytesOf(held);
			held = '';
			return bytes;
		},
		isHolding: () => held !== '',
	};
};
