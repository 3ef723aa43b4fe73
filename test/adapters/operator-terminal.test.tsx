import {Box, Text} from 'ink';
import {describe, expect, test} from 'vitest';
import {openScreen} from '../helpers/open-screen.js';
import {openTestConsole, type TestConsole} from '../helpers/terminal-console.js';

const script = 'echo before; $CONSOLE; echo "code $?."; stty -a';

/** The terminal is what it was: the operator's own screen with what stood there, modes off, lines edited by the kernel. */
const expectGivenBack = async (console: TestConsole): Promise<void> => {
	await console.see(/ icanon/);
	const {normal, active} = console.terminal.buffer;
	const screen = Array.from({length: normal.length}, (_, row) => normal.getLine(row)?.translateToString(true)).join('\n');
	expect(screen).toMatch(/^before\n/);
	expect(screen).toMatch(/ icanon .* echo /s);
	expect(screen).not.toContain('╭');
	expect(active.type).toBe('normal');
	expect(console.terminal.modes).toMatchObject({
		bracketedPasteMode: false,
		sendFocusMode: false,
		mouseTrackingMode: 'none',
		applicationCursorKeysMode: false,
		synchronizedOutputMode: false,
		wraparoundMode: true,
	});
	expect(console.output().toString('latin1').lastIndexOf('\u{1B}[?25h')).toBeGreaterThan(
		console.output().toString('latin1').lastIndexOf('\u{1B}[?25l'),
	);
};

const openAt = {rows: 24, columns: 90, script};

