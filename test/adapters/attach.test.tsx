import {createHash, randomBytes} from 'node:crypto';
import {Box, Text, useApp} from 'ink';
import {useEffect} from 'react';
import {describe, expect, test} from 'vitest';
import type {AttachEvents} from '../../source/launcher-port.js';
import {type AttachOptions, attachFullScreen} from '../../source/terminal/attach.js';
import {openScreen} from '../helpers/open-screen.js';
import {openTestConsole} from '../helpers/terminal-console.js';

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const openAttached = async (options: Parameters<typeof openTestConsole>[0] = {}) => {
	const console = openTestConsole(options);
	await console.see('CONSOLE');
	console.press('a');
	await console.see('AGENT READY');
	return console;
};

describe('a real console, a real agent, real ptys', () => {
	test('every byte reaches the agent as it was sent', async () => {
		const console = await openAttached();
		const bytes = Buffer.concat([
			Uint8Array.of(0x00, 0x03, 0x1a, 0x1c, 0x0d, 0x0a, 0x7f),
			Uint8Array.of(0xff, 0xfe, 0xc3, 0x28, 0xed, 0xa0, 0x80),
			Buffer.from('\u{1B}[M\u{20}', 'latin1'),
			Uint8Array.of(0xf5, 0x9d),
			Buffer.from('\u{1B}[<0;10;5M\u{1B}[<0;10;5m\u{1B}[97;5:3u\u{1B}[27;5;97~\u{1B}OA\u{1B}[I\u{1B}é漢'),
		]);
		console.press(bytes);
		await expect.poll(() => console.agentInput().toString('hex')).toBe(bytes.toString('hex'));
		console.press('\u{1D}v');
		await console.see('keys: a! v');
	});

	test('a paste of 200 KB arrives byte for byte, even with the detach key in it', async () => {
		const console = await openAttached();
		const body = Buffer.from(randomBytes(200_000).map(byte => (byte === 0x1b || byte === 0x21 ? 0x1d : byte)));
		const paste = Buffer.concat([Buffer.from('\u{1B}[200~'), body, Buffer.from('\u{1B}[201~')]);
		console.press(paste);
		await expect.poll(() => console.agentInput().length, {timeout: 30_000}).toBe(paste.length);
		expect(digest(console.agentInput())).toBe(digest(paste));
		expect(console.status().outcome).toBe('');
	});

	test.each([
		['raw', '\u{1D}'],
		['kitty', '\u{1B}[93;5u'],
		['modifyOtherKeys', '\u{1B}[27;5;93~'],
	])('the %s detach key leaves: what is before it is the agent’s, what is behind it the console’s', async (_, key) => {
		const console = await openAttached();
		console.press(`before${key}xx`.replace('xx', 'vw'));
		await console.see('keys: a! v w');
		await console.see('CONSOLE 60x12 detached');
		await console.gone('AGENT READY');
		expect(console.agentInput().toString()).toBe('before');
		console.press('z');
		await console.see('keys: a! v w z!');
		expect(console.agentInput().toString()).toBe('before');
	});

	test('the agent’s modes are in force while attached, gone afterwards, and back when attached again', async () => {
		const console = await openAttached();
		const agentModes = {
			wraparoundMode: true,
			mouseTrackingMode: 'vt200',
			bracketedPasteMode: true,
			sendFocusMode: true,
			applicationCursorKeysMode: true,
		};
		const consoleModes = {
			wraparoundMode: false,
			mouseTrackingMode: 'none',
			bracketedPasteMode: true,
			sendFocusMode: true,
			applicationCursorKeysMode: false,
		};
		expect(console.terminal.modes).toMatchObject({bracketedPasteMode: false, sendFocusMode: false});
		console.press('!m');
		await console.see('MODES ON');
		expect(console.terminal.modes).toMatchObject(agentModes);
		console.press('\u{1D}');
		await console.see('CONSOLE 60x12 detached');
		expect(console.terminal.modes).toMatchObject(consoleModes);
		console.press('a');
		await console.see('MODES ON');
		expect(console.terminal.modes).toMatchObject(agentModes);
	});

	test('the agent may change screens; the operator’s terminal stays on its own', async () => {
		const console = await openAttached();
		console.press('!A');
		await console.see('on the other screen');
		await console.gone('AGENT READY');
		console.press('!B');
		await console.see('AGENT READY');
		await console.gone('on the other screen');
		expect(console.terminal.buffer.active.type).toBe('alternate');
		const output = console.output().toString('latin1');
		expect(output.split('\u{1B}[?1049h')).toHaveLength(2);
		expect(output).not.toContain('\u{1B}[?1049l');
		console.press('\u{1D}');
		await console.see('CONSOLE');
		expect(console.output().toString('latin1').split('\u{1B}[?1049')).toHaveLength(2);
	});

	test('a new size reaches the agent, and Ink draws for it afterwards', async () => {
		const console = await openAttached();
		console.resize(72, 14);
		await console.see('size 72x14');
		console.press('\u{1D}');
		await console.see('CONSOLE 72x14');
		console.resize(66, 13);
		await console.see('CONSOLE 66x13');
		console.press('a');
		await console.see('size 66x13');
	});

	test('when the agent ends, the console is back', async () => {
		const console = await openAttached();
		console.press('!q');
		await console.see('CONSOLE 60x12 ended');
		console.press('z');
		await console.see('z!');
	});

	test('a terminal that stops reading loses output, not the console: it shows the agent’s screen when it reads again', async () => {
		const console = await openAttached({columns: 100, rows: 30});
		const startedAtMs = performance.now();
		console.stall();
		console.press('!f');
		await expect.poll(() => console.status().agentBytes, {timeout: 50_000}).toBeGreaterThan(3_000_000);
		const {rounds} = console.status();
		await expect.poll(() => console.status().rounds, {timeout: 50_000}).toBeGreaterThan(rounds + 50);
		const stalledMs = performance.now() - startedAtMs;
		const {longestGapMs} = console.status();
		console.resume();
		const screen = await console.see('FLOOD DONE', {withinMs: 30_000});
		expect(screen).toMatch(/flood 39999 ~{60}\n/);
		expect(console.output().length).toBeLessThan(2_500_000);
		expect(longestGapMs / stalledMs).toBeLessThan(0.5);
		console.press('\u{1D}');
		await console.see(lines => lines[0]!.startsWith('╭─') && lines[29]!.startsWith('╰─') && lines.every(line => !line.includes('flood')));
	});
});

