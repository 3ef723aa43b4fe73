import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {agentOf, comparableIndex, createStateFleet, system} from '../helpers/state-fleet.js';

const waitsOf = (fleet: ReturnType<typeof createStateFleet>) => comparableIndex(fleet.state).waits;

describe('a parent that waits for its child (Q5, M3)', () => {
	test('gives its slot back, so that nested waits get through with one slot', () => {
		const fleet = createStateFleet({limits: {concurrent: 1}});
		const top = fleet.start({label: 'top'});
		const middle = fleet.spawn(top.run, {label: 'middle'});
		expect(fleet.dispatch()).toEqual([]);
		fleet.wait(top.run, [middle.run]);
		expect(fleet.dispatch()).toEqual([middle.run]);
		fleet.started(middle.run);
		const bottom = fleet.spawn(middle.run, {label: 'bottom'});
		fleet.wait(middle.run, [bottom.run]);
		expect(fleet.dispatch()).toEqual([bottom.run]);
		fleet.started(bottom.run);
		fleet.exited(bottom.run);
		fleet.dispatch();
		expect(fleet.run(middle.run).state).toBe('running');
		expect(fleet.run(top.run).state).toBe('waiting');
		fleet.exited(middle.run);
		fleet.dispatch();
		expect(fleet.run(top.run).state).toBe('running');
	});

	test('gets a slot back before anything new starts, urgent or not', () => {
		const fleet = createStateFleet({limits: {concurrent: 1}});
		const parent = fleet.start();
		const child = fleet.spawn(parent.run);
		fleet.wait(parent.run, [child.run]);
		fleet.dispatch();
		fleet.started(child.run);
		const urgent = fleet.queue({lane: 'urgent'});
		fleet.exited(child.run);
		expect(fleet.send({type: 'queue.dispatch'}, {role: 'system'}).map(({type}) => type)).toEqual(['run.resumed']);
		expect(fleet.run(parent.run).state).toBe('running');
		expect(fleet.dispatch()).toEqual([]);
		fleet.exited(parent.run);
		expect(fleet.dispatch()).toEqual([urgent.run]);
	});

	test('for any of several goes on with the first, for all with the last', () => {
		const fleet = createStateFleet();
		const parent = fleet.start();
		const children = [fleet.spawn(parent.run), fleet.spawn(parent.run)].map(({run}) => run);
		fleet.dispatch();
		for (const run of children) {
			fleet.started(run);
		}

		fleet.wait(parent.run, children, 'all');
		fleet.exited(children[0]!, 1);
		fleet.dispatch();
		expect(fleet.run(parent.run).state).toBe('waiting');
		fleet.send({type: 'run.stop-waiting', runId: parent.run}, agentOf(parent.run));
		expect(fleet.run(parent.run).state).toBe('running');
		fleet.wait(parent.run, children, 'any');
		expect(fleet.run(parent.run).state).toBe('running');
	});

	test('stops waiting when its time is up, and nothing of the child changes', () => {
		const fleet = createStateFleet();
		const parent = fleet.start();
		const child = fleet.spawn(parent.run);
		fleet.wait(parent.run, [child.run]);
		const before = structuredClone(fleet.run(child.run));
		fleet.send({type: 'run.stop-waiting', runId: parent.run}, agentOf(parent.run));
		expect(fleet.run(child.run)).toEqual(before);
		expect(waitsOf(fleet)).toEqual({});
	});

	test('counts no time of work while it waits', () => {
		const fleet = createStateFleet({limits: {runTimeoutMs: 100_000}});
		const parent = fleet.start();
		const child = fleet.spawn(parent.run);
		fleet.advance(90_000);
		fleet.wait(parent.run, [child.run]);
		fleet.advance(3_600_000);
		fleet.tick();
		expect(fleet.run(parent.run).state).toBe('waiting');
		fleet.send({type: 'run.stop-waiting', runId: parent.run}, agentOf(parent.run));
		fleet.advance(9000);
		fleet.tick();
		expect(fleet.run(parent.run).state).toBe('running');
		fleet.advance(1000);
		fleet.tick();
		expect(fleet.run(parent.run)).toMatchObject({state: 'stopping', stop: {ending: 'timed_out', by: 'the run time-out'}});
	});
});

