import {fieldOfOverlay} from '../../state/view/overlay.js';
import {type Act, actOf, type Focus, intends} from './binding.js';
import {bindingOf, placeOf, typedBy} from './chord.js';

/** What a key does now: what it is bound to, else it types itself where a text is being written; `undefined` for a key that means nothing. */
export const actOfKey = (focus: Focus): Act | undefined => {
	const {view, key, keymap} = focus;
	const binding = bindingOf(keymap, placeOf(view), key);
	if (binding) {
		return actOf(binding, focus);
	}

	const text = typedBy(key);
	return text === undefined ? undefined : actOfText(focus, text);
};

/** What text that was typed or pasted does: it goes where a text is being written, and nowhere else. */
export const actOfText = ({view}: Pick<Focus, 'view'>, text: string): Act | undefined =>
	view.overlay && fieldOfOverlay(view.overlay) ? intends({type: 'edit', edit: {type: 'insert', text}}) : undefined;
