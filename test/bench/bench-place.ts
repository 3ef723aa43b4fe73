import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {setTimeout as delay} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {readLauncherHolder} from '../../source/launcher/launcher-lock.js';
import {isRunning} from '../helpers/launcher-process.js';

/** The built program, as a user starts it. */
export const builtProgram = fileURLToPath(new URL('../../bin/cli.js', import.meta.url));

/** Room for a hundred agents at once. */
export const wideLimits = {concurrent: 200, concurrentPerTree: 200, startTimeoutMs: 120_000};

/** A state folder of its own with a configuration, and the end of the launcher that was started in it. */
export const createPlace = (agentArgv: readonly string[] = ['/bin/sh', '-c', 'exec sleep 600']) => {
	const stateDir = mkdtempSync(path.join(tmpdir(), 'agent-tui-bench-'));
	const configFile = path.join(stateDir, 'config.json');
	writeFileSync(configFile, JSON.stringify({agents: {load: {argv: agentArgv}}, limits: wideLimits}));
	const launcherPid = (): number => readLauncherHolder(path.join(stateDir, 'launcher'))?.pid ?? 0;
	const endLauncher = (): number => {
		const pid = launcherPid();
		if (pid > 0 && isRunning(pid)) {
			process.kill(pid, 'SIGTERM');
		}

		return pid;
	};
	process.once('exit', endLauncher);

	return {
		stateDir,
		env: {AGENT_TUI_HOME: stateDir, AGENT_TUI_CONFIG: configFile},
		launcherPid,
		/** Ends the launcher, and with it every agent; then the folder is gone. */
		async close(): Promise<void> {
			process.off('exit', endLauncher);
			const pid = endLauncher();
			while (pid > 0 && isRunning(pid)) {
				await delay(50);
			}

			rmSync(stateDir, {recursive: true, force: true, maxRetries: 20, retryDelay: 100});
		},
	};
};
