import {writeFileSync} from 'node:fs';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {type Agentd, linesOf, openAgentd} from '../helpers/agentd.js';

const until = (name: string): string => `until [ -e ${name} ]; do sleep 0.1; done`;

const touch = (fleet: Agentd, name: string): void => writeFileSync(fleet.file(name), '');

describe('the queue', () => {
	let fleet: Agentd;
	let blockers: ReadonlyArray<{readonly runId: string}>;

	beforeAll(async () => {
		fleet = await openAgentd({
			config: {
				limits: {pendingDecisions: 1, startsPerMinutePerAgent: 2},
				agents: {rated: {adapter: 'shell'}, other: {adapter: 'shell'}, asking: {adapter: 'shell'}},
			},
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

	test('leaves slots free while more decisions wait than the operator can take', async () => {
		const {runId} = await fleet.run('exec sleep 1000', {agent: 'asking'});
		await fleet.becomes(runId, 'running');
		for (const text of ['One?', 'Two?']) {
			await fleet.told('tool', 'session-reply-parent', '--run-id', runId, '--text', text, '--request-kind', 'question');
		}

		const next = await fleet.run('true', {agent: 'asking'});
		expect(await why(next.runId)).toMatchObject({
			code: 'operator',
			sentence: '2 decisions wait for the operator: only 1 slot of 2 used until then.',
			step: expect.stringContaining('Decide'),
		});
		const {escalations} = await fleet.told('escalation', 'list');
		const {id, fingerprint} = escalations[0];
		await fleet.told('escalation', 'decide', id, '--choice', 'answer', '--text', 'Yes.', '--fingerprint', fingerprint);
		await fleet.becomes(next.runId, 'succeeded');
		await fleet.told('run', 'cancel', runId);
	});
});
