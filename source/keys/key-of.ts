import {keyLabel} from './chord.js';
import {keymap} from './keymap.js';

/** The first key of a binding as it is shown, for sentences on the screen. */
export const keyOf = (id: string, options?: {readonly isAscii?: boolean}): string => {
	const binding = keymap.find(candidate => candidate.id === id);
	if (!binding) {
		throw new Error(`There is no key binding ${id}.`);
	}

	return keyLabel(binding.keys[0] ?? '', options);
};
