import {correctableActivities} from '../agent/screen-correction.js';
import {type CorrectionForm, editOverlay, exportFormats, fieldOfOverlay, moveField, type NewSessionForm, type Overlay} from './overlay.js';
import type {TextEdit} from './text-field.js';
import type {Intent, View} from './view.js';

/** The intents that only concern what lies over the screen. */
export type OverlayIntent = Extract<
	Intent,
	{type: 'open' | 'close' | 'cancel-filter' | 'edit' | 'field' | 'choose' | 'problem' | 'step' | 'mark'}
>;

/** A line for a session that was not sent is kept as its draft. */
const close = ({overlay, ...view}: View): View => {
	if (overlay?.kind !== 'prompt') {
		return view;
	}

	const {[overlay.sessionId]: _, ...others} = view.drafts;
	const {text} = overlay.input;
	return {...view, drafts: text === '' ? others : {...others, [overlay.sessionId]: text}};
};

/** The shown screen with another filter. */
export const setFilter = (view: View, text: string): View =>
	view.filter[view.screen] === text ? view : {...view, filter: {...view.filter, [view.screen]: text}};

const edit = (view: View, overlay: Overlay, change: TextEdit): View => {
	const edited = editOverlay(overlay, change);
	if (edited === overlay) {
		return view;
	}

	const next = {...view, overlay: edited};
	return edited.kind === 'filter' ? setFilter(next, fieldOfOverlay(edited)!.text) : next;
};

const changeForm = (view: View, change: (form: NewSessionForm) => NewSessionForm): View =>
	view.overlay?.kind === 'new-session' ? {...view, overlay: change(view.overlay)} : view;

const clamp = (value: number, max: number): number => Math.max(0, Math.min(value, max));

const step = (view: View, overlay: Overlay, by: number, count: number): View => {
	switch (overlay.kind) {
		case 'palette':
		case 'correct': {
			return {...view, overlay: {...overlay, index: clamp(overlay.index + by, count - 1)}};
		}

		case 'help':
		case 'why': {
			return {...view, overlay: {...overlay, top: clamp(overlay.top + by, count)}};
		}

		default: {
			return view;
		}
	}
};

const mark = (form: CorrectionForm): CorrectionForm => {
	const {marked, index} = form;
	return {...form, marked: marked.includes(index) ? marked.filter(one => one !== index) : [...marked, index].sort((a, b) => a - b)};
};

const choose = (view: View, overlay: Overlay, choice: string): View => {
	if (overlay.kind === 'new-session') {
		return {...view, overlay: {...overlay, agent: choice}};
	}

	const activity = correctableActivities.find(name => name === choice);
	if (overlay.kind === 'correct' && activity) {
		return {...view, overlay: {...overlay, activity}};
	}

	const format = exportFormats.find(({name}) => name === choice);
	return overlay.kind === 'export' && format ? {...view, overlay: {...overlay, format: format.name}} : view;
};

/** The view after an intent about its overlay; the same object when nothing changed. */
export const updateOverlay = (view: View, intent: OverlayIntent): View => {
	const {overlay} = view;
	if (intent.type === 'open') {
		return {...view, overlay: intent.overlay};
	}

	if (!overlay) {
		return view;
	}

	switch (intent.type) {
		case 'close': {
			return close(view);
		}

		case 'cancel-filter': {
			return overlay.kind === 'filter' ? close(setFilter(view, overlay.before)) : view;
		}

		case 'edit': {
			return edit(view, overlay, intent.edit);
		}

		case 'field': {
			return changeForm(view, form => moveField(form, intent.by));
		}

		case 'choose': {
			return choose(view, overlay, intent.choice);
		}

		case 'problem': {
			return changeForm(view, form => ({...form, problem: intent.text}));
		}

		case 'mark': {
			return overlay.kind === 'correct' ? {...view, overlay: mark(overlay)} : view;
		}

		case 'step': {
			return step(view, overlay, intent.by, intent.count);
		}
	}
};
