import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {isLive} from '../../state/run/run.js';
import {isStuck} from '../../state/run/stuck.js';
import {createStateFleet} from '../helpers/state-fleet.js';
import {kindsOf, reported, silent, statusOf} from '../helpers/state-reports.js';

const minute = 60_000;

const openStuck = ({state}: ReturnType<typeof createStateFleet>) =>
	[...state.index.openEscalations].map(id => state.escalations[id]!).filter(({kind}) => kind === 'stuck');

describe('silence (S6)', () => {
	test('is a badge and a question after the time of the limit, and neither once the agent writes again', () => {
		const fleet = createStateFleet();
		const {run} = fleet.start();
		fleet.advance(10 * minute - 1);
		expect(silent(fleet, run, 10 * minute - 1)).toEqual([]);
		fleet.advance(1);
		expect(kindsOf(silent(fleet, run, 10 * minute))).toEqual(['run.stuck', 'escalation.raised']);
		expect(fleet.run(run)).toMatchObject({state: 'running', stuckSinceMs: fleet.now() - 10 * minute});
		expect(openStuck(fleet)[0]).toMatchObject({blocking: false, runId: run});
		expect(openStuck(fleet)[0]!.fingerprint).toMatch(/^[0-9a-f]{64}$/);
		expect(silent(fleet, run, 10 * minute)).toEqual([]);
		fleet.advance(minute);
		expect(kindsOf(silent(fleet, run, 0))).toEqual(['run.unstuck', 'escalation.withdrawn']);
		expect(fleet.run(run).stuckSinceMs).toBeUndefined();
	});

	test('counts from when the agent began to run, whatever its terminal did before', () => {
		const fleet = createStateFleet();
		const {run} = fleet.start();
		fleet.advance(minute);
		expect(silent(fleet, run, 60 * minute)).toEqual([]);
	});

	test('means nothing while the run waits, and its question goes when the wait begins', () => {
		const fleet = createStateFleet();
		const {run} = fleet.start();
		fleet.advance(11 * minute);
		silent(fleet, run, 11 * minute);
		fleet.raise(run);
		expect(fleet.run(run)).toMatchObject({state: 'waiting'});
		expect(fleet.run(run).stuckSinceMs).toBeUndefined();
		expect(kindsOf(silent(fleet, run, 11 * minute))).toEqual(['escalation.withdrawn']);
		fleet.advance(60 * minute);
		expect(silent(fleet, run, 71 * minute)).toEqual([]);
	});

	test('is measured by the agent’s own profile, and 0 is never', () => {
		const fleet = createStateFleet({profiles: {codex: {stuckAfterMs: minute}, shell: {stuckAfterMs: 0}}});
		const [slow, never] = [fleet.start({agent: 'codex'}), fleet.start()];
		fleet.advance(minute);
		expect(silent(fleet, slow.run, minute)).not.toEqual([]);
		fleet.advance(100 * minute);
		expect(silent(fleet, never.run, 101 * minute)).toEqual([]);
	});

	test('is an agent’s right at its prompt, and that of a terminal for a person', () => {
		const fleet = createStateFleet();
		const [idle, interactive] = [fleet.start(), fleet.start({text: ''})];
		reported(fleet, idle.run, statusOf('idle'));
		fleet.advance(11 * minute);
		expect(silent(fleet, idle.run, 11 * minute)).toEqual([]);
		expect(silent(fleet, interactive.run, 11 * minute)).toEqual([]);
		reported(fleet, interactive.run, statusOf('working'));
		expect(kindsOf(silent(fleet, interactive.run, 11 * minute))).toContain('run.stuck');
	});
});

test('no silence, however told, ends a run or holds one; one question is open at most, and only about a stuck run', () => {
	const step = fc.record({
		laterMs: fc.nat({max: 20 * minute}),
		silentMs: fc.integer({min: -minute, max: 60 * minute}),
		raises: fc.boolean(),
	});
	fc.assert(
		fc.property(fc.array(step, {maxLength: 30}), steps => {
			const fleet = createStateFleet({limits: {escalationExpiryMs: 10_000 * minute}});
			const {run} = fleet.start();
			for (const {laterMs, silentMs, raises} of steps) {
				fleet.advance(laterMs);
				if (raises && fleet.run(run).state === 'running') {
					const {id, fingerprint} = fleet.raise(run);
					fleet.send({type: 'escalation.decide', escalationId: id, fingerprint, choice: 'deny'});
				}

				silent(fleet, run, silentMs);
				expect(isLive(fleet.run(run))).toBe(true);
				expect(fleet.run(run).state).toBe('running');
				const {stuckSinceMs} = fleet.run(run);
				expect(openStuck(fleet)).toHaveLength(stuckSinceMs === undefined ? 0 : 1);
				// Asked again at once, nothing is new.
				expect(isStuck(fleet.state, fleet.run(run), {lastOutputAtMs: fleet.now() - silentMs, nowMs: fleet.now()})).toBe(
					stuckSinceMs !== undefined,
				);
				expect(silent(fleet, run, silentMs)).toEqual([]);
			}
		}),
		{numRuns: 80},
	);
});