describe('a deadlock (S2)', () => {
	test('by waiting for a message behind oneself is refused, and leaves no trace', () => {
		const fleet = createStateFleet();
		const {session, run} = fleet.start({label: 'api'});
		const next = fleet.message(session);
		const before = structuredClone(waitsOf(fleet));
		const refused = fleet.refusal({type: 'run.wait', runId: run, awaits: {runIds: [next], mode: 'all'}}, agentOf(run));
		expect(refused.code).toBe('DEADLOCK_DETECTED');
		expect(refused.sentence).toContain(`api (${run}) → api (${next}) → api (${run})`);
		expect(waitsOf(fleet)).toEqual(before);
		expect(fleet.run(run).state).toBe('running');
	});

	test('is told as the true circle, whatever other branches there are', () => {
		const fleet = createStateFleet();
		const [a, b, c] = [fleet.start({label: 'a'}), fleet.start({label: 'b'}), fleet.start({label: 'c'})];
		const bystanders = Array.from({length: 4}, () => fleet.queue({dependsOn: [c.run]}).run);
		fleet.queue({dependsOn: [a.run, ...bystanders]});
		fleet.wait(b.run, [c.run, a.run], 'any');
		const refused = fleet.refusal({type: 'run.wait', runId: a.run, awaits: {runIds: [...bystanders, b.run], mode: 'all'}}, system);
		expect(refused.code).toBe('DEADLOCK_DETECTED');
		expect(refused.sentence).toContain(`a (${a.run}) → b (${b.run}) → a (${a.run}).`);
		for (const id of [...bystanders, c.run]) {
			expect(refused.sentence).not.toContain(id);
		}
	});

	test('across dependencies and the order within a session is seen', () => {
		const fleet = createStateFleet();
		const [a, b] = [fleet.start({label: 'a'}), fleet.start({label: 'b'})];
		const behindB = fleet.message(b.session);
		const dependent = fleet.queue({label: 'report', dependsOn: [behindB]});
		fleet.wait(b.run, [a.run]);
		const refused = fleet.refusal({type: 'run.wait', runId: a.run, awaits: {runIds: [dependent.run], mode: 'all'}}, system);
		const circle = [`a (${a.run})`, `report (${dependent.run})`];
		expect(refused.sentence).toContain(circle.join(' → '));
		for (const id of [dependent.run, behindB, b.run]) {
			expect(refused.sentence).toContain(`(${id})`);
		}
	});

	test('by moving a run before what it depends on is refused', () => {
		const fleet = createStateFleet({limits: {concurrent: 0}});
		const {session, run: first} = fleet.queue();
		const elsewhere = fleet.queue({dependsOn: [first]});
		const second = fleet.message(session, {dependsOn: [elsewhere.run]});
		expect(fleet.refusal({type: 'run.move', runId: second, to: 'first'}).code).toBe('DEADLOCK_DETECTED');
		expect(fleet.refusal({type: 'run.move', runId: first, to: 'last'}).code).toBe('DEADLOCK_DETECTED');
		expect(fleet.state.index.lines.get(session)!.queued.map(({id}) => id)).toEqual([first, second]);
	});

	test('cannot be made by any waits whatever: what is taken leaves the graph without a circle', () => {
		fc.assert(
			fc.property(fc.array(fc.tuple(fc.nat({max: 5}), fc.nat({max: 5})), {maxLength: 30}), pairs => {
				const fleet = createStateFleet();
				const runs = Array.from({length: 6}, () => fleet.start().run);
				const taken = new Map<string, string>();
				for (const [from, to] of pairs) {
					const [runId, awaited] = [runs[from]!, runs[to]!];
					const {refused} = fleet.ask({type: 'run.wait', runId, awaits: {runIds: [awaited], mode: 'all'}}, system);
					// Each waits for one alone, so that following them is the whole truth.
					let at: string | undefined = awaited;
					while (at !== undefined && at !== runId) {
						at = taken.get(at);
					}

					const isCircle = at === runId;
					expect(refused?.code).toBe(taken.has(runId) ? 'NOT_RUNNING' : isCircle ? 'DEADLOCK_DETECTED' : undefined);
					if (!refused) {
						taken.set(runId, awaited);
					}
				}
			}),
		);
	});
});

