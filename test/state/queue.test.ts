import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {lanes} from '../../state/queue/lane.js';
import {queueLength, queueOrder} from '../../state/queue/queue-order.js';
import {whyQueued} from '../../state/run/run-wait.js';
import {createStateFleet, launcher} from '../helpers/state-fleet.js';

describe('the queue', () => {
	test('serves lanes by urgency, and each in the order of arrival', () => {
		fc.assert(
			fc.property(fc.array(fc.constantFrom(...lanes), {maxLength: 30}), chosen => {
				const fleet = createStateFleet();
				const queued = chosen.map(lane => ({lane, id: fleet.queue({lane}).run}));
				const expected = lanes.flatMap(lane => queued.filter(one => one.lane === lane).map(({id}) => id));
				expect(queueOrder(fleet.state).map(({id}) => id)).toEqual(expected);
				expect(queueLength(fleet.state)).toBe(chosen.length);
			}),
		);
	});

	test('starts a run behind one that cannot start', () => {
		const fleet = createStateFleet();
		const busy = fleet.start();
		const blocked = fleet.message(busy.session, {lane: 'urgent'});
		const free = fleet.queue({lane: 'low'});
		expect(fleet.dispatch()).toEqual([free.run]);
		expect(whyQueued(fleet.state, fleet.run(blocked), fleet.now())).toMatchObject({code: 'session-busy'});
	});

	test('lets nothing start while it is paused, and says by whom', () => {
		const fleet = createStateFleet();
		const {run} = fleet.queue();
		fleet.send({type: 'queue.pause'});
		expect(fleet.dispatch()).toEqual([]);
		expect(whyQueued(fleet.state, fleet.run(run), fleet.now())?.sentence).toBe('The queue is paused by ada.');
		expect(fleet.refusal({type: 'queue.pause'}).sentence).toContain('paused already by ada');
		fleet.send({type: 'queue.resume'});
		expect(fleet.refusal({type: 'queue.resume'}).code).toBe('INVALID');
		expect(fleet.dispatch()).toEqual([run]);
	});

	test('waits for a launcher, and goes on when one is there', () => {
		const fleet = createStateFleet({hasLauncher: false});
		const {run} = fleet.queue();
		expect(fleet.dispatch()).toEqual([]);
		expect(whyQueued(fleet.state, fleet.run(run), fleet.now())).toEqual({code: 'no-launcher', sentence: 'No launcher is reachable.'});
		fleet.send({type: 'launcher.join', launcherId: 'lch_1', host: 'here', pid: 1, embedded: false}, launcher);
		fleet.send({type: 'launcher.change', launcherId: 'lch_1', state: 'offline'}, launcher);
		expect(fleet.dispatch()).toEqual([]);
		fleet.send({type: 'launcher.change', launcherId: 'lch_1', state: 'online'}, launcher);
		expect(fleet.dispatch()).toEqual([run]);
		expect(fleet.run(run).attempts[0]?.launcherId).toBe('lch_1');
	});

	test('gives a reason for every run that waits and none for the one that starts next', () => {
		const fleet = createStateFleet({limits: {concurrent: 2}});
		const runs = Array.from({length: 5}, () => fleet.queue().run);
		const reasons = () => runs.map(id => whyQueued(fleet.state, fleet.run(id), fleet.now())?.code);
		expect(reasons()).toEqual([undefined, undefined, undefined, undefined, undefined]);
		fleet.dispatch();
		expect(reasons().slice(2)).toEqual(['concurrent', 'concurrent', 'concurrent']);
	});

	test('names the earlier message that goes first', () => {
		const fleet = createStateFleet();
		const {session} = fleet.queue({label: 'docs'});
		const second = fleet.message(session);
		expect(whyQueued(fleet.state, fleet.run(second), fleet.now())).toEqual({
			code: 'session-order',
			sentence: 'An earlier message of docs goes first.',
		});
	});
});
