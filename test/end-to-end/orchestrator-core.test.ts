import {chmodSync, writeFileSync} from 'node:fs';
import {afterAll, beforeAll, describe, expect, test, vi} from 'vitest';
import {type Agentd, linesOf, openAgentd, soon} from '../helpers/agentd.js';
import {isAlive} from '../helpers/built-program.js';

const until = (name: string): string => `until [ -e ${name} ]; do sleep 0.1; done`;

const shell = (settings: object = {}): object => ({adapter: 'shell', ...settings});

let fleet: Agentd;

beforeAll(async () => {
	fleet = await openAgentd({
		config: {
			limits: {stopGraceMs: 500, orphanGraceMs: 1000, noMatchMs: 2000, stuckAfterMs: 600_000},
			limitOverrides: [
				{label: 'narrow', limits: {concurrentPerTree: 1, liveChildren: 1}},
				{label: 'flat', limits: {depth: 0}},
			],
			agents: {
				flaky: shell({retry: {waitsMs: [0, 100], jitter: 0}}),
				patient: shell({retry: {waitsMs: [600_000], jitter: 0}}),
				brittle: shell(),
				timed: shell({runTimeoutMs: 1500}),
				frugal: shell({budget: {runsPerHour: 1}}),
				remote: shell({provider: 'acme'}),
			},
		},
		args: ['--max-concurrency', '10'],
	});
});

afterAll(async () => {
	await fleet[Symbol.asyncDispose]();
});

const touch = (name: string): void => writeFileSync(fleet.file(name), '');

const why = (runId: string) => fleet.why(runId);

const script = (name: string, lines: readonly string[]): string => {
	writeFileSync(fleet.file(name), ['#!/bin/sh', ...lines, ''].join('\n'));
	chmodSync(fleet.file(name), 0o755);
	return `./${name}`;
};

/** The number that an agent wrote of its own process. */
const pidIn = async (name: string): Promise<number> => {
	await vi.waitUntil(() => linesOf(fleet.file(name)).length > 0, soon);
	return Number(linesOf(fleet.file(name))[0]);
};

const gone = (pid: number): Promise<unknown> => vi.waitUntil(() => !isAlive(pid), soon);

describe('waiting for one another', () => {
	test('a child that waits for its parent, which waits for it, is refused with the circle by name', async () => {
		const child = script('ring-child.sh', [
			'until [ "$(agentctl --field run.state run show "$1")" = waiting ]; do sleep 0.1; done',
			'agentctl --format json tool session-wait --run-id "$1" > circle.json; echo $? > circle.code',
			until('circle-go'),
		]);
		const parent = script('ring-parent.sh', [
			`id=$(agentctl tool session-spawn --label ring-child --task "${child} $AGENT_TUI_RUN_ID" --field run.id)`,
			'agentctl tool session-wait --run-id $id > /dev/null',
		]);
		const {runId} = await fleet.run(parent, {label: 'ring-parent'});
		await vi.waitUntil(() => linesOf(fleet.file('circle.code')).length === 1, soon);
		const {error} = JSON.parse(linesOf(fleet.file('circle.json'))[0]!);
		expect(linesOf(fleet.file('circle.code'))).toEqual(['1']);
		expect(error.code).toBe('DEADLOCK_DETECTED');
		expect(error.message).toMatch(/ring-child.* → .*ring-parent.* → .*ring-child/);
		expect(await why(runId)).toMatchObject({code: 'waiting', sentence: expect.stringMatching(/^It waits for ring-child \(run_\S+\)/)});
		touch('circle-go');
		await fleet.becomes(runId, 'succeeded');
	});

	test('nor may an agent wait for a child that depends on it', async () => {
		const spawn = 'agentctl tool session-spawn --label leaning --task true --depends-on $AGENT_TUI_RUN_ID --field run.id';
		const {runId} = await fleet.run(`agentctl --format json tool session-wait --run-id $(${spawn}) > leaning.json`, {label: 'leant-on'});
		await fleet.becomes(runId, 'failed');
		const {error} = JSON.parse(linesOf(fleet.file('leaning.json'))[0]!);
		expect(error.code).toBe('DEADLOCK_DETECTED');
		expect(error.message).toMatch(/leant-on.* → leaning.* → leant-on/);
	});

	test('dependsOn: success lets go, failure fails or releases, as it was asked', async () => {
		const first = await fleet.run(until('first-go'), {label: 'first'});
		const create = (...words: readonly string[]) =>
			fleet.told('session', 'create', '--agent', 'shell', '--text', 'true', ...words).then(({run}) => run.id as string);
		const after = await create('--depends-on', first.runId);
		expect(await why(after)).toMatchObject({
			code: 'depends',
			sentence: `It depends on first (${first.runId}), which has not succeeded yet.`,
			step: expect.stringContaining(first.runId),
		});
		const failing = await fleet.run(`${until('first-go')}; exit 4`, {label: 'failing'});
		const [failed, released] = [
			await create('--depends-on', failing.runId),
			await create('--depends-on', failing.runId, '--on-dependency-failure', 'release'),
		];
		touch('first-go');
		await fleet.becomes(after, 'succeeded');
		await fleet.becomes(released, 'succeeded');
		await fleet.becomes(failed, 'failed');
		expect((await why(failed)).sentence).toContain(failing.runId);
		expect((await fleet.runOf(failed)).generation).toBe(0);
	});
});