describe('the terminal is given back on every way out', () => {
	test('the console quits', async () => {
		const console = openTestConsole(openAt);
		await console.see('CONSOLE 90x24');
		expect(console.terminal.buffer.active.type).toBe('alternate');
		expect(console.terminal.modes).toMatchObject({bracketedPasteMode: true, sendFocusMode: true});
		console.press('q');
		await console.see('code 0.');
		await expectGivenBack(console);
		await console.see('console closed');
	});

	test('an error nobody caught: the terminal first, then the error, readable', async () => {
		const console = openTestConsole(openAt);
		await console.see('CONSOLE');
		console.press('x');
		await console.see('code 1.');
		await expectGivenBack(console);
		expect(console.terminal.buffer.normal.length).toBeGreaterThan(0);
		expect(console.output().toString()).toMatch(/\[\?1049l[\s\S]*thrown on purpose/);
	});

	test.each([
		['SIGTERM', 143],
		['SIGHUP', 129],
		['SIGINT', 130],
	] as const)('%s, which still ends the process as it would', async (signal, code) => {
		const console = openTestConsole({...openAt, script: `trap : INT; ${script}`});
		await console.see('CONSOLE');
		await console.signal(signal);
		await console.see(`code ${code}.`);
		await expectGivenBack(console);
	});

	test('while an agent has the terminal, with all its modes on', async () => {
		const console = openTestConsole({...openAt, script: `trap : INT; ${script}`});
		await console.see('CONSOLE');
		console.press('a');
		await console.see('AGENT READY');
		console.press('!m');
		await console.see('MODES ON');
		expect(console.terminal.modes).toMatchObject({mouseTrackingMode: 'vt200', applicationCursorKeysMode: true});
		await console.signal('SIGTERM');
		await console.see('code 143.');
		await expectGivenBack(console);
	});
});

test('stopped and continued, the console gives the terminal to the shell and takes it again', async () => {
	const console = openTestConsole({interactive: true, columns: 70, rows: 16});
	await console.see('prompt>');
	await console.type('$CONSOLE\r');
	await console.see('CONSOLE 70x16');
	console.press('k');
	await console.see('k!');
	await console.signal('SIGTSTP');
	await console.see('Stopped');
	expect(console.terminal.buffer.active.type).toBe('normal');
	await console.type('echo in the she""ll\r');
	await console.see('in the shell');
	console.resize(80, 18);
	await console.type('fg\r');
	await console.see('CONSOLE 80x18');
	expect(console.terminal.buffer.active.type).toBe('alternate');
	expect(console.terminal.modes).toMatchObject({bracketedPasteMode: true, sendFocusMode: true});
	console.press('\u{1B}[A');
	await console.see('up!');
	console.press('q');
	await console.see('console closed');
	await console.see('in the shell');
});

test('stopped behind its back, the console draws itself again when it continues', async () => {
	const console = openTestConsole({interactive: true, columns: 70, rows: 16});
	await console.see('prompt>');
	await console.type('$CONSOLE\r');
	await console.see('CONSOLE');
	await console.signal('SIGSTOP');
	await console.see('Stopped');
	await console.type('clear\r');
	await console.gone('CONSOLE');
	await console.type('fg\r');
	await console.see('CONSOLE 70x16');
	console.press('z');
	await console.see('z!');
});

test('a terminal that stops reading does not stop the console, and is drawn anew when it reads again', async () => {
	const console = openTestConsole({env: {BUSY: '1'}, columns: 200, rows: 50});
	await console.see('CONSOLE 200x50');
	const before = console.status();
	const startedAtMs = performance.now();
	console.stall();
	await expect.poll(() => console.status().rounds, {timeout: 50_000}).toBeGreaterThan(before.rounds + 200);
	const stalledMs = performance.now() - startedAtMs;
	const {longestGapMs} = console.status();
	console.resume();
	const turn = /turn (\d+)/.exec(await console.see(/turn \d+/))![1]!;
	await console.see(lines => Number(/turn (\d+)/.exec(lines.join('\n'))?.[1]) > Number(turn));
	await console.see(lines => lines[0]!.startsWith('╭─') && lines[49]!.startsWith('╰─') && lines[1]!.includes('CONSOLE 200x50'));
	console.press('w');
	await console.see('w!');
	expect(longestGapMs / stalledMs).toBeLessThan(0.5);
});

test('Ink finds a terminal on which nothing is typed, and all input arrives as events', async () => {
	await using screen = await openScreen(
		<Box>
			<Text>hello</Text>
		</Box>,
		{columns: 30, rows: 5},
	);
	const heard: unknown[] = [];
	screen.terminal.onInput(event => heard.push(event));
	expect(screen.stdin.isRaw).toBe(true);
	screen.press('a');
	await expect.poll(() => heard).toEqual([{kind: 'key', key: 'a', alone: true}]);
	expect(screen.terminal.stdin.readableLength).toBe(0);
	expect(screen.terminal.size()).toEqual({columns: 30, rows: 5});
});

test('a lagging terminal is sent nothing more until it has caught up, and then everything', async () => {
	await using screen = await openScreen(<Text>one</Text>, {columns: 30, rows: 5});
	screen.stdout.stall();
	screen.stdout.writableLength = 300_000;
	screen.app.rerender(<Text>two</Text>);
	await screen.app.waitUntilRenderFlush();
	const queued = screen.stdout.writableLength;
	screen.app.rerender(<Text>three</Text>);
	await screen.app.waitUntilRenderFlush();
	expect(screen.stdout.writableLength).toBe(queued);
	screen.stdout.unstall();
	await screen.see('three');
});

test('of the bells of a stalled terminal, one is rung when it reads again', async () => {
	await using screen = await openScreen(<Text>one</Text>, {columns: 30, rows: 5});
	let bells = 0;
	screen.outer.onBell(() => bells++);
	screen.terminal.signal('\u{7}');
	await screen.settled();
	expect(bells).toBe(1);
	screen.stdout.stall();
	screen.stdout.writableLength = 300_000;
	for (let count = 0; count < 5; count++) {
		screen.terminal.signal('\u{7}');
	}

	screen.stdout.unstall();
	await screen.settled();
	expect(bells).toBe(3);
});

test('a frame counts as shown only when the terminal has taken it', async () => {
	await using screen = await openScreen(<Text>one</Text>, {columns: 30, rows: 5});
	const written: number[] = [];
	const shown: number[] = [];
	screen.terminal.onFrame(frame => written.push(frame));
	screen.terminal.onFrameShown(frame => shown.push(frame));
	screen.app.rerender(<Text>two</Text>);
	await expect.poll(() => shown.length).toBe(1);
	screen.stdout.stall();
	screen.app.rerender(<Text>three</Text>);
	await screen.settled();
	expect([written.length, shown.length]).toEqual([2, 1]);
	screen.stdout.unstall();
	await expect.poll(() => shown).toEqual(written);
});

test('a terminal that is gone is told once and never written to again', async () => {
	await using screen = await openScreen(<Text>one</Text>, {columns: 30, rows: 5});
	let hangups = 0;
	screen.terminal.onHangup(() => hangups++);
	screen.stdout.emit('error', new Error('EIO'));
	screen.stdin.emit('end');
	screen.app.rerender(<Text>two</Text>);
	await screen.settled();
	expect(hangups).toBe(1);
	expect((await screen.lines()).join('')).not.toContain('two');
});
