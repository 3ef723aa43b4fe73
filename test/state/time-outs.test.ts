import {describe, expect, test} from 'vitest';
import {defaultLimits, type Limits, whyNotLimits} from '../../state/safety/limits.js';
import {createStateFleet, system} from '../helpers/state-fleet.js';

describe('time (Q7)', () => {
	test('ends a queued run whose time to live is over', () => {
		const fleet = createStateFleet({limits: {concurrent: 0, queueTtlMs: 60_000}});
		const {run} = fleet.queue();
		fleet.advance(59_999);
		fleet.tick();
		expect(fleet.run(run).state).toBe('queued');
		fleet.advance(1);
		fleet.tick();
		expect(fleet.run(run)).toMatchObject({state: 'timed_out', ending: 'ended by the time to live in the queue'});
	});

	test('stops a run that works too long, and tries it again only where that was asked for', () => {
		const fleet = createStateFleet({limits: {runTimeoutMs: 60_000}});
		const [once, again] = [fleet.start(), fleet.start({retry: true})];
		fleet.advance(60_000);
		fleet.tick();
		expect([once, again].map(({run}) => fleet.run(run).state)).toEqual(['stopping', 'stopping']);
		fleet.exited(once.run, null);
		fleet.exited(again.run, null);
		expect([once, again].map(({run}) => fleet.run(run).state)).toEqual(['timed_out', 'queued']);
	});

	test('ends what is of no use after its deadline, queued or running', () => {
		const fleet = createStateFleet({limits: {concurrent: 1}});
		const deadlineAtMs = fleet.now() + 5000;
		const running = fleet.start({deadlineAtMs, retry: true});
		const queued = fleet.queue({deadlineAtMs});
		fleet.advance(5000);
		fleet.tick();
		expect(fleet.run(running.run).stop?.by).toBe('its deadline');
		expect(fleet.run(queued.run).state).toBe('timed_out');
		fleet.exited(running.run, null);
		expect(fleet.run(running.run).state).toBe('timed_out');
	});

	test('takes a run back from an agent that does not take its prompt within 60 s (M9)', () => {
		const fleet = createStateFleet({profiles: {shell: {provesAcceptance: true}}});
		const {run} = fleet.start();
		fleet.advance(defaultLimits.acceptanceTimeoutMs);
		fleet.tick();
		expect(fleet.run(run)).toMatchObject({state: 'stopping', stop: {ending: 'queued', counts: 'loss', by: 'the acceptance time-out'}});
		fleet.exited(run, null);
		expect(fleet.run(run)).toMatchObject({state: 'queued', losses: 1});
	});

	test('waits for nothing from an agent that asked something: it took its prompt', () => {
		const fleet = createStateFleet({profiles: {shell: {provesAcceptance: true}}});
		const {run} = fleet.start();
		const {id} = fleet.raise(run, {kind: 'question'});
		fleet.send({type: 'escalation.withdraw', escalationId: id, why: 'never mind'}, system);
		fleet.advance(3_600_000);
		fleet.tick();
		expect(fleet.run(run).state).toBe('running');
	});

	test('that goes back or leaps changes no order and ends nothing by itself', () => {
		const fleet = createStateFleet({limits: {concurrent: 1}});
		const runs = [fleet.queue().run, fleet.queue().run, fleet.queue().run];
		fleet.advance(3_600_000);
		fleet.tick();
		fleet.advance(-3_600_000);
		fleet.tick();
		const order: string[] = [];
		for (let at = 0; at < 3; at += 1) {
			const [next = ''] = fleet.dispatch();
			order.push(next);
			fleet.started(next);
			fleet.exited(next);
		}

		expect(order).toEqual(runs);
	});
});

describe('a stale limit that is shorter than what it guards (Q7)', () => {
	test.each([
		[{launcherGoneMs: 30_000, startTimeoutMs: 60_000}, 'launcherGoneMs (30000 ms) must not be shorter than startTimeoutMs (60000 ms)'],
		[{stuckAfterMs: 10_000}, 'stuckAfterMs (10000 ms) must not be shorter than acceptanceTimeoutMs'],
		[{orphanGraceMs: 1000}, 'orphanGraceMs (1000 ms) must not be shorter than stopGraceMs'],
	] as ReadonlyArray<readonly [Partial<Limits>, string]>)('%j is refused', (limits, sentence) => {
		expect(whyNotLimits({...defaultLimits, ...limits})).toContain(sentence);
		const refused = createStateFleet().refusal({type: 'settings.configure', agents: [], limits: {...defaultLimits, ...limits}}, system);
		expect(refused.code).toBe('INVALID');
	});

	test('but switched off is fine', () => {
		expect(whyNotLimits({...defaultLimits, launcherGoneMs: 0})).toBeUndefined();
	});
});
