import {expect, test} from 'vitest';
import {createStateFleet, launcher, type StateFleet} from '../helpers/state-fleet.js';

const preempting = {lane: 'urgent', preempts: true} as const;
const preemptible = {lane: 'low', isPreemptible: true} as const;

/** What begins to stop while the queue is asked again and again. */
const stopped = (fleet: StateFleet): readonly string[] =>
	[1, 2, 3].flatMap(() =>
		fleet.dispatch().length === 0 ? [...fleet.state.index.live].filter(id => fleet.run(id).state === 'stopping') : [],
	);

test('nobody is stopped for a run that could not start in the slot either', () => {
	const paused = createStateFleet({limits: {concurrent: 1}, profiles: {codex: {provider: 'openai'}}});
	paused.start(preemptible);
	paused.queue({agent: 'codex', ...preempting});
	paused.send({type: 'provider.limit', provider: 'openai', sentence: 'too many'});
	expect(stopped(paused)).toEqual([]);

	const held = createStateFleet({limits: {concurrent: 1}});
	held.start(preemptible);
	held.send({type: 'breaker.hold', key: 'agent:codex'});
	held.queue({agent: 'codex', ...preempting});
	expect(stopped(held)).toEqual([]);

	const rated = createStateFleet({limits: {concurrent: 1, startsPerMinute: 1}});
	rated.start(preemptible);
	rated.queue(preempting);
	expect(stopped(rated)).toEqual([]);

	const unmatched = createStateFleet({limits: {concurrent: 1}});
	unmatched.start(preemptible);
	unmatched.queue({...preempting, demands: ['gpu']});
	expect(stopped(unmatched)).toEqual([]);
});

test('where its own tree is full too, only a run of its own tree makes room', () => {
	const fleet = createStateFleet({limits: {concurrent: 2, concurrentPerTree: 1}});
	const own = fleet.start();
	const other = fleet.start(preemptible);
	fleet.spawn(own.run, preempting);
	expect(stopped(fleet)).toEqual([]);
	expect(fleet.run(other.run).state).toBe('running');
});

test('who came to a good end by itself while it was being taken back is not run again', () => {
	const fleet = createStateFleet({limits: {concurrent: 1}});
	const victim = fleet.start(preemptible);
	const urgent = fleet.queue(preempting);
	fleet.dispatch();
	expect(fleet.run(victim.run).state).toBe('stopping');
	fleet.exited(victim.run, 0);
	expect(fleet.run(victim.run).state).toBe('succeeded');
	expect(fleet.dispatch()).toEqual([urgent.run]);
});

test('who was stopped to be taken back is run again, however it left', () => {
	const fleet = createStateFleet({limits: {concurrent: 1}});
	const victim = fleet.start(preemptible);
	fleet.queue(preempting);
	fleet.dispatch();
	const proof = {processes: 1, survivors: 0, killed: false};
	fleet.send({type: 'attempt.exited', runId: victim.run, generation: 1, exitCode: 0, signal: null, proof}, launcher);
	expect(fleet.run(victim.run).state).toBe('queued');
});
