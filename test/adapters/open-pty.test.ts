import {execFile} from 'node:child_process';
import {createHash} from 'node:crypto';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {expect, test, vi} from 'vitest';
import {endProcess, isRunning} from '../helpers/launcher-process.js';
import {createTestPty, openScript} from '../helpers/launcher-pty.js';
import {compiledFile} from '../helpers/store-compiled.js';

const lines = (text: string): readonly string[] => text.split('\r\n').filter(line => line !== '');

test('an agent gets exactly the environment it was given', async () => {
	const env = {TERM: 'dumb', GREETING: 'olá wörld', EMPTY: ''};
	await using pty = createTestPty({file: '/usr/bin/env', env, cwd: '/tmp'});
	await pty.ended;
	expect([...lines(pty.text())].sort()).toEqual(['EMPTY=', 'GREETING=olá wörld', 'TERM=dumb']);
});

test('an agent has no open file but its terminal, whatever was opened and closed before (P16)', async () => {
	const many = Array.from({length: 24}, () => openScript('cat'));
	try {
		// Gaps among our descriptors must not hide those behind them.
		for (const index of [2, 3, 7, 8, 9, 15, 16]) {
			await many[index]?.[Symbol.asyncDispose]();
		}

		await using pty = createTestPty({file: '/bin/ls', args: ['/proc/self/fd']});
		await pty.ended;
		// The fourth is the folder that ls itself is reading.
		expect(pty.text().trim().split(/\s+/)).toEqual(['0', '1', '2', '3']);
	} finally {
		await Promise.all(many.map(async pty => pty[Symbol.asyncDispose]()));
	}
});

test('an agent starts in its folder, with its arguments untouched and its size known', async () => {
	await using pty = createTestPty({
		args: ['-c', 'pwd; stty size; printf "<%s>" "$@"', 'sh', 'a b', '$HOME; rm', 'é'],
		cwd: '/usr/bin',
		columns: 123,
		rows: 45,
	});
	await pty.ended;
	expect(pty.text()).toBe('/usr/bin\r\n45 123\r\n<a b><$HOME; rm><é>');
});

test('bytes come as they were written: NUL, broken UTF-8, escapes (P11)', async () => {
	await using pty = openScript("printf '\\000\\377\\303(\\033[31m\\342\\202'; printf '\\254'");
	await pty.ended;
	expect(pty.output()).toEqual(Buffer.from([0, 0xff, 0xc3, 0x28, 0x1b, 0x5b, 0x33, 0x31, 0x6d, 0xe2, 0x82, 0xac]));
});

test('a status is told as a status, a signal as a signal', async () => {
	await using status = openScript('exit 7');
	await using signal = openScript('kill -KILL $$');
	expect(await status.ended).toEqual({exitCode: 7, signal: null});
	expect(await signal.ended).toEqual({exitCode: null, signal: 9});
});

test('the last word of a program that prints a megabyte and exits is never lost', async () => {
	for (let round = 0; round < 30; round += 1) {
		await using pty = openScript('stty -opost; head -c 1000000 /dev/zero | tr "\\0" x; printf "the end"');
		await pty.ended;
		expect(pty.output().length).toBe(1_000_007);
		expect(pty.text().endsWith('xthe end')).toBe(true);
	}
});

test('what a program says before it exits at once is seen (P13)', async () => {
	for (let round = 0; round < 40; round += 1) {
		await using pty = openScript(`printf 'word ${round}'; exit 7`);
		expect(await pty.ended).toEqual({exitCode: 7, signal: null});
		expect(pty.text()).toBe(`word ${round}`);
	}
});

test('a pty that is paused while its child exits loses nothing', async () => {
	await using pty = openScript('stty -opost; head -c 8000 /dev/zero | tr "\\0" y; printf end', {onOutput: (_, {pause}) => pause()});
	expect(await pty.ended).toEqual({exitCode: 0, signal: null});
	expect(pty.output().length).toBe(8003);
});

test('a descendant that keeps the pty open delays the exit of its parent, but does not hide it', async () => {
	await using pty = openScript("(trap '' HUP; exec sleep 300) & echo $!; sleep 0.2; echo done; exit 3");
	expect(await pty.ended).toEqual({exitCode: 3, signal: null});
	const [pid, last] = lines(pty.text());
	expect(last).toBe('done');
	expect(isRunning(Number(pid))).toBe(true);
	endProcess(Number(pid));
});

test('200 KB of keys arrive in order, though the program reads late', async () => {
	const keys = Buffer.from(Array.from({length: 200_000}, (_, index) => 33 + (index % 90)));
	await using pty = openScript('stty raw -echo; echo ready; sleep 0.3; head -c 200000 | sha256sum; sleep 60');
	await vi.waitFor(() => expect(pty.text()).toContain('ready'), {timeout: 30_000});
	for (let offset = 0; offset < keys.length; offset += 30_000) {
		pty.write(keys.subarray(offset, offset + 30_000));
	}

	await pty.flushed();
	await vi.waitFor(() => expect(pty.text()).toContain(createHash('sha256').update(keys).digest('hex')), {timeout: 30_000});
});

test('the caller may use its buffer again after a write', async () => {
	await using pty = openScript('stty raw -echo; echo ready; sleep 0.2; head -c 100000 | tr -d a | wc -c; sleep 60');
	await vi.waitFor(() => expect(pty.text()).toContain('ready'), {timeout: 30_000});
	const keys = Buffer.alloc(100_000, 'a');
	pty.write(keys);
	keys.fill('b');
	await vi.waitFor(() => expect(pty.text()).toMatch(/ready\s+0\b/), {timeout: 30_000});
});

test('keys for a program that has gone are dropped, and nobody waits for them', async () => {
	await using pty = openScript('exit 0');
	pty.write(Buffer.alloc(1_000_000, 'x'));
	await pty.ended;
	pty.write(Buffer.from('more'));
	await pty.flushed();
	expect(() => pty.resize(10, 10)).not.toThrow();
});

test('a storm of sizes, impossible ones among them, ends at the last one (P18)', async () => {
	await using pty = openScript('trap "stty size" WINCH; echo ready; while :; do sleep 0.05; done');
	await vi.waitFor(() => expect(pty.text()).toContain('ready'), {timeout: 30_000});
	for (const size of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1, 5000]) {
		expect(() => pty.resize(size, size)).not.toThrow();
	}

	for (let columns = 20; columns < 500; columns += 1) {
		pty.resize(columns, 30);
	}

	pty.resize(101, 31);
	await vi.waitFor(() => expect(lines(pty.text()).at(-1)).toBe('31 101'), {timeout: 30_000});
});

test('when no pty is left that is said in a sentence, and it works again once one is free (P15)', async () => {
	const script = `ulimit -n 40; exec "$0" "$1"`;
	const fixture = fileURLToPath(compiledFile('test/fixtures/launcher-exhausted.js'));
	const {stdout} = await promisify(execFile)('/bin/sh', ['-c', script, process.execPath, fixture]);
	const told = JSON.parse(stdout);
	expect(told).toMatchObject({isExpected: true, opened: true, recovered: true});
	expect(told.message).toMatch(/no pseudo terminal, file descriptor or process left/);
});
