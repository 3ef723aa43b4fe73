import {existsSync, readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';
import {findExecutable} from '../../source/find-executable.js';
import {isAlive, openBuiltProgram, patient, processesNaming, startSession} from '../helpers/built-program.js';

const vim = findExecutable('vim', {searchPath: process.env['PATH'] ?? '', cwd: '/'});
if (vim === undefined) {
	process.stderr.write('Skipped: there is no vim here to attach to.\n');
}

const asking = "agentctl tool session-reply-parent --request-kind approval_request --text 'May I?' --wait && touch approved";

test.skipIf(vim === undefined)('an agent is started, worked with full screen, and its work is on the disk', async () => {
	await using built = openBuiltProgram();
	const screen = built.console();
	await screen.see('No session yet.', patient);
	await screen.see('Agents here', patient);
	await startSession(screen, {command: 'vim hello.txt', label: 'writer'});
	await screen.see(/● writer +working[\s\S]*│ ~/, patient);
	screen.press('\r');
	await screen.see(/^~[\s\S]*"hello.txt"/m, patient);
	await screen.type('ihello');
	await screen.see(/^hello$/m, patient);
	await screen.type('\u001B:wq\r');
	await screen.see('writer ended.', patient);
	expect(readFileSync(path.join(built.project, 'hello.txt'), 'utf8')).toBe('hello\n');
});

test('a request waits for the operator, a typed word approves it, and the log is exported', async () => {
	await using built = openBuiltProgram();
	const screen = built.console();
	await screen.see('Agents here', patient);
	await startSession(screen, {command: asking, label: 'asker'});
	await screen.see('1 waits for you', patient);
	expect(existsSync(path.join(built.project, 'approved'))).toBe(false);
	screen.press('4');
	await screen.see('May I?', patient);
	await expect
		.poll(
			async () => {
				screen.press('a');
				return (await screen.lines()).join('\n');
			},
			{timeout: 20_000, interval: 1500},
		)
		.toContain('unknown');
	screen.press('\u0015');
	await screen.type('unknown');
	screen.press('\r');
	await screen.see('nobody waits for you', patient);
	await expect.poll(() => existsSync(path.join(built.project, 'approved')), {timeout: 20_000}).toBe(true);
	screen.press('1');
	await screen.see('"choice": "approve"', patient);
	screen.press('e');
	await screen.see('Export asker', patient);
	screen.press('\r');
	await screen.see('Written to', patient);
	expect(readdirSync(path.join(built.stateDir, 'exports'))).toEqual([expect.stringMatching(/^asker-.*\.md$/)]);
});

test('agents and requests outlive q and a killed console; Q stops all and proves it', async () => {
	await using built = openBuiltProgram();
	const first = built.console();
	await first.see('Agents here', patient);
	await startSession(first, {command: 'while :; do date; sleep 0.2; done', label: 'ticker'});
	await first.see(/● ticker +working/, patient);
	await startSession(first, {command: asking, label: 'asker'});
	await first.see('1 waits for you', patient);
	first.press('q');
	expect(await first.exited).toEqual({exitCode: 0, signal: undefined});
	await first.lines();
	expect(first.terminal.buffer.active.type).toBe('normal');
	expect(first.output().toString().lastIndexOf('\u001B[?25h')).toBeGreaterThan(first.output().toString().lastIndexOf('\u001B[?25l'));
	const launcher = built.launcherPid() ?? 0;
	expect(isAlive(launcher)).toBe(true);

	const second = built.console();
	await second.see(/ticker +working/, patient);
	await second.see('1 waits for you', patient);
	second.kill('SIGKILL');
	await second.exited;
	expect(isAlive(launcher)).toBe(true);

	const third = built.console();
	await third.see(/ticker +working/, patient);
	await third.see('1 waits for you', patient);
	third.press('Q');
	await third.see('Stop everything, prove it, and quit?', patient);
	third.press('y');
	expect(await third.exited).toMatchObject({exitCode: 0});
	await third.see(/ticker: tree of \d+, 0 survivors/, patient);
	await third.see(/asker: tree of \d+, 0 survivors/, patient);
	await expect.poll(() => processesNaming('while :; do date'), {timeout: 20_000}).toEqual([]);
});
