import {readdir, readFile, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {ExpectedError, exitCodes} from '../../source/errors.js';
import {openStore, openStoreReadOnly} from '../../source/store/open-store.js';
import {contentsOf, createStoreFolder, paused, type StoreFolder, segmentsOf} from '../helpers/store-folder.js';

const role = 'console';

/** A folder with batches of that many records each, all in one segment unless told otherwise, and closed. */
const createJournal = async (batches: readonly number[], {segmentBytes = 1e6} = {}): Promise<StoreFolder> => {
	const folder = await createStoreFolder();
	const {store} = await openStore({folder: folder.path, role, segmentBytes});
	let n = 0;
	for (const size of batches) {
		await Promise.all(
			Array.from({length: size}, async () => {
				n += 1;
				return store.append([paused(`f${n}`)]);
			}),
		);
	}

	await store.close();
	return folder;
};

const tornFiles = async (folder: string): Promise<readonly string[]> =>
	(await readdir(path.join(folder, 'journal'))).filter(name => name.endsWith('.torn'));

/** Opens, appends, and opens again: a mended journal must not only be read but go on. */
const expectGoesOn = async (folder: string, seq: number): Promise<void> => {
	const {store, state, repairs} = await openStore({folder, role});
	expect(repairs).toEqual([]);
	expect([state.version, store.seq]).toEqual([seq, seq]);
	expect(await store.append([paused('after')])).toBe(seq + 1);
	await store.close();
	expect((await openStoreReadOnly({folder})).state).toMatchObject({version: seq + 1, queuePausedBy: 'after'});
};

test('a last record that is torn at any byte is cut off and kept beside; what came before stays', async () => {
	await using whole = await createJournal([1, 2, 1]);
	const [segment] = await segmentsOf(whole.path);
	const bytes = await readFile(segment!);
	const start = bytes.lastIndexOf('\n', bytes.length - 2) + 1;
	for (let end = start; end < bytes.length; end += 1) {
		await using folder = await whole.copy();
		const [copied] = await segmentsOf(folder.path);
		await writeFile(copied!, bytes.subarray(0, end));
		const {store, state, repairs} = await openStore({folder: folder.path, role});
		expect(state.version, `cut at ${end}`).toBe(3);
		expect(store.seq).toBe(3);
		await store.close();
		expect(repairs).toHaveLength(end === start ? 0 : 1);
		if (repairs[0]) {
			expect(repairs[0].what).toContain(`the last ${end - start} bytes`);
			expect(await readFile(repairs[0].kept!)).toEqual(bytes.subarray(start, end));
		}

		expect(await readFile(copied!)).toEqual(bytes.subarray(0, start));
	}

	await using folder = await whole.copy();
	const [copied] = await segmentsOf(folder.path);
	await writeFile(copied!, bytes.subarray(0, -1));
	await (await openStore({folder: folder.path, role})).store.close();
	await expectGoesOn(folder.path, 3);
});

test('a segment with nothing but a torn record is set free for the next', async () => {
	await using folder = await createJournal([1, 1, 1], {segmentBytes: 1});
	const last = (await segmentsOf(folder.path)).at(-1)!;
	const bytes = await readFile(last);
	for (const length of [10, 0]) {
		await writeFile(last, bytes.subarray(0, length));
		const {store, repairs} = await openStore({folder: folder.path, role});
		await store.close();
		expect(repairs).toHaveLength(length === 0 ? 0 : 1);
		expect(await segmentsOf(folder.path)).toHaveLength(2);
	}

	await expectGoesOn(folder.path, 2);
	expect(await tornFiles(folder.path)).toHaveLength(1);
});

test('garbage behind the last record is kept beside, whatever it is', async () => {
	await using whole = await createJournal([2, 1]);
	const [segment] = await segmentsOf(whole.path);
	const bytes = await readFile(segment!);
	const garbage = fc.oneof(
		fc.uint8Array({minLength: 1, maxLength: 300}),
		fc.constant(new Uint8Array(4096)),
		fc.constant(Buffer.from('\n')),
		fc.constant(Buffer.from('{"s":4,"f":[],"c":"00000000"}\n')),
	);
	await fc.assert(
		fc.asyncProperty(garbage, async tail => {
			await using folder = await whole.copy();
			const [copied] = await segmentsOf(folder.path);
			await writeFile(copied!, Buffer.concat([bytes, tail]));
			const {store, state, repairs} = await openStore({folder: folder.path, role});
			await store.close();
			expect(state.version).toBe(3);
			expect(repairs).toHaveLength(1);
			expect(await readFile(repairs[0]!.kept!)).toEqual(Buffer.from(tail));
		}),
		{numRuns: 40},
	);
});

test('a flipped bit is always seen: the start is refused, or at most the last batch is set aside', async () => {
	await using whole = await createJournal([1, 3, 1, 4, 2]);
	const [segment] = await segmentsOf(whole.path);
	const bytes = await readFile(segment!);
	const outcomes = {refused: 0, cut: 0};
	await fc.assert(
		fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(7), async (place, bit) => {
			await using folder = await whole.copy();
			const [copied] = await segmentsOf(folder.path);
			const flipped = Buffer.from(bytes);
			flipped[place]! ^= 1 << bit;
			await writeFile(copied!, flipped);
			const opened = await openStore({folder: folder.path, role}).catch((error: unknown) => error as Error);
			if (opened instanceof Error) {
				outcomes.refused += 1;
				expect(opened).toBeInstanceOf(ExpectedError);
				return;
			}

			outcomes.cut += 1;
			await opened.store.close();
			expect(opened.repairs).toHaveLength(1);
			expect([9, 10]).toContain(opened.state.version);
			expect(opened.state.queuePausedBy).toBe(`f${opened.state.version}`);
			expect(await readFile(opened.repairs[0]!.kept!)).toEqual(
				flipped.subarray(flipped.length - (await readFile(opened.repairs[0]!.kept!)).length),
			);
		}),
		{numRuns: 150},
	);
	expect(outcomes.refused).toBeGreaterThan(0);
});

