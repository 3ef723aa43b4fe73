import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {createLauncher, type Launcher} from '../../source/launcher/launcher.js';
import {ptyIdOf} from '../../source/launcher-port.js';
import type {BenchRow} from './bench-row.js';

const rounds = 200;
const atOnce = 4;

/** Whether the last line of a megabyte is there, whole, when the exit is told. */
const isTailWhole = async (launcher: Launcher, folder: string, round: number): Promise<boolean> => {
	const attempt = {runId: `run_tail_${round}`, generation: 1};
	const recordingPath = path.join(folder, 'recordings', `${ptyIdOf(attempt)}.cast`);
	const exited = Promise.withResolvers<void>();
	const stop = launcher.onReport(report => {
		if (report.runId === attempt.runId && report.type !== 'started') {
			exited.resolve();
		}
	});
	await launcher.spawn({
		...attempt,
		sessionId: 'ses_tail',
		file: '/bin/sh',
		args: ['-c', `head -c 1000000 /dev/zero | tr "\\0" . | fold -w 100; printf "\\nlast line of ${round}"`],
		cwd: '/',
		env: {PATH: '/usr/bin:/bin', TERM: 'xterm-256color'},
		columns: 120,
		rows: 40,
		title: 'tail',
		recordingPath,
	});
	await exited.promise;
	stop();
	const lines = await launcher.text({ptyId: ptyIdOf(attempt), recordingPath}, 'screen');
	launcher.forget(ptyIdOf(attempt));
	return lines.at(-1) === `last line of ${round}`;
};

/** Programs that print a megabyte and exit at once: how many last lines arrive. */
export const tailsBench = async (): Promise<readonly BenchRow[]> => {
	const folder = mkdtempSync(path.join(tmpdir(), 'agent-tui-tails-'));
	const launcher = createLauncher({folder: path.join(folder, 'launcher'), launcherId: 'lch_bench', stopGraceMs: 0});
	let whole = 0;
	try {
		for (let round = 0; round < rounds; round += atOnce) {
			const tails = Array.from({length: atOnce}, (_, index) => isTailWhole(launcher, folder, round + index));
			whole += (await Promise.all(tails)).filter(Boolean).length;
		}
	} finally {
		await launcher.close();
		rmSync(folder, {recursive: true, force: true, maxRetries: 5});
	}

	return [
		{
			figure: 'tails: 1 MB printed, then exit',
			goal: `${rounds} of ${rounds} whole`,
			result: `${whole} of ${rounds}`,
			met: whole === rounds,
		},
	];
};
