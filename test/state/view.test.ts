import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {formFields, newSessionForm} from '../../state/view/overlay.js';
import {emptyField} from '../../state/view/text-field.js';
import {createView, type Intent, noticeMs, selectedId, updateView, type View} from '../../state/view/view.js';

const viewAfter = (...intents: readonly Intent[]): View => intents.reduce(updateView, createView({nowMs: 0}));
const rows = (...ids: readonly string[]): Intent => ({type: 'rows', screen: 'sessions', ids});

describe('the row under the cursor', () => {
	it('is the first one at first', () => {
		expect(selectedId(viewAfter(rows('a', 'b')))).toBe('a');
	});

	it('moves by keys, and stops at both ends', () => {
		const view = viewAfter(rows('a', 'b', 'c'), {type: 'move', by: 1});
		expect(selectedId(view)).toBe('b');
		expect(selectedId(updateView(view, {type: 'move', by: 9}))).toBe('c');
		expect(selectedId(updateView(view, {type: 'move', by: 'last'}))).toBe('c');
		expect(selectedId(updateView(view, {type: 'move', by: -9}))).toBe('a');
		expect(selectedId(updateView(view, {type: 'move', by: 'first'}))).toBe('a');
	});

	it('never moves by itself: whatever comes, goes or changes places, it stays on the same id while that is there', () => {
		const ids = fc.uniqueArray(fc.constantFrom('b', 'c', 'd', 'e', 'f'), {maxLength: 5});
		fc.assert(
			fc.property(ids, ids, ids, (before, ahead, behind) => {
				const start = viewAfter(rows(...before, 'x'), {type: 'select', id: 'x'});
				const next = updateView(start, rows(...ahead, 'x', ...behind.filter(id => !ahead.includes(id))));
				expect(selectedId(next)).toBe('x');
			}),
		);
	});

	it('hands the cursor to the neighbour when its row goes away', () => {
		const start = viewAfter(rows('a', 'b', 'c', 'd'), {type: 'select', id: 'b'});
		expect(selectedId(updateView(start, rows('a', 'c', 'd')))).toBe('c');
		expect(selectedId(updateView(start, rows('a', 'd')))).toBe('d');
		expect(selectedId(updateView(start, rows('a')))).toBe('a');
		expect(selectedId(updateView(start, rows()))).toBeUndefined();
	});

	it('follows a log for as long as it stands on its last row', () => {
		const events = (...ids: readonly string[]): Intent => ({type: 'rows', screen: 'events', ids});
		const view = viewAfter({type: 'show', screen: 'events'}, events('1', '2'));
		expect(selectedId(view)).toBe('2');
		expect(selectedId(updateView(view, events('1', '2', '3')))).toBe('3');
		const read = updateView(view, {type: 'move', by: -1});
		expect(selectedId(updateView(read, events('1', '2', '3')))).toBe('1');
	});

	it('keeps a cursor for every screen', () => {
		const view = viewAfter(
			rows('a', 'b'),
			{type: 'move', by: 1},
			{type: 'rows', screen: 'queue', ids: ['q']},
			{type: 'show', screen: 'queue'},
		);
		expect(selectedId(view)).toBe('q');
		expect(selectedId(updateView(view, {type: 'show', screen: 'sessions'}))).toBe('b');
	});

	it('can be asked for by name, from any screen, through what is folded or filtered away', () => {
		const view = viewAfter(
			rows('a'),
			{type: 'fold', sessionId: 'a'},
			{type: 'filter', text: 'a'},
			{type: 'show', screen: 'events'},
			{type: 'reveal', screen: 'sessions', id: 'child', unfold: ['a']},
			rows('a', 'child'),
		);
		expect(view.screen).toBe('sessions');
		expect(view.collapsed.has('a')).toBe(false);
		expect(view.filter.sessions).toBe('');
		expect(selectedId(view)).toBe('child');
	});
});

