import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {takeReports} from '../../source/reports.js';
import {createMemoryOrchestrator} from '../helpers/memory-orchestrator.js';
import {createReportingLauncher} from '../helpers/reporting-launcher.js';
import {launcher as launcherActor, operator, system} from '../helpers/state-fleet.js';

/** A fleet with one running attempt, whose reports are taken. */
const openReports = async () => {
	const {orchestrator, kept, advance} = await createMemoryOrchestrator();
	const launcher = createReportingLauncher();
	const start = async (launcherId = 'lch_1') => {
		await orchestrator.send({type: 'session.create', agent: 'shell', cwd: '/w', text: 'true'}, {actor: operator});
		await orchestrator.send({type: 'queue.dispatch'}, {actor: system});
		const runId = Object.keys(orchestrator.getState().runs).at(-1)!;
		const attempt = {runId, generation: 1};
		await orchestrator.send({type: 'attempt.started', ...attempt, pid: 7}, {actor: {role: 'launcher', launcherId}});
		return attempt;
	};

	const attempt = await start();
	const logged: string[] = [];
	let end = () => {};
	return {
		orchestrator,
		kept,
		advance,
		launcher,
		attempt,
		start,
		logged,
		stateOf: ({runId}: {readonly runId: string}) => orchestrator.getState().runs[runId]?.state,
		begin() {
			end = takeReports({
				orchestrator,
				launcher: launcher.launcher,
				embedded: false,
				host: 'here',
				pid: () => 7,
				tags: ['linux'],
				log: sentence => logged.push(sentence),
			});
		},
		end: () => end(),
	};
};

describe('heartbeats (M9)', () => {
	let fleet: Awaited<ReturnType<typeof openReports>>;

	beforeEach(async () => {
		vi.useFakeTimers({toFake: ['setInterval', 'clearInterval']});
		fleet = await openReports();
	});

	afterEach(() => {
		fleet.end();
		vi.useRealTimers();
	});

	const beat = async () => {
		const before = fleet.launcher.listed();
		vi.advanceTimersByTime(10_000);
		await vi.waitFor(() => expect(fleet.launcher.listed()).toBeGreaterThan(before));
		// Whatever follows from it is queued before this.
		await fleet.orchestrator.send({type: 'clock.tick'}, {actor: system});
	};

	test('join with what the launcher can, and lose what it does not have', async () => {
		fleet.begin();
		await vi.waitFor(() => expect(fleet.stateOf(fleet.attempt)).toBe('lost'));
		expect(fleet.orchestrator.getState().launchers['lch_1']).toMatchObject({state: 'online', tags: ['linux']});
	});

	test('write nothing while all is as State believes, and notice what goes missing later', async () => {
		fleet.launcher.has(fleet.attempt);
		fleet.begin();
		await vi.waitFor(() => expect(fleet.launcher.listed()).toBe(1));
		await beat();
		const before = fleet.kept.length;
		await beat();
		expect(fleet.kept.length).toBe(before);
		expect(fleet.stateOf(fleet.attempt)).toBe('running');
		fleet.launcher.loses(fleet.attempt);
		await beat();
		await vi.waitFor(() => expect(fleet.stateOf(fleet.attempt)).toBe('lost'));
	});

	test('stop what nobody wants', async () => {
		fleet.launcher.has(fleet.attempt);
		fleet.launcher.has({runId: 'run_stray', generation: 3});
		fleet.begin();
		await vi.waitFor(() => expect(fleet.launcher.stopped()).toEqual(['run_stray.3']));
		expect(fleet.kept.map(({fact}) => fact.type)).toContain('heartbeat.resolved');
		expect(fleet.stateOf(fleet.attempt)).toBe('running');
	});

	test('leave an exit the time to be reported, and do not take one that was for a stray', async () => {
		fleet.launcher.has(fleet.attempt);
		fleet.begin();
		await vi.waitFor(() => expect(fleet.launcher.listed()).toBe(1));
		fleet.launcher.exits(fleet.attempt);
		await beat();
		expect(fleet.stateOf(fleet.attempt)).toBe('running');
		fleet.launcher.report({type: 'exited', ...fleet.attempt, exitCode: 0, signal: null, outputBytes: 0});
		await vi.waitFor(() => expect(fleet.stateOf(fleet.attempt)).toBe('succeeded'));
		await beat();
		expect(fleet.launcher.stopped()).toEqual([]);
		expect(fleet.launcher.acknowledged()).toEqual(['rep_1']);
	});

	test('call an exit that nobody reported a loss', async () => {
		fleet.launcher.has(fleet.attempt);
		fleet.begin();
		await vi.waitFor(() => expect(fleet.launcher.listed()).toBe(1));
		fleet.launcher.exits(fleet.attempt);
		await beat();
		expect(fleet.stateOf(fleet.attempt)).toBe('running');
		await beat();
		await vi.waitFor(() => expect(fleet.stateOf(fleet.attempt)).toBe('lost'));
	});

	test('are silent while the launcher is away, and begin again with it', async () => {
		fleet.launcher.has(fleet.attempt);
		fleet.begin();
		await vi.waitFor(() => expect(fleet.launcher.listed()).toBe(1));
		fleet.launcher.connection(false);
		await vi.waitFor(() => expect(fleet.orchestrator.getState().launchers['lch_1']!.state).toBe('offline'));
		vi.advanceTimersByTime(60_000);
		expect(fleet.launcher.listed()).toBe(1);
		expect(fleet.stateOf(fleet.attempt)).toBe('running');
		fleet.launcher.connection(true);
		await vi.waitFor(() => expect(fleet.orchestrator.getState().launchers['lch_1']!.state).toBe('online'));
		await vi.waitFor(() => expect(fleet.launcher.listed()).toBe(2));
	});

	test('bury what ran on a launcher that served this machine before, and leave other machines alone', async () => {
		const {orchestrator} = fleet;
		const away = {role: 'launcher', launcherId: 'lch_old'} as const;
		const there = {role: 'launcher', launcherId: 'lch_there'} as const;
		await orchestrator.send({type: 'launcher.change', launcherId: 'lch_1', state: 'offline'}, {actor: launcherActor});
		await orchestrator.send({type: 'launcher.join', launcherId: 'lch_old', host: 'here', pid: 1, embedded: false}, {actor: away});
		const old = await fleet.start('lch_old');
		await orchestrator.send({type: 'launcher.change', launcherId: 'lch_old', state: 'offline'}, {actor: away});
		await orchestrator.send({type: 'launcher.join', launcherId: 'lch_there', host: 'there', pid: 1, embedded: false}, {actor: there});
		const other = await fleet.start('lch_there');
		fleet.launcher.has(fleet.attempt);
		fleet.begin();
		await vi.waitFor(() => expect(fleet.stateOf(old)).toBe('lost'));
		expect([fleet.attempt, other].map(fleet.stateOf)).toEqual(['running', 'running']);
		expect(orchestrator.getState().launchers['lch_there']!.state).toBe('online');
	});
});
