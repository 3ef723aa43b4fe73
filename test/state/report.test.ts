import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {AgentReport} from '../../state/agent/agent-report.js';
import {agentActivities} from '../../state/agent/agent-status.js';
import {currentAttempt} from '../../state/run/run.js';
import {tokensOf} from '../../state/safety/usage.js';
import {usageOf} from '../../state/safety/usage-of-state.js';
import {agentOf, createStateFleet, launcher, type StateFleet} from '../helpers/state-fleet.js';
import {kindsOf, only, reported, statusOf} from '../helpers/state-reports.js';

const about = (fleet: StateFleet, runId: string, report: AgentReport, generation = fleet.run(runId).generation) =>
	({type: 'agent.report', runId, generation, report}) as const;

describe('who may report (M6)', () => {
	test('only the current attempt of a live run; one that starts is live already', () => {
		const fleet = createStateFleet();
		const {run} = fleet.queue();
		expect(fleet.refusal(about(fleet, run, {kind: 'accepted'}), agentOf(run)).code).toBe('STALE_GENERATION');
		fleet.dispatch();
		expect(kindsOf(reported(fleet, run, {kind: 'accepted'}))).toEqual(['run.accepted']);
		fleet.started(run);
		expect(fleet.refusal(about(fleet, run, {kind: 'accepted'}, 0), agentOf(run)).code).toBe('STALE_GENERATION');
		fleet.exited(run);
		expect(fleet.refusal(about(fleet, run, {kind: 'accepted'}), agentOf(run)).code).toBe('ALREADY_ENDED');
		expect(fleet.refusal({...about(fleet, run, {kind: 'accepted'}), runId: 'none'}, launcher).code).toBe('UNKNOWN_RUN');
	});

	test('an agent speaks of its own run alone, and not of its process', () => {
		const fleet = createStateFleet();
		const [a, b] = [fleet.start(), fleet.start()];
		expect(fleet.refusal(about(fleet, b.run, {kind: 'accepted'}), agentOf(a.run)).code).toBe('FORBIDDEN');
		expect(fleet.refusal(about(fleet, a.run, statusOf('exited', 'process')), agentOf(a.run)).code).toBe('INVALID');
		fleet.send(about(fleet, a.run, statusOf('exited', 'process')), launcher);
	});

	test('what cannot be is refused', () => {
		const fleet = createStateFleet();
		const {run} = fleet.start();
		for (const inputTokens of [-1, Number.NaN, Number.POSITIVE_INFINITY, 1e13]) {
			expect(fleet.refusal(about(fleet, run, {kind: 'usage', usage: {inputTokens}}), agentOf(run)).code).toBe('INVALID');
		}

		for (const threadId of ['', 'x'.repeat(201)]) {
			expect(fleet.refusal(about(fleet, run, {kind: 'thread', threadId}), agentOf(run)).code).toBe('INVALID');
		}
	});
});