const Stage = ({
	columns,
	rows,
	onSuspend,
}: {
	readonly columns: number;
	readonly rows: number;
	readonly onSuspend: (suspend: AttachOptions['suspend']) => void;
}) => {
	const {suspendTerminal} = useApp();
	useEffect(() => onSuspend(suspendTerminal), [onSuspend, suspendTerminal]);
	return (
		<Box borderStyle="round" width={columns} height={rows}>
			<Text>CONSOLE</Text>
		</Box>
	);
};

/** An agent played by the test, behind a screen whose Ink suspends as the real one does. */
const openStage = async (columns = 40, rows = 6) => {
	const agent = {input: '', sizes: [] as string[], repaints: 0, closed: 0, events: undefined as AttachEvents | undefined};
	let suspend: AttachOptions['suspend'] | undefined;
	const onSuspend = (inks: AttachOptions['suspend']) => {
		suspend = inks;
	};
	const screen = await openScreen(<Stage columns={columns} rows={rows} onSuspend={onSuspend} />, {columns, rows});
	const attach: AttachOptions['attach'] = async (size, events) => {
		agent.events = events;
		agent.sizes.push(`${size.columns}x${size.rows}`);
		return {
			input(bytes) {
				agent.input += Buffer.from(bytes).toString('latin1');
			},
			resize: (nextColumns, nextRows) => agent.sizes.push(`${nextColumns}x${nextRows}`),
			repaint() {
				agent.repaints++;
			},
			close() {
				agent.closed++;
			},
		};
	};
	const keys: string[] = [];
	screen.terminal.onInput(event => event.kind === 'key' && keys.push(event.key));
	return {
		screen,
		agent,
		keys,
		show: (text: string) => agent.events!.onOutput(Buffer.from(text)),
		repaint: (text: string) => agent.events!.onRepaint(Buffer.from(text)),
		attach: (options: Partial<AttachOptions> = {}) =>
			attachFullScreen({terminal: screen.terminal, attach, suspend: async () => suspend!(), ...options}),
		joined: () => expect.poll(() => agent.events).toBeDefined(),
	};
};

