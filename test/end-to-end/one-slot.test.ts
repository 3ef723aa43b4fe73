import {chmodSync, writeFileSync} from 'node:fs';
import {afterAll, beforeAll, describe, expect, test, vi} from 'vitest';
import {type Agentd, linesOf, openAgentd, soon} from '../helpers/agentd.js';

const until = (name: string): string => `until [ -e ${name} ]; do sleep 0.1; done`;

const touch = (fleet: Agentd, name: string): void => writeFileSync(fleet.file(name), '');

/** An agent that notes its process, spawns the next one below it, waits for that, and notes how it ended. */
const writeNest = (fleet: Agentd): void => {
	const spawning = (name: string, below: string): string =>
		[
			'#!/bin/sh',
			`echo $$ >> ${name}.starts`,
			`id=$(agentctl tool session-spawn --label ${below} --task ./${below}.sh --field run.id)`,
			`agentctl tool session-wait --run-id "$id" > /dev/null; echo "$?" >> ${name}.waits`,
		].join('\n');
	const scripts = {
		parent: spawning('parent', 'child'),
		child: spawning('child', 'grandchild'),
		grandchild: `#!/bin/sh\necho $$ >> grandchild.starts\n${until('nest-go')}`,
	};
	for (const [name, text] of Object.entries(scripts)) {
		writeFileSync(fleet.file(`${name}.sh`), `${text}\n`);
		chmodSync(fleet.file(`${name}.sh`), 0o755);
	}
};

describe('the queue', () => {
	let fleet: Agentd;
	let blockers: ReadonlyArray<{readonly runId: string}>;

	beforeAll(async () => {
		fleet = await openAgentd({
			config: {limits: {pendingDecisions: 1, startsPerMinutePerAgent: 2}, agents: {rated: {adapter: 'shell'}, other: {adapter: 'shell'}}},
			args: ['--max-concurrency', '2'],
		});
	});

	afterAll(async () => {
		await fleet[Symbol.asyncDispose]();
	});

	const why = (runId: string) => fleet.why(runId);
	const order = async (): Promise<readonly string[]> =>
		(await fleet.ask({path: '/queue'})).json.runs.map(({label}: {label: string}) => label);

	test('says why each run does not start, and does as it is told', async () => {
		blockers = [await fleet.run(until('block-go'), {label: 'block-1'}), await fleet.run(until('block-go'), {label: 'block-2'})];
		for (const {runId} of blockers) {
			await fleet.becomes(runId, 'running');
		}

		const queued = new Map<string, string>();
		for (const label of ['a', 'b', 'c', 'd']) {
			queued.set(label, (await fleet.run(`echo ${label} >> order`, {agent: label < 'c' ? 'other' : 'rated', label})).runId);
		}

		const id = (label: string): string => queued.get(label)!;
		expect(await order()).toEqual(['a', 'b', 'c', 'd']);
		expect(await why(id('a'))).toEqual({
			code: 'concurrent',
			sentence: 'All 2 slots are taken (limit concurrent).',
			step: 'Wait for a run to end, or raise the limit concurrent.',
		});
		await fleet.told('queue', 'move', '--run-id', id('d'));
		expect(await order()).toEqual(['d', 'a', 'b', 'c']);
		await fleet.told('queue', 'prioritise', '--run-id', id('c'), '--lane', 'urgent');
		expect(await order()).toEqual(['d', 'c', 'a', 'b']);
		await fleet.told('queue', 'move', '--run-id', id('a'), '--to', 'last');
		expect(await order()).toEqual(['d', 'c', 'b', 'a']);
		await fleet.told('queue', 'hold', '--run-id', id('b'));
		expect(await why(id('b'))).toMatchObject({code: 'held', step: `Let it go: agentctl queue unhold --run-id ${id('b')}.`});
		await fleet.told('queue', 'pause');
		expect((await why(id('a'))).code).toBe('paused');
		await fleet.told('queue', 'start', '--run-id', id('a'));
		await fleet.becomes(id('a'), 'succeeded');
		expect(linesOf(fleet.file('order'))).toEqual(['a']);
		await fleet.told('queue', 'drain');
		const refused = await fleet.agentctl('--format', 'json', 'session', 'create', '--agent', 'shell', '--text', 'true');
		expect([refused.exitCode, refused.json.error.message]).toEqual([1, expect.stringContaining('drained')]);
		await fleet.told('queue', 'undrain');
		await fleet.told('queue', 'resume');
		const {session_id: sessionId} = await fleet.runOf(id('c'));
		const later = (await fleet.told('message', 'send', '--session-id', sessionId, '--text', 'true')).run.id;
		expect((await why(later)).code).toBe('session-order');
		await fleet.told('run', 'cancel', later);
		touch(fleet, 'block-go');
		await fleet.becomes(id('c'), 'succeeded');
		await fleet.becomes(id('d'), 'succeeded');
		expect(await fleet.stateOf(id('b'))).toBe('queued');
		await fleet.told('queue', 'unhold', id('b'));
		await fleet.becomes(id('b'), 'succeeded');
		expect(linesOf(fleet.file('order')).toSorted()).toEqual(['a', 'b', 'c', 'd']);
	});

	test('starts only so many of an agent a minute', async () => {
		const {runId} = await fleet.run('true', {agent: 'rated'});
		expect(await why(runId)).toMatchObject({
			code: 'rate',
			sentence: expect.stringMatching(/^Too many starts a minute; the next of rated may start in \d+ s\.$/),
			step: expect.stringContaining('startsPerMinute'),
		});
		await fleet.told('run', 'cancel', runId);
	});
});

