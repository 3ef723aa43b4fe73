import {expect, test} from 'vitest';
import type {InputEvent} from '../../source/terminal/input-event.js';
import {createInputRouter} from '../../source/terminal/input-router.js';

/** A router with a hand-driven timer, and what its console heard. */
const openRouter = () => {
	let due: (() => void) | undefined;
	let waitMs = 0;
	const router = createInputRouter({
		startTimer(callback, delayMs) {
			due = callback;
			waitMs = delayMs;
			return () => {
				due = undefined;
			};
		},
	});
	const heard: InputEvent[] = [];
	router.onInput(event => heard.push(event));
	return {
		router,
		heard,
		keys: () => heard.map(event => (event.kind === 'key' ? event.key : event.kind)),
		type: (text: string) => router.push(Buffer.from(text)),
		isWaiting: () => due !== undefined,
		waitMs: () => waitMs,
		fallSilent() {
			const callback = due;
			due = undefined;
			callback?.();
		},
	};
};

test('a lone escape is a key after 30 ms of silence, and not before', () => {
	const {type, heard, keys, waitMs, fallSilent} = openRouter();
	type('\x1b');
	expect(heard).toEqual([]);
	expect(waitMs()).toBe(30);
	fallSilent();
	expect(heard).toEqual([{kind: 'key', key: 'escape', alone: true}]);
	type('\x1b');
	type('[A');
	expect(keys()).toEqual(['escape', 'up']);
});

test('nothing waits when nothing is unfinished', () => {
	const {type, isWaiting} = openRouter();
	type('\x1b');
	expect(isWaiting()).toBe(true);
	type('[A');
	expect(isWaiting()).toBe(false);
});

test('what is diverted by a key takes the rest of that key’s chunk, byte for byte', () => {
	const {router, type, keys} = openRouter();
	const received: number[] = [];
	router.onInput(event => {
		if (event.kind === 'key' && event.key === 'enter') {
			router.divert(bytes => received.push(...bytes));
		}
	});

	router.push(Uint8Array.of(0x61, 0x0d, 0x00, 0xff, 0x1b));
	type('x');
	expect(keys()).toEqual(['a', 'enter']);
	expect(received).toEqual([0x00, 0xff, 0x1b, 0x78]);
});

test('what is given back with the input is read, and none of it is alone', () => {
	const {router, type, heard} = openRouter();
	router.divert(() => {});
	type('z');
	router.restore(Buffer.from('q'));
	type('w');
	expect(heard).toEqual([
		{kind: 'key', key: 'q', alone: false},
		{kind: 'key', key: 'w', alone: true},
	]);
});

test('nothing unfinished survives a diversion', () => {
	const {router, type, keys, isWaiting} = openRouter();
	type('\x1b]11;rgb');
	router.divert(() => {});
	expect(isWaiting()).toBe(false);
	router.restore();
	type('a');
	expect(keys()).toEqual(['a']);
});

test('a listener that stopped listening hears nothing', () => {
	const {router, type} = openRouter();
	const heard: InputEvent[] = [];
	const stop = router.onInput(event => heard.push(event));
	type('a');
	stop();
	type('b');
	expect(heard).toHaveLength(1);
});
