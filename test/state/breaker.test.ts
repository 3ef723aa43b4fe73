import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {nextDueMs} from '../../state/due.js';
import {whyQueued} from '../../state/run/run-wait.js';
import type {Breaker} from '../../state/safety/breaker.js';
import {
	afterCancel,
	afterFailure,
	afterPause,
	afterStart,
	afterSuccess,
	breakerRules,
	closedBreaker,
	letsThrough,
} from '../../state/safety/breaker.js';
import {createStateFleet, launcher, type StateFleet, system} from '../helpers/state-fleet.js';

const key = 'agent:shell';
const breakerOf = (fleet: StateFleet): Breaker => fleet.state.breakers[key] ?? closedBreaker;

const fail = (fleet: StateFleet): void => {
	fleet.exited(fleet.start().run, 1);
};

/** Opens the breaker of `shell` by failing runs. */
const open = (fleet: StateFleet): void => {
	for (let failures = 0; failures < breakerRules.failuresToOpen; failures += 1) {
		fail(fleet);
	}

	expect(breakerOf(fleet).state).toBe('open');
};

/** Lets the pause of an open breaker pass. */
const endPause = (fleet: StateFleet): void => {
	const breaker = breakerOf(fleet);
	expect(breaker.state).toBe('open');
	fleet.advance(breaker.state === 'open' ? breaker.untilMs - fleet.now() : 0);
	fleet.tick();
};

/** A half-open breaker with its probe running. */
const probing = () => {
	const fleet = createStateFleet();
	open(fleet);
	endPause(fleet);
	const {run} = fleet.queue();
	expect(fleet.dispatch()).toEqual([run]);
	fleet.started(run);
	expect(breakerOf(fleet)).toMatchObject({state: 'half-open', probe: {runId: run}});
	return {fleet, run};
};

