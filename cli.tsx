#!/usr/bin/env node
import module from 'node:module';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {whyNotThisNode} from './source/node-version.js';
import {type ProgramName, programOf} from './source/programs/program-name.js';

/** Every program behind this file. Each is loaded only when it is asked for: `agentctl` never pays for the console. */
const programs: Readonly<Record<ProgramName, () => Promise<{main(args: readonly string[]): Promise<number>}>>> = {
	console: () => import('./source/programs/console.js'),
	daemon: () => import('./source/programs/daemon.js'),
	ctl: () => import('./source/programs/ctl.js'),
	launcher: () => import('./source/programs/launcher.js'),
	export: () => import('./source/programs/export.js'),
	reset: () => import('./source/programs/reset.js'),
	mcp: () => import('./source/programs/mcp.js'),
	host: () => import('./source/programs/host.js'),
	acp: () => import('./source/programs/acp.js'),
	policy: () => import('./source/programs/policy.js'),
};

const run = async (): Promise<number> => {
	const tooOld = whyNotThisNode(process.version);
	if (tooOld !== undefined) {
		process.stderr.write(`${tooOld}\n`);
		return 78;
	}

	// Compiled code is kept in a folder of the user's own: a shared one could be written by others.
	module.enableCompileCache(path.join(process.env['XDG_CACHE_HOME'] || path.join(os.homedir(), '.cache'), 'agent-tui'));
	const {name, args} = programOf(process.argv);
	try {
		const {main} = await programs[name]();
		return await main(args);
	} catch (error) {
		const {failureText} = await import('./source/programs/failure-text.js');
		const {text, exitCode} = failureText(error);
		process.stderr.write(text);
		return exitCode;
	}
};

process.exitCode = await run();