describe('a dependency (M8)', () => {
	test('holds its run until it has succeeded', () => {
		const fleet = createStateFleet();
		const first = fleet.queue();
		const second = fleet.queue({dependsOn: [first.run]});
		expect(fleet.dispatch()).toEqual([first.run]);
		fleet.started(first.run);
		expect(fleet.dispatch()).toEqual([]);
		fleet.exited(first.run, 0);
		expect(fleet.dispatch()).toEqual([second.run]);
	});

	test('that ends badly fails those who depend on it, all the way, and blocks nobody for ever', () => {
		const fleet = createStateFleet();
		const first = fleet.start();
		const left = fleet.queue({dependsOn: [first.run]});
		const right = fleet.queue({dependsOn: [first.run]});
		const last = fleet.queue({dependsOn: [left.run, right.run]});
		const facts = fleet.exited(first.run, 1);
		expect(
			facts
				.filter(fact => fact.type === 'run.ended')
				.map(fact => fact.runId)
				.toSorted(),
		).toEqual([first.run, left.run, right.run, last.run].toSorted());
		expect(fleet.run(last.run)).toMatchObject({state: 'failed', ending: expect.stringContaining('which it depends on') as string});
	});

	test('that ends badly lets those go who said so', () => {
		const fleet = createStateFleet();
		const first = fleet.start();
		const second = fleet.queue({dependsOn: [first.run], onDependencyFailure: 'release'});
		fleet.send({type: 'run.cancel', runId: first.run});
		fleet.exited(first.run, null);
		expect(fleet.dispatch()).toEqual([second.run]);
	});

	test('of several that end badly at the same moment for different reasons each lets go', () => {
		const fleet = createStateFleet({limits: {orphanGraceMs: 5 * 60_000}});
		const parent = fleet.start();
		const orphan = fleet.spawn(parent.run);
		const hopeless = fleet.queue({demands: ['gpu']});
		fleet.send({type: 'run.hold', runId: orphan.run});
		const last = fleet.queue({dependsOn: [orphan.run, hopeless.run], onDependencyFailure: 'release'});
		fleet.exited(parent.run, 1);
		fleet.advance(5 * 60_000);
		fleet.tick();
		expect([orphan, hopeless].map(({run}) => fleet.run(run).state)).toEqual(['cancelled', 'timed_out']);
		expect(fleet.dispatch()).toEqual([last.run]);
	});

	test('that is a dead letter blocks nobody', () => {
		const fleet = createStateFleet({profiles: {shell: {retry: {waitsMs: [], jitter: 0, lostCap: 0}}}});
		const first = fleet.start({retry: true});
		const second = fleet.queue({dependsOn: [first.run]});
		fleet.exited(first.run, 1);
		expect(fleet.run(second.run).state).toBe('failed');
	});

	test('stopped together with its dependents leaves each of them cancelled, not failed', () => {
		const fleet = createStateFleet({limits: {concurrent: 0}});
		const first = fleet.queue();
		const second = fleet.queue({dependsOn: [first.run]});
		fleet.send({type: 'fleet.stop'});
		expect([first.run, second.run].map(id => fleet.run(id).state)).toEqual(['cancelled', 'cancelled']);
	});

	test('on something unknown or already dead is refused', () => {
		const fleet = createStateFleet();
		const {session, run} = fleet.start();
		fleet.exited(run, 1);
		expect(fleet.refusal({type: 'message.send', sessionId: session, text: 'x', dependsOn: ['run_none']}).code).toBe('UNKNOWN_RUN');
		expect(fleet.refusal({type: 'message.send', sessionId: session, text: 'x', dependsOn: [run]}).code).toBe('ALREADY_ENDED');
	});
});
