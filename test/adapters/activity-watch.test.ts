import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {watchActivity} from '../../source/activity-watch.js';
import type {AgentActivity, StatusReport, StatusSource} from '../../state/agent/agent-status.js';
import {createMemoryOrchestrator} from '../helpers/memory-orchestrator.js';
import {createReportingLauncher} from '../helpers/reporting-launcher.js';
import {agentOf, launcher as launcherActor, operator, system} from '../helpers/state-fleet.js';

const minute = 60_000;

const openWatch = async () => {
	const {orchestrator, kept, advance} = await createMemoryOrchestrator();
	const launcher = createReportingLauncher();
	await orchestrator.send({type: 'session.create', agent: 'shell', cwd: '/w', text: 'true'}, {actor: operator});
	await orchestrator.send({type: 'queue.dispatch'}, {actor: system});
	const [runId] = Object.keys(orchestrator.getState().runs) as [string];
	const attempt = {runId, generation: 1};
	await orchestrator.send({type: 'attempt.started', ...attempt, pid: 7}, {actor: launcherActor});
	const stop = watchActivity({orchestrator, launcher: launcher.launcher, log: () => {}});
	let clockOfLauncherMs = 0;
	const settled = () => orchestrator.send({type: 'clock.tick'}, {actor: system});
	return {
		orchestrator,
		kept,
		attempt,
		stop,
		settled,
		run: () => orchestrator.getState().runs[runId]!,
		/** So much later, with all the looks that fall into it. */
		async later(ms: number) {
			advance(ms);
			vi.advanceTimersByTime(ms);
			await settled();
		},
		/** What a launcher with a clock of its own tells. */
		async shows(outputBytes: number, status?: {activity: AgentActivity; source: StatusSource}) {
			clockOfLauncherMs += 1;
			const told: StatusReport | undefined = status && {...status, confidence: 0.8, evidence: 'seen', atMs: clockOfLauncherMs};
			launcher.activity(attempt, {outputBytes, ...(told && {status: told})});
			await settled();
		},
	};
};

describe('what a terminal shows', () => {
	let watch: Awaited<ReturnType<typeof openWatch>>;

	beforeEach(async () => {
		vi.useFakeTimers({toFake: ['setInterval', 'clearInterval']});
		watch = await openWatch();
	});

	afterEach(() => {
		watch.stop();
		vi.useRealTimers();
	});

	test('is told when it is news, by the coordinator’s clock, and not again', async () => {
		await watch.shows(1, {activity: 'working', source: 'title'});
		expect(watch.run().status).toMatchObject({activity: 'working', source: 'title', seenMs: watch.orchestrator.now()});
		const before = watch.kept.length;
		await watch.shows(100, {activity: 'working', source: 'title'});
		await watch.later(30_000);
		await watch.shows(200, {activity: 'working', source: 'title'});
		expect(watch.kept.length).toBe(before);
		await watch.shows(201, {activity: 'idle', source: 'title'});
		expect(watch.run().status).toMatchObject({activity: 'idle'});
	});

	test('is believed once a hook that said otherwise has been silent for long enough, without being said again', async () => {
		const status = {activity: 'blocked', source: 'hook', confidence: 1, sinceMs: 0, seenMs: 0, evidence: 'a hook'} as const;
		const report = {kind: 'status', status} as const;
		await watch.orchestrator.send({type: 'agent.report', ...watch.attempt, report}, {actor: agentOf(watch.attempt.runId)});
		await watch.shows(1, {activity: 'working', source: 'screen'});
		expect(watch.run().status).toMatchObject({activity: 'blocked', source: 'hook'});
		await watch.later(minute);
		expect(watch.run().status).toMatchObject({source: 'hook'});
		await watch.later(5000);
		expect(watch.run().status).toMatchObject({activity: 'working', source: 'screen'});
	});

	test('is taken back: then there is a guess from the output, once the old word has grown old', async () => {
		await watch.shows(1, {activity: 'working', source: 'screen'});
		await watch.shows(1);
		expect(watch.run().status).toMatchObject({source: 'screen'});
		await watch.later(35_000);
		expect(watch.run().status).toMatchObject({activity: 'idle', source: 'guess'});
		await watch.shows(50);
		await watch.later(4900);
		await watch.later(100);
		expect(watch.run().status).toMatchObject({source: 'guess'});
	});

	test('and nothing is guessed of a terminal that never spoke of a status', async () => {
		await watch.shows(1);
		await watch.later(minute);
		expect(watch.run().status).toBeUndefined();
	});

	test('silence is told when it has become too long, and when it is over (S6)', async () => {
		await watch.shows(1);
		await watch.later(9 * minute);
		expect(watch.run().stuckSinceMs).toBeUndefined();
		await watch.later(minute + 5000);
		expect(watch.run().stuckSinceMs).toBeDefined();
		expect(watch.run().state).toBe('running');
		const before = watch.kept.length;
		await watch.later(minute);
		// A title that changes is no output.
		await watch.shows(1);
		expect(watch.kept.slice(before).filter(({fact}) => fact.type.startsWith('run.'))).toEqual([]);
		await watch.shows(2);
		expect(watch.run().stuckSinceMs).toBeUndefined();
		expect(watch.orchestrator.getState().index.openEscalations.size).toBe(0);
	});

	test('an activity of a pty that is nobody’s is nothing', async () => {
		const {generation: _, ...rest} = watch.attempt;
		const before = watch.kept.length;
		const launcher = createReportingLauncher();
		const stop = watchActivity({orchestrator: watch.orchestrator, launcher: launcher.launcher, log: () => {}});
		launcher.activity({...rest, generation: 9}, {outputBytes: 5});
		launcher.activity({runId: '__proto__', generation: 1}, {outputBytes: 5});
		await watch.settled();
		stop();
		expect(watch.kept.length).toBe(before);
	});
});
