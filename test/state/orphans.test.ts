import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {isOver} from '../../state/run/run.js';
import {defaultLimits} from '../../state/safety/limits.js';
import {createStateFleet} from '../helpers/state-fleet.js';

const {orphanGraceMs} = defaultLimits;

/** A parent with a running child that has a running child of its own. */
const family = () => {
	const fleet = createStateFleet();
	const parent = fleet.start({label: 'parent'});
	const child = fleet.spawn(parent.run, {label: 'child'});
	fleet.dispatch();
	fleet.started(child.run);
	const grandchild = fleet.spawn(child.run, {label: 'grandchild'});
	fleet.dispatch();
	fleet.started(grandchild.run);
	return {fleet, parent, child, grandchild};
};

describe('the children of a parent that ended badly (S4)', () => {
	test.each([
		['failed', (fleet: ReturnType<typeof createStateFleet>, run: string) => fleet.exited(run, 1)],
		['vanished', (fleet: ReturnType<typeof createStateFleet>, run: string) => fleet.lost(run)],
	])('are stopped with all below them, within a minute, when it %s', (_how, end) => {
		const {fleet, parent, child, grandchild} = family();
		fleet.advance(3_600_000);
		end(fleet, parent.run);
		fleet.advance(orphanGraceMs - 1);
		fleet.tick();
		expect([child, grandchild].map(({run}) => fleet.run(run).state)).toEqual(['running', 'running']);
		fleet.advance(1);
		fleet.tick();
		expect([child, grandchild].map(({run}) => fleet.run(run).state)).toEqual(['stopping', 'stopping']);
		expect(fleet.run(child.run).stop).toEqual({ending: 'cancelled', by: 'the orphan rule'});
		expect(orphanGraceMs).toBeLessThan(60_000);
	});

	test('have a grace after their own start', () => {
		const {fleet, parent} = family();
		const late = fleet.spawn(parent.run);
		fleet.exited(parent.run, 1);
		fleet.advance(orphanGraceMs - 1000);
		fleet.dispatch();
		fleet.started(late.run);
		fleet.advance(1000);
		fleet.tick();
		expect(fleet.run(late.run).state).toBe('running');
		fleet.advance(orphanGraceMs);
		fleet.tick();
		expect(fleet.run(late.run).state).toBe('stopping');
	});

	test('go on when it succeeded, unless they were spawned to end with it', () => {
		const {fleet, parent, child} = family();
		const helper = fleet.spawn(parent.run, {onParentSuccess: 'cancel'});
		fleet.dispatch();
		fleet.started(helper.run);
		fleet.exited(parent.run, 0);
		fleet.advance(3_600_000);
		fleet.tick();
		expect(fleet.run(child.run).state).toBe('running');
		expect(fleet.run(helper.run)).toMatchObject({state: 'stopping', stop: {by: 'the end of its parent'}});
	});

	test('go on with what the operator asks of them afterwards', () => {
		const {fleet, parent, child} = family();
		fleet.exited(parent.run, 1);
		fleet.advance(1000);
		const asked = fleet.message(child.session);
		fleet.advance(orphanGraceMs);
		fleet.tick();
		fleet.exited(child.run, null);
		expect(fleet.dispatch()).toContain(asked);
		fleet.started(asked);
		fleet.advance(3_600_000);
		fleet.tick();
		expect(fleet.run(asked).state).toBe('running');
	});

	test('are never roots, whatever ends around them', () => {
		fc.assert(
			fc.property(fc.array(fc.constantFrom(0, 1, null), {minLength: 1, maxLength: 6}), ends => {
				const fleet = createStateFleet();
				const roots = ends.map(() => fleet.start().run);
				const survivor = fleet.start().run;
				for (const [at, run] of roots.entries()) {
					fleet.exited(run, ends[at]!);
				}

				fleet.advance(3_600_000);
				fleet.tick();
				expect(fleet.run(survivor).state).toBe('running');
			}),
		);
	});

	test('leave nothing running below a dead tree', () => {
		const {fleet, parent, child, grandchild} = family();
		fleet.exited(parent.run, 1);
		fleet.advance(orphanGraceMs);
		fleet.tick();
		fleet.exited(grandchild.run, null);
		fleet.exited(child.run, null);
		expect(Object.values(fleet.state.runs).every(isOver)).toBe(true);
	});
});
