import {spawn} from 'node:child_process';
import {mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import {writeAttemptFolder} from '../../source/attempt-folder.js';
import type {Json} from '../../state/json.js';
import type {LiveRun, TestGateway} from './open-gateway.js';
import {compiledFile} from './store-compiled.js';

/** What a hook printed, and how it ended. */
export type HookResult = {readonly stdout: string; readonly stderr: string; readonly exitCode: number | null};

/** Makes the folder of a live attempt, as it is before its agent starts; gives the hook's argv. */
export const attemptHook = (gateway: TestGateway, run: LiveRun, adapter: string): readonly string[] => {
	const {paths} = gateway.parts();
	const folder = paths.attemptFolder(`${run.runId}.${run.generation}`);
	const {token, ...attempt} = run;
	writeAttemptFolder(folder, {token, attempt: {...attempt, socket: paths.gatewaySocket, adapter}});
	const agentctl = path.join(paths.binFolder, 'agentctl');
	mkdirSync(paths.binFolder, {recursive: true});
	const program = fileURLToPath(compiledFile('cli.js'));
	writeFileSync(agentctl, `#!/bin/sh\nexec '${process.execPath}' '${program}' ctl "$@"\n`, {mode: 0o700});
	return [agentctl, 'hook', '--folder', folder];
};

/**
 * Runs a hook as agents do: by a shell, the event on stdin, with next to nothing in its environment. `kill` ends it as an agent does that
 * was answered on its screen.
 */
export const startHook = (line: string, event: Json) => {
	const child = spawn('/bin/sh', ['-c', `exec ${line}`], {env: {PATH: '/usr/bin:/bin', HOME: '/nonexistent'}});
	let [stdout, stderr] = ['', ''];
	child.stdout.on('data', (chunk: Buffer) => {
		stdout += chunk.toString();
	});
	child.stderr.on('data', (chunk: Buffer) => {
		stderr += chunk.toString();
	});
	const exited = new Promise<HookResult>(resolve => {
		child.on('close', exitCode => resolve({stdout, stderr, exitCode}));
	});
	child.stdin.end(JSON.stringify(event));
	return {
		exited,
		kill: () => child.kill('SIGTERM'),
		async [Symbol.asyncDispose](): Promise<void> {
			child.kill('SIGKILL');
			await exited;
		},
	};
};
