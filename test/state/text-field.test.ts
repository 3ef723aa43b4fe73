import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {editField, emptyField, fieldOf, longestText, type TextEdit} from '../../state/view/text-field.js';

const moves = ['backspace', 'delete', 'left', 'right', 'home', 'end', 'word-back', 'clear'] as const;
const texts = fc.oneof(fc.string({maxLength: 5}), fc.constantFrom('👩‍👩‍👧', 'é', '日本', 'a\tb', 'a\r\nb', '\u001b[31m'));
const edits: fc.Arbitrary<TextEdit> = fc.oneof(
	fc.constantFrom(...moves).map(type => ({type})),
	texts.map(text => ({type: 'insert' as const, text})),
);

const boundaries = (text: string): ReadonlySet<number> =>
	new Set([...new Intl.Segmenter(undefined, {granularity: 'grapheme'}).segment(text)].map(({index}) => index).concat(text.length));

describe('a text field', () => {
	it('never holds a control and never lets the cursor leave the text, whatever is done to it', () => {
		fc.assert(
			fc.property(fc.array(edits, {maxLength: 30}), sequence => {
				const {text, cursor} = sequence.reduce(editField, emptyField);
				expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
				expect(cursor).toBeGreaterThanOrEqual(0);
				expect(cursor).toBeLessThanOrEqual(text.length);
			}),
		);
	});

	it('steps over characters as people count them', () => {
		const family = fieldOf('a👩‍👩‍👧é');
		const steps = [family, editField(family, {type: 'left'}), editField(editField(family, {type: 'left'}), {type: 'left'})];
		expect(steps.every(({text, cursor}) => boundaries(text).has(cursor))).toBe(true);
		expect(steps.at(-1)!.cursor).toBe(1);
		expect(editField(editField(family, {type: 'backspace'}), {type: 'backspace'}).text).toBe('a');
		expect(editField({...family, cursor: 1}, {type: 'delete'}).text).toBe('aé');
	});

	it('takes back what was inserted', () => {
		fc.assert(
			fc.property(fc.string({minLength: 1, maxLength: 1, unit: fc.constantFrom('a', 'b', ' ')}), fc.string({maxLength: 9}), (key, text) => {
				const field = fieldOf(editField(emptyField, {type: 'insert', text}).text);
				expect(editField(editField(field, {type: 'insert', text: key}), {type: 'backspace'})).toEqual(field);
			}),
		);
	});

	it('deletes a word with the blanks behind it', () => {
		expect(editField(fieldOf('run the tests  '), {type: 'word-back'}).text).toBe('run the ');
	});

	it('is cut at a length no person types', () => {
		expect(editField(emptyField, {type: 'insert', text: 'x'.repeat(longestText + 5)}).text).toHaveLength(longestText);
	});
});
