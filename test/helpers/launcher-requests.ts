import path from 'node:path';
import process from 'node:process';
import {expect, vi} from 'vitest';
import {type LauncherPort, ptyIdOf, type Report, type SpawnRequest, type WatchTarget} from '../../source/launcher-port.js';

let runs = 0;

/** An order for a shell script, with the markers an attempt has. */
export const scriptRequest = (folder: string, script: string, overrides: Partial<SpawnRequest> = {}): SpawnRequest => {
	runs += 1;
	const attempt = {runId: overrides.runId ?? `run_${process.pid}_${runs}`, generation: overrides.generation ?? 1};
	return {
		...attempt,
		sessionId: 'ses_test',
		file: '/bin/sh',
		args: ['-c', script],
		cwd: '/',
		env: {
			PATH: '/usr/bin:/bin',
			TERM: 'xterm-256color',
			DIR: folder,
			AGENT_TUI_RUN_ID: attempt.runId,
			AGENT_TUI_GENERATION: String(attempt.generation),
		},
		columns: 80,
		rows: 24,
		title: 'a test',
		recordingPath: path.join(folder, 'recordings', `${ptyIdOf(attempt)}.cast`),
		...overrides,
	};
};

export const targetOf = (request: SpawnRequest): WatchTarget => ({ptyId: ptyIdOf(request), recordingPath: request.recordingPath});

/** Everything a launcher has reported, in order; waits by sight. */
export const collectReports = (launcher: LauncherPort) => {
	const heard: Report[] = [];
	const stop = launcher.onReport(report => heard.push(report));
	const of = <T extends Report['type']>(request: SpawnRequest, type: T) =>
		heard.find(
			(report): report is Extract<Report, {readonly type: T}> =>
				report.type === type && report.runId === request.runId && report.generation === request.generation,
		);
	return {
		heard,
		stop,
		of,
		/** The report of this kind about this attempt, once it is here. */
		until: async <T extends Report['type']>(request: SpawnRequest, type: T) =>
			vi.waitFor(() => of(request, type) ?? expect.fail(`no ${type} of ${ptyIdOf(request)} yet`), {timeout: 40_000}),
	};
};

/** Resolves once the screen of a pty shows the text. */
export const untilShown = async (launcher: LauncherPort, request: SpawnRequest, shown: string | RegExp): Promise<readonly string[]> =>
	vi.waitFor(
		async () => {
			const lines = await launcher.text(targetOf(request), 'all');
			expect(lines.join('\n')).toMatch(shown);
			return lines;
		},
		{timeout: 40_000, interval: 20},
	);
