import fc from 'fast-check';
import {expect, test} from 'vitest';
import {createDetachDetector} from '../../source/terminal/detach-keys.js';

const open = (keys: readonly string[] = ['ctrl+]']) => {
	let nowMs = 0;
	const detector = createDetachDetector({keys, now: () => nowMs});
	return {
		detector,
		pass(ms: number) {
			nowMs += ms;
		},
		push(bytes: string) {
			const {forAgent, afterKey} = detector.push(Buffer.from(bytes, 'latin1'));
			return [Buffer.from(forAgent).toString('latin1'), afterKey && Buffer.from(afterKey).toString('latin1')];
		},
	};
};

const encodings = [
	'\x1d',
	'\x1b[93;5u',
	'\x1b[93;5:1u',
	'\x1b[93;5:2u',
	'\x1b[93:125:93;5u',
	'\x1b[93;69u',
	'\x1b[93;133;29u',
	'\x1b[27;5;93~',
	'\x1b[27;69;93~',
];

test.each(encodings)('%j is found wherever it is cut', encoding => {
	for (let place = 0; place <= encoding.length; place++) {
		const {push} = open();
		const first = push(`ab${encoding.slice(0, place)}`);
		const second = first[1] === undefined ? push(`${encoding.slice(place)}cd`) : ['', `${first[1]}cd`];
		expect([`${first[0]}${second[0]}`, second[1]]).toEqual(['ab', 'cd']);
	}
});

test.each([
	'\x1b[93;5:3u',
	'\x1b[93u',
	'\x1b[93;6u',
	'\x1b[93;1u',
	'\x1b[94;5u',
	'\x1b[27;5;94~',
	'\x1b[193;5u',
	'\x1b]',
	']',
	'\x1b[M\x3d\x5d\x5d',
])('%j is the agent’s', bytes => {
	expect(open().push(`${bytes}x`)).toEqual([`${bytes}x`, undefined]);
});

test('whatever is typed, in whatever pieces, reaches the agent unchanged if it holds no detach key', () => {
	const piece = fc.oneof(
		fc.constantFrom('\x1b', '\x1b[', '\x1b[9', '93;5', '\x1b[27;5', '\x1b[200~', '\x1b[201~', '\x1b[A', '\x00', '\xff', 'abc'),
		fc.uint8Array({maxLength: 10}).map(bytes => Buffer.from(bytes).toString('latin1')),
	);
	fc.assert(
		fc.property(fc.array(piece, {maxLength: 10}), pieces => {
			const whole = pieces.join('');
			fc.pre(!whole.includes('\x1d') && !/\x1b\[(?:93[:\d]*;5|27;5;93)/.test(whole));
			const {push, detector} = open();
			const seen = pieces.map(bytes => push(bytes)[0]).join('') + Buffer.from(detector.flush()).toString('latin1');
			expect(seen).toBe(whole);
		}),
		{numRuns: 2000},
	);
});

test('only what may be a sequence is held back', () => {
	const {push, detector} = open();
	expect(push('a\x1b')).toEqual(['a', undefined]);
	expect(detector.isHolding()).toBe(true);
	expect(push('[A')).toEqual(['\x1b[A', undefined]);
	expect(detector.isHolding()).toBe(false);
	push('\x1b[93');
	expect(Buffer.from(detector.flush()).toString()).toBe('\x1b[93');
	expect(push(';5u')).toEqual([';5u', undefined]);
});

test('inside a paste it is text, and a paste that never ends does not lock the operator in', () => {
	const {push, pass} = open();
	expect(push('\x1b[200~a\x1d')).toEqual(['\x1b[200~a\x1d', undefined]);
	expect(push('b\x1d\x1b[20')).toEqual(['b\x1d', undefined]);
	expect(push('1~\x1d')).toEqual(['\x1b[201~', '']);
	const stuck = open();
	stuck.push('\x1b[200~');
	stuck.pass(1500);
	expect(stuck.push('\x1d')).toEqual(['', '']);
	pass(0);
});

test('other keys may be chosen, and several', () => {
	expect(open(['ctrl+q', 'ctrl+\\']).push('a\x1cb')).toEqual(['a', 'b']);
	expect(open(['ctrl+q', 'ctrl+\\']).push('a\x1b[113;5ub')).toEqual(['a', 'b']);
	expect(open(['ctrl+q']).push('\x1d')).toEqual(['\x1d', undefined]);
	for (const key of ['ctrl+i', 'ctrl+[', 'f1', 'a', 'alt+x']) {
		expect(() => open([key])).toThrow('Cannot use');
	}
});
