import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {heartbeatTimes} from '../../state/agent/heartbeat.js';
import type {CommandOf} from '../../state/command.js';
import {defaultRetry} from '../../state/run/retry.js';
import {currentAttempt, isLive} from '../../state/run/run.js';
import {agentOf, createStateFleet, launcher, operator, type StateFleet} from '../helpers/state-fleet.js';
import {kindsOf, only} from '../helpers/state-reports.js';

type Told = CommandOf<'launcher.heartbeat'>['attempts'][number];

const beat = (fleet: StateFleet, attempts: readonly Told[], launcherId = 'lch_1') =>
	fleet.send({type: 'launcher.heartbeat', launcherId, attempts}, {role: 'launcher', launcherId});

const alive = (fleet: StateFleet, ...runIds: readonly string[]): readonly Told[] =>
	runIds.map(runId => ({runId, generation: fleet.run(runId).generation, isAlive: true}));

describe('a launcher’s heartbeat (M9)', () => {
	test('that agrees with State changes nothing', () => {
		const fleet = createStateFleet();
		const [a, b] = [fleet.start(), fleet.start()];
		expect(beat(fleet, alive(fleet, a.run, b.run))).toEqual([]);
	});

	test('without a run, or with a dead one, that State believes alive: the run is lost, or tried again', () => {
		const fleet = createStateFleet({profiles: {codex: {retry: defaultRetry}}});
		const [absent, dead, retried, fine] = [fleet.start(), fleet.start(), fleet.start({agent: 'codex'}), fleet.start()];
		const facts = beat(fleet, [...alive(fleet, fine.run), {runId: dead.run, generation: 1, isAlive: false}]);
		expect(only(facts, 'heartbeat.resolved').map(({resolution}) => resolution)).toEqual(['lost', 'lost', 'lost']);
		expect([absent, dead, retried, fine].map(({run}) => fleet.run(run).state)).toEqual(['lost', 'lost', 'queued', 'running']);
		expect(beat(fleet, alive(fleet, fine.run))).toEqual([]);
	});

	test('knows nothing yet of a claim that is on its way, and takes it back after a while', () => {
		const fleet = createStateFleet();
		const {run} = fleet.queue();
		fleet.dispatch();
		expect(beat(fleet, [])).toEqual([]);
		fleet.advance(heartbeatTimes.claimGraceMs);
		expect(kindsOf(beat(fleet, []))).toContain('run.released');
		expect(fleet.run(run).state).toBe('queued');
	});

	test('with what State does not want: it is stopped, whyever it is not wanted', () => {
		const fleet = createStateFleet();
		const [over, retried, elsewhere] = [fleet.start(), fleet.start({retry: true}), fleet.start()];
		const queued = fleet.queue();
		fleet.exited(over.run);
		fleet.exited(retried.run, 1);
		fleet.dispatch();
		fleet.started(retried.run);
		fleet.send(
			{type: 'launcher.join', launcherId: 'lch_2', host: 'there', pid: 2, embedded: false},
			{role: 'launcher', launcherId: 'lch_2'},
		);
		const live = alive(fleet, elsewhere.run, retried.run);
		const odd = [
			{runId: over.run, generation: 1, isAlive: true},
			{runId: retried.run, generation: 1, isAlive: true},
			{runId: 'run_unknown', generation: 7, isAlive: true},
			{runId: '__proto__', generation: 1, isAlive: true},
			{runId: queued.run, generation: 0, isAlive: true},
		];
		const before = Object.values(fleet.state.runs).map(({state}) => state);
		const mine = fleet.run(queued.run).state === 'queued' ? odd : odd.slice(0, 4);
		const rest = [...fleet.state.index.live].filter(id => !live.some(({runId}) => runId === id));
		const facts = beat(fleet, [...live, ...alive(fleet, ...rest), ...mine, mine[0]!]);
		expect(facts.map(fact => fact.type === 'heartbeat.resolved' && [fact.runId, fact.generation, fact.resolution])).toEqual(
			mine.map(({runId, generation}) => [runId, generation, 'stray-stopped']),
		);
		expect(Object.values(fleet.state.runs).map(({state}) => state)).toEqual(before);
		expect(only(beat(fleet, alive(fleet, elsewhere.run), 'lch_2'), 'heartbeat.resolved')[0]!.sentence).toContain('it belongs on lch_1');
	});

	test('with a run whose stop takes too long: it is stopped again, and only then', () => {
		const fleet = createStateFleet({limits: {stopGraceMs: 5000}});
		const {run} = fleet.start();
		fleet.send({type: 'run.cancel', runId: run});
		const told = alive(fleet, run);
		expect(beat(fleet, told)).toEqual([]);
		fleet.advance(5000 + heartbeatTimes.stopGraceMs);
		expect(beat(fleet, told)).toEqual([]);
		fleet.advance(1);
		expect(only(beat(fleet, told), 'heartbeat.resolved')).toMatchObject([{resolution: 'stray-stopped'}]);
		expect(kindsOf(beat(fleet, []))).toContain('run.ended');
		expect(fleet.run(run).state).toBe('cancelled');
	});

	test('is taken of a launcher that is known, about itself', () => {
		const fleet = createStateFleet();
		const heartbeat = {type: 'launcher.heartbeat', launcherId: 'lch_1', attempts: []} as const;
		expect(fleet.refusal({...heartbeat, launcherId: 'lch_9'}, launcher).code).toBe('UNKNOWN_LAUNCHER');
		expect(fleet.refusal(heartbeat, {role: 'launcher', launcherId: 'lch_2'}).code).toBe('FORBIDDEN');
		expect(fleet.refusal(heartbeat, operator).code).toBe('FORBIDDEN');
		const {run} = fleet.start();
		expect(fleet.refusal(heartbeat, agentOf(run)).code).toBe('FORBIDDEN');
	});
});

