import fc from 'fast-check';
import {describe, expect, test, vi} from 'vitest';
import {createScreen} from '../../source/launcher/screen.js';
import {cutUp, terminalStream} from '../helpers/terminal-streams.js';

const openScreen = (options: {columns?: number; rows?: number} = {}) => {
	const replies: string[] = [];
	const screen = createScreen({columns: 40, rows: 10, reply: bytes => replies.push(bytes), ...options});
	return {screen, replies, write: (text: string) => screen.write(Buffer.from(text))};
};

const textOf = async ({screen}: ReturnType<typeof openScreen>): Promise<string> => {
	await screen.parsed();
	return screen.text('screen').join('\n');
};

describe('parsing', () => {
	test('waits for more while nobody watches, and happens by itself', async () => {
		const {screen, write} = openScreen();
		write('later');
		expect(screen.pendingBytes).toBe(5);
		expect(screen.text('screen')).toEqual([]);
		await vi.waitFor(() => expect(screen.text('screen')).toEqual(['later']));
		expect(screen.pendingBytes).toBe(0);
	});

	test('happens at once while watched', () => {
		const {screen, write} = openScreen();
		write('before, ');
		screen.setWatched(true);
		expect(screen.text('screen')).toEqual(['before,']);
		write('now');
		expect(screen.text('screen')).toEqual(['before, now']);
		screen.setWatched(false);
		write(', later');
		expect(screen.text('screen')).toEqual(['before, now']);
	});

	test('happens at once, in order, when the bytes ask the terminal something', () => {
		const {screen, replies, write} = openScreen();
		write('two\r\nrows');
		expect(replies).toEqual([]);
		write('\u001B[6');
		expect(replies).toEqual([]);
		write('n');
		expect(replies).toEqual(['\u001B[2;5R']);
		expect(screen.pendingBytes).toBe(0);
	});

	test('lets the event loop breathe, also with many megabytes for many screens', async () => {
		const screens = Array.from({length: 4}, () => openScreen());
		const flood = Buffer.from('\u001B[31mA line of a flood, with colours.\u001B[0m\r\n'.repeat(20_000));
		const started = performance.now();
		let turns = 0;
		const timer = setInterval(() => {
			turns++;
		}, 1);
		for (const {screen} of screens) {
			screen.setWatched(true);
			screen.write(flood);
		}

		expect(screens.every(({screen}) => screen.pendingBytes > 0)).toBe(true);
		await Promise.all(screens.map(async ({screen}) => screen.parsed()));
		clearInterval(timer);
		const tookMs = performance.now() - started;
		expect(turns).toBeGreaterThan(tookMs / 100);
		expect(screens.map(({screen}) => screen.text('screen').length)).toEqual([9, 9, 9, 9]);
	});

	test('gives the same screen however the bytes are cut', async () => {
		await fc.assert(
			fc.asyncProperty(terminalStream, fc.array(fc.nat(), {maxLength: 20}), fc.boolean(), async (pieces, cuts, isWatched) => {
				const bytes = Buffer.from(pieces.join(''));
				const [whole, cut] = [openScreen(), openScreen()];
				whole.screen.write(bytes);
				cut.screen.setWatched(isWatched);
				for (const chunk of cutUp(bytes, cuts)) {
					cut.screen.write(chunk);
				}

				expect(Buffer.from(cut.screen.snapshot()).toString()).toBe(Buffer.from(whole.screen.snapshot()).toString());
			}),
			{numRuns: 100},
		);
	});

	test('is told to listeners, of which one that throws harms nobody', async () => {
		const one = openScreen();
		let heard = 0;
		one.screen.onParsed(() => {
			throw new Error('A listener fails.');
		});
		const stop = one.screen.onParsed(() => {
			heard++;
		});
		one.write('a');
		await one.screen.parsed();
		expect(heard).toBe(1);
		one.screen.resize(50, 10);
		expect(heard).toBe(2);
		stop();
		one.write('b');
		await one.screen.parsed();
		expect(heard).toBe(2);
	});

	test('is over once the screen is disposed of', async () => {
		const {screen, write} = openScreen();
		write('never parsed');
		const parsed = screen.parsed();
		screen.dispose();
		await parsed;
		write('dropped');
		expect(screen.pendingBytes).toBe(0);
	});

	test('goes on when a reply cannot be written', async () => {
		const screen = createScreen({
			columns: 40,
			rows: 10,
			reply() {
				throw new Error('The pty is gone.');
			},
		});
		screen.write(Buffer.from('\u001B[c\u001B[6n\u001B]10;?\u0007still here'));
		await screen.parsed();
		expect(screen.text('screen')).toEqual(['still here']);
	});
});

