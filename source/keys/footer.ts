import {actOf, type Binding, type Focus} from './binding.js';
import {appliesIn, keyLabel, placeOf} from './chord.js';

/** One key of the footer. */
export type FooterKey = {
	readonly id: string;
	readonly key: string;
	readonly title: string;
	/** Why it does nothing now, if it does nothing. */
	readonly refusal: string | undefined;
};

const isGeneral = ({places}: Binding): boolean => places === 'all';

/**
 * The keys of where the keys go now: what belongs to this place first, then what works everywhere. A decision is asked about as if its
 * key came alone now.
 */
export const footerKeys = (focus: Focus, options?: {readonly isAscii?: boolean}): readonly FooterKey[] => {
	const place = placeOf(focus.view);
	const bindings = focus.keymap.filter(binding => binding.footer && appliesIn(binding, place));
	const ordered = [...bindings.filter(binding => !isGeneral(binding)), ...bindings.filter(isGeneral)];
	return ordered.map(binding => {
		const [key = ''] = binding.keys;
		const act = actOf(binding, {...focus, key, alone: true});
		return {id: binding.id, key: keyLabel(key, options), title: binding.title, refusal: act.refusal};
	});
};