test('after any heartbeat State believes alive only what lives, and all that lives unwanted is named once', () => {
	const told = fc.array(fc.record({pick: fc.nat({max: 7}), back: fc.nat({max: 1}), isAlive: fc.boolean()}), {maxLength: 12});
	fc.assert(
		fc.property(fc.array(fc.constantFrom('start', 'queue', 'exit', 'fail', 'cancel'), {maxLength: 12}), told, (acts, attempts) => {
			const fleet = createStateFleet({limits: {concurrent: 4}, profiles: {codex: {retry: defaultRetry}}});
			for (const act of acts) {
				const [live] = [...fleet.state.index.live];
				if (act === 'start' || act === 'queue') {
					fleet.queue({agent: act === 'start' ? 'codex' : 'shell'});
				} else if (live !== undefined && act === 'cancel') {
					fleet.send({type: 'run.cancel', runId: live});
				} else if (live !== undefined) {
					fleet.exited(live, act === 'exit' ? 0 : 1);
				}

				for (const id of fleet.dispatch()) {
					fleet.started(id);
				}
			}

			const ids = Object.keys(fleet.state.runs);
			const heard = attempts.flatMap(({pick, back, isAlive}) => {
				const runId = ids[pick];
				return runId === undefined ? [] : [{runId, generation: fleet.run(runId).generation - back, isAlive}];
			});
			const livesOn = new Set(heard.filter(({isAlive}) => isAlive).map(({runId, generation}) => `${runId}.${generation}`));
			const wanted = new Set([...fleet.state.index.live].map(id => fleet.run(id)).map(({id, generation}) => `${id}.${generation}`));
			const facts = beat(fleet, heard);
			const strays = only(facts, 'heartbeat.resolved').filter(({resolution}) => resolution === 'stray-stopped');
			expect(strays.map(({runId, generation}) => `${runId}.${generation}`).sort()).toEqual(
				[...livesOn].filter(name => !wanted.has(name)).sort(),
			);
			for (const run of Object.values(fleet.state.runs).filter(isLive)) {
				expect(livesOn.has(`${run.id}.${currentAttempt(run)!.generation}`)).toBe(true);
			}

			expect(only(beat(fleet, heard), 'heartbeat.resolved').some(({resolution}) => resolution === 'lost')).toBe(false);
		}),
		{numRuns: 120},
	);
});
