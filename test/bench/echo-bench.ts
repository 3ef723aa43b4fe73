import {setTimeout as delay} from 'node:timers/promises';
import {openProgram, type Program} from '../helpers/open-program.js';
import type {BenchRow} from './bench-row.js';
import {openBenchConsole} from './bench-console.js';
import {loadProgram} from './load.js';
import {median} from './process-usage.js';
import {openTmux} from './tmux-peer.js';

const rounds = 10;
const keysPerRound = 30;
const betweenKeysMs = 5;
const longestMs = 5000;
const goalRatio = 2.5;
const goalMs = 1;
const size = {columns: 140, rows: 45};

/** Letters that no escape sequence of a screen at rest holds. */
const letters = [...'QWZVY'];

/** How long a key takes to the program and back. Both peers are read by the same pty and looked at whenever the loop turns. */
const keyMs = async (program: Program, letter: string): Promise<number> => {
	const before = program.output().length;
	const startMs = performance.now();
	program.press(letter);
	while (!program.output().subarray(before).includes(letter)) {
		if (performance.now() - startMs > longestMs) {
			throw new Error(`The key ${letter} did not come back within ${longestMs} ms.`);
		}

		await new Promise(resolve => {
			setImmediate(resolve);
		});
	}

	return performance.now() - startMs;
};

const typeRound = async (program: Program): Promise<readonly number[]> => {
	const tookMs: number[] = [];
	for (let n = 0; n < keysPerRound; n += 1) {
		await delay(betweenKeysMs);
		tookMs.push(await keyMs(program, letters[n % letters.length]!));
	}

	return tookMs;
};

/** Takes the agent's screen over: first what the console shows, then what the agent has the terminal for. */
const attach = async (program: Program): Promise<void> => {
	await program.see('agent 0');
	program.press('\r');
	await program.gone('agent 0');
	await program.see('READY');
};

/** From a key in the operator's terminal to its echo there, through an attached console, beside an attached tmux client. */
export const echoBench = async (): Promise<readonly BenchRow[]> => {
	const opened = await openBenchConsole({argv: [loadProgram('echo')], agents: 1, ...size});
	const tmux = openTmux(size);
	const [ours, theirs]: [number[], number[]] = [[], []];
	try {
		tmux.select(tmux.window(loadProgram('echo')));
		await using client = openProgram({file: 'tmux', args: tmux.attachArgs, ...size});
		await client.see('READY');
		await attach(opened.program);
		for (let round = 0; round < rounds; round += 1) {
			ours.push(...(await typeRound(opened.program)));
			theirs.push(...(await typeRound(client)));
		}
	} finally {
		tmux.close();
		await opened.close();
	}

	const [ourMs, theirMs] = [median(ours), median(theirs)];
	return [
		{
			figure: 'echo: a key through attach',
			goal: `≤ ${goalRatio} × tmux, < ${goalMs} ms`,
			result: `p50 ${ourMs.toFixed(2)} ms, ${(ourMs / theirMs).toFixed(2)} × (tmux p50 ${theirMs.toFixed(2)} ms)`,
			met: ourMs / theirMs <= goalRatio && ourMs < goalMs,
		},
	];
};
