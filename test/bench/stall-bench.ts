import {existsSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {setTimeout as delay} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import type {Program} from '../helpers/open-program.js';
import {openBenchConsole} from './bench-console.js';
import type {BenchRow} from './bench-row.js';
import {median} from './process-usage.js';

const rounds = 3;
const forMs = 4000;
const betweenMs = 1000;
const longestWaitMs = 10_000;
const goalMs = 100;
const probe = fileURLToPath(new URL('loop-gap-probe.js', import.meta.url));
/** Far more than any terminal takes, so that one that stops reading is full at once. */
const flood = ['/bin/sh', '-c', 'exec yes "a line that an agent prints again and again, as fast as its terminal takes it"'];

/** The longest gap since it was last asked for. */
const gapMs = async ({kill}: Program, file: string): Promise<number> => {
	rmSync(file, {force: true});
	kill('SIGUSR2');
	const deadlineMs = performance.now() + longestWaitMs;
	while (!existsSync(file) || readFileSync(file, 'utf8') === '') {
		if (performance.now() > deadlineMs) {
			throw new Error(`The console did not answer within ${longestWaitMs} ms.`);
		}

		await delay(10);
	}

	return Number(readFileSync(file, 'utf8'));
};

const stalledGapMs = async (program: Program, file: string): Promise<number> => {
	await delay(betweenMs);
	await gapMs(program, file);
	program.stall();
	await delay(forMs);
	const longestMs = await gapMs(program, file);
	program.resume();
	return longestMs;
};

/** How long the console's event loop is held while the operator's terminal reads nothing: with an agent attached that floods it, and without. */
export const stallBench = async (): Promise<readonly BenchRow[]> => {
	const file = path.join(tmpdir(), `agent-tui-gaps-${process.pid}`);
	const opened = await openBenchConsole({
		...{argv: flood, agents: 1, columns: 140, rows: 45},
		nodeArgs: ['--import', probe],
		env: {AGENT_TUI_BENCH_GAPS: file},
	});
	const {program} = opened;
	const [watching, attached]: [number[], number[]] = [[], []];
	try {
		await program.see('agent 0');
		for (let round = 0; round < rounds; round += 1) {
			watching.push(await stalledGapMs(program, file));
		}

		program.press('\r');
		await program.gone('agent 0');
		for (let round = 0; round < rounds; round += 1) {
			attached.push(await stalledGapMs(program, file));
		}
	} finally {
		await opened.close();
		rmSync(file, {force: true});
	}

	const longestMs = Math.max(median(watching), median(attached));
	return [
		{
			figure: `stall: longest gap while the terminal reads nothing for ${forMs / 1000} s`,
			goal: `≤ ${goalMs} ms`,
			result: `${longestMs.toFixed(0)} ms (watching ${median(watching).toFixed(0)} ms, attached ${median(attached).toFixed(0)} ms)`,
			met: longestMs <= goalMs,
		},
	];
};
