import {expect, test} from 'vitest';
import {pairKey} from '../../state/session/outbox.js';
import {agentOf, createStateFleet, type StateFleet, system} from '../helpers/state-fleet.js';

const codex = {retry: {waitsMs: [0], jitter: 0, lostCap: 1}};

/** A parent that failed for good, with a child that had come to its end before. */
const deadParent = () => {
	const fleet = createStateFleet({profiles: {codex}});
	const parent = fleet.start({agent: 'codex'});
	const child = fleet.spawn(parent.run);
	fleet.dispatch();
	fleet.started(child.run);
	fleet.exited(child.run);
	fleet.exited(parent.run, 1);
	fleet.dispatch();
	fleet.started(parent.run);
	fleet.exited(parent.run, 1);
	expect(fleet.run(parent.run).state).toBe('dead');
	return {fleet, parent, child};
};

test('what the operator asks of the child of a dead letter goes on when the letter is dropped', () => {
	const {fleet, parent, child} = deadParent();
	fleet.advance(1000);
	const next = fleet.message(child.session);
	fleet.dispatch();
	fleet.started(next);
	fleet.advance(1000);
	fleet.send({type: 'deadletter.drop', runId: parent.run});
	fleet.advance(60 * 60_000);
	fleet.tick();
	expect(fleet.run(next).state).toBe('running');
});

test('a parent that heard of a dead letter is not told again when the operator clears it away', () => {
	const fleet = createStateFleet({profiles: {codex}});
	const parent = fleet.start();
	const child = fleet.spawn(parent.run, {agent: 'codex'});
	for (const _ of [1, 2]) {
		fleet.dispatch();
		fleet.started(child.run);
		fleet.exited(child.run, 1);
	}

	const push = {type: 'result.push', runId: child.run, text: 'sorry'} as const;
	fleet.send(push, system);
	fleet.send({type: 'deadletter.drop', runId: child.run});
	expect(fleet.refusal(push, system).code).toBe('ALREADY_RESOLVED');
});

const withSessionBudget = (fleet: StateFleet): void => {
	const {agents, limits} = fleet.state;
	fleet.send({type: 'settings.configure', agents: Object.values(agents), limits, budgets: {session: {tokens: 10}}}, system);
};

test('what the operator starts now starts over the budget of its session too, as over all others', () => {
	const fleet = createStateFleet();
	withSessionBudget(fleet);
	const {run, session} = fleet.start();
	const report = {kind: 'usage', usage: {inputTokens: 10}} as const;
	fleet.send({type: 'agent.report', runId: run, generation: 1, report}, agentOf(run));
	const next = fleet.message(session);
	fleet.exited(run);
	expect(fleet.dispatch()).toEqual([]);
	fleet.send({type: 'run.force-start', runId: next});
	expect(fleet.dispatch()).toEqual([next]);
});

test('a parent that steers its child is not the operator: what went to and fro is still counted', () => {
	const fleet = createStateFleet();
	const parent = fleet.start();
	const child = fleet.spawn(parent.run);
	fleet.dispatch();
	fleet.started(child.run);
	fleet.send({type: 'message.send', sessionId: parent.session, text: 'done?'}, agentOf(child.run));
	const key = pairKey(parent.session, child.session);
	expect(fleet.state.exchanges[key]).toBe(1);
	fleet.send({type: 'message.send', sessionId: child.session, text: 'no', mode: 'steer'}, agentOf(parent.run));
	expect(fleet.state.exchanges[key]).toBe(1);
	fleet.send({type: 'message.type', sessionId: child.session, text: 'well'});
	expect(fleet.state.exchanges[key]).toBeUndefined();
});
