import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {createWriteStream} from 'node:fs';
import {chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {PassThrough, Writable} from 'node:stream';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {writeExport} from '../../source/export/export-file.js';
import {streamExport} from '../../source/export/export-stream.js';

let folder: string;

beforeEach(async () => {
	folder = await mkdtemp(path.join(os.tmpdir(), 'export-'));
});

afterEach(async () => {
	await rm(folder, {recursive: true, force: true});
});

async function* pieces(...all: readonly string[]): AsyncGenerator<string> {
	yield* all;
}

/** Fails after a first piece, as a source does that goes away. */
async function* breaking(): AsyncGenerator<string> {
	yield 'x'.repeat(100_000);
	throw new Error('the launcher went away');
}

const canMount = (() => {
	try {
		execFileSync('unshare', ['--mount', 'true'], {stdio: 'ignore'});
		return process.getuid?.() === 0;
	} catch {
		return false;
	}
})();

describe('an export to a file', () => {
	test('is whole, private, and alone in its folder', async () => {
		const file = path.join(folder, 'a.md');
		await expect(writeExport({chunks: pieces('one ', 'two ', '', 'drei 🌍'), file})).resolves.toBe(file);
		expect(await readFile(file, 'utf8')).toBe('one two drei 🌍');
		expect((await stat(file)).mode & 0o777).toBe(0o600);
		expect(await readdir(folder)).toEqual(['a.md']);
	});

	test('of many pieces arrives in order', async () => {
		const all = Array.from({length: 2000}, (_, n) => `${n} ${'x'.repeat(n % 300)}\n`);
		const file = await writeExport({chunks: pieces(...all), file: path.join(folder, 'a.txt')});
		expect(await readFile(file, 'utf8')).toBe(all.join(''));
	});

	test('does not touch a file of that name unless told to', async () => {
		const file = path.join(folder, 'a.md');
		await writeFile(file, 'precious');
		await expect(writeExport({chunks: pieces('new'), file})).rejects.toMatchObject({
			name: 'ExpectedError',
			message: `Could not write the export to ${file}: a file of that name exists.`,
			exitCode: 73,
		});
		expect(await readFile(file, 'utf8')).toBe('precious');
		await writeExport({chunks: pieces('new'), file, overwrite: true});
		expect(await readFile(file, 'utf8')).toBe('new');
		expect(await readdir(folder)).toEqual(['a.md']);
	});

	test('does not touch a file that came into being meanwhile', async () => {
		const file = path.join(folder, 'a.md');
		async function* slow(): AsyncGenerator<string> {
			yield 'new';
			await writeFile(file, 'precious');
		}

		await expect(writeExport({chunks: slow(), file})).rejects.toThrow('a file of that name exists');
		expect(await readFile(file, 'utf8')).toBe('precious');
		expect(await readdir(folder)).toEqual(['a.md']);
	});

	test.each([false, true])('that fails on the way leaves nothing behind, and what was there (overwrite: %j)', async overwrite => {
		const file = path.join(folder, 'a.md');
		if (overwrite) {
			await writeFile(file, 'precious');
		}

		await expect(writeExport({chunks: breaking(), file, overwrite})).rejects.toThrow(
			/Could not write the export to .*the launcher went away/,
		);
		expect(await readdir(folder)).toEqual(overwrite ? ['a.md'] : []);
		expect(overwrite ? await readFile(file, 'utf8') : 'precious').toBe('precious');
	});

	test('follows a link to a file, and leaves the link', async () => {
		await writeFile(path.join(folder, 'real'), 'old');
		await symlink('real', path.join(folder, 'link'));
		await writeExport({chunks: pieces('new'), file: path.join(folder, 'link'), overwrite: true});
		expect((await lstat(path.join(folder, 'link'))).isSymbolicLink()).toBe(true);
		expect(await readFile(path.join(folder, 'real'), 'utf8')).toBe('new');
	});

	test.each(['a pipe', 'a folder'])('never takes the place of %s', async what => {
		const file = path.join(folder, what);
		execFileSync(what === 'a pipe' ? 'mkfifo' : 'mkdir', [file]);
		const before = await lstat(file);
		await expect(writeExport({chunks: pieces('x'), file, overwrite: true})).rejects.toMatchObject({name: 'ExpectedError', exitCode: 73});
		expect((await lstat(file)).ino).toBe(before.ino);
	});

	test('makes its folder only when asked to, and then private', async () => {
		const file = path.join(folder, 'exports', 'a.md');
		await expect(writeExport({chunks: pieces('x'), file})).rejects.toThrow('its folder does not exist');
		await writeExport({chunks: pieces('x'), file, makeFolder: true});
		expect((await stat(path.dirname(file))).mode & 0o777).toBe(0o700);
	});

	test('in a place that takes no files says why', async () => {
		await writeFile(path.join(folder, 'file'), '');
		await expect(writeExport({chunks: pieces('x'), file: path.join(folder, 'file', 'a.md')})).rejects.toThrow('is not a folder');
		await mkdir(path.join(folder, 'closed'));
		await chmod(path.join(folder, 'closed'), 0o500);
		if (process.getuid?.() !== 0) {
			await expect(writeExport({chunks: pieces('x'), file: path.join(folder, 'closed', 'a.md')})).rejects.toThrow('permission was denied');
		}
	});

	test.runIf(canMount)('to a full disk says so, keeps no part of it, and leaves what was there', async () => {
		execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=0700', 'tmpfs', folder]);
		try {
			const file = path.join(folder, 'a.md');
			await writeFile(file, 'precious');
			await expect(writeExport({chunks: pieces('x'.repeat(70_000), 'x'.repeat(70_000)), file, overwrite: true})).rejects.toMatchObject({
				name: 'ExpectedError',
				message: `Could not write the export to ${file}: the disk is full.`,
				exitCode: 74,
			});
			expect(await readFile(file, 'utf8')).toBe('precious');
			expect(await readdir(folder)).toEqual(['a.md']);
		} finally {
			execFileSync('umount', [folder]);
		}
	});
});

describe('an export to standard output', () => {
	test('is what was written, no faster than it is read', async () => {
		const reader = new PassThrough({highWaterMark: 16});
		let given = 0;
		async function* counted(): AsyncGenerator<string> {
			for (; given < 100; given += 1) {
				yield 'x'.repeat(100);
			}
		}

		const written = streamExport(counted(), reader);
		await expect.poll(() => reader.readableLength).toBeGreaterThan(0);
		expect(given).toBeLessThan(5);
		let read = 0;
		reader.on('data', (chunk: Buffer) => {
			read += chunk.length;
		});
		await written;
		await expect.poll(() => read).toBe(10_000);
	});

	test('ends quietly when its reader has seen enough', async () => {
		const head = spawn('head', ['-c', '5'], {stdio: ['pipe', 'pipe', 'inherit']});
		const seen: Buffer[] = [];
		head.stdout.on('data', (chunk: Buffer) => seen.push(chunk));
		const closed = once(head, 'close');
		async function* endless(): AsyncGenerator<string> {
			for (;;) {
				yield 'export '.repeat(1000);
			}
		}

		await streamExport(endless(), head.stdin);
		await closed;
		expect(Buffer.concat(seen).toString()).toBe('expor');
	});

	test('onto a full disk says so', async () => {
		const full = createWriteStream('/dev/full');
		await expect(streamExport(pieces('x'), full)).rejects.toMatchObject({
			name: 'ExpectedError',
			message: 'Could not write the export to standard output: the disk is full.',
			exitCode: 74,
		});
	});

	test('of a source that fails says why', async () => {
		const sink = new Writable({write: (_chunk, _encoding, done) => done()});
		await expect(streamExport(breaking(), sink)).rejects.toThrow('the launcher went away');
	});
});
