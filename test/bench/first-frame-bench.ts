import {spawnSync} from 'node:child_process';
import process from 'node:process';
import {setTimeout as delay} from 'node:timers/promises';
import {openProgram} from '../helpers/open-program.js';
import {builtProgram, createPlace} from './bench-place.js';
import type {BenchRow} from './bench-row.js';
import {median} from './process-usage.js';

const rounds = 7;
const goalRatio = 6;

const nodeMs = (): number => {
	const startMs = performance.now();
	spawnSync(process.execPath, ['-e', '0']);
	return performance.now() - startMs;
};

/** In a folder that no console has ever seen. */
const firstFrameMs = async (): Promise<number> => {
	const place = createPlace();
	const startMs = performance.now();
	const program = openProgram({
		file: process.execPath,
		args: [builtProgram, '--state-dir', place.stateDir],
		env: place.env,
		columns: 120,
		rows: 40,
	});
	while (!(await program.lines()).some(line => line.includes('agent-tui'))) {
		await delay(1);
	}

	const tookMs = performance.now() - startMs;
	while (place.launcherPid() === 0) {
		await delay(10);
	}

	await program.close();
	await place.close();
	return tookMs;
};

/** From the start of the program to its first frame on the screen, beside a Node that does nothing. */
export const firstFrameBench = async (): Promise<readonly BenchRow[]> => {
	const [ours, bare]: [number[], number[]] = [[], []];
	for (let round = 0; round < rounds; round += 1) {
		bare.push(nodeMs());
		ours.push(await firstFrameMs());
	}

	const ratio = median(ours) / median(bare);
	return [
		{
			figure: 'first frame',
			goal: `≤ ${goalRatio} × node -e 0`,
			result: `${ratio.toFixed(1)} × (${median(ours).toFixed(0)} ms; node ${median(bare).toFixed(0)} ms)`,
			met: ratio <= goalRatio,
		},
	];
};