describe('what a report makes true', () => {
	test('a status once, again only when it changes or was not heard for a while', () => {
		const fleet = createStateFleet();
		const {run} = fleet.start();
		expect(kindsOf(reported(fleet, run, statusOf('working')))).toEqual(['run.status-changed', 'run.accepted']);
		const sinceMs = fleet.now();
		fleet.advance(29_999);
		expect(reported(fleet, run, statusOf('working'))).toEqual([]);
		fleet.advance(1);
		expect(kindsOf(reported(fleet, run, statusOf('working')))).toEqual(['run.status-changed']);
		expect(fleet.run(run).status).toMatchObject({activity: 'working', sinceMs, seenMs: fleet.now()});
		expect(kindsOf(reported(fleet, run, statusOf('idle')))).toEqual(['run.status-changed']);
		expect(fleet.run(run).status).toMatchObject({activity: 'idle', sinceMs: fleet.now()});
	});

	test('a weaker source is not heard while a stronger one speaks, and time is the coordinator’s', () => {
		const fleet = createStateFleet();
		const {run} = fleet.start();
		reported(fleet, run, statusOf('blocked'));
		fleet.send(about(fleet, run, statusOf('idle', 'screen')), launcher);
		expect(fleet.run(run).status).toMatchObject({activity: 'blocked', source: 'hook', seenMs: fleet.now()});
		fleet.advance(60_001);
		fleet.send(about(fleet, run, statusOf('idle', 'screen')), launcher);
		expect(fleet.run(run).status).toMatchObject({activity: 'idle', source: 'screen'});
	});

	test('only work that was seen proves that the prompt was taken', () => {
		const fleet = createStateFleet();
		const [{run}, interactive] = [fleet.start(), fleet.start({text: ''})];
		const isAccepted = (id: string) => currentAttempt(fleet.run(id))!.acceptedAtMs !== undefined;
		for (const source of ['guess', 'process'] as const) {
			fleet.send(about(fleet, run, statusOf('working', source)), launcher);
		}

		reported(fleet, run, statusOf('idle'));
		reported(fleet, interactive.run, statusOf('working'));
		expect([run, interactive.run].map(isAccepted)).toEqual([false, false]);
		fleet.send(about(fleet, run, statusOf('working', 'title')), launcher);
		expect(isAccepted(run)).toBe(true);
		expect(reported(fleet, run, {kind: 'accepted'})).toEqual([]);
	});

	test('a conversation is bound when its id is new', () => {
		const fleet = createStateFleet();
		const {run, session} = fleet.start();
		expect(kindsOf(reported(fleet, run, {kind: 'thread', threadId: 't1'}))).toEqual(['session.bound']);
		expect(reported(fleet, run, {kind: 'thread', threadId: 't1'})).toEqual([]);
		expect(fleet.session(session).threadId).toBe('t1');
	});

	test('tool calls are kept short, and the same one in a row is counted', () => {
		const fleet = createStateFleet();
		const {run} = fleet.start();
		const call = {kind: 'tool', tool: 'bash', summary: 'x'.repeat(5000), digest: 'd'} as const;
		for (let n = 0; n < 3; n += 1) {
			reported(fleet, run, call);
		}

		expect(fleet.run(run).calls).toMatchObject({count: 3, digest: 'd'});
		expect(fleet.run(run).calls!.summary).toHaveLength(200);
		reported(fleet, run, {...call, digest: 'e'});
		expect(fleet.run(run).calls!.count).toBe(1);
	});

	test('a heartbeat of another run changes nothing, and that is written down (M9)', () => {
		const fleet = createStateFleet();
		const {run} = fleet.start();
		const before = JSON.stringify(fleet.run(run));
		expect(reported(fleet, run, {kind: 'heartbeat', runId: run, generation: 1})).toEqual([]);
		const [resolved] = only(reported(fleet, run, {kind: 'heartbeat', runId: 'run_other', generation: 4}), 'heartbeat.resolved');
		expect(resolved).toMatchObject({runId: run, generation: 1, resolution: 'other-run-refused'});
		expect(resolved!.sentence).toContain('attempt 4 of run_other');
		expect(JSON.stringify(fleet.run(run))).toBe(before);
	});
});

