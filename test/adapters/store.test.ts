import {readFile, stat} from 'node:fs/promises';
import path from 'node:path';
import {expect, test} from 'vitest';
import {openStore, openStoreReadOnly} from '../../source/store/open-store.js';
import type {FactStore, Recorded} from '../../source/store-port.js';
import type {Fact} from '../../state/fact.js';
import {contentsOf, created, createStoreFolder, frozen, paused, segmentsOf} from '../helpers/store-folder.js';

const role = 'console';

const told = async (facts: AsyncIterable<Recorded>): Promise<readonly string[]> => {
	const lines: string[] = [];
	for await (const {seq, fact} of facts) {
		lines.push(`${seq} ${'by' in fact ? fact.by : fact.type}`);
	}

	return lines;
};

const appendEach = async (store: FactStore, names: readonly string[]): Promise<void> => {
	for (const name of names) {
		await store.append([paused(name)]);
	}
};

test('what was appended is there after a restart, and the numbering goes on', async () => {
	await using folder = await createStoreFolder();
	const first = await openStore({folder: folder.path, role});
	expect(first.repairs).toEqual([]);
	expect(first.state.version).toBe(0);
	expect(await first.store.append([created('ses_1'), created('ses_2')])).toBe(1);
	expect(await first.store.append([paused('ana')])).toBe(2);
	await first.store.close();

	const second = await openStore({folder: folder.path, role});
	expect(second.repairs).toEqual([]);
	expect(second.store.seq).toBe(2);
	expect(second.state.version).toBe(3);
	expect(Object.keys(second.state.sessions)).toEqual(['ses_1', 'ses_2']);
	expect(second.state.queuePausedBy).toBe('ana');
	expect(await second.store.append([paused('ben')])).toBe(3);
	await second.store.close();
	expect((await openStoreReadOnly({folder: folder.path})).state.queuePausedBy).toBe('ben');
});

test('text of any kind survives, and so do facts longer than a read', async () => {
	await using folder = await createStoreFolder();
	const names = ['line\nbreak', 'nul\0', 'lone \ud800 surrogate', '\u2028', '"},"c":"00000000"}', '字🦜', 'x'.repeat(3 << 20)];
	const {store} = await openStore({folder: folder.path, role});
	await Promise.all(names.map(async name => store.append([paused(name)])));
	expect(await told(store.read(0))).toEqual(names.map((name, index) => `${index + 1} ${name}`));
	await store.close();
	expect((await openStoreReadOnly({folder: folder.path})).state.queuePausedBy).toBe(names.at(-1));
});

test('100 concurrent appenders share flushes, and are answered in order, each when its facts are in the file', async () => {
	await using folder = await createStoreFolder();
	const {store} = await openStore({folder: folder.path, role});
	const answers: number[] = [];
	const missing: number[] = [];
	const appender = async (writer: number): Promise<void> => {
		for (let n = 0; n < 10; n += 1) {
			const seq = await store.append([paused(`${writer}.${n}`)]);
			answers.push(seq);
			expect(store.seq).toBeGreaterThanOrEqual(seq);
			if (writer === 0) {
				const [segment] = await segmentsOf(folder.path);
				missing.push(...((await readFile(segment!, 'utf8')).includes(`"by":"${writer}.${n}"`) ? [] : [seq]));
			}
		}
	};

	await Promise.all(Array.from({length: 100}, async (_, writer) => appender(writer)));
	expect(answers).toEqual(Array.from({length: 1000}, (_, index) => index + 1));
	expect(missing).toEqual([]);
	const [segment] = await segmentsOf(folder.path);
	const lines = (await readFile(segment!, 'utf8')).trimEnd().split('\n');
	const batches = lines.filter(line => line.includes('"d":'));
	expect(lines).toHaveLength(1000);
	expect(batches.length).toBeLessThan(lines.length / 2);

	const facts = await told(store.read(0));
	await store.close();
	const last = facts.at(-1)!.split(' ')[1];
	expect((await openStoreReadOnly({folder: folder.path})).state.queuePausedBy).toBe(last);
});

