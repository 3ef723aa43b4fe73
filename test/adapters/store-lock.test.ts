import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFile, writeFile} from 'node:fs/promises';
import {hostname} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import {expect, test} from 'vitest';
import {exitCodes} from '../../source/errors.js';
import {readHolder} from '../../source/store/lock.js';
import {openStore} from '../../source/store/open-store.js';
import {compiledFile} from '../helpers/store-compiled.js';
import {createStoreFolder, paused} from '../helpers/store-folder.js';

/** Another process that holds the store and appends to it, killed at the end of the block. */
const startHolder = async (folder: string): Promise<AsyncDisposable & {readonly child: ChildProcess; kill(): Promise<void>}> => {
	const child = spawn(process.execPath, [fileURLToPath(compiledFile('test/fixtures/store-appender.js')), folder, '0', '1'], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	const ended = once(child, 'exit');
	await Promise.race([once(child.stdout, 'data'), ended]);
	child.stdout.resume();
	const kill = async (): Promise<void> => {
		child.kill('SIGKILL');
		await ended;
	};

	return {child, kill, [Symbol.asyncDispose]: kill};
};

const expectRefused = async (folder: string, pid: number | undefined): Promise<void> => {
	const refusal = await openStore({folder, role: 'agentd'}).catch((error: unknown) => error);
	expect(refusal).toMatchObject({exitCode: exitCodes.locked});
	expect((refusal as Error).message).toContain(`it is held by console (process ${pid} on ${hostname()}, started 2`);
};

test('a second process is refused and told who holds the store, also while the holder sleeps', async () => {
	await using folder = await createStoreFolder();
	await using holder = await startHolder(folder.path);
	await expectRefused(folder.path, holder.child.pid);
	expect(await readHolder(folder.path)).toMatchObject({pid: holder.child.pid, role: 'console', host: hostname()});

	holder.child.kill('SIGSTOP');
	await expectRefused(folder.path, holder.child.pid);
	holder.child.kill('SIGCONT');
	await expectRefused(folder.path, holder.child.pid);
});

test('a killed holder leaves no lock behind, whatever its holder.json says', async () => {
	await using folder = await createStoreFolder();
	await using holder = await startHolder(folder.path);
	await holder.kill();
	expect(JSON.parse(await readFile(path.join(folder.path, 'holder.json'), 'utf8'))).toMatchObject({pid: holder.child.pid});
	expect(await readHolder(folder.path)).toBeUndefined();

	// The dead holder's number may belong to somebody else by now.
	await writeFile(
		path.join(folder.path, 'holder.json'),
		JSON.stringify({pid: process.ppid, host: hostname(), startedAtMs: 0, role: 'agentd'}),
	);
	const {store} = await openStore({folder: folder.path, role: 'agentd'});
	expect(await readHolder(folder.path)).toMatchObject({pid: process.pid, role: 'agentd'});
	await store.close();
	expect(await readHolder(folder.path)).toBeUndefined();
});

test('of several that open at once one wins, and it keeps the lock when the others are refused', async () => {
	await using folder = await createStoreFolder();
	const openings = await Promise.allSettled([1, 2, 3, 4].map(async () => openStore({folder: folder.path, role: 'console'})));
	const winners = openings.filter(opening => opening.status === 'fulfilled');
	expect(winners).toHaveLength(1);
	// A refused process must not have loosened the lock for a third.
	const other = spawn(process.execPath, [fileURLToPath(compiledFile('test/fixtures/store-appender.js')), folder.path, '0', '1'], {
		stdio: ['ignore', 'ignore', 'pipe'],
	});
	let complaint = '';
	other.stderr.setEncoding('utf8').on('data', (text: string) => {
		complaint += text;
	});
	expect((await once(other, 'close'))[0]).not.toBe(0);
	expect(complaint).toContain(`it is held by console (process ${process.pid} on`);

	await winners[0]!.value.store.append([paused('winner')]);
	await winners[0]!.value.store.close();
	const {store, state} = await openStore({folder: folder.path, role: 'console'});
	expect(state.queuePausedBy).toBe('winner');
	await store.close();
});

test('nobody holds a folder without a store', async () => {
	await using folder = await createStoreFolder();
	expect(await readHolder(folder.path)).toBeUndefined();
});
