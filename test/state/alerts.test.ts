import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {Fact} from '../../state/fact.js';
import {alertConditions} from '../../state/safety/alert-conditions.js';
import {alertFacts, alertRules, isNewEpisode, nextAlertMs} from '../../state/safety/alert-episodes.js';
import {keptAlertMs} from '../../state/safety/apply-safety.js';
import {isQuiet, mayDisturb, parseQuietHours} from '../../state/safety/quiet-hours.js';
import {createStateFleet, launcher, type StateFleet} from '../helpers/state-fleet.js';
import {only, reported, silent, withBudgets} from '../helpers/state-reports.js';

const minute = 60_000;

const keysOf = ({state, now}: StateFleet): readonly string[] => alertConditions(state, now()).map(({key}) => key);

const raisedKeys = (facts: readonly Fact[]): readonly string[] => only(facts, 'alert.raised').map(({alert}) => alert.key);

const clearedKeys = (facts: readonly Fact[]): readonly string[] => only(facts, 'alert.cleared').map(({key}) => key);

const trip = (fleet: StateFleet) => fleet.send({type: 'breaker.trip', key: 'agent:codex'});

const reset = (fleet: StateFleet) => fleet.send({type: 'breaker.reset', key: 'agent:codex'});

const later = (fleet: StateFleet, ms: number): readonly Fact[] => {
	fleet.advance(ms);
	return fleet.tick();
};

describe('an episode of an alert (S9)', () => {
	test('begins once the condition held for two seconds, is one however long it lasts, and ends with the condition', () => {
		const fleet = createStateFleet();
		trip(fleet);
		expect(raisedKeys(later(fleet, 1999))).toEqual([]);
		expect(nextAlertMs(fleet.state, fleet.now())).toEqual([fleet.now() + 1]);
		expect(raisedKeys(later(fleet, 1))).toEqual(['breaker:agent:codex']);
		expect(fleet.state.alerts['breaker:agent:codex']).toMatchObject({state: 'active', level: 'warning', raisedAtMs: fleet.now()});
		expect(raisedKeys(later(fleet, minute))).toEqual([]);
		reset(fleet);
		expect(alertFacts(fleet.state, fleet.now()).length > 0).toBe(true);
		expect(clearedKeys(fleet.tick())).toEqual(['breaker:agent:codex']);
		expect(fleet.state.alerts['breaker:agent:codex']).toMatchObject({state: 'cleared', clearedAtMs: fleet.now()});
		expect(clearedKeys(later(fleet, minute))).toEqual([]);
	});

	test('is none when the condition was shorter than that', () => {
		const fleet = createStateFleet();
		trip(fleet);
		fleet.advance(1999);
		reset(fleet);
		expect(later(fleet, 10)).toEqual([]);
		expect(fleet.state.alerts).toEqual({});
	});

	test('that was acknowledged stays silent until it is over; the next one is active again', () => {
		const fleet = createStateFleet();
		const key = 'breaker:agent:codex';
		expect(fleet.refusal({type: 'alert.acknowledge', key}).code).toBe('UNKNOWN_ALERT');
		trip(fleet);
		later(fleet, 2000);
		fleet.send({type: 'alert.acknowledge', key});
		expect(fleet.state.alerts[key]).toMatchObject({state: 'acknowledged', acknowledgedBy: 'ada'});
		expect(fleet.refusal({type: 'alert.acknowledge', key}).sentence).toContain('ada acknowledged the alert');
		expect(raisedKeys(later(fleet, 1000))).toEqual([]);
		reset(fleet);
		fleet.tick();
		expect(fleet.refusal({type: 'alert.acknowledge', key}).code).toBe('UNKNOWN_ALERT');
		fleet.advance(minute + 1);
		trip(fleet);
		const [raised] = only(later(fleet, 2000), 'alert.raised');
		expect(isNewEpisode(raised!)).toBe(true);
		expect(fleet.state.alerts[key]).toMatchObject({state: 'active'});
		expect(fleet.state.alerts[key]!.acknowledgedBy).toBeUndefined();
	});

	test('goes on quietly when the condition comes back within a minute, acknowledged if it was', () => {
		const fleet = createStateFleet();
		const key = 'breaker:agent:codex';
		trip(fleet);
		later(fleet, 2000);
		const {raisedAtMs} = fleet.state.alerts[key]!;
		fleet.send({type: 'alert.acknowledge', key});
		reset(fleet);
		fleet.tick();
		fleet.advance(30_000);
		trip(fleet);
		const [raised] = only(later(fleet, 2000), 'alert.raised');
		expect(isNewEpisode(raised!)).toBe(false);
		expect(fleet.state.alerts[key]).toEqual({...raised!.alert, raisedAtMs, state: 'acknowledged', acknowledgedBy: 'ada'});
	});

	test('is forgotten a day after it was over', () => {
		const fleet = createStateFleet();
		trip(fleet);
		later(fleet, 2000);
		reset(fleet);
		fleet.tick();
		fleet.advance(keptAlertMs + 1);
		fleet.send({type: 'breaker.hold', key: 'agent:shell'});
		later(fleet, 2000);
		expect(Object.keys(fleet.state.alerts)).toEqual(['breaker:agent:shell']);
	});
});

