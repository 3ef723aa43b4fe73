import type {IncomingMessage} from 'node:http';
import net from 'node:net';
import {describe, expect, test} from 'vitest';
import WebSocket from 'ws';
import {followFacts} from '../../source/gateway/follow.js';
import {createMemoryOrchestrator} from '../helpers/memory-orchestrator.js';
import {openGateway, type TestGateway} from '../helpers/open-gateway.js';
import {operator} from '../helpers/state-fleet.js';

type Seen = {
	readonly id: string | undefined;
	readonly data: {readonly seq: number; readonly type: string; readonly session_id?: string; readonly run_id?: string};
};

/** Gathers server-sent events while they come. */
const gather = (response: IncomingMessage) => {
	const seen: Seen[] = [];
	let text = '';
	let hasEnded = false;
	response.setEncoding('utf8');
	response.on('data', (chunk: string) => {
		const blocks = (text + chunk).split('\n\n');
		text = blocks.pop()!;
		for (const block of blocks) {
			const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
			const data = field('data');
			if (data !== undefined) {
				seen.push({id: field('id'), data: JSON.parse(data)});
			}
		}
	});
	response.on('error', () => {});
	response.on('close', () => {
		hasEnded = true;
	});
	return {seen, types: () => seen.map(({data}) => data.type), hasEnded: () => hasEnded, close: () => response.destroy()};
};

const follow = async (
	gateway: TestGateway,
	{query = '', token, lastEventId}: {query?: string; token?: string; lastEventId?: string} = {},
) => {
	const response = await gateway.openHttp({
		path: `/stream${query}`,
		...(token && {token}),
		...(lastEventId && {headers: {'last-event-id': lastEventId}}),
	});
	expect(response.statusCode).toBe(200);
	expect(response.headers['content-type']).toBe('text/event-stream');
	return gather(response);
};

const create = (gateway: TestGateway, label: string) => gateway.http({path: '/sessions', body: {agent: 'shell', label, text: 'x'}});

describe('server-sent events', () => {
	test('tell what happens from now on; with Last-Event-ID also what was missed, each once, in order', async () => {
		await using gateway = await openGateway();
		await create(gateway, 'before');
		const first = await follow(gateway);
		for (const label of ['a', 'b', 'c']) {
			await create(gateway, label);
		}

		await expect
			.poll(() => first.types())
			.toEqual(['session.created', 'run.queued', 'session.created', 'run.queued', 'session.created', 'run.queued']);
		// Only the last event of what became true together carries the id: nobody resumes in its middle.
		expect(first.seen.map(({id}) => id !== undefined)).toEqual([false, true, false, true, false, true]);
		const middle = first.seen[1]!;
		first.close();
		await create(gateway, 'd');
		const second = await follow(gateway, {lastEventId: middle.id!});
		await create(gateway, 'e');
		await expect.poll(() => second.seen.length).toBe(8);
		expect(second.seen.slice(0, 4).map(({data}) => data)).toEqual(first.seen.slice(2).map(({data}) => data));
		expect(second.seen.every(({data}, place) => place === 0 || data.seq >= second.seen[place - 1]!.data.seq)).toBe(true);
		second.close();
	});

	test('resume from disk where memory does not reach back, also across a restart', async () => {
		await using gateway = await openGateway();
		await create(gateway, 'old');
		await gateway.restart();
		const all = await follow(gateway, {query: '?cursor=0'});
		await expect.poll(() => all.types().filter(type => type === 'session.created')).toHaveLength(1);
		await create(gateway, 'new');
		await expect.poll(() => all.types().filter(type => type === 'session.created')).toHaveLength(2);
		expect(new Set(all.seen.map(({data}) => JSON.stringify(data))).size).toBe(all.seen.length);
		all.close();
	});

	test('that come while older ones are read are told once, behind them', async () => {
		await using gateway = await openGateway();
		await gateway.restart();
		const creating = Array.from({length: 40}, (_, n) => create(gateway, `${n}`));
		const streams = await Promise.all(Array.from({length: 20}, () => follow(gateway, {query: '?cursor=0'})));
		await Promise.all(creating);
		for (const stream of streams) {
			await expect.poll(() => stream.types().filter(type => type === 'run.queued').length).toBeGreaterThanOrEqual(40);
			const ids = stream.seen.filter(({data}) => data.type === 'run.queued').map(({data}) => data.run_id);
			expect(new Set(ids).size).toBe(ids.length);
			expect(stream.seen.every(({data}, place) => place === 0 || data.seq >= stream.seen[place - 1]!.data.seq)).toBe(true);
			stream.close();
		}
	});

	test('that are on the disk before they are told are told once', async () => {
		const {orchestrator, kept} = await createMemoryOrchestrator();
		async function* readFacts(afterSeq: number) {
			await orchestrator.send({type: 'queue.pause'}, {actor: operator});
			yield* kept.filter(({seq}) => seq > afterSeq);
		}

		const types: string[] = [];
		const end = followFacts({orchestrator, readFacts, log: () => {}}, 0, {
			take: batch => types.push(...batch.map(({fact}) => fact.type)),
			skip: () => types.push('gap'),
			drained: async () => {},
			fail: () => types.push('failed'),
		});
		await expect.poll(() => types).toContain('queue.paused');
		await orchestrator.send({type: 'queue.resume'}, {actor: operator});
		expect(types).toEqual(['settings.configured', 'launcher.joined', 'queue.paused', 'queue.resumed']);
		end();
	});

	test('of one session leave out the others; kept answers are nobody’s event, not even the operator’s', async () => {
		await using gateway = await openGateway();
		const {json} = await create(gateway, 'mine');
		const {id} = json.session;
		const mine = await follow(gateway, {query: `?sessionId=${id}&cursor=0`});
		const all = await follow(gateway);
		await create(gateway, 'other');
		await gateway.http({path: `/sessions/${id}/messages`, body: {text: 'more', idempotency_key: 'secret-key'}});
		await expect.poll(() => mine.types()).toEqual(['session.created', 'run.queued', 'run.queued']);
		expect(mine.seen.every(({data}) => data.session_id === id)).toBe(true);
		await expect.poll(() => all.types()).toEqual(['session.created', 'run.queued', 'run.queued']);
		mine.close();
		all.close();
	});

	test('an agent hears its own tree, and is cut off when its attempt ends', async () => {
		await using gateway = await openGateway();
		const run = await gateway.live();
		const heard = await follow(gateway, {token: run.token});
		await create(gateway, 'other');
		await gateway.http({path: '/queue/pause', body: {}});
		const child = await gateway.http({path: `/runs/${run.runId}/spawn`, token: run.token, body: {task: 'x'}});
		await gateway.ends(run);
		await expect.poll(() => heard.hasEnded()).toBe(true);
		expect(heard.types()).toEqual(['session.created', 'run.queued', 'run.ended']);
		expect(heard.seen[0]!.data.session_id).toBe(child.json.session.id);
	});

	test('closing the gateway ends the stream', async () => {
		await using gateway = await openGateway();
		const heard = await follow(gateway);
		await gateway.restart();
		await expect.poll(() => heard.hasEnded()).toBe(true);
	});
});

