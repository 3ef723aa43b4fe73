import {copyFile, cp, mkdir, readdir, readFile, rename, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {ExpectedError, exitCodes} from '../../source/errors.js';
import {createDurableFile} from '../../source/store/durable-file.js';
import {openStore, openStoreReadOnly} from '../../source/store/open-store.js';
import type {SavedState} from '../../state/state.js';
import {contentsOf, created, createStoreFolder, frozen, paused, type StoreFolder, segmentsOf} from '../helpers/store-folder.js';

const role = 'console';
const snapshotOf = (folder: StoreFolder): string => path.join(folder.path, 'snapshot.json');
const previousOf = (folder: StoreFolder): string => path.join(folder.path, 'snapshot.prev.json');

/** A closed store with two snapshots and a tail, and the State it adds up to. */
const createCompacted = async (): Promise<{readonly folder: StoreFolder; readonly truth: SavedState}> => {
	const folder = await createStoreFolder();
	const {store} = await openStore({folder: folder.path, role, autoCompact: false, segmentBytes: 1});
	for (const round of [1, 2, 3]) {
		await store.append([created(`ses_${round}`), paused(`round ${round}`)]);
		await store.append([created(`ses_${round}b`)]);
		if (round < 3) {
			await store.compact();
		}
	}

	await store.close();
	return {folder, truth: frozen((await openStoreReadOnly({folder: folder.path})).state)};
};

/** Opens, appends, compacts and opens again: a rebuilt store must not only be read but go on. */
const expectGoesOn = async (folder: string, version: number): Promise<void> => {
	const {store, repairs} = await openStore({folder, role, autoCompact: false});
	expect(repairs).toEqual([]);
	await store.append([paused('after')]);
	await store.compact();
	await store.append([paused('and after')]);
	await store.close();
	expect((await openStoreReadOnly({folder})).state).toMatchObject({version: version + 2, queuePausedBy: 'and after'});
};

const damages: Record<string, (whole: Buffer) => Buffer> = {
	empty: () => Buffer.alloc(0),
	'filled with NUL': whole => Buffer.alloc(whole.length),
	'behind a byte order mark': whole => Buffer.concat([Buffer.from('\uFEFF'), whole]),
	truncated: whole => whole.subarray(0, whole.length / 2),
	'an array': () => Buffer.from('[]'),
	null: () => Buffer.from('null'),
	'a text': () => Buffer.from('"snapshot"'),
	'an empty object': () => Buffer.from('{}'),
	'without its checksum': whole => Buffer.from(whole.toString().replace(/,"check":.*/, '}')),
	'edited by hand': whole => Buffer.from(whole.toString().replace('round 2', 'round 9')),
};

test.each(Object.keys(damages))('a snapshot that is %s is set aside, and State is rebuilt from the previous one', async name => {
	const {folder, truth} = await createCompacted();
	await using _ = folder;
	const harmed = damages[name]!(await readFile(snapshotOf(folder)));
	await writeFile(snapshotOf(folder), harmed);
	expect(frozen((await openStoreReadOnly({folder: folder.path})).state)).toEqual(truth);

	const {store, state, repairs} = await openStore({folder: folder.path, role, autoCompact: false});
	expect(frozen(state)).toEqual(truth);
	expect(repairs).toHaveLength(1);
	expect(path.basename(repairs[0]!.kept!)).toBe('snapshot.corrupt-1.json');
	expect(await readFile(repairs[0]!.kept!)).toEqual(harmed);
	await store.close();
	await expectGoesOn(folder.path, truth.version);
});

test('without any snapshot State is rebuilt from a journal that goes back to its beginning', async () => {
	await using folder = await createStoreFolder();
	const {store} = await openStore({folder: folder.path, role});
	await store.append([created('ses_1')]);
	await store.compact();
	await store.append([created('ses_2')]);
	await store.close();
	await writeFile(snapshotOf(folder), '');
	await writeFile(previousOf(folder), '');
	const reopened = await openStore({folder: folder.path, role});
	expect(Object.keys(reopened.state.sessions)).toEqual(['ses_1', 'ses_2']);
	expect(reopened.repairs.map(({kept}) => path.basename(kept!))).toEqual(['snapshot.corrupt-1.json', 'snapshot.corrupt-2.json']);
	await reopened.store.close();
	await expectGoesOn(folder.path, 2);
});

test('a snapshot that cannot be rebuilt stops the start with a sentence, and nothing is changed', async () => {
	const {folder} = await createCompacted();
	await using _ = folder;
	const harm: Record<string, (copy: StoreFolder) => Promise<void>> = {
		'both snapshots damaged': async copy => {
			await writeFile(snapshotOf(copy), 'x');
			await writeFile(previousOf(copy), 'x');
		},
		'both snapshots gone': async copy => {
			await rm(snapshotOf(copy));
			await rm(previousOf(copy));
		},
		'the kept segments gone': async copy => {
			await writeFile(snapshotOf(copy), 'x');
			await rm((await segmentsOf(copy.path))[0]!);
		},
		'snapshot damaged and no journal': async copy => {
			await writeFile(snapshotOf(copy), 'x');
			await rm(previousOf(copy));
			await rm(path.join(copy.path, 'journal'), {recursive: true});
			await mkdir(path.join(copy.path, 'journal'));
		},
	};
	for (const [name, apply] of Object.entries(harm)) {
		await using copy = await folder.copy();
		await apply(copy);
		const before = await contentsOf(copy.path);
		const refusal = await openStore({folder: copy.path, role}).catch((error: unknown) => error);
		expect(refusal, name).toBeInstanceOf(ExpectedError);
		expect((refusal as ExpectedError).message, name).toMatch(/cannot be rebuilt/);
		expect((refusal as ExpectedError).hint, name).toMatch(/Nothing was changed/);
		expect(await contentsOf(copy.path), name).toEqual(before);
	}
});

test('a snapshot from inside a segment is refused instead of losing what follows it', async () => {
	await using folder = await createStoreFolder();
	const {store} = await openStore({folder: folder.path, role});
	await store.append([created('ses_1')]);
	await store.compact();
	await store.append([created('ses_2')]);
	await store.append([created('ses_3')]);
	await store.close();
	const early = JSON.parse(await readFile(snapshotOf(folder), 'utf8')) as {seq: number};
	const {check: _, ...data} = {...early, seq: 2, check: ''};
	await createDurableFile<object>({file: snapshotOf(folder)}).write(data);
	await expect(openStore({folder: folder.path, role})).rejects.toThrow(/in the middle of/);
});

test('a flipped bit in the snapshot never changes State', async () => {
	const {folder, truth} = await createCompacted();
	await using _ = folder;
	const whole = await readFile(snapshotOf(folder));
	await fc.assert(
		fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(7), async (place, bit) => {
			const flipped = Buffer.from(whole);
			flipped[place]! ^= 1 << bit;
			await writeFile(snapshotOf(folder), flipped);
			expect(frozen((await openStoreReadOnly({folder: folder.path})).state)).toEqual(truth);
		}),
		{numRuns: 200},
	);
});

