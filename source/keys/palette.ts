import {isScreenName, screenNames} from '../../state/view/view.js';
import {type Act, actOf, type Binding, type Focus, intends, refusal} from './binding.js';
import {appliesIn} from './chord.js';
import {whereOf} from './help-rows.js';

/** One line of the palette. */
export type PaletteEntry = {
	readonly binding: Binding;
	/** Where it works, if that is not here. */
	readonly where: string;
};

/** How well `needle` is found in `text` in the order of its letters: the lower the better, `undefined` when it is not. */
export const fuzzyScore = (needle: string, text: string): number | undefined => {
	const letters = [...needle.toLowerCase().replaceAll(' ', '')];
	const haystack = text.toLowerCase();
	let score = 0;
	let from = 0;
	for (const letter of letters) {
		const at = haystack.indexOf(letter, from);
		if (at === -1) {
			return undefined;
		}

		const startsWord = at === 0 || haystack[at - 1] === ' ';
		score += startsWord ? 0 : at - from + 1;
		from = at + 1;
	}

	return score;
};

const isOffered = (binding: Binding): boolean =>
	binding.id !== 'palette' && (binding.places === 'all' || binding.places.some(isScreenName));

/** Every action that a screen has, what works here first; those whose name or description contain what was typed. */
export const paletteEntries = ({keymap, view}: Pick<Focus, 'keymap' | 'view'>): readonly PaletteEntry[] => {
	const needle = view.overlay?.kind === 'palette' ? view.overlay.input.text : '';
	return keymap
		.filter(isOffered)
		.map(binding => {
			const byTitle = fuzzyScore(needle, binding.title);
			const byHelp = fuzzyScore(needle, `${binding.title} ${binding.help}`);
			const distance = appliesIn(binding, view.screen) ? 0 : 1;
			return {binding, score: byTitle ?? (byHelp === undefined ? undefined : 1000 + byHelp), distance};
		})
		.filter(({score}) => score !== undefined)
		.sort((a, b) => a.score! - b.score! || a.distance - b.distance)
		.map(({binding}) => ({binding, where: appliesIn(binding, view.screen) ? '' : whereOf(binding)}));
};

/** What picking an entry does. One that belongs to another screen goes there, where its key does it. */
export const pickEntry = (focus: Focus, {binding}: PaletteEntry): Act => {
	if (binding.decides) {
		return refusal(`Only the key ${binding.keys[0]} decides, with the request before your eyes.`);
	}

	if (!appliesIn(binding, focus.view.screen)) {
		const screen = screenNames.find(name => appliesIn(binding, name))!;
		return intends({type: 'close'}, {type: 'show', screen});
	}

	const act = actOf(binding, focus);
	return act.refusal === undefined ? {...act, intents: [{type: 'close'}, ...act.intents]} : act;
};