describe('the scrolled detail', () => {
	it('stays between where it rests and the end, and starts anew on another row', () => {
		const view = viewAfter(rows('a', 'b'), {type: 'scroll', by: 10}, {type: 'scroll', by: -3});
		expect(view.scroll.sessions).toBe(7);
		expect(updateView(view, {type: 'scroll', by: 99, max: 12}).scroll.sessions).toBe(12);
		expect(updateView(view, {type: 'scroll', by: -99}).scroll.sessions).toBe(0);
		expect(updateView(view, {type: 'move', by: 1}).scroll.sessions).toBe(0);
	});
});

describe('the filter', () => {
	it('works while it is typed, and gives back the old one when it is cancelled', () => {
		const open: Intent = {type: 'open', overlay: {kind: 'filter', input: emptyField, before: 'old'}};
		const view = viewAfter({type: 'filter', text: 'old'}, open, {type: 'edit', edit: {type: 'insert', text: 'new'}});
		expect(view.filter.sessions).toBe('new');
		expect(updateView(view, {type: 'cancel-filter'})).toMatchObject({filter: {sessions: 'old'}});
		expect(updateView(view, {type: 'close'})).toMatchObject({filter: {sessions: 'new'}});
	});
});

describe('what lies over the screen', () => {
	it('keeps a line that was not sent as a draft of its session', () => {
		const open: Intent = {type: 'open', overlay: {kind: 'prompt', sessionId: 'a', input: emptyField}};
		const typed = viewAfter(open, {type: 'edit', edit: {type: 'insert', text: 'go on'}});
		expect(updateView(typed, {type: 'close'}).drafts).toEqual({a: 'go on'});
		expect(
			viewAfter(open, {type: 'edit', edit: {type: 'insert', text: 'x'}}, {type: 'edit', edit: {type: 'clear'}}, {type: 'close'}).drafts,
		).toEqual({});
	});

	it('goes round the fields of the form both ways', () => {
		const open: Intent = {type: 'open', overlay: newSessionForm({agent: 'shell', cwd: '/w'})};
		const fields = formFields.map((_, index) => viewAfter(open, ...Array<Intent>(index).fill({type: 'field', by: 1})).overlay);
		expect(fields.map(form => (form?.kind === 'new-session' ? form.field : ''))).toEqual(['text', 'cwd', 'label', 'agent']);
		expect(viewAfter(open, {type: 'field', by: -1}).overlay).toMatchObject({field: 'agent'});
	});

	it('takes a complaint away with the next edit', () => {
		const view = viewAfter({type: 'open', overlay: newSessionForm({agent: 'shell', cwd: '/w'})}, {type: 'problem', text: 'no'});
		expect(view.overlay).toMatchObject({problem: 'no'});
		expect(updateView(view, {type: 'edit', edit: {type: 'insert', text: 'x'}}).overlay).not.toHaveProperty('problem');
	});
});

describe('a notice', () => {
	it('goes when it is old', () => {
		const view = viewAfter({type: 'notice', notice: {text: 'hello', tone: 'info', atMs: 0}});
		expect(updateView(view, {type: 'age', nowMs: noticeMs - 1}).notice).toBeDefined();
		expect(updateView(view, {type: 'age', nowMs: noticeMs}).notice).toBeUndefined();
	});
});

it('is the same view when nothing changed, so that nothing is drawn', () => {
	const view = viewAfter(rows('a', 'b'));
	const intents: readonly Intent[] = [
		{type: 'show', screen: 'sessions'},
		{type: 'select', id: 'a'},
		{type: 'move', by: -1},
		{type: 'scroll', by: -1},
		{type: 'filter', text: ''},
		{type: 'close'},
		{type: 'age', nowMs: 99},
		rows('a', 'b'),
		{type: 'saw', runIds: []},
		{type: 'quiet', runIds: []},
	];
	for (const intent of intents) {
		expect(updateView(view, intent), intent.type).toBe(view);
	}
});