describe('what fails', () => {
	test('is tried again, becomes a dead letter, and is retried or dropped', async () => {
		const {runId} = await fleet.run('echo $$ >> tries; [ -e mended ]', {agent: 'flaky', label: 'letter'});
		await fleet.becomes(runId, 'dead');
		expect(linesOf(fleet.file('tries'))).toHaveLength(3);
		const {runs} = await fleet.told('deadletter', 'list');
		expect(runs).toEqual([expect.objectContaining({id: runId, state: 'dead', ending: 'given up after 3 attempts failed'})]);
		expect((await fleet.told('deadletter', 'show', '--run-id', runId)).run.attempts).toHaveLength(3);
		expect(await why(runId)).toMatchObject({code: 'dead', step: expect.stringContaining(`agentctl deadletter retry --run-id ${runId}`)});
		expect((await fleet.agentctl('run', 'wait', runId)).exitCode).toBe(1);
		touch('mended');
		await fleet.told('deadletter', 'retry', '--run-id', runId);
		await fleet.becomes(runId, 'succeeded');
		expect(linesOf(fleet.file('tries'))).toHaveLength(4);

		const other = await fleet.run('false', {agent: 'flaky', label: 'hopeless'});
		await fleet.becomes(other.runId, 'dead');
		await fleet.told('deadletter', 'drop', '--run-id', other.runId);
		await fleet.becomes(other.runId, 'cancelled');
		expect((await fleet.told('deadletter', 'list')).runs).toEqual([]);
		const {exitCode, json} = await fleet.agentctl('--format', 'json', 'deadletter', 'retry', '--run-id', other.runId);
		expect([exitCode, json.error.code]).toEqual([1, 'NOT_DEAD']);
	});

	test('waits for its next try where everybody sees it, and is started by hand', async () => {
		const {runId} = await fleet.run('echo $$ >> patient; [ -e enough ]', {agent: 'patient'});
		await expect.poll(() => fleet.issueOf(runId), soon).toBe('retry');
		expect(await why(runId)).toMatchObject({
			sentence: expect.stringMatching(/^1 attempt failed; it is tried again in \d+ s\.$/),
			step: expect.stringContaining(`agentctl queue start --run-id ${runId}`),
		});
		touch('enough');
		await fleet.told('queue', 'start', '--run-id', runId);
		await fleet.becomes(runId, 'succeeded');
		expect(linesOf(fleet.file('patient'))).toHaveLength(2);
	});

	test('five times in a row opens the breaker, raises an alert, and holds the next run until a reset', async () => {
		const {sessionId} = await fleet.run('false', {agent: 'brittle', label: 'brittle'});
		for (const words of ['false', 'exit 2', 'false', 'kill -9 $$']) {
			await fleet.ask({path: `/sessions/${sessionId}/messages`, body: {text: words}});
		}

		const open = expect.objectContaining({key: 'agent:brittle', state: 'open'});
		await expect.poll(async () => (await fleet.ask({path: '/breakers'})).json.breakers, soon).toContainEqual(open);
		expect((await fleet.told('breaker', 'list')).breakers).toContainEqual(open);
		const {runId} = await fleet.run('true', {agent: 'brittle'});
		expect(await why(runId)).toMatchObject({
			code: 'breaker',
			sentence: expect.stringMatching(/^The breaker agent:brittle is open \(.+\); it probes in \d+ s\.$/),
			step: expect.stringContaining('agentctl breaker reset --key agent:brittle'),
		});
		// Told once it has held for a moment: what passes at once is no news.
		const key = 'breaker:agent:brittle';
		const raised = expect.objectContaining({key, state: 'active', sentence: expect.stringContaining('is open')});
		await expect.poll(async () => (await fleet.ask({path: '/alerts'})).json.alerts, soon).toContainEqual(raised);
		expect((await fleet.told('alert', 'list')).alerts).toContainEqual(raised);
		await fleet.told('alert', 'ack', key);
		expect((await fleet.told('alert', 'list')).alerts).toContainEqual(expect.objectContaining({key, state: 'acknowledged'}));
		await fleet.told('breaker', 'reset', '--key', 'agent:brittle');
		await fleet.becomes(runId, 'succeeded');
		await expect
			.poll(async () => (await fleet.ask({path: '/alerts'})).json.alerts, soon)
			.not.toContainEqual(expect.objectContaining({key}));
	});

	test.each([
		['exits with 1', 'exit 1'],
		['is killed', 'kill -9 $$'],
	])('a parent that %s takes its children and theirs with it', async (_how, end) => {
		const name = `orphan-${end.slice(0, 4)}`;
		const below = script(`${name}.sh`, [
			`echo $$ >> ${name}.below`,
			`agentctl tool session-spawn --task 'echo $$ >> ${name}.lowest; exec sleep 1000' >/dev/null`,
			'exec sleep 1000',
		]);
		const spawn = `agentctl tool session-spawn --task ${below} >/dev/null`;
		const {runId} = await fleet.run(`${spawn}; ${until(`${name}.lowest`)}; ${end}`);
		const [child, grandchild] = [await pidIn(`${name}.below`), await pidIn(`${name}.lowest`)];
		await fleet.becomes(runId, 'failed');
		await gone(child);
		await gone(grandchild);
	});

	test('a run that takes too long is ended, processes and all', async () => {
		const {runId} = await fleet.run("trap '' TERM; echo $$ >> slow; sleep 1000 & wait; sleep 1000", {agent: 'timed'});
		await fleet.becomes(runId, 'timed_out');
		await gone(await pidIn('slow'));
		expect((await why(runId)).sentence).toMatch(/^It ended as timed_out/);
	});
});