describe('one slot', () => {
	test('a parent waits for a child that waits for its own; agentd is killed in the middle, and nothing is lost or done twice', async () => {
		const settings = {
			limits: {stopGraceMs: 500},
			agents: {
				brittle: {adapter: 'shell', retry: {waitsMs: [0], jitter: 0}},
				patient: {adapter: 'shell', retry: {waitsMs: [600_000], jitter: 0}},
				remote: {adapter: 'shell', provider: 'acme'},
			},
		};
		await using fleet = await openAgentd({config: settings, args: ['--max-concurrency', '1']});
		writeNest(fleet);
		const dead = await fleet.run('echo $$ >> dead.starts; exit 1', {agent: 'brittle', label: 'dead'});
		await fleet.becomes(dead.runId, 'dead');
		const retrying = await fleet.run('echo $$ >> retrying.starts; exit 1', {agent: 'patient', label: 'retrying'});
		await expect.poll(() => fleet.issueOf(retrying.runId), soon).toBe('retry');
		const ask = 'agentctl tool session-reply-parent --text "May I?" --request-kind question --wait > asker.json; echo "$?" >> asker.waits';
		const asker = await fleet.run(`echo $$ >> asker.starts; ${ask}`, {label: 'asker'});
		await fleet.becomes(asker.runId, 'waiting');
		const parent = await fleet.run('./parent.sh', {label: 'parent'});
		await vi.waitUntil(() => linesOf(fleet.file('grandchild.starts')).length === 1, soon);
		await expect.poll(async () => (await fleet.ask({path: '/daemon/status'})).json.queue_counts.waiting_count, soon).toBe(3);
		expect((await fleet.told('daemon', 'status')).slots_taken).toBe(1);
		const queued = [];
		for (const label of ['one', 'two', 'held']) {
			queued.push(await fleet.run(`echo $$ >> ${label}.starts`, {label}));
		}

		await fleet.told('queue', 'hold', queued[2]!.runId);
		const after = await fleet.run('echo $$ >> after.starts', {label: 'after', depends_on: [parent.runId]});
		await fleet.told('breaker', 'hold', 'agent:remote');
		await fleet.told('provider', 'limit', 'acme', '--text', 'later');
		const escalation = (await fleet.told('escalation', 'list')).escalations[0];

		const standing = async () => {
			const [sessions, queue, letters, breakers, providers, escalations] = await Promise.all(
				['/sessions', '/queue', '/dead-letters', '/breakers', '/providers', '/escalations'].map(path => fleet.ask({path})),
			);
			return {
				sessions: sessions!.json.sessions.map(({id, label, state, queued_count: count, child_ids: children}: Record<string, unknown>) => ({
					id,
					label,
					state,
					count,
					children,
				})),
				queue: queue!.json.runs.map(({id, lane, reason, held_by: by}: Record<string, unknown>) => ({id, lane, reason, by})),
				dead: letters!.json.runs,
				held: breakers!.json.breakers.filter(({state}: {state: string}) => state === 'held'),
				providers: providers!.json.providers,
				escalations: escalations!.json.escalations.map(({id, state, fingerprint}: Record<string, unknown>) => ({id, state, fingerprint})),
			};
		};
		const before = await standing();
		expect(before.queue).toHaveLength(5);

		await fleet.kill();
		// What the agents do meanwhile is not lost either.
		touch(fleet, 'nest-go');
		await fleet.start();
		await fleet.becomes(parent.runId, 'succeeded');
		for (const {runId} of [queued[0]!, queued[1]!, after]) {
			await fleet.becomes(runId, 'succeeded');
		}

		const now = await standing();
		expect(now.dead).toEqual(before.dead);
		expect(now.held).toEqual(before.held);
		expect(now.providers).toEqual(before.providers);
		expect(now.escalations).toEqual(before.escalations);
		expect(now.queue.map(({id, reason}: {id: string; reason: string}) => [id, reason])).toEqual(
			expect.arrayContaining([
				[queued[2]!.runId, 'held'],
				[retrying.runId, 'retry'],
			]),
		);
		expect(now.sessions.map(({id}: {id: string}) => id)).toEqual(before.sessions.map(({id}: {id: string}) => id));
		const decide = ['--choice', 'answer', '--text', 'yes', '--fingerprint', escalation.fingerprint];
		await fleet.told('escalation', 'decide', escalation.id, ...decide);
		await fleet.becomes(asker.runId, 'succeeded');
		expect(JSON.parse(linesOf(fleet.file('asker.json')).join('\n'))).toMatchObject({id: escalation.id, text: 'yes'});
		await fleet.told('queue', 'unhold', queued[2]!.runId);
		await fleet.becomes(queued[2]!.runId, 'succeeded');
		for (const name of ['parent', 'child', 'grandchild', 'asker', 'one', 'two', 'held', 'after', 'retrying']) {
			expect([name, linesOf(fleet.file(`${name}.starts`))]).toEqual([name, [expect.stringMatching(/^\d+$/)]]);
		}

		expect(linesOf(fleet.file('dead.starts'))).toHaveLength(2);
		expect(['parent', 'child', 'asker'].map(name => linesOf(fleet.file(`${name}.waits`)))).toEqual([['0'], ['0'], ['0']]);
	});

	test('agentd is killed again and again while runs start: each is started once, and ends', async () => {
		await using fleet = await openAgentd({
			args: ['--max-concurrency', '3'],
			config: {limits: {startsPerMinute: 0, startsPerMinutePerAgent: 0}},
		});
		const runs: string[] = [];
		const create = async (count: number): Promise<void> => {
			for (let left = count; left > 0; left -= 1) {
				const name = `r${runs.length}`;
				runs.push((await fleet.run(`echo $$ >> ${name}.starts; sleep 0.2`, {label: name})).runId);
			}
		};

		for (let round = 0; round < 3; round += 1) {
			await create(5);
			const seen = runs.length - 3;
			await vi.waitUntil(() => runs.filter((_, place) => linesOf(fleet.file(`r${place}.starts`)).length > 0).length > seen - 1, soon);
			await fleet.kill();
			await fleet.start();
		}

		for (const [place, runId] of runs.entries()) {
			await fleet.becomes(runId, 'succeeded');
			expect([runId, linesOf(fleet.file(`r${place}.starts`))]).toEqual([runId, [expect.any(String)]]);
		}
	});
});
