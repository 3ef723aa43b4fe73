import {chmodSync, writeFileSync} from 'node:fs';
import process from 'node:process';
import {expect, test, vi} from 'vitest';
import {type Agentd, linesOf, openAgentd, soon} from '../helpers/agentd.js';
import {isAlive} from '../helpers/built-program.js';

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

test('with one slot a parent waits for a child that waits for its own; agentd is killed in the middle, and nothing is lost or done twice', async () => {
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
	const send = () => fleet.agentctl('message', 'send', asker.sessionId, '--text', 'true', '--idempotency-key', 'sent-once');
	const sent = await send();

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
	expect(before.queue).toHaveLength(6);

	await fleet.kill();
	// What the agents do meanwhile is not lost either.
	touch(fleet, 'nest-go');
	await fleet.start();
	await fleet.becomes(parent.runId, 'succeeded');
	for (const {runId} of [queued[0]!, queued[1]!, after]) {
		await fleet.becomes(runId, 'succeeded');
	}

	expect(await send()).toEqual(sent);
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

/** An agent that spawns the next one below it, asking again until somebody answers, and waits for it. */
const writeChain = (fleet: Agentd): void => {
	const spawn = 'agentctl tool session-spawn --task "./chain.sh $1$2 $(($2 - 1))" --idempotency-key below --field run.id 2> /dev/null';
	const lines = [
		'#!/bin/sh',
		'echo $$ >> $1.starts',
		'[ $2 = 0 ] && exit 0',
		`until id=$(${spawn}); do sleep 0.2; done`,
		'exec agentctl tool session-wait --run-id "$id" > /dev/null',
	];
	writeFileSync(fleet.file('chain.sh'), `${lines.join('\n')}\n`);
	chmodSync(fleet.file('chain.sh'), 0o755);
};

test('agentd is killed again and again while runs start and spawn: each is started once, and succeeds', async () => {
	const limits = {startsPerMinute: 0, startsPerMinutePerAgent: 0};
	await using fleet = await openAgentd({args: ['--max-concurrency', '2'], config: {limits}});
	writeChain(fleet);
	const names = ['a', 'b', 'one', 'two', 'three', 'four'];
	const runs = await Promise.all(
		names.map((name, place) => fleet.run(place < 2 ? `./chain.sh ${name} 2` : `echo $$ >> ${name}.starts; sleep 0.2`, {label: name})),
	);
	for (const pauseMs of [0, 150, 400]) {
		// No waiting for anything: whatever it was about to do is cut off there.
		await new Promise(resolve => {
			setTimeout(resolve, pauseMs);
		});
		await fleet.kill();
		await fleet.start();
	}

	for (const {runId} of runs) {
		await fleet.becomes(runId, 'succeeded');
	}

	const {sessions} = await fleet.told('session', 'list');
	expect(sessions.map(({last_run: run}: {last_run: {state: string}}) => run.state)).toEqual(Array.from({length: 10}, () => 'succeeded'));
	for (const name of [...names, 'a2', 'a21', 'b2', 'b21']) {
		expect([name, linesOf(fleet.file(`${name}.starts`))]).toEqual([name, [expect.stringMatching(/^\d+$/)]]);
	}
});

test('a parent that dies while nobody looks takes its children with it once agentd is back', async () => {
	await using fleet = await openAgentd({config: {limits: {stopGraceMs: 300, orphanGraceMs: 500}}});
	const spawn = "agentctl tool session-spawn --task 'echo $$ > child.pid; exec sleep 1000' > /dev/null";
	const {runId} = await fleet.run(`${spawn}; echo $$ > parent.pid; exec sleep 1000`);
	await vi.waitUntil(() => ['child', 'parent'].every(name => linesOf(fleet.file(`${name}.pid`)).length === 1), soon);
	const [child, parent] = ['child', 'parent'].map(name => Number(linesOf(fleet.file(`${name}.pid`))[0])) as [number, number];
	await fleet.kill();
	process.kill(parent, 'SIGKILL');
	await vi.waitUntil(() => !isAlive(parent), soon);
	expect(isAlive(child)).toBe(true);
	await fleet.start();
	await fleet.becomes(runId, 'failed');
	await vi.waitUntil(() => !isAlive(child), soon);
});

test('a killed launcher takes its terminals with it, which is told; agentd starts another one', async () => {
	await using fleet = await openAgentd();
	const {runId} = await fleet.run('exec sleep 1000');
	await fleet.becomes(runId, 'running');
	process.kill(fleet.launcherPid() ?? 0, 'SIGKILL');
	await fleet.becomes(runId, 'lost');
	expect((await fleet.why(runId)).sentence).toBe('It ended as lost: the launcher no longer has it.');
	const next = await fleet.run('true');
	await fleet.becomes(next.runId, 'succeeded');
	expect((await fleet.told('daemon', 'status')).alive_workers).toBe(1);
});