describe('what there are alerts of', () => {
	test('a breaker until it is closed again, whatever its probes do', () => {
		const fleet = createStateFleet({limits: {noMatchMs: 0}});
		trip(fleet);
		later(fleet, 2000);
		expect(clearedKeys(later(fleet, 30_000))).toEqual([]);
		expect(fleet.state.breakers['agent:codex']!.state).toBe('half-open');
		const {run} = fleet.start({agent: 'codex'});
		fleet.exited(run, 1);
		expect(later(fleet, 2000).filter(({type}) => type.startsWith('alert'))).toEqual([]);
		reset(fleet);
		expect(clearedKeys(fleet.tick())).toEqual(['breaker:agent:codex']);
	});

	test('a launcher that is away with runs, which is urgent; without runs it is nothing', () => {
		const fleet = createStateFleet();
		fleet.send({type: 'launcher.change', launcherId: 'lch_1', state: 'offline'}, launcher);
		expect(keysOf(fleet)).toEqual([]);
		fleet.send({type: 'launcher.join', launcherId: 'lch_1', host: 'here', pid: 1, embedded: true}, launcher);
		fleet.start();
		fleet.send({type: 'launcher.change', launcherId: 'lch_1', state: 'offline'}, launcher);
		expect(alertConditions(fleet.state, fleet.now())).toMatchObject([{key: 'launcher:lch_1', level: 'urgent'}]);
	});

	test('a stuck run and a looping one (S6, S8)', () => {
		const fleet = createStateFleet({limits: {repeatedCalls: 3}});
		const {run} = fleet.start();
		const call = (digest: string) => reported(fleet, run, {kind: 'tool', tool: 'bash', summary: 'ls', digest});
		call('a');
		call('a');
		expect(keysOf(fleet)).toEqual([]);
		call('a');
		expect(keysOf(fleet)).toEqual([`loop:${run}`]);
		call('b');
		expect(keysOf(fleet)).toEqual([]);
		fleet.advance(10 * minute);
		silent(fleet, run, 10 * minute);
		expect(keysOf(fleet)).toEqual([`stuck:${run}`]);
		fleet.exited(run);
		expect(keysOf(fleet)).toEqual([]);
	});

	test('a budget that is nearly used up, and one that is', () => {
		const fleet = createStateFleet();
		withBudgets(fleet, {session: {tokens: 100}});
		const {run, session} = fleet.start();
		reported(fleet, run, {kind: 'usage', usage: {inputTokens: 79}});
		expect(keysOf(fleet)).toEqual([]);
		reported(fleet, run, {kind: 'usage', usage: {inputTokens: 1}});
		expect(keysOf(fleet)).toEqual([`budget-soon:session:${session}/tokens`]);
		reported(fleet, run, {kind: 'usage', usage: {inputTokens: 20}});
		expect(keysOf(fleet)).toEqual([`budget:session:${session}/tokens`]);
	});

	test('a provider that told to wait', () => {
		const fleet = createStateFleet({profiles: {codex: {provider: 'openai'}}});
		fleet.send({type: 'provider.limit', provider: 'openai', sentence: 'no more today'});
		expect(keysOf(fleet)).toEqual(['provider:openai']);
		fleet.advance(minute);
		expect(keysOf(fleet)).toEqual([]);
	});

	test('an agent that does not take its prompt, until it is given it again (M9)', () => {
		const fleet = createStateFleet({profiles: {codex: {provesAcceptance: true}}});
		const {run, session} = fleet.start({agent: 'codex'});
		later(fleet, minute);
		expect(keysOf(fleet)).toEqual([`unresponsive:${session}`]);
		fleet.exited(run, null);
		expect(fleet.run(run).state).toBe('queued');
		expect(keysOf(fleet)).toEqual([`unresponsive:${session}`]);
		fleet.dispatch();
		expect(keysOf(fleet)).toEqual([]);
	});

	test('a nearly full queue, dead letters, too many decisions, and too much talk', () => {
		const fleet = createStateFleet({
			limits: {queueLength: 10, concurrent: 2, pendingDecisions: 1},
			profiles: {codex: {retry: {waitsMs: [0], jitter: 0, lostCap: 1}}},
		});
		const {run} = fleet.start({agent: 'codex'});
		fleet.exited(run, 1);
		fleet.dispatch();
		fleet.started(run);
		fleet.exited(run, 1);
		expect(keysOf(fleet)).toEqual(['dead-letters']);
		fleet.send({type: 'deadletter.drop', runId: run});
		const asking = fleet.start();
		for (let n = 0; n < 8; n += 1) {
			fleet.queue();
		}

		expect(keysOf(fleet)).toEqual([]);
		fleet.queue();
		expect(keysOf(fleet)).toEqual(['queue']);
		fleet.raise(asking.run, {text: 'one'});
		expect(keysOf(fleet)).toEqual(['queue']);
		fleet.raise(asking.run, {text: 'two'});
		expect(keysOf(fleet)).toEqual(['queue', 'decisions']);
		reported(fleet, asking.run, {kind: 'usage', usage: {inputTokens: 60_000, protocolTokens: 20_000}});
		expect(keysOf(fleet)).toEqual(['queue', 'decisions', 'overhead']);
	});
});