test('facts that cannot be written as JSON are refused alone', async () => {
	await using folder = await createStoreFolder();
	const {store} = await openStore({folder: folder.path, role});
	const endless = {type: 'queue.paused', by: 1n, atMs: 0} as unknown as Fact;
	const answers = await Promise.allSettled([store.append([paused('a')]), store.append([endless]), store.append([paused('b')])]);
	expect(answers.map(({status}) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
	expect(store.failure).toBeUndefined();
	expect(await told(store.read(0))).toEqual(['1 a', '2 b']);
	await store.close();
});

test('the journal goes on in new segments, and reads across them from any place', async () => {
	await using folder = await createStoreFolder();
	const names = Array.from({length: 30}, (_, index) => `f${index + 1}`);
	const {store} = await openStore({folder: folder.path, role, segmentBytes: 400});
	await appendEach(store, names);
	expect((await segmentsOf(folder.path)).length).toBeGreaterThan(4);
	for (const afterSeq of [0, 1, 7, 15, 29, 30, 99]) {
		expect(await told(store.read(afterSeq))).toEqual(names.map((name, index) => `${index + 1} ${name}`).slice(afterSeq));
	}

	await store.close();
	expect((await openStoreReadOnly({folder: folder.path})).state.version).toBe(30);
});

test('a restart that adds nothing leaves no trace', async () => {
	await using folder = await createStoreFolder();
	const {store} = await openStore({folder: folder.path, role});
	await store.append([paused('a')]);
	await store.close();
	const before = await contentsOf(folder.path);
	const again = await openStore({folder: folder.path, role});
	await again.store.close();
	expect(await contentsOf(folder.path)).toEqual(before);
});

test('a closed store refuses facts with a sentence', async () => {
	await using folder = await createStoreFolder();
	const {store} = await openStore({folder: folder.path, role});
	const underWay = store.append([paused('a')]);
	await store.close();
	await store.close();
	expect(await underWay).toBe(1);
	await expect(store.append([paused('b')])).rejects.toThrow(/is closed/);
});

test('a look without the lock sees what is durable beside a running store, and writes nothing', async () => {
	await using folder = await createStoreFolder();
	await expect(openStoreReadOnly({folder: folder.path})).rejects.toThrow(/there is none/);
	const {store} = await openStore({folder: folder.path, role});
	await store.append([created('ses_1')]);
	const before = await contentsOf(folder.path);
	const {state} = await openStoreReadOnly({folder: folder.path});
	expect(Object.keys(state.sessions)).toEqual(['ses_1']);
	expect(await contentsOf(folder.path)).toEqual(before);
	await store.close();
});

test('compaction keeps State, removes what two snapshots cover, and tells the rest', async () => {
	await using folder = await createStoreFolder();
	const {store} = await openStore({folder: folder.path, role, autoCompact: false});
	await store.append([created('ses_1')]);
	await store.compact();
	expect(await segmentsOf(folder.path)).toHaveLength(1);
	await appendEach(store, ['a', 'b']);
	await store.compact();
	expect(await told(store.read(0))).toEqual(['2 a', '3 b']);
	await appendEach(store, ['c']);
	// Two calls at once are one compaction; one with nothing new does nothing.
	await Promise.all([store.compact(), store.compact()]);
	const {ino} = await stat(path.join(folder.path, 'snapshot.json'));
	await store.compact();
	expect((await stat(path.join(folder.path, 'snapshot.json'))).ino).toBe(ino);
	await appendEach(store, ['d']);
	expect(await told(store.read(0))).toEqual(['4 c', '5 d']);
	await store.close();

	const {store: reopened, state, repairs} = await openStore({folder: folder.path, role});
	expect(repairs).toEqual([]);
	expect(frozen(state)).toMatchObject({version: 5, queuePausedBy: 'd', sessions: {ses_1: {id: 'ses_1'}}});
	expect(reopened.seq).toBe(5);
	await reopened.close();
});

test('compaction starts by itself at a number of facts or of bytes, also for a tail that was found', async () => {
	await using folder = await createStoreFolder();
	const snapshotSeq = async (): Promise<number> => {
		const text = await readFile(path.join(folder.path, 'snapshot.json'), 'utf8').catch(() => '{"seq":-1}');
		return (JSON.parse(text) as {seq: number}).seq;
	};

	const idle = await openStore({folder: folder.path, role, autoCompact: false});
	await appendEach(
		idle.store,
		Array.from({length: 20}, (_, index) => `${index}`),
	);
	await idle.store.close();
	expect(await snapshotSeq()).toBe(0);

	const fullTail = await openStore({folder: folder.path, role, autoCompact: {facts: 20, bytes: 1e9}});
	await expect.poll(snapshotSeq, {timeout: 30_000}).toBe(20);
	await appendEach(fullTail.store, ['21', '22', '23', '24', '25', '26', '27', '28', '29', '30', '31', '32', '33', '34', '35']);
	await fullTail.store.close();

	// Fifteen found and five appended: not earlier, or the snapshot would end elsewhere.
	const byFacts = await openStore({folder: folder.path, role, autoCompact: {facts: 20, bytes: 1e9}});
	await appendEach(byFacts.store, ['36', '37', '38', '39', '40']);
	await expect.poll(snapshotSeq, {timeout: 30_000}).toBe(40);
	await byFacts.store.close();

	const byBytes = await openStore({folder: folder.path, role, autoCompact: {facts: 1e9, bytes: 2000}});
	await byBytes.store.append([paused('x'.repeat(3000))]);
	await expect.poll(snapshotSeq, {timeout: 30_000}).toBe(41);
	await byBytes.store.close();
});