describe('a breaker (S1)', () => {
	test('opens after five runs in a row that failed after they had started', () => {
		const fleet = createStateFleet();
		for (let failures = 1; failures < 5; failures += 1) {
			fail(fleet);
			expect(breakerOf(fleet)).toEqual({state: 'closed', failures});
		}

		fail(fleet);
		expect(breakerOf(fleet)).toEqual({
			state: 'open',
			openedAtMs: fleet.now(),
			untilMs: fleet.now() + 30_000,
			pauseMs: 30_000,
			cause: 'exit 1',
		});
		const {run} = fleet.queue();
		expect(fleet.dispatch()).toEqual([]);
		expect(whyQueued(fleet.state, fleet.run(run), fleet.now())?.sentence).toBe(
			'The breaker agent:shell is open (exit 1); it probes in 30 s.',
		);
	});

	test('counts spawns that fail like runs that fail', () => {
		const fleet = createStateFleet();
		for (let failures = 0; failures < 5; failures += 1) {
			const {run} = fleet.queue();
			fleet.dispatch();
			fleet.send({type: 'attempt.spawn-failed', runId: run, generation: 1, sentence: 'no program'}, launcher);
		}

		expect(breakerOf(fleet)).toMatchObject({state: 'open', cause: 'no program'});
	});

	test('forgets failures when a run succeeds in between', () => {
		const fleet = createStateFleet();
		for (let round = 0; round < 3; round += 1) {
			fail(fleet);
			fail(fleet);
			fleet.exited(fleet.start().run, 0);
		}

		expect(breakerOf(fleet)).toEqual(closedBreaker);
	});

	test('counts neither cancelled runs nor those whose machine went away', () => {
		const fleet = createStateFleet();
		fail(fleet);
		for (let round = 0; round < 10; round += 1) {
			const cancelled = fleet.start().run;
			fleet.send({type: 'run.cancel', runId: cancelled});
			fleet.exited(cancelled, 143);
			const lost = fleet.start().run;
			fleet.send({type: 'attempt.lost', runId: lost, generation: 1, sentence: 'gone'}, launcher);
			fleet.send({type: 'run.cancel', runId: fleet.queue().run});
		}

		expect(breakerOf(fleet)).toEqual({state: 'closed', failures: 1});
	});

	test('holds up its own agent only', () => {
		const fleet = createStateFleet();
		open(fleet);
		const shell = fleet.queue();
		const codex = fleet.queue({agent: 'codex'});
		expect(fleet.dispatch()).toEqual([codex.run]);
		expect(fleet.run(shell.run).state).toBe('queued');
	});

	test('lets exactly one of fifty waiting runs probe', () => {
		const fleet = createStateFleet({limits: {concurrent: 50, concurrentPerTree: 50}});
		open(fleet);
		const waiting = Array.from({length: 50}, () => fleet.queue().run);
		endPause(fleet);
		expect(fleet.dispatch()).toEqual([waiting[0]]);
		expect(whyQueued(fleet.state, fleet.run(waiting[1]!), fleet.now())?.sentence).toContain(`${waiting[0]} is it`);
		fleet.exited(waiting[0]!, 0);
		expect(fleet.dispatch()).toEqual([waiting[1]]);
		fleet.exited(waiting[1]!, 0);
		expect(breakerOf(fleet)).toEqual(closedBreaker);
		expect(fleet.dispatch()).toHaveLength(48);
	});

	test('doubles its pause up to five minutes while probes fail', () => {
		const fleet = createStateFleet();
		open(fleet);
		const pauses = Array.from({length: 6}, () => {
			endPause(fleet);
			fail(fleet);
			const breaker = breakerOf(fleet);
			return breaker.state === 'open' ? breaker.pauseMs : undefined;
		});
		expect(pauses).toEqual([60_000, 120_000, 240_000, 300_000, 300_000, 300_000]);
	});

	test('is not wedged by a probe that hangs: its deadline opens it again', () => {
		const {fleet, run} = probing();
		fleet.advance(breakerRules.probeDeadlineMs - 1);
		expect(fleet.tick()).toEqual([]);
		expect(nextDueMs(fleet.state, fleet.now())).toBe(fleet.now() + 1);
		fleet.advance(1);
		fleet.tick();
		expect(breakerOf(fleet)).toMatchObject({state: 'open', cause: 'the probe did not end in time', pauseMs: 60_000});
		expect(fleet.run(run).state).toBe('running');
		endPause(fleet);
		const next = fleet.queue().run;
		expect(fleet.dispatch()).toEqual([next]);
		fleet.exited(run, 1);
		expect(breakerOf(fleet)).toMatchObject({state: 'half-open', probe: {runId: next}});
	});

	test('lets the next run probe when its probe was cancelled', () => {
		const {fleet, run} = probing();
		fleet.send({type: 'run.cancel', runId: run});
		fleet.exited(run, 143);
		expect(breakerOf(fleet)).toMatchObject({state: 'half-open', successes: 0});
		expect(breakerOf(fleet)).not.toHaveProperty('probe');
		const next = fleet.queue().run;
		expect(fleet.dispatch()).toEqual([next]);
	});

	test('lets a probe whose claim was taken back probe again at once', () => {
		const fleet = createStateFleet();
		open(fleet);
		endPause(fleet);
		const {run} = fleet.queue();
		fleet.dispatch();
		fleet.send({type: 'attempt.lost', runId: run, generation: 1, sentence: 'gone'}, launcher);
		expect(breakerOf(fleet)).not.toHaveProperty('probe');
		expect(fleet.dispatch()).toEqual([run]);
		expect(breakerOf(fleet)).toMatchObject({probe: {runId: run}});
	});

	test('with its pause over and nothing queued waits for no clock', () => {
		const fleet = createStateFleet();
		open(fleet);
		endPause(fleet);
		expect(breakerOf(fleet)).toMatchObject({state: 'half-open', successes: 0});
		expect(nextDueMs(fleet.state, fleet.now())).toBeUndefined();
		expect(fleet.tick()).toEqual([]);
	});

	test('that the operator holds stays open whatever time passes, and closes when reset', () => {
		const fleet = createStateFleet();
		fleet.send({type: 'breaker.hold', key});
		const {run} = fleet.queue();
		fleet.advance(24 * 60 * 60_000);
		fleet.tick();
		expect(fleet.dispatch()).toEqual([]);
		expect(whyQueued(fleet.state, fleet.run(run), fleet.now())?.sentence).toContain('held open by the operator');
		fleet.send({type: 'breaker.reset', key});
		expect(fleet.dispatch()).toEqual([run]);
	});

	test('that the operator trips pauses and then probes', () => {
		const fleet = createStateFleet();
		fleet.send({type: 'breaker.trip', key});
		expect(breakerOf(fleet)).toMatchObject({state: 'open', cause: 'tripped by ada'});
		const {run} = fleet.queue();
		expect(fleet.dispatch()).toEqual([]);
		endPause(fleet);
		expect(fleet.dispatch()).toEqual([run]);
	});

	test.each(['breaker.trip', 'breaker.hold', 'breaker.reset'] as const)('refuses %s that would change nothing, or of nobody', type => {
		const fleet = createStateFleet();
		expect(fleet.refusal({type, key: 'agent:nobody'}).code).toBe('UNKNOWN_BREAKER');
		expect(fleet.refusal({type, key: 'constructor'}).code).toBe('UNKNOWN_BREAKER');
		if (type !== 'breaker.reset') {
			fleet.send({type, key});
		}

		expect(fleet.refusal({type, key}).code).toBe('INVALID');
	});
});