describe('what may not start', () => {
	test('a demand that nothing has is told, and fails after its time', async () => {
		const {run} = await fleet.told('session', 'create', '--agent', 'shell', '--text', 'true', '--demand', 'gpu');
		expect(await why(run.id)).toMatchObject({
			code: 'no-match',
			sentence: 'Neither shell nor a reachable launcher has gpu.',
			step: expect.stringContaining('tags'),
		});
		await fleet.becomes(run.id, 'timed_out');
		expect((await why(run.id)).sentence).toContain('the wait for an agent or launcher with what it demands');
		expect((await fleet.runOf(run.id)).generation).toBe(0);
	});

	test('a budget of one run an hour lets the second one wait', async () => {
		const {runId, sessionId} = await fleet.run('true', {agent: 'frugal', label: 'frugal'});
		await fleet.becomes(runId, 'succeeded');
		const {run} = await fleet.told('message', 'send', '--session-id', sessionId, '--text', 'true');
		await expect.poll(() => fleet.issueOf(run.id), soon).toBe('budget');
		expect(await why(run.id)).toMatchObject({
			sentence: expect.stringMatching(/^The session frugal has used up its one run an hour; the next may start in \d+[hms]\.$/),
			step: 'Wait, or raise the budget runsPerHour in the configuration.',
		});
		await fleet.told('session', 'stop', sessionId);
	});

	test('a provider that told us to wait holds its agents until it is let go', async () => {
		await fleet.told('provider', 'limit', 'acme', '--text', 'try again later', '--until-ms', String(Date.now() + 3_600_000));
		const {runId} = await fleet.run('true', {agent: 'remote'});
		expect(await why(runId)).toMatchObject({
			code: 'provider',
			sentence: expect.stringMatching(/^acme told us to wait; it goes on in \d+ s\.$/),
			step: expect.stringContaining('agentctl provider clear --provider acme'),
		});
		const {providers} = await fleet.told('provider', 'list');
		expect(providers).toContainEqual(
			expect.objectContaining({name: 'acme', paused: true, sentence: 'try again later', agents: ['remote']}),
		);
		await fleet.told('provider', 'clear', '--provider', 'acme');
		await fleet.becomes(runId, 'succeeded');
	});

	test('limits of a tree: one slot, one child, no depth; they are listed', async () => {
		const {runId, sessionId} = await fleet.run('exec sleep 1000', {label: 'narrow'});
		const spawn = (parent: string) =>
			fleet.agentctl('--format', 'json', 'tool', 'session-spawn', '--parent-run-id', parent, '--task', 'true');
		const child = (await spawn(runId)).json.run.id;
		await fleet.becomes(runId, 'running');
		expect(await why(child)).toMatchObject({
			code: 'concurrent-tree',
			sentence: 'The one slot of its tree is taken (limit concurrentPerTree).',
			step: expect.stringContaining('limit concurrentPerTree'),
		});
		const second = await spawn(runId);
		expect([second.exitCode, second.json.error.code]).toEqual([1, 'LIMIT_REACHED']);
		expect(second.json.error.message).toMatch(/liveChildren.*1|1.*liveChildren/);
		await fleet.told('session', 'stop', sessionId, '--tree');
		const flat = await fleet.run('exec sleep 1000', {label: 'flat'});
		const below = await spawn(flat.runId);
		expect([below.exitCode, below.json.error.code]).toEqual([1, 'LIMIT_REACHED']);
		expect(below.json.error.message).toMatch(/depth.*0|0.*depth/);
		await fleet.told('session', 'stop', flat.sessionId);
		const {limits} = await fleet.told('limits', 'list');
		expect(limits).toContainEqual(expect.objectContaining({name: 'concurrent', value: 10}));
		expect(limits).toContainEqual(expect.objectContaining({name: 'noMatchMs', value: 2000, used: null}));
		expect((await fleet.agentctl('limits', 'list')).stdout).toMatch(/│ concurrent +│ 10/);
	});
});
