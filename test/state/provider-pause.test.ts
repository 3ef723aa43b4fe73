import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {whyQueued} from '../../state/run/run-wait.js';
import {afterLimit, type ProviderPause, pauseRules} from '../../state/safety/provider.js';
import {isProviderPaused, providerPause} from '../../state/safety/provider-pause.js';
import {createStateFleet} from '../helpers/state-fleet.js';
import {kindsOf, reported} from '../helpers/state-reports.js';

const minute = 60_000;

const openFleet = () =>
	createStateFleet({
		agents: ['shell', 'codex', 'gpt'],
		profiles: {codex: {provider: 'openai'}, gpt: {provider: 'openai'}},
		// Nobody here is to be thought stuck or told of twice.
		limits: {stuckAfterMs: 0},
	});

describe('a provider that tells to wait (S3)', () => {
	test('holds back all its agents until the time it named, and nobody else', () => {
		const fleet = openFleet();
		const first = fleet.start({agent: 'codex'});
		const untilMs = fleet.now() + 90_000;
		const facts = reported(fleet, first.run, {kind: 'limited', sentence: '429: slow down', untilMs});
		expect(kindsOf(facts)).toEqual(['provider.paused', 'run.waiting']);
		expect(fleet.run(first.run)).toMatchObject({state: 'waiting', reason: 'rate-limit'});
		const other = fleet.queue({agent: 'gpt'});
		const free = fleet.queue({agent: 'shell'});
		expect(fleet.dispatch()).toEqual([free.run]);
		expect(whyQueued(fleet.state, fleet.run(other.run), fleet.now())).toMatchObject({code: 'provider', retryAfterMs: 90_000});
		fleet.advance(90_000);
		fleet.tick();
		expect(fleet.dispatch()).toEqual([]);
		expect(fleet.run(first.run).state).toBe('running');
		expect(fleet.dispatch()).toEqual([other.run]);
	});

	test('is told of by several agents at once and pauses once; a later time makes the pause longer', () => {
		const fleet = openFleet();
		const [a, b, c] = ['codex', 'gpt', 'codex'].map(agent => fleet.start({agent}).run) as [string, string, string];
		reported(fleet, a, {kind: 'limited', sentence: 'wait'});
		expect(kindsOf(reported(fleet, b, {kind: 'limited', sentence: 'wait'}))).toEqual(['run.waiting']);
		expect(fleet.state.providers['openai']).toMatchObject({strikes: 1, untilMs: fleet.now() + minute});
		reported(fleet, c, {kind: 'limited', sentence: 'longer', untilMs: fleet.now() + 5 * minute});
		expect(fleet.state.providers['openai']).toMatchObject({strikes: 1, untilMs: fleet.now() + 5 * minute});
	});

	test('doubles its pauses in a row from a minute to half an hour, and begins anew after a good while', () => {
		const fleet = openFleet();
		const lengths = Array.from({length: 7}, () => {
			const {run} = fleet.start({agent: 'codex'});
			reported(fleet, run, {kind: 'limited', sentence: 'wait'});
			const waitMs = fleet.state.providers['openai']!.untilMs - fleet.now();
			fleet.exited(run);
			fleet.advance(waitMs);
			fleet.tick();
			return waitMs / minute;
		});
		expect(lengths).toEqual([1, 2, 4, 8, 16, 30, 30]);
		fleet.advance(pauseRules.inARowMs + 1);
		const {run} = fleet.start({agent: 'codex'});
		reported(fleet, run, {kind: 'limited', sentence: 'wait'});
		expect(fleet.state.providers['openai']).toMatchObject({strikes: 1, untilMs: fleet.now() + minute});
	});

	test('is paused and let go by the operator, which is not held against it', () => {
		const fleet = openFleet();
		const limit = {type: 'provider.limit', provider: 'openai', sentence: 'lunch', untilMs: fleet.now() + minute} as const;
		fleet.send(limit);
		const {run} = fleet.queue({agent: 'codex'});
		expect(fleet.dispatch()).toEqual([]);
		fleet.send({type: 'provider.clear', provider: 'openai'});
		expect(fleet.dispatch()).toEqual([run]);
		expect(fleet.state.providers['openai']).toBeUndefined();
		expect(fleet.refusal({type: 'provider.clear', provider: 'openai'}).sentence).toBe('openai is not paused.');
		expect(fleet.refusal({...limit, provider: 'nobody'}).code).toBe('UNKNOWN_PROVIDER');
		expect(fleet.refusal({...limit, untilMs: fleet.now()}).code).toBe('INVALID');
	});

	test('a run whose agent names no provider waits alone', () => {
		const fleet = openFleet();
		const [first, second] = [fleet.start(), fleet.start()];
		expect(kindsOf(reported(fleet, first.run, {kind: 'limited', sentence: 'wait'}))).toEqual(['run.waiting']);
		expect(fleet.run(second.run).state).toBe('running');
		fleet.advance(minute - 1);
		fleet.dispatch();
		expect(fleet.run(first.run).state).toBe('waiting');
		fleet.advance(1);
		fleet.dispatch();
		expect(fleet.run(first.run).state).toBe('running');
	});
});

const told = fc.record({
	afterMs: fc.nat({max: 3 * 60 * minute}),
	namedMs: fc.option(fc.integer({min: -minute, max: 2 ** 40}), {nil: undefined}),
});

test('whatever is told and when, a pause never ends earlier for it, and never lies further away than is believed', () => {
	fc.assert(
		fc.property(fc.array(told, {maxLength: 30}), tales => {
			let nowMs = 1_000_000;
			let last: ProviderPause | undefined;
			for (const {afterMs, namedMs} of tales) {
				nowMs += afterMs;
				const untilMs = namedMs === undefined ? undefined : nowMs + namedMs;
				const next = afterLimit(last, {sentence: 'wait', untilMs}, nowMs);
				const isOn = last !== undefined && last.untilMs > nowMs;
				expect(next.untilMs).toBeGreaterThan(nowMs);
				expect(next.untilMs).toBeGreaterThanOrEqual(isOn ? last!.untilMs : 0);
				expect(next.untilMs - nowMs).toBeLessThanOrEqual(pauseRules.believedMs);
				expect(next.strikes).toBe(isOn ? last!.strikes : last && nowMs - last.untilMs <= pauseRules.inARowMs ? last.strikes + 1 : 1);
				last = next;
			}
		}),
	);
});

test('a pause that is over holds nobody, even before that is written down', () => {
	const fleet = openFleet();
	fleet.send({type: 'provider.limit', provider: 'openai', sentence: 'x'});
	expect(isProviderPaused(fleet.state, 'openai', fleet.now() + minute - 1)).toBe(true);
	expect(isProviderPaused(fleet.state, 'openai', fleet.now() + minute)).toBe(false);
	expect(providerPause(fleet.state, 'shell', fleet.now())).toBeUndefined();
	fleet.advance(minute);
	expect(kindsOf(fleet.tick())).toContain('provider.cleared');
	expect(kindsOf(fleet.tick())).not.toContain('provider.cleared');
});
