import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {
	type Arming,
	type ArmingEvent,
	armedAtMs,
	armingEvent,
	armingRules,
	createArming,
	isReadToEnd,
	mayConfirm,
	mayDecide,
} from '../../state/escalation/arming.js';

const whole = (escalationId: string, fingerprint = `f-${escalationId}`) => ({
	escalationId,
	fingerprint,
	firstLine: 0,
	endLine: 10,
	lineCount: 10,
});
const painted = (escalationId: string, atMs: number): ArmingEvent => ({type: 'painted', request: whole(escalationId), atMs});
const once = (...events: readonly ArmingEvent[]): Arming => events.reduce(armingEvent, createArming());

const press = (
	arming: Arming,
	escalationId: string,
	nowMs: number,
	{key = 'a', alone = true, choice = 'approve' as 'approve' | 'deny'} = {},
) => mayDecide(arming, {escalationId, fingerprint: `f-${escalationId}`, choice, key, alone, nowMs});

describe('a key decides', () => {
	test('only what was painted, and 400 ms after it was', () => {
		const arming = once(painted('A', 1000));
		expect(press(createArming(), 'A', 5000)?.code).toBe('NOT_ARMED');
		expect(press(arming, 'A', 1399)?.sentence).toContain('keys are live in 0.1 s');
		expect(press(arming, 'A', 1400)).toBeUndefined();
		expect(press(arming, 'B', 5000)?.sentence).toContain('not on the screen');
		expect(mayDecide(arming, {escalationId: 'A', fingerprint: 'other', choice: 'deny', key: 'd', alone: true, nowMs: 5000})?.code).toBe(
			'NOT_ARMED',
		);
	});

	test('only once input was quiet for 400 ms, but stray input keeps it dead for 1,500 ms at most', () => {
		const typing = [0, 300, 600, 900, 1200, 1500].map((atMs, index): ArmingEvent => ({type: 'input', key: `${index}`, atMs}));
		const arming = once(painted('A', 0), ...typing);
		expect(press(once(painted('A', 0), ...typing.slice(0, 3)), 'A', 999)?.code).toBe('NOT_ARMED');
		expect(press(once(painted('A', 0), ...typing.slice(0, 3)), 'A', 1000)).toBeUndefined();
		expect(armedAtMs(arming)).toBe(1500);
		expect(press(arming, 'A', 1499)?.code).toBe('NOT_ARMED');
		expect(press(arming, 'A', 1501)).toBeUndefined();
	});

	test('only when it came alone', () => {
		expect(press(once(painted('A', 0)), 'A', 5000, {alone: false})?.sentence).toContain('alone');
	});

	test.each(['resized', 'focused', 'resumed', 'pasted'] as const)('not right after the terminal was %s', type => {
		const arming = once(painted('A', 0), {type, atMs: 5000}, painted('A', 5000));
		expect(press(arming, 'A', 5399)?.code).toBe('NOT_ARMED');
		expect(press(arming, 'A', 5400)).toBeUndefined();
	});

	test.each(['resized', 'resumed'] as const)('not before the next frame after the terminal was %s', type => {
		expect(press(once(painted('A', 0), {type, atMs: 5000}), 'A', 9000)?.sentence).toContain('not on the screen');
	});

	test('for every request anew, and a redraw of the same one costs nothing', () => {
		expect(press(once(painted('A', 0), painted('A', 4900)), 'A', 5000)).toBeUndefined();
		expect(press(once(painted('A', 0), painted('B', 4900)), 'B', 5000)?.code).toBe('NOT_ARMED');
		expect(press(once(painted('A', 0), painted('B', 4900), painted('A', 4950)), 'A', 5000)?.code).toBe('NOT_ARMED');
		expect(press(once(painted('A', 0), {type: 'painted', request: undefined, atMs: 4900}), 'A', 5000)?.code).toBe('NOT_ARMED');
	});

	test('once: until the next frame was painted nothing more is decided', () => {
		expect(press(once(painted('A', 0), {type: 'decided', atMs: 1000}), 'A', 3000)?.code).toBe('NOT_ARMED');
	});
});

