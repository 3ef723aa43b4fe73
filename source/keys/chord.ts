import {isScreenName, type View} from '../../state/view/view.js';
import type {Binding, Place} from './binding.js';

const labels: Readonly<Record<string, string>> = {escape: 'esc', pageup: 'pgup', pagedown: 'pgdn'};
const arrows: Readonly<Record<string, string>> = {up: '↑', down: '↓', left: '←', right: '→'};

/** A key as the footer and the help show it: `esc`, `↑`, `ctrl+p`. */
export const keyLabel = (key: string, {isAscii = false}: {readonly isAscii?: boolean} = {}): string =>
	labels[key] ?? (isAscii ? undefined : arrows[key]) ?? key;

/** Where the keys go now. */
export const placeOf = (view: View): Place => view.overlay?.kind ?? view.screen;

/** Whether a binding means something in a place. */
export const appliesIn = ({places}: Binding, place: Place): boolean => (places === 'all' ? isScreenName(place) : places.includes(place));

/** The binding of a key in a place; what is bound there by name wins over what is bound everywhere. */
export const bindingOf = (keymap: readonly Binding[], place: Place, key: string): Binding | undefined => {
	const candidates = keymap.filter(binding => binding.keys.includes(key) && appliesIn(binding, place));
	return candidates.find(binding => binding.places !== 'all') ?? candidates[0];
};

/** The character a key types, if it types one. */
export const typedBy = (key: string): string | undefined => {
	if (key === 'space') {
		return ' ';
	}

	return [...key].length === 1 ? key : undefined;
};
