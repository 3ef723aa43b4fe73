import {describe, expect, test} from 'vitest';
import {dueFacts, nextDueMs} from '../../state/due.js';
import {createStateFleet, type StateFleet} from '../helpers/state-fleet.js';

/** Follows the clock as the timer does: sleeps until something is due, ticks, and so on. How often it woke. */
const sleepThrough = (fleet: StateFleet, untilMs: number): number => {
	for (let woken = 0; ; woken += 1) {
		const dueMs = nextDueMs(fleet.state, fleet.now());
		if (dueMs === undefined || dueMs > untilMs) {
			return woken;
		}

		// Nothing due may be left behind, or the timer would spin.
		expect(dueMs).toBeGreaterThan(fleet.now());
		fleet.advance(dueMs - fleet.now());
		expect(fleet.tick().length).toBeGreaterThan(0);
	}
};

const hour = 60 * 60_000;

describe('what time brings', () => {
	test('an idle fleet needs no timer', () => {
		const fleet = createStateFleet();
		expect(nextDueMs(fleet.state, fleet.now())).toBeUndefined();
		expect(dueFacts(fleet.state, fleet.context(24 * hour))).toEqual([]);
	});

	test('the earliest of several moments is the next', () => {
		const fleet = createStateFleet();
		const {run} = fleet.start();
		fleet.raise(run);
		expect(nextDueMs(fleet.state, fleet.now())).toBe(fleet.now() + 30 * 60_000);
		fleet.queue();
		fleet.dispatch();
		expect(nextDueMs(fleet.state, fleet.now())).toBe(fleet.now() + 60_000);
		fleet.send({type: 'breaker.trip', key: 'agent:codex'});
		// The alert about the breaker comes first, then the end of its pause.
		fleet.advance(2000);
		fleet.tick();
		expect(nextDueMs(fleet.state, fleet.now())).toBe(fleet.now() + 28_000);
	});

	test('nothing happens early, and everything at its moment', () => {
		const fleet = createStateFleet();
		const {run} = fleet.start();
		fleet.raise(run);
		const dueMs = nextDueMs(fleet.state, fleet.now())!;
		expect(dueFacts(fleet.state, {...fleet.context(0), nowMs: dueMs - 1})).toEqual([]);
		expect(dueFacts(fleet.state, {...fleet.context(0), nowMs: dueMs}).map(({type}) => type)).toEqual(['escalation.expired', 'run.resumed']);
	});

	test('each moment wakes the timer once, whatever is open, claimed or held up', () => {
		const fleet = createStateFleet();
		const {run} = fleet.start();
		fleet.raise(run, {text: 'one'});
		fleet.raise(run, {text: 'two'});
		fleet.queue();
		fleet.dispatch();
		fleet.send({type: 'breaker.trip', key: 'agent:codex'});
		fleet.send({type: 'breaker.hold', key: 'agent:shell'});
		fleet.queue({agent: 'codex'});
		fleet.send({type: 'queue.pause'});
		// The alert about the pause, its end, the slow start, and both requests at once.
		expect(sleepThrough(fleet, fleet.now() + 24 * hour)).toBe(4);
	});

	test('the end of a pause wakes a run that waits for it', () => {
		const fleet = createStateFleet();
		fleet.send({type: 'breaker.trip', key: 'agent:shell'});
		const {run} = fleet.queue();
		expect(fleet.dispatch()).toEqual([]);
		sleepThrough(fleet, fleet.now() + 30_000);
		expect(fleet.dispatch()).toEqual([run]);
	});

	test('a clock that missed several moments catches up in one tick', () => {
		const fleet = createStateFleet();
		const {run} = fleet.start();
		const {id} = fleet.raise(run);
		const claimed = fleet.queue().run;
		fleet.dispatch();
		fleet.advance(24 * hour);
		fleet.tick();
		expect(fleet.state.escalations[id]?.state).toBe('expired');
		expect(fleet.run(claimed).state).toBe('stopping');
		expect(fleet.tick()).toEqual([]);
		expect(nextDueMs(fleet.state, fleet.now())).toBeUndefined();
	});
});
