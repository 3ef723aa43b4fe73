import {setTimeout as delay} from 'node:timers/promises';
import {openProgram} from '../helpers/open-program.js';
import {openBenchConsole} from './bench-console.js';
import type {BenchRow} from './bench-row.js';
import {loadProgram} from './load.js';
import {coreShare} from './process-usage.js';
import {openTmux} from './tmux-peer.js';

const agents = 100;
const perSecond = '10';
const forMs = 10_000;
const settleMs = 3000;
const goalRatio = 0.6;
const size = {columns: 140, rows: 45};

type Shares = {readonly front: number; readonly back: number};

/** Both over the same stretch of time, so that what else happens on the machine meets both. */
const sharesOf = async (front: number, back: number): Promise<Shares> => {
	await delay(settleMs);
	const [ofFront, ofBack] = await Promise.all([coreShare([front], forMs), coreShare([back], forMs)]);
	return {front: ofFront, back: ofBack};
};

const measureOurs = async (): Promise<Shares> => {
	const opened = await openBenchConsole({argv: [loadProgram('repaint'), perSecond, '0'], agents, ...size});
	try {
		return await sharesOf(opened.program.pid, opened.launcherPid);
	} finally {
		await opened.close();
	}
};

const measureTmux = async (): Promise<Shares> => {
	const tmux = openTmux({...size, historyLines: 5000});
	try {
		const windows = Array.from({length: agents}, () => tmux.window(loadProgram('repaint'), perSecond, '0'));
		tmux.select(windows[0]!);
		await using client = openProgram({file: 'tmux', args: tmux.attachArgs, ...size});
		await client.see('Thinking');
		return await sharesOf(client.pid, tmux.pid);
	} finally {
		tmux.close();
	}
};

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** What a hundred agents at work cost, beside a tmux server with one client. */
export const fleetBench = async (): Promise<readonly BenchRow[]> => {
	const ours = await measureOurs();
	const theirs = await measureTmux();
	const [our, their] = [ours.front + ours.back, theirs.front + theirs.back];
	return [
		{
			figure: `fleet: CPU, ${agents} agents at ${perSecond} Hz`,
			goal: `≤ ${goalRatio} × tmux`,
			result: `${(our / their).toFixed(2)} × (console ${percent(ours.front)} + launcher ${percent(ours.back)}; tmux client ${percent(theirs.front)} + server ${percent(theirs.back)})`,
			met: our / their <= goalRatio,
		},
	];
};
