/** A text being typed, and where the cursor stands in it: an offset that never splits a character as people count them. */
export type TextField = {readonly text: string; readonly cursor: number};

/** What a key does to a text field. */
export type TextEdit =
	| {readonly type: 'insert'; readonly text: string}
	| {readonly type: 'backspace' | 'delete' | 'left' | 'right' | 'home' | 'end' | 'word-back' | 'clear'};

export const emptyField: TextField = {text: '', cursor: 0};

/** A field that holds `text`, with the cursor behind it. */
export const fieldOf = (text: string): TextField => ({text, cursor: text.length});

/** Longer texts are cut here: a prompt is written by a person, not poured in. */
export const longestText = 100_000;

const graphemes = new Intl.Segmenter(undefined, {granularity: 'grapheme'});

const lengthOfLast = (text: string): number => [...graphemes.segment(text)].at(-1)?.segment.length ?? 0;

const lengthOfFirst = (text: string): number => graphemes.segment(text)[Symbol.iterator]().next().value?.segment.length ?? 0;

/** Controls cannot be typed into an agent by accident: only tab and newline survive, as blank and newline. */
const typeable = (text: string): string =>
	text
		.replaceAll(/\r\n?/g, '\n')
		.replaceAll('\t', ' ')
		.replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, '');

/** The field after an edit; the same object when the edit changes nothing. */
export const editField = (field: TextField, edit: TextEdit): TextField => {
	const before = field.text.slice(0, field.cursor);
	const after = field.text.slice(field.cursor);
	switch (edit.type) {
		case 'insert': {
			const inserted = typeable(edit.text).slice(0, Math.max(0, longestText - field.text.length));
			return inserted === '' ? field : {text: before + inserted + after, cursor: before.length + inserted.length};
		}

		case 'backspace': {
			const kept = before.slice(0, before.length - lengthOfLast(before));
			return before === '' ? field : {text: kept + after, cursor: kept.length};
		}

		case 'delete': {
			return after === '' ? field : {text: before + after.slice(lengthOfFirst(after)), cursor: before.length};
		}

		case 'word-back': {
			const kept = before.replace(/\S*\s*$/u, '');
			return before === '' ? field : {text: kept + after, cursor: kept.length};
		}

		case 'clear': {
			return field.text === '' ? field : emptyField;
		}

		case 'left': {
			return before === '' ? field : {...field, cursor: before.length - lengthOfLast(before)};
		}

		case 'right': {
			return after === '' ? field : {...field, cursor: before.length + lengthOfFirst(after)};
		}

		case 'home': {
			return field.cursor === 0 ? field : {...field, cursor: 0};
		}

		case 'end': {
			return after === '' ? field : {...field, cursor: field.text.length};
		}
	}
};
