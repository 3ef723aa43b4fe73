import {describe, expect, test} from 'vitest';
import {currentAttempt} from '../../state/run/run.js';
import {screenRun, sessionState} from '../../state/session/session.js';
import {createStateFleet, launcher} from '../helpers/state-fleet.js';

describe('a run', () => {
	test('goes from the queue to a good end, and its attempt keeps every moment', () => {
		const fleet = createStateFleet();
		const {run, session} = fleet.queue({text: 'make'});
		expect(sessionState(fleet.state, fleet.session(session))).toBe('pending');
		fleet.advance(5);
		fleet.dispatch();
		fleet.advance(5);
		fleet.started(run);
		fleet.advance(5);
		fleet.exited(run, 0);
		const {queuedAtMs, attempts, state} = fleet.run(run);
		expect(state).toBe('succeeded');
		expect(attempts).toEqual([
			{
				generation: 1,
				launcherId: 'lch_1',
				claimedAtMs: queuedAtMs + 5,
				startedAtMs: queuedAtMs + 10,
				endedAtMs: queuedAtMs + 15,
				pid: 7,
				exitCode: 0,
				signal: null,
			},
		]);
		expect(sessionState(fleet.state, fleet.session(session))).toBe('idle');
	});

	test.each([
		[1, 'failed'],
		[null, 'failed'],
		[0, 'succeeded'],
	] as const)('that exits with %j has %s', (exitCode, end) => {
		const fleet = createStateFleet();
		const {run} = fleet.start();
		fleet.exited(run, exitCode);
		expect(fleet.run(run).state).toBe(end);
	});

	test('whose exit is told before its start still ends', () => {
		const fleet = createStateFleet();
		const {run} = fleet.queue();
		fleet.dispatch();
		fleet.exited(run, 0);
		expect(fleet.run(run).state).toBe('succeeded');
	});

	test('whose spawn fails frees its slot (Q6)', () => {
		const fleet = createStateFleet({limits: {concurrent: 1}});
		const first = fleet.queue();
		const second = fleet.queue();
		expect(fleet.dispatch()).toEqual([first.run]);
		fleet.send({type: 'attempt.spawn-failed', runId: first.run, generation: 1, sentence: 'no such program'}, launcher);
		expect(fleet.run(first.run)).toMatchObject({state: 'failed', ending: 'no such program'});
		expect(fleet.state.index.slots).toBe(0);
		expect(fleet.dispatch()).toEqual([second.run]);
	});

	test('whose launcher vanished before it began goes back to its old place', () => {
		const fleet = createStateFleet({limits: {concurrent: 1}});
		const first = fleet.queue();
		const second = fleet.queue();
		fleet.dispatch();
		fleet.send({type: 'attempt.lost', runId: first.run, generation: 1, sentence: 'gone'}, launcher);
		expect(fleet.run(first.run).state).toBe('queued');
		expect(currentAttempt(fleet.run(first.run))?.sentence).toBe('gone');
		expect(fleet.dispatch()).toEqual([first.run]);
		expect(fleet.run(first.run).generation).toBe(2);
		expect(fleet.run(second.run).state).toBe('queued');
	});

	test('that is lost before it begins five times is given up', () => {
		const fleet = createStateFleet();
		const {run} = fleet.queue();
		for (let generation = 1; generation <= 5; generation += 1) {
			expect(fleet.run(run).state).toBe('queued');
			fleet.dispatch();
			fleet.send({type: 'attempt.lost', runId: run, generation, sentence: 'gone'}, launcher);
		}

		expect(fleet.run(run)).toMatchObject({state: 'lost', ending: 'gone'});
	});

	test('that ran when its launcher vanished is lost, not run twice', () => {
		const fleet = createStateFleet();
		const {run} = fleet.start();
		fleet.send({type: 'attempt.lost', runId: run, generation: 1, sentence: 'gone'}, launcher);
		expect(fleet.run(run).state).toBe('lost');
		expect(fleet.dispatch()).toEqual([]);
	});

	test('that is withdrawn from the queue leaves the attempt it had as that ended', () => {
		const fleet = createStateFleet();
		const {run} = fleet.queue();
		fleet.dispatch();
		fleet.send({type: 'attempt.lost', runId: run, generation: 1, sentence: 'gone'}, launcher);
		const attempt = structuredClone(currentAttempt(fleet.run(run)));
		fleet.advance(1000);
		fleet.send({type: 'run.cancel', runId: run});
		expect(fleet.run(run).state).toBe('cancelled');
		expect(currentAttempt(fleet.run(run))).toEqual(attempt);
	});

	test('that does not start in time is stopped as timed out', () => {
		const fleet = createStateFleet({limits: {startTimeoutMs: 60_000}});
		const {run} = fleet.queue();
		fleet.dispatch();
		fleet.advance(59_999);
		expect(fleet.tick()).toEqual([]);
		fleet.advance(1);
		fleet.tick();
		expect(fleet.run(run)).toMatchObject({state: 'stopping', stop: {ending: 'timed_out'}});
		fleet.exited(run, null);
		expect(fleet.run(run).state).toBe('timed_out');
	});
});

describe('a session', () => {
	test('runs one run at a time, in the order they were sent', () => {
		const fleet = createStateFleet();
		const {session, run} = fleet.queue({lane: 'low'});
		const urgent = fleet.message(session, {lane: 'urgent'});
		expect(fleet.dispatch()).toEqual([run]);
		fleet.started(run);
		expect(fleet.dispatch()).toEqual([]);
		fleet.exited(run);
		expect(fleet.dispatch()).toEqual([urgent]);
	});

	test('shows the screen of the active run, else of the last that was started', () => {
		const fleet = createStateFleet();
		const {session, run} = fleet.start();
		fleet.exited(run);
		const next = fleet.message(session);
		expect(screenRun(fleet.state, fleet.session(session))?.id).toBe(run);
		fleet.dispatch();
		expect(screenRun(fleet.state, fleet.session(session))?.id).toBe(next);
	});

	test('derives its state from its runs (M4)', () => {
		const fleet = createStateFleet();
		const {session, run} = fleet.queue();
		const now = () => sessionState(fleet.state, fleet.session(session));
		fleet.dispatch();
		expect(now()).toBe('running');
		fleet.started(run);
		const request = fleet.raise(run);
		expect(now()).toBe('waiting');
		fleet.send({type: 'escalation.decide', escalationId: request.id, fingerprint: request.fingerprint, choice: 'deny'});
		expect(now()).toBe('running');
		fleet.send({type: 'run.cancel', runId: run});
		expect(now()).toBe('stopping');
		fleet.exited(run, null);
		expect(now()).toBe('stopped');
		const next = fleet.message(session);
		expect(now()).toBe('pending');
		fleet.dispatch();
		fleet.exited(next, 1);
		expect(now()).toBe('failed');
	});

	test('takes a line for its live terminal, and refuses it when there is none', () => {
		const fleet = createStateFleet();
		const {session, run} = fleet.queue();
		expect(fleet.refusal({type: 'message.type', sessionId: session, text: 'hi'}).code).toBe('NOT_RUNNING');
		fleet.dispatch();
		fleet.started(run);
		fleet.send({type: 'message.type', sessionId: session, text: 'hi'});
		expect(fleet.state.messages).toEqual([{sessionId: session, runId: run, text: 'hi', by: 'ada', atMs: fleet.now()}]);
	});
});
