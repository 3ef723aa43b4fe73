import type {BenchRow} from './bench-row.js';
import {openBenchConsole, untilQuiet} from './bench-console.js';
import {loadProgram} from './load.js';
import {coreShare} from './process-usage.js';

const agents = 20;
const forMs = 10_000;
const goalShare = 0.01;

/** What the console and its launcher use while nobody does anything. */
export const idleBench = async (): Promise<readonly BenchRow[]> => {
	const opened = await openBenchConsole({argv: [loadProgram('repaint'), '0', '0'], agents, columns: 140, rows: 45});
	try {
		await untilQuiet(opened.pids);
		const share = await coreShare(opened.pids, forMs);
		return [
			{
				figure: `idle: console and launcher, ${agents} idle agents`,
				goal: `≤ ${goalShare * 100} % of a core`,
				result: `${(share * 100).toFixed(2)} %`,
				met: share <= goalShare,
			},
		];
	} finally {
		await opened.close();
	}
};
