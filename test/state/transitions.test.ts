import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {isEnded, isLegal, type RunState, runTransitions, whyNotReport} from '../../state/run/run.js';
import {createStateFleet, launcher} from '../helpers/state-fleet.js';

const states = Object.keys(runTransitions) as RunState[];
const ends: readonly RunState[] = ['succeeded', 'failed', 'timed_out', 'cancelled', 'lost'];

describe('the table of transitions (M2)', () => {
	test.each(ends)('%s is an end: nothing follows it', end => {
		expect(states.filter(to => isLegal(end, to))).toEqual([]);
	});

	test('every other state leads to an end, whatever happens on the way', () => {
		const reaches = (from: RunState, seen: readonly RunState[] = []): boolean =>
			ends.includes(from) || runTransitions[from].some(to => !seen.includes(to) && reaches(to, [...seen, from]));
		expect(states.filter(from => !reaches(from))).toEqual([]);
	});

	test('nothing runs that was not claimed, and nothing stops that was not alive', () => {
		expect(states.filter(from => isLegal(from, 'running'))).toEqual(['starting', 'waiting']);
		expect(states.filter(from => isLegal(from, 'stopping'))).toEqual(['starting', 'running', 'waiting']);
		expect(states.filter(from => isLegal(from, 'starting'))).toEqual(['queued']);
	});

	test('a stop in progress ends as nothing but what it was, or well before it took hold', () => {
		expect(runTransitions.stopping).not.toContain('failed');
		expect(runTransitions.stopping).not.toContain('running');
	});
});

describe('a report', () => {
	const reportTypes = ['attempt.started', 'attempt.spawn-failed', 'attempt.exited', 'attempt.lost'] as const;
	const report = (type: (typeof reportTypes)[number], runId: string, generation: number) => {
		const attempt = {runId, generation};
		switch (type) {
			case 'attempt.started': {
				return {type, ...attempt, pid: 3} as const;
			}

			case 'attempt.exited': {
				return {type, ...attempt, exitCode: 1, signal: null} as const;
			}

			default: {
				return {type, ...attempt, sentence: 'because'} as const;
			}
		}
	};

	test.each(reportTypes)('%s of an unknown run is refused', type => {
		expect(createStateFleet().refusal(report(type, 'run_none', 1), launcher).code).toBe('UNKNOWN_RUN');
	});

	test.each(reportTypes)('%s of an older generation is refused and says so (M6)', type => {
		const fleet = createStateFleet();
		const {run} = fleet.queue();
		fleet.dispatch();
		fleet.send({type: 'attempt.lost', runId: run, generation: 1, sentence: 'gone'}, launcher);
		fleet.dispatch();
		expect(fleet.run(run).generation).toBe(2);
		const refused = fleet.refusal(report(type, run, 1), launcher);
		expect(refused.code).toBe('STALE_GENERATION');
		expect(refused.sentence).toContain('attempt 2 is the current one');
		expect(fleet.run(run).state).toBe('starting');
	});

	test.each(reportTypes)('%s of a claim that was taken back does not touch the queued run', type => {
		const fleet = createStateFleet();
		const {run} = fleet.queue();
		fleet.dispatch();
		fleet.send({type: 'attempt.lost', runId: run, generation: 1, sentence: 'gone'}, launcher);
		expect(fleet.refusal(report(type, run, 1), launcher).code).toBe('STALE_GENERATION');
		expect(fleet.run(run).state).toBe('queued');
	});

	test.each(reportTypes)('%s of a run that was never claimed is refused', type => {
		const fleet = createStateFleet();
		const {run} = fleet.queue();
		expect(fleet.refusal(report(type, run, 0), launcher).code).toBe('STALE_GENERATION');
	});

	test.each(reportTypes)('%s after the end is refused with who and when it ended, and changes nothing', type => {
		const fleet = createStateFleet();
		const {run} = fleet.start();
		fleet.exited(run, 0);
		const before = structuredClone(fleet.run(run));
		const refused = fleet.refusal(report(type, run, 1), launcher);
		expect(refused.code).toBe('ALREADY_ENDED');
		expect(refused.sentence).toContain('lch_1');
		expect(refused.sentence).toContain('succeeded');
		expect(fleet.run(run)).toEqual(before);
	});

	test('is judged by the table and by nothing else', () => {
		fc.assert(
			fc.property(fc.constantFrom(...states), fc.constantFrom(...states), (from, to) => {
				const fleet = createStateFleet();
				const {run} = fleet.queue();
				const made = Object.assign(structuredClone(fleet.run(run)), {state: from, generation: 1});
				const refused = whyNotReport(made, {runId: run, generation: 1}, to, launcher);
				const isLiveBefore = ['starting', 'running', 'waiting', 'stopping'].includes(from);
				const isTaken = isLiveBefore && isLegal(from, to);
				expect(refused === undefined).toBe(isTaken);
				if (isEnded(made)) {
					expect(refused?.code).toBe('ALREADY_ENDED');
				}
			}),
		);
	});
});
