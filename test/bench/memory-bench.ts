import {openBenchConsole, untilQuiet} from './bench-console.js';
import type {BenchRow} from './bench-row.js';
import {loadProgram} from './load.js';
import {memoryMb} from './process-usage.js';
import {openTmux} from './tmux-peer.js';

const agents = 100;
const lines = 5000;
const goalRatio = 1.2;
const size = {columns: 200, rows: 50};

const measureOurs = async (): Promise<number> => {
	const opened = await openBenchConsole({argv: [loadProgram('repaint'), '0', String(lines)], agents, ...size});
	try {
		await untilQuiet([opened.launcherPid]);
		return memoryMb(opened.launcherPid);
	} finally {
		await opened.close();
	}
};

const measureTmux = async (): Promise<number> => {
	const tmux = openTmux({...size, historyLines: lines});
	try {
		for (let n = 0; n < agents; n += 1) {
			tmux.window(loadProgram('repaint'), '0', String(lines));
		}

		await untilQuiet([tmux.pid]);
		return memoryMb(tmux.pid);
	} finally {
		tmux.close();
	}
};

/** What the histories of a hundred agents take in the launcher, beside a tmux server that keeps the same lines. */
export const memoryBench = async (): Promise<readonly BenchRow[]> => {
	const [ourMb, theirMb] = [await measureOurs(), await measureTmux()];
	return [
		{
			figure: `memory: ${agents} agents × ${lines.toLocaleString('en')} lines`,
			goal: `≤ ${goalRatio} × tmux`,
			result: `${(ourMb / theirMb).toFixed(2)} × (launcher ${ourMb.toFixed(0)} MB; tmux server ${theirMb.toFixed(0)} MB)`,
			met: ourMb / theirMb <= goalRatio,
		},
	];
};