describe('hostile output', () => {
	const most = 2_147_483_647;

	test.each([...'LMSTIZbX@PABCDEFGaed`'].map(final => ({name: `CSI ${most} ${final}`, bytes: `x\u001B[${most}${final}`})))(
		'$name ends soon',
		async ({bytes}) => {
			const one = openScreen();
			one.write(`${bytes.repeat(20)}\u001B[H\u001B[2Jalive`);
			expect(await textOf(one)).toBe('alive');
		},
	);

	test('in the last corner of the screen does not lose what follows', async () => {
		const one = openScreen();
		one.write('\u001B[10;40Hx\u001B[1J\u001B[Halive');
		expect(await textOf(one)).toBe('alive');
		one.write('\u001B[?1049h\u001B[10;40Hx\u001B[?1J\u001B[Halive too');
		expect(await textOf(one)).toBe('alive too');
	});

	test('of random bytes never stops the screen', async () => {
		await fc.assert(
			fc.asyncProperty(fc.uint8Array({maxLength: 400}), terminalStream, async (noise, pieces) => {
				const one = openScreen();
				one.screen.write(noise);
				one.write(pieces.join(''));
				one.screen.write(noise);
				one.write('\u0018\u001Bcalive');
				expect(await textOf(one)).toBe('alive');
			}),
			{numRuns: 200},
		);
	});

	test('of endless links and link targets keeps the links few', async () => {
		const one = openScreen();
		for (let index = 0; index < 5000; index++) {
			one.write(`\u001B]8;;https://example.org/${index}\u001B\\x\u001B]8;;\u001B\\\r`);
		}

		one.write(`\u001B[2J\u001B[H\u001B]8;;https://${'x'.repeat(10_000)}\u001B\\long\u001B]8;;\u001B\\`);
		await one.screen.parsed();
		expect(Buffer.from(one.screen.snapshot()).toString()).not.toContain('xxxx');
		expect(one.screen.text('screen')).toEqual(['long']);
	});
});

describe('a screen', () => {
	test('tells its title, without controls and not longer than 256 characters', async () => {
		const {screen, write} = openScreen();
		write('\u001B]2;plain\u0007');
		await screen.parsed();
		expect(screen.title).toBe('plain');
		write(`\u001B]0;a\u007Fb${'🚀'.repeat(1000)}\u001B\\`);
		await screen.parsed();
		expect(screen.title).toBe(`ab${'🚀'.repeat(254)}`);
	});

	test('follows the stack of titles', async () => {
		const {screen, write} = openScreen();
		write('\u001B]2;outer\u0007\u001B[22;0t\u001B]2;inner\u0007\u001B[22;2t\u001B]2;innermost\u0007\u001B[23;2t');
		await screen.parsed();
		expect(screen.title).toBe('inner');
		write('\u001B[23;0t\u001B[23;0t');
		await screen.parsed();
		expect(screen.title).toBe('outer');
	});

	test('counts bells, but not those that end a title', async () => {
		const {screen, write} = openScreen();
		write('\u0007\u001B]2;title\u0007\u0007');
		await screen.parsed();
		expect(screen.bells).toBe(2);
	});

	test('knows whether pastes are bracketed', async () => {
		const {screen, write} = openScreen();
		expect(screen.bracketedPaste).toBe(false);
		write('\u001B[?2004h');
		await screen.parsed();
		expect(screen.bracketedPaste).toBe(true);
	});

	test.each([
		{asked: [0, 0], given: [1, 1]},
		{asked: [-5, 20], given: [1, 20]},
		{asked: [5000, 5000], given: [1000, 1000]},
		{asked: [Number.NaN, 30], given: [1, 30]},
		{asked: [80.7, 24.2], given: [80, 24]},
	])('takes a size of $asked as $given', async ({asked, given}) => {
		const one = openScreen();
		one.write('kept\r\n');
		one.screen.resize(asked[0]!, asked[1]!);
		expect([one.screen.columns, one.screen.rows]).toEqual(given);
		one.screen.resize(40, 10);
		expect(await textOf(one)).toContain('kept');
	});

	test('parses what was written before a change of size at the old size', async () => {
		const one = openScreen();
		one.write('x'.repeat(40));
		one.screen.resize(20, 10);
		expect(one.screen.pendingBytes).toBe(0);
	});

	test('gives lines without trailing blanks, and no empty ones at the end', async () => {
		const one = openScreen();
		one.write('first   \r\n\r\n  third\u001B[44m   \u001B[0m\r\n   ');
		expect(await textOf(one)).toBe('first\n\n  third');
	});

	test('names the bytes of a sequence that has not ended', async () => {
		const {screen, write} = openScreen();
		write('text \u001B[38;5');
		expect(Buffer.from(screen.unfinished).toString()).toBe('\u001B[38;5');
		write(';1m');
		expect(screen.unfinished).toHaveLength(0);
		screen.write(Buffer.from('🚀').subarray(0, 2));
		expect(screen.unfinished).toHaveLength(2);
	});
});