describe('usage', () => {
	test('is added as told; runs and time are not the agent’s to tell', () => {
		const fleet = createStateFleet();
		const {run, session} = fleet.start();
		const usage = {inputTokens: 10, outputTokens: 5, costUsd: 0.5, runs: 99, workedMs: 99};
		reported(fleet, run, {kind: 'usage', usage});
		reported(fleet, run, {kind: 'usage', usage});
		expect(fleet.run(run).usage).toMatchObject({inputTokens: 20, outputTokens: 10, costUsd: 1, runs: 0, workedMs: 0});
		expect(usageOf(fleet.state, `session:${session}`).runs).toBe(1);
		expect(reported(fleet, run, {kind: 'usage', usage: {inputTokens: 0}})).toEqual([]);
	});

	test('sums of a conversation that goes on count once, over runs; a new conversation counts from its beginning', () => {
		const fleet = createStateFleet();
		const {run, session} = fleet.start();
		const total = (id: string, inputTokens: number) => reported(fleet, id, {kind: 'usage', usage: {inputTokens}, isTotal: true});
		const used = () => tokensOf(usageOf(fleet.state, `session:${session}`));
		reported(fleet, run, {kind: 'thread', threadId: 'first'});
		total(run, 100);
		total(run, 100);
		total(run, 150);
		expect(used()).toBe(150);
		const again = () => {
			const next = fleet.message(session);
			fleet.dispatch();
			fleet.started(next);
			return next;
		};

		fleet.exited(run);
		const second = again();
		reported(fleet, second, {kind: 'thread', threadId: 'first'});
		total(second, 170);
		expect(used()).toBe(170);
		fleet.exited(second);
		const third = again();
		reported(fleet, third, {kind: 'thread', threadId: 'another'});
		total(third, 30);
		expect(used()).toBe(200);
		total(third, 300);
		expect(used()).toBe(470);
	});

	test('a session without a conversation of its own counts each run from its beginning', () => {
		const fleet = createStateFleet();
		const {run, session} = fleet.start();
		reported(fleet, run, {kind: 'usage', usage: {outputTokens: 100}, isTotal: true});
		fleet.exited(run);
		const next = fleet.message(session);
		fleet.dispatch();
		fleet.started(next);
		reported(fleet, next, {kind: 'usage', usage: {outputTokens: 40}, isTotal: true});
		expect(tokensOf(usageOf(fleet.state, `session:${session}`))).toBe(140);
	});

	test('however totals grow, and whatever is repeated, what is counted is what the conversation used', () => {
		const growth = fc.array(fc.record({by: fc.nat({max: 1000}), isNewRun: fc.boolean(), isTold: fc.boolean()}), {maxLength: 40});
		fc.assert(
			fc.property(growth, steps => {
				const fleet = createStateFleet({limits: {startsPerMinute: 0, startsPerMinutePerAgent: 0}});
				let {run, session} = fleet.start();
				reported(fleet, run, {kind: 'thread', threadId: 't'});
				let told = 0;
				let real = 0;
				for (const {by, isNewRun, isTold} of steps) {
					real += by;
					if (isTold) {
						told = real;
						reported(fleet, run, {kind: 'usage', usage: {inputTokens: real}, isTotal: true});
					}

					if (isNewRun) {
						fleet.exited(run);
						run = fleet.message(session);
						fleet.dispatch();
						fleet.started(run);
						reported(fleet, run, {kind: 'thread', threadId: 't'});
					}
				}

				expect(usageOf(fleet.state, `session:${session}`).inputTokens).toBe(told);
				const ofRuns = fleet.session(session).runIds.reduce((sum, id) => sum + (fleet.run(id).usage?.inputTokens ?? 0), 0);
				expect(ofRuns).toBe(told);
			}),
			{numRuns: 40},
		);
	});
});

test('a status is whole and bounded whatever an agent tells', () => {
	const wild = fc.record({
		activity: fc.constantFrom(...agentActivities),
		source: fc.constantFrom('hook', 'protocol', 'title', 'screen', 'guess'),
		confidence: fc.double({noNaN: true}),
		sinceMs: fc.double({noNaN: true}),
		seenMs: fc.double({noNaN: true}),
		evidence: fc.string({maxLength: 3000, unit: 'binary'}),
	});
	fc.assert(
		fc.property(fc.array(fc.tuple(wild, fc.nat({max: 200_000})), {maxLength: 20}), tales => {
			const fleet = createStateFleet();
			const {run} = fleet.start();
			for (const [status, laterMs] of tales) {
				fleet.advance(laterMs);
				reported(fleet, run, {kind: 'status', status} as AgentReport);
				const now = fleet.run(run).status!;
				expect(now.sinceMs).toBeLessThanOrEqual(now.seenMs);
				expect(now.seenMs).toBeLessThanOrEqual(fleet.now());
				expect(now.confidence).toBeGreaterThanOrEqual(0);
				expect(now.confidence).toBeLessThanOrEqual(1);
				expect(now.evidence.length).toBeLessThanOrEqual(200);
			}
		}),
		{numRuns: 60},
	);
});
