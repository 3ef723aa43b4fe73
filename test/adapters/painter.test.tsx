import fc from 'fast-check';
import {Box, Text, useCursor, useWindowSize} from 'ink';
import {useLayoutEffect, useSyncExternalStore} from 'react';
import {expect, test} from 'vitest';
import type {ScreenFrame} from '../../source/launcher-port.js';
import type {OperatorTerminal} from '../../source/terminal/operator-terminal.js';
import {createPanePainter, type PanePainter, type Rectangle} from '../../source/terminal/painter.js';
import {spinnerGlyphs} from '../../source/terminal/spinner-painter.js';
import {openScreen, type Screen} from '../helpers/open-screen.js';
import {createOuterTerminal} from '../helpers/outer-terminal.js';

type Side = 'left' | 'right';

const treeColumns = 24;

/** What changes on Ink's side: a number every row shows, and whether the pane is there. */
const createFleet = () => {
	let state = {turn: 0, hasPane: true};
	const listeners = new Set<() => void>();
	return {
		get: () => state,
		subscribe(listener: () => void) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		set(change: Partial<typeof state>) {
			state = {...state, ...change};
			for (const listener of listeners) {
				listener();
			}
		},
	};
};

type Fleet = ReturnType<typeof createFleet>;

const treeRow = (row: number, turn: number): string =>
	`${turn % 30 === row ? '✗' : '●'} run-${row} ${row % 7 === turn % 7 ? `漢字${turn}` : `turn ${turn}`}`;

const paneAt = (side: Side, columns: number, rows: number): Rectangle => ({
	x: side === 'right' ? treeColumns + 1 : 1,
	y: 2,
	columns: columns - treeColumns - 2,
	rows: rows - 4,
});

/** A tree beside an empty box, which the painter fills. */
const Console = ({fleet, painter, side}: {readonly fleet: Fleet; readonly painter: PanePainter; readonly side: Side}) => {
	const {turn, hasPane} = useSyncExternalStore(fleet.subscribe, fleet.get);
	const {columns, rows} = useWindowSize();
	useLayoutEffect(() => painter.setRectangle(hasPane ? paneAt(side, columns, rows) : undefined), [painter, side, columns, rows, hasPane]);
	const tree = (
		<Box width={treeColumns} borderStyle="round" flexDirection="column">
			{Array.from({length: rows - 4}, (_, row) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
				<Text key={row} wrap="truncate">
					{treeRow(row, turn)}
				</Text>
			))}
		</Box>
	);
	const pane = hasPane ? (
		<Box flexGrow={1} borderStyle="round" />
	) : (
		<Box flexGrow={1} flexDirection="column">
			<Text>no pane, turn {turn}</Text>
		</Box>
	);
	return (
		<Box width={columns} height={rows} flexDirection="column">
			<Text>head {turn}</Text>
			<Box height={rows - 2}>
				{side === 'right' ? tree : pane}
				{side === 'right' ? pane : tree}
			</Box>
			<Text>
				foot {turn} of {columns}×{rows}
			</Text>
		</Box>
	);
};

const openConsole = async (side: Side, {columns = 80, rows = 20} = {}) => {
	const fleet = createFleet();
	let painter: PanePainter | undefined;
	const draw = (terminal: OperatorTerminal) => {
		painter ??= createPanePainter({terminal});
		return <Console fleet={fleet} painter={painter} side={side} />;
	};
	const screen = await openScreen(draw, {columns, rows});
	return {screen, fleet, painter: painter!};
};

const frameOf = (rows: ScreenFrame['rows'], {full = false, cursor}: Partial<ScreenFrame> = {}): ScreenFrame => ({
	full,
	rows,
	cursor,
	back: 0,
	historyLines: 0,
});

/** What the pane shows if nothing goes wrong: the rows on an emulator with room for all of them, cut to the pane's width. */
const rowsAlone = async (picture: ReadonlyMap<number, string>, {columns, rows}: Rectangle): Promise<readonly string[]> => {
	const alone = createOuterTerminal({columns: 300, rows});
	for (const [row, ansi] of picture) {
		if (row < rows) {
			alone.write(`\u{1B}[${row + 1};1H${ansi}`);
		}
	}

	await alone.drawn();
	const lines = Array.from({length: rows}, (_, row) =>
		Array.from({length: columns}, (_, column) => {
			const {text, width} = alone.cell(column, row);
			const isHalved = column + width > columns;
			return isHalved || (text === '' && width === 1) ? ' ' : text;
		}).join(''),
	);
	alone.dispose();
	return lines;
};

const columnsOf = (screen: Screen, y: number, from: number, to: number): string => {
	const buffer = screen.outer.buffer.active;
	return buffer.getLine(buffer.baseY + y)?.translateToString(false, from, to) ?? '';
};