describe('one stay on an agent’s screen', () => {
	test('nothing is shown before the first repaint, and Ink shows nothing until the end', async () => {
		const {screen, attach, joined, show, repaint} = await openStage();
		const stay = attach();
		await joined();
		show('too early');
		repaint('PICTURE\r\n');
		show('live');
		screen.app.rerender(<Text>INK</Text>);
		await screen.app.waitUntilRenderFlush();
		expect((await screen.lines()).slice(0, 3)).toEqual(['PICTURE', 'live', '']);
		screen.press('\u{1D}');
		expect(await stay).toBe('detached');
		await screen.see('INK');
		await screen.gone('PICTURE');
		await screen.close();
	});

	test('a line feed of the agent’s moves down and not back, whatever the kernel makes of line feeds', async () => {
		const {screen, attach, joined, show, repaint} = await openStage();
		void attach();
		await joined();
		repaint('a\nb');
		show('\nc\r\nd');
		expect((await screen.lines()).slice(0, 4)).toEqual(['a', ' b', '  c', 'd']);
		await screen.close();
	});

	test('from the call on, what is typed belongs to the agent, in order', async () => {
		const {screen, agent, keys, attach} = await openStage();
		const stay = attach();
		screen.press('typed');
		screen.press('ahead');
		await expect.poll(() => agent.input).toBe('typedahead');
		screen.press('\u{1D}q');
		await stay;
		await expect.poll(() => keys).toEqual(['q']);
		await screen.close();
	});

	test('an agent that cannot be reached leaves the console as it was, and nothing typed for it reaches the console', async () => {
		const {screen, keys, attach} = await openStage();
		const stay = attach({attach: () => Promise.reject(new Error('no such pty'))});
		const failure = expect(stay).rejects.toThrow('no such pty');
		screen.press('rm -rf');
		await failure;
		await screen.see('CONSOLE');
		screen.press('k');
		await expect.poll(() => keys).toEqual(['k']);
		await screen.close();
	});

	test('the operator may leave an agent that never answers', async () => {
		const {screen, agent, attach} = await openStage();
		const late = Promise.withResolvers<Awaited<ReturnType<AttachOptions['attach']>>>();
		const stay = attach({attach: () => late.promise});
		screen.press('\u{1D}');
		expect(await stay).toBe('detached');
		await screen.see('CONSOLE');
		const closed = () => agent.closed++;
		late.resolve({input() {}, resize() {}, repaint() {}, close: closed});
		await expect.poll(() => agent.closed).toBe(1);
		await screen.close();
	});

	test('when Ink does not let go, the console keeps its keys and its screen', async () => {
		const {screen, keys, attach} = await openStage();
		await expect(attach({suspend: () => Promise.reject(new Error('already suspended'))})).rejects.toThrow('already suspended');
		screen.press('k');
		await expect.poll(() => keys).toEqual(['k']);
		screen.app.rerender(<Text>STILL HERE</Text>);
		await screen.see('STILL HERE');
		await screen.close();
	});

	test('after a lag nothing half is shown: a repaint is asked for, and shown', async () => {
		const {screen, agent, attach, joined, show, repaint} = await openStage();
		void attach();
		await joined();
		repaint('FIRST');
		screen.stdout.stall();
		screen.stdout.writableLength = 300_000;
		show('queued');
		show('dropped');
		repaint('dropped too');
		screen.stdout.unstall();
		expect(agent.repaints).toBe(1);
		show('still dropped');
		expect((await screen.lines())[0]).toBe('FIRSTqueued');
		repaint('SECOND');
		show('!');
		expect((await screen.lines())[0]).toBe('SECOND!');
		await screen.close();
	});

	test('a bell waits for a moment that cuts nothing in two', async () => {
		const {screen, agent, attach, joined, show, repaint} = await openStage();
		let bells = 0;
		screen.outer.onBell(() => bells++);
		void attach();
		await joined();
		repaint('FIRST');
		show('half a title \u{1B}]0;agent');
		screen.terminal.signal('\u{7}');
		await screen.lines();
		expect(bells).toBe(0);
		expect(agent.repaints).toBe(1);
		repaint('SECOND');
		expect((await screen.lines())[0]).toBe('SECOND');
		expect(bells).toBe(1);
		await screen.close();
	});

	test('a terminal that goes away ends the stay', async () => {
		const {screen, agent, attach, joined} = await openStage();
		const stay = attach();
		await joined();
		screen.stdin.emit('end');
		expect(await stay).toBe('detached');
		expect(agent.closed).toBe(1);
		await screen.close();
	});

	test('a key that not every terminal can tell from others is no way out', async () => {
		const {screen, attach} = await openStage();
		await expect(attach({detachKeys: ['ctrl+m']})).rejects.toThrow('Cannot use ctrl+m');
		await screen.see('CONSOLE');
		await screen.close();
	});
});
