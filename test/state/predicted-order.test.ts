import fc from 'fast-check';
import {expect, test} from 'vitest';
import {lanes} from '../../state/queue/lane.js';
import {predictedOrder, queueOrder} from '../../state/queue/queue-order.js';
import {diagnose} from '../../state/run/diagnosis.js';
import {createStateFleet, type StateFleet} from '../helpers/state-fleet.js';

const predicted = (fleet: StateFleet): readonly string[] => predictedOrder(fleet.state, fleet.now()).map(({id}) => id);

test('says exactly what dispatch will start, one after another', () => {
	const steps = fc.record({lane: fc.constantFrom(...lanes), first: fc.boolean()});
	fc.assert(
		fc.property(fc.array(steps, {maxLength: 25}), chosen => {
			const fleet = createStateFleet({limits: {concurrent: 50, concurrentPerTree: 50, startsPerMinute: 0, startsPerMinutePerAgent: 0}});
			for (const {lane, first} of chosen) {
				const {run} = fleet.queue({lane});
				if (first) {
					fleet.send({type: 'run.move', runId: run, to: 'first'});
				}
			}

			const foretold = predicted(fleet);
			expect(foretold.toSorted()).toEqual(
				queueOrder(fleet.state)
					.map(({id}) => id)
					.toSorted(),
			);
			expect(foretold.map((id, index) => diagnose(fleet.state, fleet.run(id), fleet.now()).queuePosition === index + 1)).not.toContain(
				false,
			);
			expect(fleet.dispatch()).toEqual(foretold);
		}),
		{numRuns: 60},
	);
});

test('what the operator starts now stands before what he put first', () => {
	const fleet = createStateFleet();
	const [urgent, first, forced] = [fleet.queue({lane: 'urgent'}).run, fleet.queue().run, fleet.queue({lane: 'low'}).run];
	fleet.send({type: 'run.move', runId: first!, to: 'first'});
	fleet.send({type: 'run.force-start', runId: forced!});
	expect(predicted(fleet)).toEqual([forced, first, urgent]);
	expect(fleet.dispatch()).toEqual([forced, first, urgent]);
});

test('a held run keeps the place that its urgency gives it', () => {
	const fleet = createStateFleet();
	const [a, b, c] = [fleet.queue().run, fleet.queue({lane: 'urgent'}).run, fleet.queue().run];
	fleet.send({type: 'run.hold', runId: b!});
	expect(predicted(fleet)).toEqual([b, a, c]);
	expect(fleet.dispatch()).toEqual([a, c]);
});

test('a run behind another of its own session comes after it, whatever their lanes', () => {
	const fleet = createStateFleet({limits: {concurrent: 0}});
	const {session, run} = fleet.queue({lane: 'low'});
	const behind = fleet.message(session, {lane: 'urgent'});
	const other = fleet.queue();
	expect(predictedOrder(fleet.state, fleet.now()).map(({id}) => id)).toEqual([other.run, run, behind]);
});
