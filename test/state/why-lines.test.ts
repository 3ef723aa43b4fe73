import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {statusOf} from '../../state/agent/agent-status.js';
import {lineText} from '../../state/view/frame-line.js';
import {whyBody, whyLines} from '../../state/view/why-lines.js';
import {agentOf, createStateFleet, type StateFleet} from '../helpers/state-fleet.js';

const told = (fleet: StateFleet, runId: string): string => whyLines(fleet.state, fleet.run(runId), fleet.now()).map(lineText).join('\n');

describe('why a run is where it is', () => {
	test('a queued one: its place, what is in the way, what to do', () => {
		const fleet = createStateFleet({limits: {concurrent: 1}});
		fleet.start({label: 'busy'});
		fleet.queue({label: 'first'});
		const {run} = fleet.queue({label: 'second', agent: 'codex'});
		fleet.advance(5000);
		const text = told(fleet, run);
		expect(text).toContain(`second runs codex: ${run}, queued for 5s`);
		expect(text).toContain('The one slot is taken (limit concurrent).\nWait for a run to end, or raise the limit concurrent.');
		expect(text).toContain('queue     2 of 2, lane normal');
		expect(text).toContain('slots     1 of 1 taken');
		expect(text).toContain('launcher  1 of them reachable');
		expect(text).not.toContain('What its agent does');
	});

	test('a running one: its worker, and what its agent is believed to do, by whom, how surely', () => {
		const fleet = createStateFleet();
		const {run} = fleet.start({label: 'planner', agent: 'codex'});
		expect(told(fleet, run)).toContain('Its agent has told nothing');
		const status = statusOf({activity: 'idle', source: 'screen', confidence: 0.6, evidence: 'its \u001B[31m rule', atMs: fleet.now()});
		fleet.send({type: 'agent.report', runId: run, generation: 1, report: {kind: 'status', status}}, agentOf(run));
		const usage = {inputTokens: 1500, outputTokens: 200};
		fleet.send({type: 'agent.report', runId: run, generation: 1, report: {kind: 'usage', usage}}, agentOf(run));
		fleet.advance(7000);
		const text = told(fleet, run);
		expect(text).toContain(`planner runs codex: ${run}, attempt 1, running for 7s`);
		expect(text).toContain('launcher  lch_1, reachable, process 7');
		expect(text).toContain('  The agent is idle, for 7s.\n  Source: a rule about its screen, last heard 7s ago.\n  Confidence: 60 %.');
		expect(text).toContain('Seen: its \\u{1B}[31m rule.');
		expect(text).toContain('  1.7k tokens, 1 run');
	});

	test('one that waits for its child, with the name of the child', () => {
		const fleet = createStateFleet();
		const parent = fleet.start({label: 'planner'});
		const child = fleet.spawn(parent.run, {label: 'tester'});
		fleet.wait(parent.run, [child.run]);
		expect(told(fleet, parent.run)).toContain(`waits for tester (${child.run})`);
	});

	test('never is wider than it may be, and never lets a control through, whatever the names are', () => {
		fc.assert(
			fc.property(fc.string({unit: 'binary', maxLength: 60}), fc.integer({min: 10, max: 90}), (label, columns) => {
				const fleet = createStateFleet();
				const {run} = fleet.start({label: label.trim() === '' ? 'x' : label});
				const lines = whyBody(fleet.state, fleet.run(run), {columns, nowMs: fleet.now()}).map(lineText);
				expect(lines.join('')).not.toMatch(/[\u0000-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/);
			}),
			{numRuns: 50},
		);
	});
});
