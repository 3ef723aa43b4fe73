import {execFile, execFileSync} from 'node:child_process';
import {mkdir, mkdtemp, readdir, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {expect, test} from 'vitest';
import {exitCodes} from '../../source/errors.js';
import {StoreFailure} from '../../source/store/failure.js';
import {openStore, openStoreReadOnly} from '../../source/store/open-store.js';
import {compiledFile} from '../helpers/store-compiled.js';
import {created, createStoreFolder, segmentsOf} from '../helpers/store-folder.js';

const succeeds = (file: string, args: readonly string[]): boolean => {
	try {
		execFileSync(file, args, {stdio: 'ignore'});
		return true;
	} catch {
		return false;
	}
};

/** A small file system of its own, gone at the end of the block. */
const mountSmall = async (kilobytes: number): Promise<AsyncDisposable & {readonly path: string}> => {
	const point = await mkdtemp(path.join(tmpdir(), 'store-disk-'));
	execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k,mode=0700`, 'tmpfs', point]);
	return {
		path: point,
		async [Symbol.asyncDispose]() {
			// Lazily: a test that failed may have left its store open.
			execFileSync('umount', ['-l', point]);
			await rm(point, {recursive: true});
		},
	};
};

const canMount = await (async () => {
	if (process.platform !== 'linux' || process.geteuid?.() !== 0) {
		return false;
	}

	const disk = await mountSmall(64).catch(() => undefined);
	await disk?.[Symbol.asyncDispose]();
	return disk !== undefined;
})();
const canLimit = succeeds('bash', ['-c', 'ulimit -f 64']);
const canInject = succeeds('strace', ['-f', '-o', '/dev/null', '-e', 'inject=fdatasync:error=EIO', 'true']);
for (const [can, what] of [
	[canMount, 'full disk: needs root and mount(8)'],
	[canLimit, 'limits of a process: need bash'],
	[canInject, 'errors of fdatasync: need strace(1) that may trace'],
] as const) {
	if (!can) {
		console.log(`skipped, ${what}`);
	}
}

/** Runs the failing appender through a command in front of node, and tells what it said. */
const runFailing = async (command: readonly string[], args: readonly string[]): Promise<readonly string[]> => {
	const [file, ...before] = [...command, process.execPath, fileURLToPath(compiledFile('test/fixtures/store-failing.js')), ...args];
	const {stdout} = await promisify(execFile)(file!, before, {timeout: 50_000});
	return stdout.trimEnd().split('\n');
};

const idsOf = (said: readonly string[], verb: string): readonly string[] =>
	said.filter(line => line.startsWith(`${verb} `)).map(line => line.slice(verb.length + 1));

/** What every failure must come to: State is exactly what was acknowledged, and nothing of what was refused. */
const expectHonest = async (folder: string, said: readonly string[]): Promise<void> => {
	const {store, state, repairs} = await openStore({folder, role: 'console'});
	await store.close();
	expect(repairs).toEqual([]);
	expect(Object.keys(state.sessions)).toEqual(idsOf(said, 'kept'));
	expect(idsOf(said, 'refused').length).toBeGreaterThan(0);
	expect(idsOf(said, 'refused').filter(line => line.includes(' with '))).toEqual([]);
	expect(said.filter(line => line === 'recovered')).toHaveLength(idsOf(said, 'failure').length);
};

test.skipIf(!canLimit)('a short write is completed or taken back: a file that may not grow is left for a new segment', async () => {
	await using folder = await createStoreFolder();
	const said = await runFailing(['bash', '-c', 'ulimit -f 64; exec "$@"', 'bash'], [folder.path, '1000000']);
	expect(new Set(idsOf(said, 'failure'))).toEqual(new Set(['EFBIG']));
	await expectHonest(folder.path, said);
	expect((await segmentsOf(folder.path)).length).toBeGreaterThan(2);
});

test.skipIf(!canLimit)('a process that may not open another file loses nothing and goes on when it may', async () => {
	await using folder = await createStoreFolder();
	const said = await runFailing(['bash', '-c', 'ulimit -n 60; exec "$@"', 'bash'], [folder.path, '1', 'hoard']);
	expect(idsOf(said, 'failure')).toEqual(['EMFILE']);
	await expectHonest(folder.path, said);
});

test.skipIf(!canInject)('a flush that fails is not tried again on the same file, and what it carried is taken back', async () => {
	await using folder = await createStoreFolder();
	const injecting = ['strace', '-f', '-qq', '-o', '/dev/null', '-e', 'trace=fdatasync', '-e', 'inject=fdatasync:error=EIO:when=5+20'];
	const said = await runFailing(injecting, [folder.path, '1000000']);
	expect(idsOf(said, 'failure').length).toBeGreaterThan(1);
	expect(new Set(idsOf(said, 'failure'))).toEqual(new Set(['EIO']));
	await expectHonest(folder.path, said);
	// A segment that failed before it held anything gives its name to the next.
	const segments = (await segmentsOf(folder.path)).length;
	expect(segments).toBeGreaterThan(1);
	expect(segments).toBeLessThanOrEqual(1 + idsOf(said, 'failure').length);
});

test.skipIf(!canMount)('a full disk stops appends with a sentence; when there is room again they go on', async () => {
	await using disk = await mountSmall(512);
	const folder = path.join(disk.path, 'state');
	const ballast = path.join(disk.path, 'ballast');
	await mkdir(folder, {mode: 0o700});
	const {store} = await openStore({folder, role: 'console', probeIntervalMs: 50});
	const kept: string[] = [];
	const append = async (id: string): Promise<void> => {
		await store.append([created(id, {label: 'x'.repeat(2000)})]);
		kept.push(id);
	};

	await append('first');
	const heard: Array<Error | undefined> = [];
	store.onFailure(failure => {
		heard.push(failure);
	});
	for (const round of [1, 2]) {
		await writeFile(ballast, Buffer.alloc(300 * 1024));
		const failure = await Promise.all(Array.from({length: 300}, async (_, n) => append(`${round}.${n}`))).catch((error: unknown) => error);
		expect(failure).toBeInstanceOf(StoreFailure);
		expect(failure).toMatchObject({code: 'ENOSPC', exitCode: exitCodes.ioError});
		expect((failure as StoreFailure).hint).toContain('Free some space');
		expect(store.failure).toBe(failure);
		await expect(append('refused')).rejects.toBe(failure);
		await expect(store.compact()).rejects.toBe(failure);
		// What was acknowledged can be read as ever, and nothing else is told.
		expect(Object.keys((await openStoreReadOnly({folder})).state.sessions)).toEqual(kept);

		await rm(ballast);
		await expect.poll(() => store.failure, {timeout: 30_000}).toBeUndefined();
		await append(`${round} after`);
	}

	expect(heard.map(failure => failure !== undefined)).toEqual([true, false, true, false]);
	await store.close();
	const reopened = await openStore({folder, role: 'console'});
	await reopened.store.close();
	expect(reopened.repairs).toEqual([]);
	expect(Object.keys(reopened.state.sessions)).toEqual(kept);
});

test.skipIf(!canMount)('a compaction without room fails alone, and a full disk can still be opened and read', async () => {
	await using disk = await mountSmall(512);
	const folder = path.join(disk.path, 'state');
	const ballast = path.join(disk.path, 'ballast');
	const {store} = await openStore({folder, role: 'console'});
	await store.append([created('ses_1', {label: 'x'.repeat(100_000)})]);
	await writeFile(ballast, Buffer.alloc(350 * 1024));
	await expect(store.compact()).rejects.toThrow(/Could not compact the journal .*: ENOSPC/);
	expect(store.failure).toBeUndefined();
	expect((await readdir(folder)).filter(name => name.endsWith('.tmp'))).toEqual([]);
	await store.append([created('ses_2')]);
	await store.close();

	await writeFile(path.join(disk.path, 'more'), Buffer.alloc(512 * 1024)).catch(() => {});
	const full = await openStore({folder, role: 'console', probeIntervalMs: 50});
	expect(Object.keys(full.state.sessions)).toEqual(['ses_1', 'ses_2']);
	await expect(full.store.append([created('ses_3')])).rejects.toBeInstanceOf(StoreFailure);
	await full.store.close();
	expect(Object.keys((await openStoreReadOnly({folder})).state.sessions)).toEqual(['ses_1', 'ses_2']);
});
