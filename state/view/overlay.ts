import type {CorrectedActivity, SeenLine, StatusCorrection} from '../agent/screen-correction.js';
import type {Command} from '../command.js';
import {editField, emptyField, fieldOf, type TextEdit, type TextField} from './text-field.js';

/** The fields of the form for a new session, in their order. */
export const formFields = ['agent', 'text', 'cwd', 'label'] as const;

export type FormField = (typeof formFields)[number];

/** The form for a new session. */
export type NewSessionForm = {
	readonly kind: 'new-session';
	readonly field: FormField;
	/** The name of the chosen agent profile. */
	readonly agent: string;
	readonly text: TextField;
	readonly cwd: TextField;
	readonly label: TextField;
	/** Why it could not be sent, until the next edit. */
	readonly problem?: string;
};

/** The forms an export can take. */
export const exportFormats = [
	{name: 'markdown', description: 'what was said and decided, to read'},
	{name: 'jsonl', description: 'every fact, for programs'},
	{name: 'text', description: 'the screen with all that scrolled away'},
	{name: 'asciicast', description: 'the recording, to play back'},
] as const;

export type ExportFormat = (typeof exportFormats)[number]['name'];

/** What happens once a confirm is answered with `y`. */
export type ConfirmedAction =
	| {readonly type: 'send'; readonly command: Command; readonly done: string}
	| {readonly type: 'quit'}
	/** Stops everything, shows the proof, and ends the console. */
	| {readonly type: 'stop-fleet'};

/** What an agent really does, and which lines of its screen shall say so from now on. */
export type CorrectionForm = {
	readonly kind: 'correct';
	readonly runId: string;
	readonly adapter: string;
	readonly activity: CorrectedActivity;
	readonly from: StatusCorrection['from'];
	/** What there is to choose from, and what was chosen of it, by its place. */
	readonly lines: readonly SeenLine[];
	readonly marked: readonly number[];
	readonly index: number;
	readonly screen: readonly string[];
};

/** What lies over a screen and takes the keys. At most one at a time. */
export type Overlay =
	| NewSessionForm
	/** A line for one session: typed into its live terminal, or queued as its next run. */
	| {readonly kind: 'prompt'; readonly sessionId: string; readonly input: TextField}
	| {readonly kind: 'answer'; readonly escalationId: string; readonly fingerprint: string; readonly input: TextField}
	| {readonly kind: 'deny-reason'; readonly escalationId: string; readonly fingerprint: string; readonly input: TextField}
	/** A high risk: it is approved by typing `word`, not by a key. */
	| {
			readonly kind: 'approve-word';
			readonly escalationId: string;
			readonly fingerprint: string;
			readonly word: string;
			readonly input: TextField;
	  }
	/** An approval that holds for longer than once: how long is typed. `subjectId` is the row it stands on, a request or a group. */
	| {
			readonly kind: 'approve-always';
			readonly subjectId: string;
			readonly fingerprint: string;
			readonly input: TextField;
	  }
	/** A question before something that cannot be taken back; `affected` names everything it would touch. */
	| {
			readonly kind: 'confirm';
			readonly title: string;
			readonly affected: readonly string[];
			/** What `y` does, in one or two words. */
			readonly verb: string;
			readonly does: ConfirmedAction;
	  }
	| {readonly kind: 'filter'; readonly input: TextField; readonly before: string}
	| {readonly kind: 'palette'; readonly input: TextField; readonly index: number}
	| {readonly kind: 'help'; readonly top: number}
	/** Why a run is where it is, from this line on. */
	| {readonly kind: 'why'; readonly runId: string; readonly top: number}
	| CorrectionForm
	/** Which form the export of a session takes. */
	| {readonly kind: 'export'; readonly sessionId: string; readonly format: ExportFormat}
	/** Everything was told to stop; the screen shows each proof until nothing is left, then the console ends. */
	| {readonly kind: 'stopping'; readonly runIds: readonly string[]};

export type OverlayKind = Overlay['kind'];

/** The text field of an overlay that takes what is typed, if it has one. */
export const fieldOfOverlay = (overlay: Overlay): TextField | undefined => {
	if (overlay.kind === 'new-session') {
		return overlay.field === 'agent' ? undefined : overlay[overlay.field];
	}

	return 'input' in overlay ? overlay.input : undefined;
};

/** The overlay after an edit of its text field. A changed search starts at its first hit again. */
export const editOverlay = (overlay: Overlay, edit: TextEdit): Overlay => {
	const field = fieldOfOverlay(overlay);
	const next = field && editField(field, edit);
	if (!next || next === field) {
		return overlay;
	}

	if (overlay.kind === 'new-session') {
		const {problem: _, ...form} = overlay;
		return {...form, [form.field]: next};
	}

	return overlay.kind === 'palette' ? {...overlay, input: next, index: 0} : ({...overlay, input: next} as Overlay);
};

/** The form for a new session as it opens: the prompt first, since agent and folder have a good default. */
export const newSessionForm = ({agent, cwd}: {readonly agent: string; readonly cwd: string}): NewSessionForm => ({
	kind: 'new-session',
	field: 'text',
	agent,
	text: emptyField,
	cwd: fieldOf(cwd),
	label: emptyField,
});

/** The form with the next field (or the one before) under the cursor. */
export const moveField = (form: NewSessionForm, by: 1 | -1): NewSessionForm => {
	const index = formFields.indexOf(form.field) + by;
	return {...form, field: formFields.at(index % formFields.length)!};
};
