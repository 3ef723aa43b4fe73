import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {createScreen} from '../../source/launcher/screen.js';
import {cellsOf, openFresh, stateOf} from '../helpers/terminal-state.js';
import {terminalStream} from '../helpers/terminal-streams.js';

type Cells = ReturnType<typeof cellsOf>;

const columns = 40;
const rows = 12;

/** What the stream shows, and what its snapshot shows on a fresh terminal. */
const drawTwice = async (pieces: readonly string[]) => {
	const screen = createScreen({columns, rows, reply: () => undefined});
	const direct = openFresh(columns, rows);
	for (const piece of pieces) {
		screen.write(Buffer.from(piece));
	}

	await direct.write(pieces.join(''));
	const redrawn = openFresh(columns, rows);
	await redrawn.write(screen.snapshot());
	return {screen, direct, redrawn};
};

/** Leaves out the cells that `original` cannot show either. */
const withoutTorn = (cells: Cells, original: Cells): Cells => cells.map((row, y) => row.filter((_, x) => original[y]![x] !== 'torn'));

describe('a snapshot', () => {
	test('draws the same cells, cursor, pen, margins and modes as any output did', async () => {
		await fc.assert(
			fc.asyncProperty(terminalStream, async pieces => {
				const {direct, redrawn} = await drawTwice(pieces);
				expect(withoutTorn(cellsOf(redrawn.core), cellsOf(direct.core))).toEqual(withoutTorn(cellsOf(direct.core), cellsOf(direct.core)));
				expect(stateOf(redrawn.terminal)).toEqual(stateOf(direct.terminal));
			}),
			{numRuns: 300},
		);
	});
});
