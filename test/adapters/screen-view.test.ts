import fc from 'fast-check';
import {describe, expect, test, vi} from 'vitest';
import {createScreen, type Screen} from '../../source/launcher/screen.js';
import {createScreenView} from '../../source/launcher/screen-view.js';
import type {ScreenFrame, Viewport} from '../../source/launcher-port.js';
import {terminalStream} from '../helpers/terminal-streams.js';

const escapes = /\u001B\[[\d;:]*m/g;

/** A watcher: puts the rows of frames together, as text. */
const watch = (screen: Screen, viewport: Viewport) => {
	const view = createScreenView(screen, viewport);
	const rows: string[] = [];
	return {
		view,
		rows,
		text: (): readonly string[] => rows.map(row => row.replace(escapes, '').trimEnd()),
		next(): ScreenFrame | undefined {
			const frame = view.next();
			for (const [y, ansi] of frame?.rows ?? []) {
				rows[y] = ansi;
			}

			return frame;
		},
	};
};

const openScreen = ({columns = 20, rows = 10}: {columns?: number; rows?: number} = {}) => {
	const screen = createScreen({columns, rows, reply: () => undefined});
	screen.setWatched(true);
	return {
		screen,
		async write(text: string): Promise<void> {
			screen.write(Buffer.from(text));
			await screen.parsed();
		},
	};
};

const numbered = (from: number, to: number): readonly string[] => Array.from({length: to - from}, (_, index) => `row ${from + index}`);

describe('a view', () => {
	test('begins with every row, then tells the rows that changed, then nothing', async () => {
		const {screen, write} = openScreen({rows: 3});
		await write('one\r\ntwo');
		const {next, text} = watch(screen, {columns: 20, rows: 3, back: 0});
		expect(next()).toMatchObject({full: true, cursor: {x: 3, y: 1}, back: 0, historyLines: 0});
		expect(text()).toEqual(['one', 'two', '']);
		expect(next()).toBeUndefined();
		await write('\u001B[31m!');
		const frame = next();
		expect(frame).toMatchObject({full: false, cursor: {x: 4, y: 1}});
		expect(frame?.rows).toEqual([[1, `\u001B[0mtwo\u001B[0;31m!\u001B[0m${' '.repeat(16)}\u001B[0m`]]);
		expect(next()).toBeUndefined();
	});

	test('tells a cursor that moved without a changed row, and one that is hidden', async () => {
		const {screen, write} = openScreen();
		const {next} = watch(screen, {columns: 20, rows: 10, back: 0});
		next();
		await write('\u001B[3;4H');
		expect(next()).toEqual({full: false, rows: [], cursor: {x: 3, y: 2}, back: 0, historyLines: 0});
		await write('\u001B[?25l');
		expect(next()).toMatchObject({rows: [], cursor: undefined});
		await write('\u001B[1m');
		expect(next()).toBeUndefined();
	});

	test('sees changes that leave the cells’ numbers as they were', async () => {
		const {screen, write} = openScreen();
		await write('e\u0301');
		const {next, text} = watch(screen, {columns: 20, rows: 10, back: 0});
		next();
		await write('\re\u0302');
		expect(next()?.rows).toHaveLength(1);
		expect(text()[0]).toBe('e\u0302');
	});

	test('draws only SGR, exactly as wide as the viewport, and never half a wide character', async () => {
		const {screen, write} = openScreen();
		await write('ab日\u001B]8;;https://example.org\u001B\\link\u001B]8;;\u001B\\\u001B[4:3mcurly\u001B[8msecret');
		for (const [columns, shown] of [
			[1, 'a'],
			[3, 'ab '],
			[4, 'ab日'],
			[8, 'ab日link'],
			[30, `ab日linkcurlysecret${' '.repeat(11)}`],
		] as const) {
			const {next, rows} = watch(screen, {columns, rows: 1, back: 0});
			next();
			expect(rows[0]!.replace(escapes, '')).toBe(shown);
			expect(rows[0]).toMatch(/^\u001B\[0m.*\u001B\[0m$/);
		}
	});

	test('puts the frames together to the same picture as a fresh view', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(terminalStream, {maxLength: 6}),
				fc.record({columns: fc.integer({min: 1, max: 50}), rows: fc.integer({min: 1, max: 15}), back: fc.integer({min: 0, max: 3})}),
				async (streams, viewport) => {
					const {screen, write} = openScreen({columns: 40, rows: 12});
					const watcher = watch(screen, {...viewport, back: 0});
					for (const pieces of streams) {
						watcher.next();
						await write(pieces.join(''));
					}

					watcher.view.setViewport(viewport);
					watcher.next();
					const fresh = watch(screen, viewport);
					fresh.next();
					expect(watcher.rows.slice(0, viewport.rows)).toEqual(fresh.rows);
					expect(fresh.rows).toHaveLength(viewport.rows);
				},
			),
			{numRuns: 100},
		);
	});

	test('of a taller screen follows the cursor, and shows what is below it while there is room', async () => {
		const {screen, write} = openScreen({rows: 20});
		await write(numbered(0, 15).join('\r\n'));
		const {next, text} = watch(screen, {columns: 20, rows: 5, back: 0});
		expect(next()?.cursor).toEqual({x: 6, y: 4});
		expect(text()).toEqual(numbered(10, 15));
		await write('\u001B[14;1H');
		expect(next()?.cursor).toEqual({x: 0, y: 3});
		expect(text()).toEqual(numbered(10, 15));
		await write('\u001B[3;1H');
		expect(next()?.cursor).toEqual({x: 0, y: 0});
		expect(text()).toEqual(numbered(2, 7));
		await write('\u001B[1;1H');
		expect(next()?.cursor).toEqual({x: 0, y: 0});
		expect(text()).toEqual(numbered(0, 5));
		await write('\u001B[20;1H');
		next();
		expect(text()).toEqual(['', '', '', '', '']);
	});

	test('larger than the screen is blank beyond it', async () => {
		const {screen, write} = openScreen({rows: 2});
		await write('one\r\ntwo');
		const {next, rows} = watch(screen, {columns: 25, rows: 4, back: 0});
		next();
		expect(rows.map(row => row.replace(escapes, ''))).toEqual(['one', 'two', '', ''].map(row => row.padEnd(25)));
	});

	test('scrolled back shows history with its colours, and says how far back it is', async () => {
		const {screen, write} = openScreen({rows: 3});
		await write(`\u001B[31m${numbered(0, 1000).join('\r\n')}`);
		const {next, text, rows, view} = watch(screen, {columns: 20, rows: 3, back: 997});
		expect(next()).toMatchObject({full: true, back: 997, historyLines: 997, cursor: undefined});
		expect(text()).toEqual(numbered(0, 3));
		expect(rows[0]).toContain('\u001B[0;31mrow 0');
		view.setViewport({columns: 20, rows: 3, back: 1});
		expect(next()).toMatchObject({full: true, back: 1, cursor: undefined});
		expect(text()).toEqual(numbered(996, 999));
	});

	test('cannot be scrolled further than there is history', async () => {
		const {screen, write} = openScreen({rows: 3});
		await write(numbered(0, 10).join('\r\n'));
		const {next, text, view} = watch(screen, {columns: 20, rows: 3, back: 5000});
		expect(next()).toMatchObject({back: 7, historyLines: 7});
		expect(text()).toEqual(numbered(0, 3));
		view.setViewport({columns: 20, rows: 3, back: -4});
		expect(next()).toMatchObject({back: 0});
		view.setViewport({columns: Number.NaN, rows: 0, back: Number.NaN});
		expect(next()?.rows).toHaveLength(1);
	});

	test('scrolled back stands still while new rows arrive, and follows again at 0', async () => {
		const {screen, write} = openScreen({rows: 3});
		await write(numbered(0, 100).join('\r\n'));
		const {next, text, view} = watch(screen, {columns: 20, rows: 3, back: 50});
		next();
		expect(text()).toEqual(numbered(47, 50));
		await write(`\r\n${numbered(100, 1000).join('\r\n')}`);
		expect(next()).toMatchObject({full: false, rows: [], back: 950, historyLines: 997});
		expect(text()).toEqual(numbered(47, 50));
		view.setViewport({columns: 20, rows: 3, back: 0});
		next();
		expect(text()).toEqual(numbered(997, 1000));
		await write('\r\nrow 1000');
		expect(next()).toMatchObject({back: 0});
		expect(text()).toEqual(numbered(998, 1001));
	});

	test('goes to what is left when its rows are forgotten', async () => {
		const {screen, write} = openScreen({rows: 3});
		await write(numbered(0, 1000).join('\r\n'));
		const {next, text} = watch(screen, {columns: 20, rows: 3, back: 900});
		next();
		await write('\u001B[2J\u001B[3J\u001B[Hnew');
		expect(next()).toMatchObject({back: 0, historyLines: 0});
		expect(text()).toEqual(['new', '', '']);
	});

	test('shows the history of the normal screen behind the alternate one', async () => {
		const {screen, write} = openScreen({rows: 3});
		await write(`${numbered(0, 10).join('\r\n')}\u001B[?1049h\u001B[Halternate`);
		const {next, text, view} = watch(screen, {columns: 20, rows: 3, back: 0});
		next();
		expect(text()).toEqual(['alternate', '', '']);
		view.setViewport({columns: 20, rows: 3, back: 1});
		next();
		expect(text()).toEqual(['row 6', 'alternate', '']);
	});

	test('waits while the agent draws, but not for ever', async () => {
		const {screen, write} = openScreen();
		const {next, text} = watch(screen, {columns: 20, rows: 2, back: 0});
		next();
		await write('\u001B[?2026hhalf');
		expect(next()).toBeUndefined();
		await write(' whole\u001B[?2026l');
		expect(next()).toBeDefined();
		expect(text()[0]).toBe('half whole');

		let heard = 0;
		await write('\u001B[?2026h\u001B[2J\u001B[Hnever ends');
		screen.onParsed(() => {
			heard++;
		});
		expect(next()).toBeUndefined();
		await vi.waitFor(() => expect(heard).toBeGreaterThan(0));
		await vi.waitFor(() => expect(next()).toBeDefined());
		expect(text()[0]).toBe('never ends');
	});

	test('hears nothing once it is disposed of', async () => {
		const {screen, write} = openScreen();
		const {next, view} = watch(screen, {columns: 20, rows: 2, back: 0});
		next();
		view.dispose();
		await write('unseen');
		expect(next()).toBeUndefined();
	});
});