const expectPane = async (screen: Screen, rectangle: Rectangle, picture: ReadonlyMap<number, string>): Promise<void> => {
	const wanted = await rowsAlone(picture, rectangle);
	for (let row = 0; row < rectangle.rows; row++) {
		const seen = columnsOf(screen, rectangle.y + row, rectangle.x, rectangle.x + rectangle.columns).trimEnd();
		expect(seen).toBe(wanted[row]!.trimEnd());
	}
};

const expectTree = (screen: Screen, side: Side, turn: number, columns: number, rows: number): void => {
	const left = side === 'right' ? 0 : columns - treeColumns;
	expect(columnsOf(screen, 0, 0, columns).trimEnd()).toBe(`head ${turn}`);
	expect(columnsOf(screen, rows - 1, 0, columns).trimEnd()).toBe(`foot ${turn} of ${columns}×${rows}`);
	for (let row = 0; row < rows - 4; row++) {
		expect(columnsOf(screen, row + 2, left + 1, left + treeColumns - 1).trimEnd()).toBe(treeRow(row, turn));
		expect(columnsOf(screen, row + 2, left, left + 1) + columnsOf(screen, row + 2, left + treeColumns - 1, left + treeColumns)).toBe('││');
	}
};

const settle = async (screen: Screen): Promise<void> => {
	// Twice: drawing for a new size moves the pane, and moving the pane has everything drawn anew.
	await screen.settled();
	await screen.settled();
};

const rowText = fc
	.array(fc.constantFrom('plain text ', '\x1b[31mred\x1b[0m ', '漢字 ', '\x1b[1;7m inverse \x1b[0m', '0123456789', '─┤', 'é', '    '), {
		maxLength: 12,
	})
	.map(words => `\x1b[0m${words.join('')}\x1b[0m`);
const update = fc.oneof(
	{
		weight: 6,
		arbitrary: fc.array(fc.tuple(fc.nat({max: 30}), rowText), {minLength: 1, maxLength: 5}).map(rows => ({type: 'rows' as const, rows})),
	},
	{weight: 4, arbitrary: fc.nat({max: 50}).map(turn => ({type: 'turn' as const, turn}))},
	{
		weight: 1,
		arbitrary: fc.record({
			type: fc.constant('resize' as const),
			columns: fc.integer({min: 60, max: 110}),
			rows: fc.integer({min: 12, max: 30}),
		}),
	},
	{weight: 1, arbitrary: fc.boolean().map(hasPane => ({type: 'pane' as const, hasPane}))},
	{weight: 1, arbitrary: fc.constant({type: 'lag' as const})},
);

test.each(['right', 'left'] as const)('whatever happens in which order, pane and tree are intact, with the pane %s', async side => {
	await fc.assert(
		fc.asyncProperty(fc.array(update, {minLength: 10, maxLength: 30}), async updates => {
			const {screen, fleet, painter} = await openConsole(side);
			const picture = new Map<number, string>();
			let size = {columns: 80, rows: 20};
			for (const step of updates) {
				if (step.type === 'rows') {
					const rows = step.rows.filter(([row]) => row < 26);
					for (const [row, ansi] of rows) {
						picture.set(row, ansi);
					}

					painter.apply(frameOf(rows));
				} else if (step.type === 'resize') {
					size = {columns: step.columns, rows: step.rows};
					screen.resize(step.columns, step.rows);
				} else if (step.type === 'lag') {
					screen.stdout.stall();
					screen.stdout.writableLength = 300_000;
					fleet.set({turn: fleet.get().turn + 1});
					await screen.app.waitUntilRenderFlush();
					screen.stdout.unstall();
				} else {
					fleet.set(step.type === 'turn' ? {turn: step.turn} : {hasPane: step.hasPane});
				}

				await screen.settled();
			}

			await settle(screen);
			const {turn, hasPane} = fleet.get();
			expectTree(screen, side, turn, size.columns, size.rows);
			const rectangle = paneAt(side, size.columns, size.rows);
			if (hasPane) {
				await expectPane(screen, rectangle, picture);
			} else {
				expect(columnsOf(screen, 1, rectangle.x - 1, rectangle.x + rectangle.columns).trimEnd()).toBe(`no pane, turn ${turn}`);
				expect(columnsOf(screen, 4, rectangle.x, rectangle.x + rectangle.columns).trim()).toBe('');
			}

			await screen.close();
		}),
		{numRuns: 12},
	);
});

