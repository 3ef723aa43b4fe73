import {setTimeout as delay} from 'node:timers/promises';
import {openProgram, type Program} from '../helpers/open-program.js';
import {openBenchConsole} from './bench-console.js';
import type {BenchRow} from './bench-row.js';
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

/** Tells of a program's output in the turn of the loop in which it was read, before the emulator draws it. */
const hearOutput = ({terminal}: Program, listener: (text: string) => void): void => {
	const draw = terminal.write.bind(terminal);
	terminal.write = (data, drawn) => {
		listener(Buffer.from(data).toString('latin1'));
		draw(data, drawn);
	};
};

/** A program whose echoes are heard. */
const createTypist = (program: Program) => {
	let awaited: {readonly letter: string; readonly heard: () => void} | undefined;
	hearOutput(program, text => {
		if (awaited && text.includes(awaited.letter)) {
			awaited.heard();
			awaited = undefined;
		}
	});

	/** How long a key takes to the program and back. */
	const keyMs = async (letter: string): Promise<number> => {
		const echoed = Promise.withResolvers<number>();
		const startMs = performance.now();
		awaited = {letter, heard: () => echoed.resolve(performance.now() - startMs)};
		program.press(letter);
		const tooLate = setTimeout(() => echoed.reject(new Error(`The key ${letter} did not come back within ${longestMs} ms.`)), longestMs);
		try {
			return await echoed.promise;
		} finally {
			clearTimeout(tooLate);
		}
	};

	return keyMs;
};

const typeRound = async (keyMs: (letter: string) => Promise<number>): Promise<readonly number[]> => {
	const tookMs: number[] = [];
	for (let n = 0; n < keysPerRound; n += 1) {
		await delay(betweenKeysMs);
		tookMs.push(await keyMs(letters[n % letters.length]!));
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
		const [ourKeyMs, theirKeyMs] = [createTypist(opened.program), createTypist(client)];
		for (let round = 0; round < rounds; round += 1) {
			ours.push(...(await typeRound(ourKeyMs)));
			theirs.push(...(await typeRound(theirKeyMs)));
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
