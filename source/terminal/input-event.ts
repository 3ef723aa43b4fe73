import type {KeyPress} from './key-press.js';

/** What a mouse did. `x` and `y` count cells from 0 at the top left. */
export type MouseEvent = {
	readonly kind: 'mouse';
	readonly action: 'press' | 'release' | 'move' | 'wheel-up' | 'wheel-down';
	/** The button held; `none` for a wheel or a move without one. */
	readonly button: 'left' | 'middle' | 'right' | 'none';
	readonly x: number;
	readonly y: number;
	readonly shift: boolean;
	readonly alt: boolean;
	readonly ctrl: boolean;
};

/**
 * One thing the operator did. `alone` is true only if what arrived was exactly this one key, pressed and not repeated by the keyboard:
 * only such a key may decide anything. A paste is one event, however long it took to arrive.
 */
export type InputEvent =
	| {readonly kind: 'key'; readonly key: KeyPress; readonly alone: boolean}
	| {readonly kind: 'paste'; readonly text: string}
	| {readonly kind: 'focus'; readonly focused: boolean}
	| MouseEvent;