test('a flapping condition is told of once; every alert there is has its condition; no timer spins', () => {
	const step = fc.record({what: fc.constantFrom('trip', 'reset', 'acknowledge', 'wait'), laterMs: fc.nat({max: 90_000})});
	fc.assert(
		fc.property(fc.array(step, {maxLength: 40}), steps => {
			const fleet = createStateFleet();
			const key = 'breaker:agent:codex';
			let toldAtMs: number | undefined;
			let lastUpMs = 0;
			for (const {what, laterMs} of steps) {
				fleet.advance(laterMs);
				if (what === 'acknowledge') {
					fleet.ask({type: 'alert.acknowledge', key});
				} else if (what !== 'wait') {
					fleet.ask({type: what === 'trip' ? 'breaker.trip' : 'breaker.reset', key: 'agent:codex'});
				}

				const wasAcknowledged = fleet.state.alerts[key]?.state === 'acknowledged';
				const facts = fleet.tick();
				for (const raised of only(facts, 'alert.raised').filter(isNewEpisode)) {
					// Two episodes are at least as far apart as one may be interrupted.
					expect(toldAtMs === undefined || fleet.now() - lastUpMs > alertRules.sameEpisodeMs).toBe(true);
					toldAtMs = raised.atMs;
				}

				const holding = new Set(keysOf(fleet));
				const up = Object.values(fleet.state.alerts).filter(({state}) => state !== 'cleared');
				expect(up.every(alert => holding.has(alert.key))).toBe(true);
				expect(wasAcknowledged && holding.has(key) && fleet.state.alerts[key]?.state === 'active').toBe(false);
				expect(nextAlertMs(fleet.state, fleet.now()).every(moment => moment > fleet.now())).toBe(true);
				if (up.length > 0) {
					lastUpMs = fleet.now();
				}

				lastUpMs = clearedKeys(facts).length > 0 ? fleet.now() : lastUpMs;
			}
		}),
		{numRuns: 80},
	);
});

describe('quiet hours (S9)', () => {
	test('are written as two times of day', () => {
		expect(parseQuietHours('22:00-07:00')).toEqual({from: 1320, to: 420});
		expect(['', '22-7', '24:00-07:00', '22:60-07:00', '08:00-08:00', '22:00-07:00x'].map(parseQuietHours)).toEqual(
			Array.from({length: 6}, () => undefined),
		);
	});

	test('hold from their first minute to before their last, over midnight too, and only what is urgent passes', () => {
		const night = parseQuietHours('22:00-07:00');
		const noon = parseQuietHours('12:00-13:00');
		expect([1319, 1320, 0, 419, 420].map(at => isQuiet(night, at))).toEqual([false, true, true, true, false]);
		expect([719, 720, 779, 780].map(at => isQuiet(noon, at))).toEqual([false, true, true, false]);
		expect(isQuiet(undefined, 0)).toBe(false);
		expect((['notice', 'warning', 'urgent'] as const).map(level => mayDisturb(level, night, 0))).toEqual([false, false, true]);
		expect(mayDisturb('notice', night, 720)).toBe(true);
	});

	test('and the rest of the day are each other’s opposite', () => {
		const time = fc.nat({max: 1439});
		const inWords = (minutes: number) => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
		fc.assert(
			fc.property(time, time, time, (from, to, at) => {
				fc.pre(from !== to);
				const hours = parseQuietHours(`${inWords(from)}-${inWords(to)}`)!;
				expect(hours).toEqual({from, to});
				expect(isQuiet(hours, at)).toBe(!isQuiet({from: to, to: from}, at));
			}),
		);
	});
});