test('a newer format is refused with a sentence, and nothing is written', async () => {
	const {folder} = await createCompacted();
	await using _ = folder;
	const newer = {format: 2, seq: 4, journals: {}};
	for (const write of [
		async () => createDurableFile<object>({file: snapshotOf(folder)}).write(newer),
		async () => writeFile(snapshotOf(folder), JSON.stringify(newer)),
	]) {
		await write();
		const before = await contentsOf(folder.path);
		const refusal = await openStore({folder: folder.path, role}).catch((error: unknown) => error);
		expect(refusal).toMatchObject({exitCode: exitCodes.config});
		expect((refusal as Error).message).toContain('written by a newer agent-tui (format 2');
		expect(await contentsOf(folder.path)).toEqual(before);
	}
});

test('format 0 is brought to the current one; the original is kept, and so is what we do not know', async () => {
	await using folder = await createStoreFolder();
	await cp(fileURLToPath(new URL('../fixtures/store-format-0', import.meta.url)), folder.path, {recursive: true});
	const original = await readFile(snapshotOf(folder));
	expect((await openStoreReadOnly({folder: folder.path})).state.version).toBe(3);
	expect(await readFile(snapshotOf(folder))).toEqual(original);

	const {store, state, repairs} = await openStore({folder: folder.path, role});
	expect(frozen(state)).toMatchObject({
		version: 3,
		queuePausedBy: 'after format 0',
		sessions: {ses_old: {label: 'kept'}},
		unknownPart: {kept: true},
	});
	expect(repairs).toHaveLength(1);
	expect(repairs[0]!.what).toContain('from format 0 to format 1');
	expect(await readFile(repairs[0]!.kept!)).toEqual(original);
	expect(JSON.parse(await readFile(snapshotOf(folder), 'utf8'))).toMatchObject({format: 1, seq: 2, state: {unknownPart: {kept: true}}});
	await store.compact();
	await store.close();

	await expectGoesOn(folder.path, 3);
	expect(frozen((await openStoreReadOnly({folder: folder.path})).state)).toMatchObject({unknownPart: {kept: true}});
});

test('every folder that a killed compaction can leave opens to the same State', async () => {
	await using folder = await createStoreFolder();
	const {store} = await openStore({folder: folder.path, role, autoCompact: false});
	await store.append([created('ses_1')]);
	await store.compact();
	await store.append([created('ses_2')]);
	await using before = await folder.copy();
	await store.compact();
	await store.close();
	const truth = frozen((await openStoreReadOnly({folder: folder.path})).state);
	const finished = snapshotOf(folder);
	const leftovers: Record<string, () => Promise<StoreFolder>> = {
		'half a temporary file': async () => {
			const copy = await before.copy();
			await writeFile(`${snapshotOf(copy)}.1-a-1.tmp`, (await readFile(finished)).subarray(0, 50));
			return copy;
		},
		'between the two renames': async () => {
			const copy = await before.copy();
			await copyFile(finished, `${snapshotOf(copy)}.1-a-1.tmp`);
			await rename(snapshotOf(copy), previousOf(copy));
			return copy;
		},
		'before old segments are removed': async () => {
			const copy = await folder.copy();
			await cp(path.join(before.path, 'journal'), path.join(copy.path, 'journal'), {recursive: true});
			return copy;
		},
	};
	for (const [name, leave] of Object.entries(leftovers)) {
		await using copy = await leave();
		await using reopened = await copy.copy();
		const {store: again, state, repairs} = await openStore({folder: reopened.path, role, autoCompact: false});
		expect(frozen(state), name).toEqual(truth);
		expect(repairs, name).toEqual([]);
		expect(
			(await readdir(reopened.path)).filter(file => file.endsWith('.tmp')),
			name,
		).toEqual([]);
		await again.close();
		await expectGoesOn(reopened.path, truth.version);
	}
});
