import {expect, test} from 'vitest';
import {savedState} from '../../state/state.js';
import {createStateFleet, launcher} from '../helpers/state-fleet.js';

const another = {role: 'launcher', launcherId: 'lch_2'} as const;

test('a start that is told once more does not end what the run waits for', () => {
	const fleet = createStateFleet();
	const parent = fleet.start();
	const child = fleet.spawn(parent.run);
	fleet.advance(1000);
	fleet.wait(parent.run, [child.run]);
	const before = structuredClone(savedState(fleet.state));
	fleet.advance(1000);
	expect(fleet.refusal({type: 'attempt.started', runId: parent.run, generation: 1, pid: 7}, launcher).code).toBe('ILLEGAL_TRANSITION');
	expect(savedState(fleet.state)).toEqual(before);
});

test('a launcher tells only of what runs on itself', () => {
	const fleet = createStateFleet();
	fleet.send({type: 'launcher.join', launcherId: 'lch_2', host: 'there', pid: 1, embedded: false}, another);
	const claimed = fleet.queue();
	fleet.dispatch();
	const attempt = {runId: claimed.run, generation: 1};
	const code = (command: Parameters<typeof fleet.refusal>[0]) => fleet.refusal(command, another).code;
	expect(code({type: 'attempt.started', ...attempt, pid: 7})).toBe('FORBIDDEN');
	expect(code({type: 'attempt.spawn-failed', ...attempt, sentence: 'no'})).toBe('FORBIDDEN');
	fleet.started(claimed.run);
	expect(code({type: 'attempt.exited', ...attempt, exitCode: 0, signal: null})).toBe('FORBIDDEN');
	expect(code({type: 'attempt.lost', ...attempt, sentence: 'gone'})).toBe('FORBIDDEN');
	expect(code({type: 'agent.output', ...attempt, lastOutputAtMs: 0})).toBe('FORBIDDEN');
	expect(code({type: 'agent.report', ...attempt, report: {kind: 'accepted'}})).toBe('FORBIDDEN');
	expect(fleet.run(claimed.run).state).toBe('running');
});
