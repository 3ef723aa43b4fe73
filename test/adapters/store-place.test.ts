import {execFileSync} from 'node:child_process';
import {chmod, chown, lchown, mkdir, readdir, rename, stat, symlink, writeFile} from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import {expect, onTestFinished, test} from 'vitest';
import {exitCodes} from '../../source/errors.js';
import {networkFileSystem} from '../../source/store/folder.js';
import {openStore} from '../../source/store/open-store.js';
import {contentsOf, createStoreFolder, paused} from '../helpers/store-folder.js';

const role = 'console';
const isRoot = process.geteuid?.() === 0;

const expectRefused = async (folder: string, why: string): Promise<void> => {
	const refusal = await openStore({folder, role}).catch((error: unknown) => error);
	expect(refusal).toMatchObject({exitCode: exitCodes.cannotCreate});
	expect((refusal as Error).message).toBe(`Could not use ${folder} as the state folder: ${why}`);
};

test('folders are 0700 and files 0600, whatever the umask, and stay so when they are rewritten', async () => {
	await using folder = await createStoreFolder();
	const umask = process.umask(0);
	onTestFinished(() => {
		process.umask(umask);
	});
	const {store} = await openStore({folder: folder.path, role});
	await store.append([paused('a')]);
	await store.compact();
	await store.append([paused('b')]);
	await store.compact();
	const entries = await readdir(folder.path, {recursive: true, withFileTypes: true});
	const modes = await Promise.all(
		entries.map(async entry => {
			const {mode} = await stat(path.join(entry.parentPath, entry.name));
			return `${entry.isDirectory() ? 'folder' : 'file'} ${(mode & 0o777).toString(8)}`;
		}),
	);
	expect(new Set(modes)).toEqual(new Set(['folder 700', 'file 600']));
	expect((await stat(folder.path)).mode & 0o777).toBe(0o700);
	expect(entries.map(({name}) => name)).toEqual(
		expect.arrayContaining(['holder.json', 'journal', 'lock.db', 'snapshot.json', 'snapshot.prev.json']),
	);
	await store.close();
});

test('what is not a folder is refused', async () => {
	await using folder = await createStoreFolder();
	await writeFile(folder.path, '');
	await expectRefused(folder.path, 'it, or a part of its path, is not a folder');
	await expectRefused(path.join(folder.path, 'deeper'), 'it, or a part of its path, is not a folder');
});

test('a folder that others may write to is refused', async () => {
	await using folder = await createStoreFolder();
	await mkdir(folder.path);
	for (const mode of [0o777, 0o770, 0o702]) {
		await chmod(folder.path, mode);
		await expectRefused(folder.path, `other users may write to it (mode 0${mode.toString(8)})`);
	}

	await chmod(folder.path, 0o755);
	const {store} = await openStore({folder: folder.path, role});
	await store.close();
});

test('a file of the store that is a link is refused, and its target is not touched', async () => {
	await using folder = await createStoreFolder();
	const {store} = await openStore({folder: folder.path, role});
	await store.append([paused('a')]);
	await store.close();
	const elsewhere = path.join(path.dirname(folder.path), 'elsewhere.json');
	await rename(path.join(folder.path, 'snapshot.json'), elsewhere);
	await symlink(elsewhere, path.join(folder.path, 'snapshot.json'));
	const before = await contentsOf(path.dirname(folder.path));
	await expectRefused(folder.path, 'snapshot.json in it is a symbolic link, which a rewrite would replace');
	expect(await contentsOf(path.dirname(folder.path))).toEqual(before);
});

test('a link to the whole folder is followed', async () => {
	await using folder = await createStoreFolder();
	const target = path.join(path.dirname(folder.path), 'target');
	await mkdir(target, {mode: 0o700});
	await symlink(target, folder.path);
	const {store} = await openStore({folder: folder.path, role});
	await store.append([paused('a')]);
	await store.close();
	expect(await readdir(target)).toContain('snapshot.json');
});

test.skipIf(isRoot)('a folder one may not write to is refused', async () => {
	await using folder = await createStoreFolder();
	await mkdir(folder.path);
	await chmod(folder.path, 0o500);
	await expectRefused(folder.path, 'you may not write to it');
	await chmod(folder.path, 0o700);
});

test.skipIf(!isRoot)('a folder or a link of another user is refused', async () => {
	await using folder = await createStoreFolder();
	const target = path.join(path.dirname(folder.path), 'target');
	await mkdir(target, {mode: 0o700});
	await symlink(target, folder.path);
	await lchown(folder.path, 12_345, 12_345);
	await expectRefused(folder.path, 'it is a symbolic link that belongs to user 12345, and you are 0');
	await chown(target, 12_345, 12_345);
	await expectRefused(target, 'it belongs to user 12345, and you are 0');
});

test.skipIf(!isRoot || process.platform !== 'linux')('a folder on a read-only file system is refused', async context => {
	await using folder = await createStoreFolder();
	await mkdir(folder.path, {mode: 0o700});
	try {
		execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro,size=64k,mode=0700', 'tmpfs', folder.path], {stdio: 'ignore'});
	} catch {
		context.skip('mount(8) is not allowed here');
	}

	try {
		await expectRefused(folder.path, 'it is on a read-only file system');
	} finally {
		execFileSync('umount', ['-l', folder.path]);
	}
});

test('network file systems are known by their number, also where it is read as negative', () => {
	expect(networkFileSystem(0x69_69)).toBe('NFS');
	expect(networkFileSystem(-11_317_950)).toBe('CIFS');
	expect(networkFileSystem(0xef_53)).toBeUndefined();
});