type Step = {readonly event: 'start' | 'success' | 'failure' | 'cancel' | 'pause'; readonly runId: string; readonly laterMs: number};

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
	fc.record({
		event: fc.constantFrom('start', 'success', 'failure', 'cancel', 'pause'),
		runId: fc.constantFrom('run_a', 'run_b', 'run_c'),
		laterMs: fc.constantFrom(0, 1000, 30_000, 300_000),
	}),
	{maxLength: 60},
);

const stepped = (breaker: Breaker, {event, runId}: Step, nowMs: number): Breaker => {
	switch (event) {
		case 'start': {
			return letsThrough(breaker, nowMs) ? afterStart(breaker, runId, nowMs) : breaker;
		}

		case 'success': {
			return afterSuccess(breaker, runId);
		}

		case 'failure': {
			return afterFailure(breaker, runId, 'why', nowMs);
		}

		case 'cancel': {
			return afterCancel(breaker, runId);
		}

		case 'pause': {
			return afterPause(breaker, nowMs);
		}
	}
};

test('whatever happens, only a probe moves a breaker that is not closed, and only time ends a pause', () => {
	fc.assert(
		fc.property(steps, all => {
			let breaker: Breaker = closedBreaker;
			let nowMs = 0;
			for (const step of all) {
				nowMs += step.laterMs;
				const before: Breaker = breaker;
				const isOfProbe = before.state === 'half-open' && before.probe?.runId === step.runId;
				breaker = stepped(before, step, nowMs);
				if (before.state === 'open' && breaker !== before) {
					expect(nowMs).toBeGreaterThanOrEqual(before.untilMs);
					expect(breaker.state).toBe('half-open');
				}

				if (before.state === 'half-open' && breaker !== before && step.event !== 'start') {
					expect(isOfProbe).toBe(true);
				}

				if (before.state === 'half-open' && before.probe && step.event === 'start') {
					expect(breaker).toBe(before);
				}
			}
		}),
	);
});

describe('the breakers of one run (S1)', () => {
	const shared = {shell: {provider: 'openai'}, codex: {provider: 'openai'}} as const;

	test('its provider counts what all its agents do', () => {
		const fleet = createStateFleet({profiles: shared});
		for (let failures = 0; failures < 5; failures += 1) {
			const {run} = fleet.start({agent: failures % 2 === 0 ? 'shell' : 'codex'});
			fleet.exited(run, 1);
		}

		expect(fleet.state.breakers['provider:openai']?.state).toBe('open');
		expect(fleet.state.breakers['agent:shell']?.state).toBe('closed');
		const {run} = fleet.queue({agent: 'codex'});
		expect(fleet.dispatch()).toEqual([]);
		expect(whyQueued(fleet.state, fleet.run(run), fleet.now())?.sentence).toContain('The breaker provider:openai is open');
	});

	test('a launcher that keeps losing runs is closed off, and another takes over', () => {
		const fleet = createStateFleet();
		for (let losses = 0; losses < 5; losses += 1) {
			fleet.lost(fleet.start().run);
		}

		expect(fleet.state.breakers['launcher:lch_1']?.state).toBe('open');
		expect(fleet.state.breakers['agent:shell']).toBeUndefined();
		const {run} = fleet.queue();
		expect(fleet.dispatch()).toEqual([]);
		fleet.send({type: 'launcher.join', launcherId: 'lch_2', host: 'there', pid: 2, embedded: false}, launcher);
		expect(fleet.dispatch()).toEqual([run]);
		expect(fleet.run(run).attempts[0]?.launcherId).toBe('lch_2');
	});

	test('twenty runs that fail after they started open it, whatever started in between', () => {
		const fleet = createStateFleet({limits: {concurrent: 20, concurrentPerTree: 20}});
		const runs = Array.from({length: 20}, () => fleet.start().run);
		for (const run of runs) {
			fleet.exited(run, 1);
		}

		expect(breakerOf(fleet).state).toBe('open');
	});

	test('one run is the probe of all that are half open', () => {
		const fleet = createStateFleet({profiles: shared});
		open(fleet);
		expect(fleet.state.breakers['provider:openai']?.state).toBe('open');
		endPause(fleet);
		const {run} = fleet.queue();
		expect(fleet.dispatch()).toEqual([run]);
		expect(fleet.state.breakers['agent:shell']).toMatchObject({probe: {runId: run}});
		expect(fleet.state.breakers['provider:openai']).toMatchObject({probe: {runId: run}});
	});
});

test('only the clock may tick', () => {
	const fleet = createStateFleet();
	expect(fleet.refusal({type: 'clock.tick'}).code).toBe('FORBIDDEN');
	fleet.send({type: 'clock.tick'}, system);
});