describe('pages of events', () => {
	test('follow one another by cursor without a gap or a repeat', async () => {
		await using gateway = await openGateway();
		const run = await gateway.live();
		for (let n = 0; n < 10; n += 1) {
			await gateway.http({path: `/sessions/${run.sessionId}/messages`, body: {text: `${n}`}});
		}

		const whole = await gateway.http({path: `/sessions/${run.sessionId}/events?limit=1000`});
		expect(whole.json).toMatchObject({has_more: false});
		expect(whole.json.events).toHaveLength(14);
		for (const limit of [1, 2, 3, 5]) {
			const paged: unknown[] = [];
			let page = {next_cursor: 0, has_more: true, events: [] as unknown[]};
			while (page.has_more) {
				page = (await gateway.http({path: `/sessions/${run.sessionId}/events?limit=${limit}&cursor=${page.next_cursor}`})).json;
				paged.push(...page.events);
			}

			expect(paged).toEqual(whole.json.events);
		}

		const newest = await gateway.http({path: `/sessions/${run.sessionId}/events?last=2`});
		expect(newest.json.events).toEqual(whole.json.events.slice(-2));
	});

	test.each(['limit=0', 'limit=x', 'cursor=-1', 'limit=100000', 'limit=1&limit=2'])('refuse %s', async query => {
		await using gateway = await openGateway();
		const {json} = await create(gateway, 'a');
		expect((await gateway.http({path: `/sessions/${json.session.id}/events?${query}`})).status).toBe(400);
	});
});

describe('the socket', () => {
	const connect = (gateway: TestGateway, path: string, token: string): WebSocket =>
		new WebSocket(`ws://localhost${path}`, {
			headers: {authorization: `Bearer ${token}`},
			createConnection: () => net.connect(gateway.place().socketPath),
		});

	test('tells the same events of one session, from a cursor on', async () => {
		await using gateway = await openGateway();
		const {json} = await create(gateway, 'a');
		const socket = connect(gateway, `/stream?sessionId=${json.session.id}&cursor=0`, gateway.operator());
		const types: string[] = [];
		socket.on('message', data => types.push(JSON.parse(data.toString()).type));
		await expect.poll(() => types).toEqual(['session.created', 'run.queued']);
		await gateway.http({path: `/sessions/${json.session.id}/messages`, body: {text: 'more'}});
		await expect.poll(() => types).toEqual(['session.created', 'run.queued', 'run.queued']);
		socket.terminate();
	});

	test('closes when the attempt of its agent ends', async () => {
		await using gateway = await openGateway();
		const run = await gateway.live();
		const socket = connect(gateway, '/stream', run.token);
		const closed = new Promise<number>(resolve => {
			socket.on('close', resolve);
		});
		await new Promise(resolve => {
			socket.on('open', resolve);
		});
		await gateway.ends(run);
		expect(await closed).toBe(1008);
	});

	test('a reader that never reads is cut off, and the gateway stays small', async () => {
		await using gateway = await openGateway();
		const {json} = await create(gateway, 'a');
		const socket = connect(gateway, '/stream', gateway.operator());
		await new Promise(resolve => {
			socket.on('open', resolve);
		});
		let code: number | undefined;
		socket.on('close', number => {
			code = number;
		});
		socket.pause();
		const text = 'x'.repeat(200_000);
		for (let n = 0; n < 19; n += 1) {
			await gateway.http({path: `/sessions/${json.session.id}/messages`, body: {text}});
		}

		socket.resume();
		await expect.poll(() => code).toBe(1013);
	});
});
