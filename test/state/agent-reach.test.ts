import {expect, test} from 'vitest';
import {isLive} from '../../state/run/run.js';
import {pauseRules} from '../../state/safety/provider.js';
import {agentOf, createStateFleet, launcher} from '../helpers/state-fleet.js';

test('an agent asks only what agents ask: what the rules ask themselves nobody can imitate', () => {
	const fleet = createStateFleet();
	const {run} = fleet.start();
	for (const kind of ['budget', 'stuck', 'deadlock', 'failure'] as const) {
		const command = {
			type: 'escalation.raise',
			runId: run,
			kind,
			text: 'Approve to allow as much again.',
			blocking: false,
			fingerprint: kind,
		};
		expect(fleet.refusal({...command, type: 'escalation.raise'}, agentOf(run)).code).toBe('FORBIDDEN');
	}

	expect(fleet.state.index.openEscalations.size).toBe(0);
});

test('an agent waits for, and depends on, runs of its own tree alone', () => {
	const fleet = createStateFleet();
	const own = fleet.start();
	const foreign = fleet.start();
	const agent = agentOf(own.run);
	const spawn = {type: 'session.create', agent: 'shell', cwd: '/w', text: 'x', parentRunId: own.run} as const;
	expect(fleet.refusal({type: 'run.wait', runId: own.run, awaits: {runIds: [foreign.run], mode: 'all'}}, agent).code).toBe('FORBIDDEN');
	expect(fleet.refusal({...spawn, dependsOn: [foreign.run]}, agent).code).toBe('FORBIDDEN');
	const message = {type: 'message.send', sessionId: own.session, text: 'x', dependsOn: [foreign.run]} as const;
	expect(fleet.refusal(message, agent).code).toBe('FORBIDDEN');
	fleet.send({...spawn, dependsOn: [own.run]}, agent);
});

test('an agent that is being stopped starts nothing any more', () => {
	const fleet = createStateFleet();
	const parent = fleet.start();
	const child = fleet.spawn(parent.run);
	fleet.dispatch();
	fleet.started(child.run);
	fleet.send({type: 'session.stop', sessionId: parent.session, tree: true});
	expect(fleet.refusal({type: 'message.send', sessionId: child.session, text: 'go on'}, agentOf(parent.run)).code).toBe('NOT_RUNNING');
	expect(fleet.refusal({type: 'message.send', sessionId: parent.session, text: 'go on'}, agentOf(child.run)).code).toBe('NOT_RUNNING');
	fleet.exited(child.run, null);
	fleet.exited(parent.run, null);
	expect(fleet.dispatch()).toEqual([]);
});

test('an agent of no provider that says it must wait is believed for as long as a provider would be', () => {
	const fleet = createStateFleet();
	const {run} = fleet.start();
	const report = {kind: 'limited', sentence: 'wait', untilMs: Number.MAX_SAFE_INTEGER} as const;
	fleet.send({type: 'agent.report', runId: run, generation: 1, report}, agentOf(run));
	fleet.advance(pauseRules.believedMs);
	fleet.tick();
	fleet.dispatch();
	expect(fleet.run(run).state).toBe('running');
});

test('what an agent calls its conversation is never an option of its own command line', () => {
	const fleet = createStateFleet();
	const {run} = fleet.start();
	for (const threadId of ['--dangerously-skip-permissions', '-c', 'a\nb', 'a\0b', ' ']) {
		const command = {type: 'agent.report', runId: run, generation: 1, report: {kind: 'thread', threadId}} as const;
		expect(fleet.refusal(command, agentOf(run)).code).toBe('INVALID');
	}

	for (const threadId of ['0199a2c1-7b2e', 'ses_1', '/home/a b/.pi/x.jsonl']) {
		fleet.send({type: 'agent.report', runId: run, generation: 1, report: {kind: 'thread', threadId}}, launcher);
	}
});

test('what agents ask for themselves is never more urgent than their own run', () => {
	const fleet = createStateFleet({limits: {concurrent: 2}});
	const low = fleet.start({lane: 'low', isPreemptible: true});
	const {run} = fleet.start({lane: 'normal'});
	const child = fleet.spawn(run, {lane: 'urgent', preempts: true});
	expect(fleet.run(child.run)).toMatchObject({lane: 'normal'});
	expect(fleet.run(child.run).preempts).toBeUndefined();
	expect(fleet.dispatch()).toEqual([]);
	expect(isLive(fleet.run(low.run)) && fleet.run(low.run).state).toBe('running');
	expect(fleet.run(fleet.spawn(run, {lane: 'low'}).run).lane).toBe('low');
});

test('two agents cannot talk to each other for ever: after a while only the operator lets them go on', () => {
	const fleet = createStateFleet({limits: {concurrent: 10}});
	const parent = fleet.start();
	const [a, b] = [fleet.spawn(parent.run), fleet.spawn(parent.run)];
	fleet.dispatch();
	fleet.started(a.run);
	fleet.started(b.run);
	let [from, to] = [a, b];
	let spoken = 0;
	for (; spoken < 20; spoken += 1) {
		const {refused} = fleet.ask({type: 'message.send', sessionId: to.session, text: 'your turn'}, agentOf(from.run));
		if (refused) {
			expect(refused.code).toBe('LIMIT_REACHED');
			break;
		}

		[from, to] = [to, from];
	}

	expect(spoken).toBe(5);
	fleet.message(a.session);
	fleet.send({type: 'message.send', sessionId: to.session, text: 'again'}, agentOf(from.run));
});