describe('reading to the end', () => {
	const part = (firstLine: number, endLine: number, atMs: number): ArmingEvent => ({
		type: 'painted',
		request: {...whole('A'), firstLine, endLine, lineCount: 100},
		atMs,
	});

	test('approving waits for the last line, denying does not', () => {
		const half = once(part(0, 50, 0));
		expect(press(half, 'A', 5000)?.sentence).toContain('end');
		expect(press(half, 'A', 5000, {choice: 'deny', key: 'd'})).toBeUndefined();
		expect(press(once(part(0, 50, 0), part(50, 100, 2000)), 'A', 5000)).toBeUndefined();
	});

	test('a jump to the end leaves the middle unread', () => {
		const jumped = once(part(0, 50, 0), part(60, 100, 2000));
		expect(isReadToEnd(jumped, 'A')).toBe(false);
		expect(isReadToEnd(armingEvent(armingEvent(jumped, part(40, 80, 3000)), part(60, 100, 3500)), 'A')).toBe(true);
	});

	test('another size of the terminal begins anew', () => {
		expect(isReadToEnd(once(part(0, 50, 0), part(50, 100, 1), {type: 'resized', atMs: 2}, part(50, 100, 3)), 'A')).toBe(false);
	});
});

test('five decisions under a second each ask to read the next one again', () => {
	let arming = createArming();
	for (let index = 0; index < armingRules.quickInARow; index++) {
		arming = [painted(`${index}`, index * 1000), {type: 'decided', atMs: index * 1000 + 500} as const].reduce(armingEvent, arming);
	}

	arming = armingEvent(arming, painted('next', 5000));
	expect(press(arming, 'next', 6000)?.sentence).toContain('read this one again');
	expect(press(arming, 'next', 4500 + armingRules.pauseMs)).toBeUndefined();
	expect(armedAtMs(arming)).toBe(4500 + armingRules.pauseMs);

	const slow = [
		painted('x', 0),
		{type: 'decided', atMs: 1500} as const,
		...Array.from({length: 4}, (_, index) => [
			painted(`${index}`, 2000 + index * 1000),
			{type: 'decided', atMs: 2500 + index * 1000} as const,
		]).flat(),
	];
	expect(press(slow.concat(painted('next', 7000)).reduce(armingEvent, createArming()), 'next', 7500)).toBeUndefined();
});

describe('what is typed to confirm', () => {
	const decision = {escalationId: 'A', fingerprint: 'f-A', choice: 'approve', confirmWord: 'destructive', typed: 'destructive '} as const;

	test('is the word asked for, about the request that is still shown', () => {
		expect(mayConfirm(once(painted('A', 0)), decision)).toBeUndefined();
		expect(mayConfirm(once(painted('A', 0)), {...decision, typed: 'yes'})?.sentence).toContain('“destructive”');
		expect(mayConfirm(once(painted('A', 0), painted('B', 9)), decision)?.code).toBe('NOT_ARMED');
		expect(mayConfirm(once(painted('A', 0)), {...decision, fingerprint: 'other'})?.code).toBe('NOT_ARMED');
	});
});

