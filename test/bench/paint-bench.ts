import {createScreen} from '../../source/launcher/screen.js';
import {createScreenView} from '../../source/launcher/screen-view.js';
import {fitRow} from '../../source/terminal/fit-row.js';
import type {BenchRow} from './bench-row.js';
import {median} from './process-usage.js';

const columns = 140;
const rows = 45;
const framesPerRound = 200;
const goalMs = 1.5;

/** A screen that is full of coloured words, none of them where they were. */
const fullFrame = (n: number): Buffer =>
	Buffer.from(
		`\u001B[H${Array.from({length: rows}, (_, y) => {
			const words = Array.from(
				{length: 14},
				(__, x) => `\u001B[38;5;${(n + x + y) % 256}mword ${String((n * 31 + x * y) % 1000).padStart(4)}`,
			);
			return `\u001B[${y + 1};1H${words.join(' ').slice(0)}\u001B[0m`;
		}).join('')}`,
	);

/** A screen on which one line changed, as while an agent thinks. */
const smallFrame = (n: number): Buffer => Buffer.from(`\u001B[${(n % rows) + 1};1H\u001B[33m${n} tokens\u001B[0m`);

/** CPU time in ms from a parsed screen to the bytes for the operator's terminal. */
const measure = async (frame: (n: number) => Buffer): Promise<number> => {
	const screen = createScreen({columns, rows, reply: () => {}});
	screen.setWatched(true);
	const view = createScreenView(screen, {columns, rows, back: 0});
	const costs: number[] = [];
	for (let round = 0; round < 5; round += 1) {
		let usedUs = 0;
		for (let n = 0; n < framesPerRound; n += 1) {
			screen.write(frame(round * framesPerRound + n));
			await screen.parsed();
			const before = process.cpuUsage();
			const next = view.next();
			const painted = (next?.rows ?? []).map(([y, ansi]) => `\u001B[${y + 1};1H${fitRow(ansi, {x: 0, columns, cursorX: undefined})}`);
			Buffer.from(painted.join(''));
			const {user, system} = process.cpuUsage(before);
			usedUs += user + system;
		}

		costs.push(usedUs / framesPerRound / 1000);
	}

	view.dispose();
	screen.dispose();
	return median(costs);
};

/** What one picture of a watched screen costs, in the launcher and the console together, without the socket between. */
export const paintBench = async (): Promise<readonly BenchRow[]> => {
	const fullMs = await measure(fullFrame);
	const smallMs = await measure(smallFrame);
	return [
		{
			figure: `paint: CPU of a ${columns}×${rows} frame, every cell changed`,
			goal: `≤ ${goalMs} ms`,
			result: `${fullMs.toFixed(2)} ms`,
			met: fullMs <= goalMs,
		},
		{figure: `paint: the same, one line changed`, goal: `≤ ${goalMs} ms`, result: `${smallMs.toFixed(2)} ms`, met: smallMs <= goalMs},
	];
};