test('damage before the last batch stops the start, names file and line, and changes nothing', async () => {
	await using whole = await createJournal([1, 1, 1, 1]);
	const [segment] = await segmentsOf(whole.path);
	const lines = (await readFile(segment!, 'utf8')).trimEnd().split('\n');
	for (const [index, line] of lines.slice(0, -1).entries()) {
		await using folder = await whole.copy();
		const [copied] = await segmentsOf(folder.path);
		const harmed = lines.with(index, line.replace('queue', 'qveue'));
		await writeFile(copied!, `${harmed.join('\n')}\n`);
		const before = await contentsOf(folder.path);
		const refusal = await openStore({folder: folder.path, role}).catch((error: unknown) => error);
		expect(refusal).toBeInstanceOf(ExpectedError);
		expect(refusal).toMatchObject({exitCode: exitCodes.ioError});
		expect((refusal as Error).message).toContain(`line ${index + 1} of ${copied}`);
		await expect(openStoreReadOnly({folder: folder.path})).rejects.toThrow(`line ${index + 1} of ${copied}`);
		expect(await contentsOf(folder.path)).toEqual(before);
	}
});

test('a sealed segment must be whole to its last byte, and none may be missing', async () => {
	await using whole = await createJournal([1, 1, 1], {segmentBytes: 1});
	const truncated = await whole.copy();
	const first = (await segmentsOf(truncated.path))[0]!;
	await writeFile(first, (await readFile(first)).subarray(0, -3));
	await expect(openStore({folder: truncated.path, role})).rejects.toThrow(`line 1 of ${first} is damaged`);
	await truncated[Symbol.asyncDispose]();

	await using gap = await whole.copy();
	const [, second, third] = await segmentsOf(gap.path);
	await rm(second!);
	await expect(openStore({folder: gap.path, role})).rejects.toThrow(`record 2 should come next, but ${third} begins with record 3`);
});

test('records of another journal are not taken for a continuation', async () => {
	await using one = await createJournal([1, 1], {segmentBytes: 1});
	await using other = await createJournal([3], {segmentBytes: 1});
	const target = (await segmentsOf(one.path))[1]!;
	const foreign = (await readFile((await segmentsOf(other.path))[0]!, 'utf8')).split('\n')[1]!;
	await writeFile(target, `${foreign.replace('f2', 'fX')}\n`);
	const {store, state, repairs} = await openStore({folder: one.path, role});
	await store.close();
	expect(state.version).toBe(1);
	expect(repairs).toHaveLength(1);
});
