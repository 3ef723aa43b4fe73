import {openBenchConsole, untilQuiet} from './bench-console.js';
import type {BenchRow} from './bench-row.js';
import {loadProgram} from './load.js';
import {coreShare} from './process-usage.js';

const agents = 20;
const forMs = 10_000;
const goalShare = 0.01;

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;

/** What the console and its launcher use while nobody does anything. */
export const idleBench = async (): Promise<readonly BenchRow[]> => {
	const opened = await openBenchConsole({argv: [loadProgram('repaint'), '0', '0'], agents, columns: 140, rows: 45});
	try {
		await untilQuiet(opened.pids);
		const [ofConsole, ofLauncher] = await Promise.all([coreShare([opened.program.pid], forMs), coreShare([opened.launcherPid], forMs)]);
		const share = ofConsole + ofLauncher;
		return [
			{
				figure: `idle: console and launcher, ${agents} idle agents`,
				goal: `≤ ${goalShare * 100} % of a core`,
				result: `${percent(share)} (console ${percent(ofConsole)}, launcher ${percent(ofLauncher)})`,
				met: share <= goalShare,
			},
		];
	} finally {
		await opened.close();
	}
};
