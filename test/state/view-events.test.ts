import {expect, test} from 'vitest';
import {createView, type Intent, selectedId, updateView, type View} from '../../state/view/view.js';

const events = (...ids: readonly string[]): Intent => ({type: 'rows', screen: 'events', ids});
const after = (...intents: readonly Intent[]): View => intents.reduce(updateView, createView({nowMs: 0}));

test('the cursor of the events follows the newest until it is moved away, and again once it is back', () => {
	const following = after({type: 'show', screen: 'events'}, events('1', '2'), events('1', '2', '3'));
	expect(selectedId(following)).toBe('3');

	const away = [{type: 'move', by: -1} as const, events('1', '2', '3', '4')].reduce<View>(updateView, following);
	expect(selectedId(away)).toBe('2');

	const back = [{type: 'move', by: 'last'} as const, events('1', '2', '3', '4', '5')].reduce<View>(updateView, away);
	expect(selectedId(back)).toBe('5');
});
