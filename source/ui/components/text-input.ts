import type {TextField} from '../../../state/view/text-field.js';
import {graphemesOf, sliceColumns, textWidth} from '../../../state/view/text-width.js';
import {visible} from '../../../state/view/visible.js';
import type {Glyphs} from '../theme.js';
import type {Segment} from './line.js';

const shown = (text: string, {newline}: Glyphs): string =>
	text
		.split('\n')
		.map(line => visible(line))
		.join(newline);

/** The end of a text that fits, whole characters only. */
const tailOf = (text: string, columns: number): string => {
	let tail = '';
	for (const grapheme of graphemesOf(text).toReversed()) {
		if (textWidth(grapheme + tail) > columns) {
			return tail;
		}

		tail = grapheme + tail;
	}

	return tail;
};

/**
 * A text field on one line of at most `columns` columns, scrolled so that the cursor is in sight. The cursor is an inverse cell; where it
 * is not `focused` there is none. What `placeholder` says stands in an empty field.
 */
export const inputSegments = (
	field: TextField,
	{columns, glyphs, focused = true, placeholder = ''}: {columns: number; glyphs: Glyphs; focused?: boolean; placeholder?: string},
): readonly Segment[] => {
	if (!focused) {
		const text = shown(field.text, glyphs);
		const isLong = textWidth(text) > columns;
		return [text === '' ? {text: placeholder, tone: 'quiet'} : {text: isLong ? sliceColumns(text, columns - 1) + glyphs.ellipsis : text}];
	}

	const [under = ' ', ...rest] = graphemesOf(shown(field.text.slice(field.cursor), glyphs));
	const before = shown(field.text.slice(0, field.cursor), glyphs);
	const room = Math.max(0, columns - textWidth(under) - 1);
	const isScrolled = textWidth(before) > room;
	const left = isScrolled ? glyphs.ellipsis + tailOf(before, Math.max(0, room - 1)) : before;
	const right = sliceColumns(rest.join(''), columns - textWidth(left) - textWidth(under));
	const hint = field.text === '' ? sliceColumns(placeholder, columns - 1) : '';
	return [{text: left}, {text: under, tone: 'selected'}, hint === '' ? {text: right} : {text: hint, tone: 'quiet'}];
};
