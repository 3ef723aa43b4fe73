import {describe, expect, test} from 'vitest';
import {defaultRetry} from '../../state/run/retry.js';
import {createStateFleet, operator} from '../helpers/state-fleet.js';

const tried = {shell: {retry: defaultRetry}} as const;

/** Lets the run fail once, and gives what became of it. */
const failOnce = (fleet: ReturnType<typeof createStateFleet>, run: string, exitCode = 1) => {
	expect(fleet.dispatch()).toContain(run);
	fleet.started(run);
	fleet.exited(run, exitCode);
	return fleet.run(run);
};

describe('a run that fails (Q8)', () => {
	test('is tried again at once, after 30 s and after 2 min, then it is a dead letter', () => {
		const fleet = createStateFleet({profiles: tried});
		const {run} = fleet.queue();
		const waits: number[] = [];
		for (let failures = 1; failures <= 3; failures += 1) {
			const {state, dueAtMs = fleet.now()} = failOnce(fleet, run);
			expect(state).toBe('queued');
			waits.push(dueAtMs - fleet.now());
			fleet.advance(dueAtMs - fleet.now());
			fleet.tick();
		}

		expect(waits).toEqual([0, 30_000, 120_000]);
		expect(failOnce(fleet, run)).toMatchObject({
			state: 'dead',
			generation: 4,
			ending: expect.stringContaining('4 attempts failed') as string,
		});
	});

	test('is not tried again unless somebody asked for that', () => {
		const fleet = createStateFleet();
		const {run} = fleet.queue();
		expect(failOnce(fleet, run).state).toBe('failed');
		const other = fleet.queue({retry: true});
		expect(failOnce(fleet, other.run).state).toBe('queued');
		const refused = createStateFleet({profiles: tried});
		const {run: unwanted} = refused.queue({retry: false});
		expect(failOnce(refused, unwanted).state).toBe('failed');
	});

	test('does not start before its time, and says when that is', () => {
		const fleet = createStateFleet({profiles: tried});
		const {run} = fleet.queue();
		failOnce(fleet, run);
		failOnce(fleet, run);
		expect(fleet.dispatch()).toEqual([]);
		fleet.advance(29_999);
		fleet.tick();
		expect(fleet.dispatch()).toEqual([]);
		fleet.advance(1);
		fleet.tick();
		expect(fleet.dispatch()).toEqual([run]);
	});

	test('waits behind new work', () => {
		const fleet = createStateFleet({limits: {concurrent: 1}, profiles: tried});
		const failing = fleet.queue();
		const fresh = Array.from({length: 3}, () => fleet.queue().run);
		failOnce(fleet, failing.run);
		const order: string[] = [];
		for (let at = 0; at < 4; at += 1) {
			const [next = ''] = fleet.dispatch();
			order.push(next);
			fleet.started(next);
			fleet.exited(next, 0);
		}

		expect(order).toEqual([...fresh, failing.run]);
	});

	test('is not tried again after its deadline', () => {
		const fleet = createStateFleet({profiles: tried});
		const {run} = fleet.queue({deadlineAtMs: fleet.now() + 1000});
		fleet.dispatch();
		fleet.started(run);
		fleet.advance(1000);
		fleet.exited(run, 1);
		expect(fleet.run(run).state).toBe('failed');
	});

	test('losing the machine is counted apart, and given up after five', () => {
		const fleet = createStateFleet({profiles: tried});
		const {run} = fleet.queue();
		for (let losses = 1; losses <= 5; losses += 1) {
			fleet.dispatch();
			fleet.started(run);
			fleet.lost(run);
			expect(fleet.run(run)).toMatchObject({state: 'queued', losses});
			expect(fleet.run(run).failures).toBeUndefined();
			fleet.send({type: 'breaker.reset', key: 'launcher:lch_1'}, operator);
		}

		fleet.dispatch();
		fleet.started(run);
		fleet.lost(run);
		expect(fleet.run(run)).toMatchObject({state: 'dead', ending: expect.stringContaining('6 times') as string});
	});

	test('a storm of failing trees is bounded: three levels that each try five times stop at the budget of their tree', () => {
		const retry = {waitsMs: [0, 0, 0, 0, 0], jitter: 0, lostCap: 5};
		const fleet = createStateFleet({
			limits: {retriesPerTreePerHour: 12, startsPerMinute: 0, startsPerMinutePerAgent: 0},
			profiles: {shell: {retry}},
		});
		fleet.queue({label: 'root'});
		let starts = 0;
		for (let round = 0; round < 400; round += 1) {
			for (const key of Object.keys(fleet.state.breakers)) {
				fleet.ask({type: 'breaker.reset', key});
			}

			const claimed = fleet.dispatch();
			starts += claimed.length;
			for (const id of claimed) {
				fleet.started(id);
				const session = fleet.session(fleet.run(id).sessionId);
				if (session.depth < 2) {
					fleet.spawn(id);
				}
			}

			for (const id of [...fleet.state.index.live].toReversed()) {
				fleet.exited(id, 1);
			}

			fleet.tick();
			if (fleet.state.index.live.size === 0 && fleet.state.index.ready.size === 0) {
				break;
			}
		}

		const sessions = Object.keys(fleet.state.sessions).length;
		const retries = starts - sessions;
		expect(retries).toBe(12);
		expect(fleet.state.index.ready.size).toBe(0);
	});
});

describe('a dead letter (Q9)', () => {
	const dead = () => {
		const fleet = createStateFleet({profiles: {shell: {retry: {waitsMs: [0], jitter: 0, lostCap: 0}}}});
		const {run} = fleet.queue();
		failOnce(fleet, run);
		expect(failOnce(fleet, run).state).toBe('dead');
		return {fleet, run};
	};

	test('is kept until the operator takes it up: then it has all its tries again', () => {
		const {fleet, run} = dead();
		expect([...fleet.state.index.dead]).toEqual([run]);
		fleet.send({type: 'deadletter.retry', runId: run});
		expect(fleet.run(run)).toMatchObject({state: 'queued', generation: 2});
		expect(failOnce(fleet, run).state).toBe('queued');
	});

	test('is dropped once and for all', () => {
		const {fleet, run} = dead();
		fleet.send({type: 'deadletter.drop', runId: run});
		expect(fleet.run(run)).toMatchObject({state: 'cancelled', ending: 'dropped by ada'});
		expect(fleet.refusal({type: 'deadletter.retry', runId: run}).code).toBe('NOT_DEAD');
	});

	test('takes no late report', () => {
		const {fleet, run} = dead();
		const report = {type: 'attempt.exited', runId: run, generation: 2, exitCode: 0, signal: null} as const;
		expect(fleet.refusal(report, {role: 'launcher', launcherId: 'lch_1'}).code).toBe('STALE_GENERATION');
		expect(fleet.run(run).state).toBe('dead');
	});
});
