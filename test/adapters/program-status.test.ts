import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {createProgramStatus} from '../../source/launcher/program-status.js';
import {createQuerySniffer} from '../../source/launcher/queries.js';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const report = (fields: string, end = '\u001B\\') => `\u001B]7501;${fields}${end}`;

/** A terminal that hears these chunks, one millisecond apart; what it made of them. */
const hear = (...chunks: ReadonlyArray<string | Uint8Array>) => {
	const programs = createProgramStatus();
	let changes = 0;
	let nowMs = 0;
	const sniffer = createQuerySniffer({
		onOsc(body) {
			changes += programs.take(body, nowMs) ? 1 : 0;
		},
	});
	for (const chunk of chunks) {
		nowMs++;
		sniffer.push(Buffer.from(chunk));
	}

	return {current: programs.current, changes};
};

const blocked = report(`state=blocked:app=claude-code:kind=permission:msg=${base64('approve Bash: touch Ä')}`);

describe('status reports', () => {
	test('tell activity, kind and words', () => {
		expect(hear(blocked).current).toEqual({
			activity: 'blocked',
			kind: 'permission',
			source: 'osc',
			confidence: 0.95,
			evidence: 'claude-code reported blocked (permission), approve Bash: touch Ä',
			atMs: 1,
		});
	});

	test.each(['idle', 'working', 'done', 'blocked', 'error'])('%s is known, with either terminator', state => {
		for (const end of ['\u001B\\', '\u0007', '\u009C']) {
			expect(hear(report(`state=${state}`, end)).current?.activity).toBe(state);
		}
	});

	test('mean the same wherever they are cut', () => {
		const bytes = Buffer.from(`text${blocked}more${report('state=working:progress=40:app=codex')}\u001B[2J`);
		const whole = hear(bytes);
		expect(whole).toMatchObject({changes: 2, current: {activity: 'working', evidence: 'codex reported working, 40 %'}});
		for (let at = 0; at <= bytes.length; at++) {
			const {current, changes} = hear(bytes.subarray(0, at), bytes.subarray(at));
			expect({changes, activity: current?.activity, evidence: current?.evidence}).toEqual({
				changes: 2,
				activity: 'working',
				evidence: 'codex reported working, 40 %',
			});
		}

		expect(hear(...[...bytes].map(byte => Uint8Array.of(byte)))).toMatchObject({changes: 2, current: {activity: 'working'}});
	});

	test('replace the record of the same id; clear takes it back', () => {
		expect(hear(report('state=working'), report('state=idle')).current?.activity).toBe('idle');
		expect(hear(report('state=working:id=a'), report('state=idle:id=b')).current?.activity).toBe('working');
		expect(hear(report('state=working:id=a'), report('state=idle:id=b'), report('state=clear:id=a')).current?.activity).toBe('idle');
		expect(hear(report('state=working'), report('state=clear')).current).toBeUndefined();
	});

	test('of work and waiting end when the shell prompts again; the others stay', () => {
		for (const mark of ['\u001B]133;A\u0007', '\u001B]133;A;cl=m\u001B\\']) {
			expect(hear(report('state=working'), mark).current).toBeUndefined();
			expect(hear(blocked, mark).current).toBeUndefined();
			expect(hear(report('state=done'), mark).current?.activity).toBe('done');
		}

		expect(hear(report('state=working'), '\u001B]133;C\u0007').current?.activity).toBe('working');
	});

	test.each([
		['no state', report('app=x')],
		['an unknown state', report('state=asleep')],
		['a state that objects have', report('state=constructor')],
		['the question', report('?')],
		['another number', '\u001B]7502;state=working\u001B\\'],
		['a longer number', '\u001B]75010;state=working\u001B\\'],
		['a cancelled sequence', report('state=working', '\u0018')],
		['a sequence that another one breaks', report('state=working', '\u001B[0m')],
		['no end', report('state=working', '')],
		['another kind of string', '\u001BP7501;state=working\u001B\\'],
		['an id without end', report(`state=working:id=${'x'.repeat(65)}`)],
	])('with %s mean nothing', (_, bytes) => {
		expect(hear(bytes)).toEqual({current: undefined, changes: 0});
	});

	test('longer than 4096 bytes are dropped, in one piece or in many; up to there they count', () => {
		const filled = (length: number) => {
			const empty = report('state=working:msg=', '\u0007');
			return Buffer.from(empty.replace('msg=', `msg=${'A'.repeat(length - empty.length)}`));
		};

		for (const pieces of [1, 7, 1000, 5000]) {
			const cut = (bytes: Buffer) =>
				Array.from({length: Math.ceil(bytes.length / pieces)}, (_, at) => bytes.subarray(at * pieces, (at + 1) * pieces));
			expect(filled(4096)).toHaveLength(4096);
			expect(hear(...cut(filled(4096))).changes).toBe(1);
			expect(hear(...cut(filled(4097))).changes).toBe(0);
			expect(hear(...cut(filled(20_000)), blocked).current?.activity).toBe('blocked');
		}
	});

	test('show no control characters and no endless text, whatever they hold', () => {
		fc.assert(
			fc.property(fc.string({unit: 'binary', maxLength: 500}), fc.string({unit: 'binary-ascii', maxLength: 100}), (message, app) => {
				const {current} = hear(report(`state=blocked:msg=${base64(message)}:app=${app.replaceAll(/[:\u0000-\u001F\u007F]/g, '')}`));
				expect(current?.evidence).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
				expect([...(current?.evidence ?? '')].length).toBeLessThan(350);
			}),
		);
	});

	test('survive garbage, and are understood after it', () => {
		fc.assert(
			fc.property(fc.uint8Array({maxLength: 300}), garbage => {
				expect(hear(garbage, '\u0018', blocked).current?.activity).toBe('blocked');
			}),
		);
	});

	test('of more programs than a terminal has are not kept', () => {
		const many = Array.from({length: 100}, (_, id) => report(`state=idle:id=${id}`));
		expect(hear(...many).changes).toBe(16);
	});
});
