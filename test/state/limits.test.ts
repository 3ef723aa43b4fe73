import {describe, expect, test} from 'vitest';
import {whyQueued} from '../../state/run/run-wait.js';
import {limitMeaning} from '../../state/safety/limits.js';
import {createMemoryOrchestrator} from '../helpers/memory-orchestrator.js';
import {agentOf, createStateFleet, operator, system} from '../helpers/state-fleet.js';

const child = (parentRunId: string) => ({type: 'session.create', agent: 'shell', cwd: '/w', text: 'child', parentRunId}) as const;

describe('limits (Q4)', () => {
	test('50 spawns at once against a limit of 10 start exactly 10', async () => {
		const {orchestrator, kept} = await createMemoryOrchestrator();
		const fifty = Array.from({length: 50});
		const spawned = await Promise.all(
			fifty.map(() => orchestrator.send({type: 'session.create', agent: 'shell', cwd: '/w', text: 'x'}, {actor: operator})),
		);
		expect(spawned.filter(sent => sent.refused)).toEqual([]);
		await Promise.all(fifty.map(() => orchestrator.send({type: 'queue.dispatch'}, {actor: system})));
		const claimed = kept.flatMap(({fact}) => (fact.type === 'run.starting' ? [fact.runId] : []));
		expect(claimed).toHaveLength(10);
		expect(new Set(claimed).size).toBe(10);
		expect(orchestrator.getState().index.slots).toBe(10);
	});

	test('a slot is free again the moment a run ends', () => {
		const fleet = createStateFleet({limits: {concurrent: 2}});
		const runs = Array.from({length: 4}, () => fleet.queue().run);
		expect(fleet.dispatch()).toEqual(runs.slice(0, 2));
		fleet.exited(runs[1]!);
		expect(fleet.dispatch()).toEqual([runs[2]]);
	});

	test('one tree cannot take all slots', () => {
		const fleet = createStateFleet({limits: {concurrent: 10, concurrentPerTree: 3}});
		const root = fleet.start();
		const children = Array.from({length: 4}, () => fleet.queue({parentRunId: root.run}, agentOf(root.run)).run);
		const other = fleet.queue();
		// The other tree starts level with this one, and they take turns.
		expect(fleet.dispatch()).toEqual([children[0], other.run, children[1]]);
		expect(whyQueued(fleet.state, fleet.run(children[2]!), fleet.now())).toMatchObject({code: 'concurrent-tree'});
	});

	test('a run that waits for a decision holds no slot (M3)', () => {
		const fleet = createStateFleet({limits: {concurrent: 1}});
		const first = fleet.start();
		const second = fleet.queue();
		expect(fleet.dispatch()).toEqual([]);
		expect(whyQueued(fleet.state, fleet.run(second.run), fleet.now())?.sentence).toBe('The one slot is taken (limit concurrent).');
		fleet.raise(first.run);
		expect(fleet.dispatch()).toEqual([second.run]);
	});

	test('a run that is stopping holds its slot until it is gone', () => {
		const fleet = createStateFleet({limits: {concurrent: 1}});
		const first = fleet.start();
		const second = fleet.queue();
		fleet.send({type: 'run.cancel', runId: first.run});
		expect(fleet.dispatch()).toEqual([]);
		fleet.exited(first.run, null);
		expect(fleet.dispatch()).toEqual([second.run]);
	});

	test('too deep a spawn is refused with the limit and its value', () => {
		const fleet = createStateFleet({limits: {depth: 2}});
		let {run} = fleet.start({label: 'root'});
		for (const label of ['child', 'grandchild']) {
			({run} = fleet.start({parentRunId: run, label}));
		}

		const refused = fleet.refusal(child(run), agentOf(run));
		expect(refused).toEqual({
			code: 'LIMIT_REACHED',
			sentence: `grandchild is at depth 2: the limit depth is 2 ${limitMeaning.depth}.`,
		});
	});

	test('too many live children are refused, and one that ended makes room', () => {
		const fleet = createStateFleet({limits: {liveChildren: 2}});
		const root = fleet.start();
		const first = fleet.start({parentRunId: root.run});
		fleet.queue({parentRunId: root.run});
		const refused = fleet.refusal(child(root.run));
		expect(refused.sentence).toContain('the limit liveChildren is 2');
		fleet.exited(first.run);
		fleet.queue({parentRunId: root.run});
	});

	test('a root can have only so many sessions below it, ever', () => {
		const fleet = createStateFleet({limits: {sessionsPerRoot: 3}});
		const root = fleet.start();
		for (let n = 0; n < 3; n += 1) {
			fleet.exited(fleet.start({parentRunId: root.run}).run);
		}

		expect(fleet.refusal(child(root.run)).sentence).toContain('the limit sessionsPerRoot is 3');
		fleet.queue();
	});

	test('a full queue refuses new runs and messages, but not a session without one', () => {
		const fleet = createStateFleet({limits: {queueLength: 2}});
		const {session} = fleet.queue();
		fleet.queue();
		expect(fleet.refusal({type: 'session.create', agent: 'shell', cwd: '/w', text: 'x'}).sentence).toContain('the limit queueLength is 2');
		expect(fleet.refusal({type: 'message.send', sessionId: session, text: 'x'}).sentence).toContain('the limit queueLength is 2');
		fleet.send({type: 'session.create', agent: 'shell', cwd: '/w'});
	});

	test('a session holds only so many waiting messages (Q11)', () => {
		const fleet = createStateFleet({limits: {queuedPerSession: 2}});
		const {session} = fleet.start();
		fleet.message(session);
		fleet.message(session);
		expect(fleet.refusal({type: 'message.send', sessionId: session, text: 'x'}).sentence).toContain('the limit queuedPerSession is 2');
	});

	test('an agent has only so many open requests', () => {
		const fleet = createStateFleet({limits: {openEscalations: 2}});
		const {run} = fleet.start();
		fleet.raise(run, {text: 'one'});
		const two = fleet.raise(run, {text: 'two'});
		const third = {type: 'escalation.raise', runId: run, kind: 'approval', text: 'three', blocking: true, fingerprint: '3'} as const;
		expect(fleet.refusal(third, agentOf(run)).sentence).toContain('the limit openEscalations is 2');
		fleet.send({type: 'escalation.decide', escalationId: two.id, fingerprint: two.fingerprint, choice: 'deny'});
		fleet.send(third, agentOf(run));
	});

	test('lower limits stop nothing that runs, and hold back what comes', () => {
		const fleet = createStateFleet({limits: {concurrent: 5}});
		const runs = Array.from({length: 5}, () => fleet.start().run);
		fleet.configure({concurrent: 2});
		const next = fleet.queue().run;
		fleet.exited(runs[0]!);
		fleet.exited(runs[1]!);
		fleet.exited(runs[2]!);
		expect(fleet.dispatch()).toEqual([]);
		fleet.exited(runs[3]!);
		expect(fleet.dispatch()).toEqual([next]);
	});
});

test('a parent that has ended or is being stopped can have no more children', () => {
	const fleet = createStateFleet();
	const {run} = fleet.start();
	fleet.send({type: 'run.cancel', runId: run});
	expect(fleet.refusal(child(run), agentOf(run)).code).toBe('NOT_RUNNING');
	fleet.exited(run, null);
	expect(fleet.refusal(child(run), agentOf(run)).code).toBe('ALREADY_ENDED');
});
