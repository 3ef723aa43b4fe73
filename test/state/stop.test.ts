import {describe, expect, test} from 'vitest';
import {sessionState} from '../../state/session/session.js';
import {agentOf, createStateFleet, launcher} from '../helpers/state-fleet.js';

/** A root with two children, one of which has a child; everything runs, and the root has a queued message. */
const family = () => {
	const fleet = createStateFleet();
	const root = fleet.start({label: 'root'});
	const left = fleet.start({parentRunId: root.run, label: 'left'});
	const right = fleet.start({parentRunId: root.run, label: 'right'});
	const deep = fleet.start({parentRunId: left.run, label: 'deep'});
	const waiting = fleet.message(root.session);
	const states = () => [root, left, right, deep].map(({run}) => fleet.run(run).state);
	return {fleet, root, left, right, deep, waiting, states};
};

describe('a stop', () => {
	test('of a session stops what it runs and withdraws what it has queued, and leaves its children', () => {
		const {fleet, root, waiting, states} = family();
		fleet.send({type: 'session.stop', sessionId: root.session, tree: false});
		expect(states()).toEqual(['stopping', 'running', 'running', 'running']);
		expect(fleet.run(waiting)).toMatchObject({state: 'cancelled', ending: 'withdrawn by ada'});
	});

	test('of a tree stops everything below, the youngest first', () => {
		const {fleet, root, deep, states} = family();
		const facts = fleet.send({type: 'session.stop', sessionId: root.session, tree: true});
		expect(states()).toEqual(['stopping', 'stopping', 'stopping', 'stopping']);
		expect(facts[0]).toMatchObject({type: 'run.stopping', runId: deep.run});
		expect(fleet.dispatch()).toEqual([]);
	});

	test('of a run takes down what that run spawned', () => {
		const {fleet, left, states} = family();
		fleet.send({type: 'run.cancel', runId: left.run});
		expect(states()).toEqual(['running', 'stopping', 'running', 'stopping']);
	});

	test('of everything leaves nothing queued and nothing that runs', () => {
		const {fleet, states, waiting} = family();
		fleet.queue();
		fleet.send({type: 'fleet.stop'});
		expect(states()).toEqual(['stopping', 'stopping', 'stopping', 'stopping']);
		expect(fleet.run(waiting).state).toBe('cancelled');
		expect(fleet.dispatch()).toEqual([]);
	});

	test('ends as cancelled however the process exits, and a later completion is refused', () => {
		const fleet = createStateFleet();
		const {run, session} = fleet.start();
		fleet.send({type: 'run.cancel', runId: run});
		const proof = {processes: 9, survivors: 0, killed: false};
		fleet.send({type: 'attempt.exited', runId: run, generation: 1, exitCode: 0, signal: null, proof}, launcher);
		expect(fleet.run(run)).toMatchObject({state: 'cancelled', attempts: [{exitCode: 0, proof}]});
		expect(sessionState(fleet.state, fleet.session(session))).toBe('stopped');
		const late = fleet.refusal({type: 'attempt.exited', runId: run, generation: 1, exitCode: 0, signal: null}, launcher);
		expect(late.code).toBe('ALREADY_ENDED');
		expect(late.sentence).toContain('already ended as cancelled');
	});

	test('of a run that is just being claimed cannot be overtaken by its start', () => {
		const fleet = createStateFleet();
		const {run} = fleet.queue();
		fleet.dispatch();
		fleet.send({type: 'run.cancel', runId: run});
		const refused = fleet.refusal({type: 'attempt.started', runId: run, generation: 1, pid: 4}, launcher);
		expect(refused.code).toBe('ILLEGAL_TRANSITION');
		fleet.send({type: 'attempt.spawn-failed', runId: run, generation: 1, sentence: 'no'}, launcher);
		expect(fleet.run(run).state).toBe('cancelled');
	});

	test('is over when the launcher has no such process any more', () => {
		const fleet = createStateFleet();
		const {run} = fleet.start();
		fleet.send({type: 'run.cancel', runId: run});
		fleet.send({type: 'attempt.lost', runId: run, generation: 1, sentence: 'gone'}, launcher);
		expect(fleet.run(run).state).toBe('cancelled');
	});

	test('asked twice changes nothing the second time', () => {
		const {fleet, root} = family();
		fleet.send({type: 'session.stop', sessionId: root.session, tree: true});
		expect(fleet.send({type: 'session.stop', sessionId: root.session, tree: true})).toEqual([]);
	});

	test('withdraws what the run was asking, and tells why', () => {
		const fleet = createStateFleet();
		const {run} = fleet.start();
		const {id} = fleet.raise(run);
		fleet.send({type: 'run.cancel', runId: run});
		expect(fleet.state.escalations[id]?.state).toBe('open');
		fleet.exited(run, null);
		expect(fleet.state.escalations[id]).toMatchObject({state: 'withdrawn', closed: {why: 'the run ended (cancelled)'}});
	});

	test('of nothing is refused', () => {
		const fleet = createStateFleet();
		const {run, session} = fleet.start({label: 'docs'});
		fleet.exited(run);
		expect(fleet.refusal({type: 'session.stop', sessionId: session, tree: true}).sentence).toContain('docs has nothing to stop');
		expect(fleet.refusal({type: 'run.cancel', runId: run}).code).toBe('ALREADY_ENDED');
		expect(fleet.refusal({type: 'run.cancel', runId: 'run_none'}).code).toBe('UNKNOWN_RUN');
		expect(fleet.refusal({type: 'session.stop', sessionId: 'ses_none', tree: false}).code).toBe('UNKNOWN_SESSION');
		expect(fleet.send({type: 'fleet.stop'})).toEqual([]);
	});

	test('by an agent reaches only below it', () => {
		const {fleet, root, left, right, deep} = family();
		expect(fleet.refusal({type: 'run.cancel', runId: right.run}, agentOf(left.run)).code).toBe('FORBIDDEN');
		expect(fleet.refusal({type: 'run.cancel', runId: root.run}, agentOf(left.run)).code).toBe('FORBIDDEN');
		expect(fleet.refusal({type: 'run.cancel', runId: left.run}, agentOf(left.run)).code).toBe('FORBIDDEN');
		fleet.send({type: 'run.cancel', runId: deep.run}, agentOf(left.run));
		fleet.send({type: 'session.stop', sessionId: right.session, tree: true}, agentOf(root.run));
	});
});