test('only rows that look different are written, in one update that puts the cursor back', async () => {
	const {screen, painter} = await openConsole('right');
	painter.apply(
		frameOf(
			[
				[0, 'one'],
				[1, 'two'],
			],
			{full: true},
		),
	);
	await settle(screen);
	const written: string[] = [];
	const {write} = screen.stdout;
	screen.stdout.write = (data, onWritten) => {
		written.push(String(data));
		return write(data, onWritten);
	};

	painter.apply(
		frameOf(
			[
				[0, 'one'],
				[1, 'two'],
			],
			{full: true},
		),
	);
	expect(written).toEqual([]);
	painter.apply(frameOf([[1, 'deux']]));
	expect(written).toHaveLength(1);
	expect(written[0]).toMatch(/^\u{1B}\[\?2026h\u{1B}7.*deux.*\u{1B}8\u{1B}\[\?2026l$/u);
	expect(written[0]).not.toContain('one');
	await screen.close();
});

test('a full frame blanks the rows it does not name, and clear blanks them all', async () => {
	const {screen, painter} = await openConsole('right');
	painter.apply(
		frameOf(
			[
				[0, 'first'],
				[3, 'fourth'],
			],
			{full: true},
		),
	);
	await screen.see('fourth');
	painter.apply(frameOf([[0, 'first']], {full: true}));
	await screen.gone('fourth');
	painter.clear();
	await screen.gone('first');
	expectTree(screen, 'right', 0, 80, 20);
	await screen.close();
});

test('the agent’s cursor is an inverse cell and leaves nothing behind when it moves', async () => {
	const {screen, painter} = await openConsole('right');
	const {x, y} = paneAt('right', 80, 20);
	painter.apply(frameOf([[0, 'hello']], {full: true, cursor: {x: 1, y: 0}}));
	await settle(screen);
	expect(screen.cell(x + 1, y)).toMatchObject({text: 'e', inverse: true});
	painter.apply(frameOf([], {cursor: {x: 3, y: 2}}));
	await settle(screen);
	expect(screen.cell(x + 1, y)).toMatchObject({text: 'e', inverse: false});
	expect(screen.cell(x + 3, y + 2)).toMatchObject({inverse: true});
	painter.apply(frameOf([]));
	await settle(screen);
	expect(screen.cell(x + 3, y + 2)).toMatchObject({inverse: false});
	await screen.close();
});

test('spinners turn without Ink, stay where they are put, and stop', async () => {
	let inkFrames = 0;
	const {screen, painter, fleet} = await openConsole('right');
	screen.terminal.onFrame(() => inkFrames++);
	painter.setSpinners([
		{x: 1, y: 3, sgr: '36'},
		{x: 500, y: 500},
	]);
	const glyphs = new Set<string>();
	await screen.see(() => {
		const {text, foreground} = screen.cell(1, 3);
		if (foreground === 6) {
			glyphs.add(text);
		}

		return glyphs.size >= 3;
	});
	expect([...glyphs].every(glyph => (spinnerGlyphs as readonly string[]).includes(glyph))).toBe(true);
	expect(inkFrames).toBe(0);
	painter.setSpinners([]);
	fleet.set({turn: 1});
	await settle(screen);
	expectTree(screen, 'right', 1, 80, 20);
	await screen.close();
});

const Prompt = ({x}: {readonly x: number}) => {
	const {setCursorPosition} = useCursor();
	setCursorPosition({x, y: 0});
	return <Text>prompt</Text>;
};

test('a cursor that Ink shows is hidden while the pane is painted, and stands where it stood', async () => {
	let painter: PanePainter | undefined;
	await using screen = await openScreen(
		terminal => {
			painter ??= createPanePainter({terminal});
			return <Prompt x={3} />;
		},
		{columns: 40, rows: 8},
	);
	const cursor = () => [screen.outer.buffer.active.cursorX, screen.outer.buffer.active.cursorY];
	await screen.settled();
	expect(cursor()).toEqual([3, 0]);
	painter!.setRectangle({x: 10, y: 2, columns: 20, rows: 4});
	const written: string[] = [];
	const {write} = screen.stdout;
	screen.stdout.write = (data, onWritten) => {
		written.push(String(data));
		return write(data, onWritten);
	};

	painter!.apply(frameOf([[1, 'painted']]));
	await screen.see('painted');
	expect(cursor()).toEqual([3, 0]);
	expect(written.at(-1)).toMatch(/\u{1B}\[\?25l.*painted.*\u{1B}\[\?25h/u);
	screen.app.rerender(<Prompt x={5} />);
	await settle(screen);
	expect(cursor()).toEqual([5, 0]);
	await screen.see('painted');
	expect(written.join('').lastIndexOf('\u{1B}[?25h')).toBeGreaterThan(written.join('').lastIndexOf('\u{1B}[?25l'));
});

test('nothing is painted on the operator’s own screen once Ink has left', async () => {
	const {screen, painter} = await openConsole('right');
	painter.apply(frameOf([[0, 'painted']], {full: true}));
	await screen.see('painted');
	screen.app.unmount();
	painter.apply(frameOf([[0, 'too late']], {full: true}));
	expect((await screen.lines()).join('').trim()).toBe('');
	await screen.close();
});