describe('races', () => {
	const ids = ['A', 'B', 'C'];
	const step = fc.record({
		afterMs: fc.oneof(fc.integer({min: 0, max: 60}), fc.integer({min: 300, max: 1200})),
		what: fc.oneof(
			fc.constantFrom('key', 'key', 'key', 'key', 'other key', 'repaint', 'repaint', 'repaint', 'paste', 'resized', 'focused', 'resumed'),
			fc.constantFrom(...ids).map(id => `show ${id}`),
		),
	});

	/** Plays a story; tells what a pressed key would have decided, with the story so far. */
	const play = (
		steps: ReadonlyArray<{readonly afterMs: number; readonly what: string}>,
		check: (hit: string, nowMs: number, log: readonly ArmingEvent[]) => void,
	) => {
		const log: ArmingEvent[] = [];
		let arming = createArming();
		let nowMs = 1_000_000;
		let selected = 'A';
		const tell = (event: ArmingEvent) => {
			log.push(event);
			arming = armingEvent(arming, event);
		};

		for (const {afterMs, what} of steps) {
			nowMs += afterMs;
			if (what.startsWith('show ')) {
				selected = what.slice(5);
			} else if (what === 'repaint') {
				tell(painted(selected, nowMs));
			} else if (what === 'key' || what === 'other key') {
				const key = what === 'key' ? 'a' : 'j';
				if (what === 'key' && press(arming, selected, nowMs) === undefined) {
					check(selected, nowMs, log);
					tell({type: 'decided', atMs: nowMs});
				}

				tell({type: 'input', key, atMs: nowMs});
			} else if (what === 'paste') {
				tell({type: 'pasted', atMs: nowMs});
			} else {
				tell({type: what as 'resized', atMs: nowMs});
			}
		}
	};

	test('a request that appears under the finger is never hit', () => {
		let hits = 0;
		fc.assert(
			fc.property(fc.array(step, {minLength: 5, maxLength: 60}), steps => {
				play(steps, (hit, nowMs, log) => {
					hits++;
					// What the terminal showed for the last 400 ms, told from the raw story alone: this request, and nothing else happened.
					const before = log.findLast(event => event.type === 'painted' && event.atMs <= nowMs - armingRules.quietMs);
					expect(before).toMatchObject({request: {escalationId: hit}});
					const lately = log.filter(event => event.atMs > nowMs - armingRules.quietMs);
					expect(lately.filter(event => event.type === 'painted' && event.request?.escalationId !== hit)).toEqual([]);
					expect(lately.filter(event => event.type === 'pasted' || event.type === 'focused' || event.type === 'resized')).toEqual([]);
				});
			}),
			{numRuns: 1000},
		);
		// The rule is not kept by never deciding anything.
		expect(hits).toBeGreaterThan(100);
	});

	test('a key held down decides at most once, whatever is shown under it', () => {
		fc.assert(
			fc.property(
				fc.integer({min: 20, max: 60}),
				fc.integer({min: 0, max: 690}),
				fc.array(fc.constantFrom(...ids), {minLength: 1, maxLength: 30}),
				(everyMs, delayMs, shows) => {
					const held = shows.flatMap(id => [
						{afterMs: 0, what: `show ${id}`},
						{afterMs: 0, what: 'repaint'},
						...Array.from({length: 20}, () => ({afterMs: everyMs, what: 'key'})),
					]);
					let decisions = 0;
					play(
						[
							{afterMs: 0, what: 'show A'},
							{afterMs: 0, what: 'repaint'},
							{afterMs: 2000, what: 'key'},
							{afterMs: delayMs, what: 'key'},
							...held,
						],
						() => {
							decisions++;
						},
					);
					expect(decisions).toBe(1);
				},
			),
		);
	});

	test('typing ahead decides nothing', () => {
		fc.assert(
			fc.property(fc.array(fc.integer({min: -200, max: 399}), {minLength: 1, maxLength: 8}), times => {
				const steps = [...times, 0].sort((a, b) => a - b);
				let lastMs = -200;
				const story = steps.flatMap(atMs => {
					const afterMs = atMs - lastMs;
					lastMs = atMs;
					return atMs === 0
						? [
								{afterMs, what: 'repaint'},
								{afterMs: 0, what: 'key'},
							]
						: [{afterMs, what: 'key'}];
				});
				play(story, () => {
					throw new Error('a key typed ahead decided');
				});
			}),
		);
	});
});
