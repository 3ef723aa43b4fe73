import {spawn} from 'node:child_process';
import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {type AgentName, agentPackageOf} from './agent-packages.js';
import {agentFile, agentPrefix, nodeFolder, readStamp, type Stamp, stampFile} from './agents-folder.js';

type Ended = {readonly exitCode: number | null; readonly output: string; readonly hasTimedOut: boolean};

/** Runs a program to its end, or to the end of its time; then its whole process group is killed. */
const runProgram = (
	file: string,
	args: readonly string[],
	{cwd, timeoutMs}: {readonly cwd: string; readonly timeoutMs: number},
): Promise<Ended> =>
	new Promise((resolve, reject) => {
		const env = {...process.env, PATH: [nodeFolder(), process.env['PATH']].join(path.delimiter)};
		const child = spawn(file, [...args], {cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe']});
		let output = '';
		let hasTimedOut = false;
		const timer = setTimeout(() => {
			hasTimedOut = true;
			process.kill(-child.pid!, 'SIGKILL');
		}, timeoutMs);
		const take = (chunk: Buffer) => {
			output += chunk.toString();
		};
		child.stdout.on('data', take);
		child.stderr.on('data', take);
		child.on('error', error => {
			clearTimeout(timer);
			reject(error);
		});
		child.on('close', exitCode => {
			clearTimeout(timer);
			resolve({exitCode, output, hasTimedOut});
		});
	});

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';

const whyFailed = ({exitCode, output, hasTimedOut}: Ended, what: string, timeoutMs: number): string | undefined => {
	if (hasTimedOut) {
		return `${what} took longer than ${timeoutMs / 1000} seconds`;
	}

	const errors = output.split('\n').filter(line => /^npm (error|ERR!)/.test(line));
	return exitCode === 0
		? undefined
		: `${what} failed: ${errors.find(line => !/ (code|errno|syscall) /.test(line)) ?? errors[0] ?? lastLine(output)}`;
};

const whyNotRunning = async (name: AgentName, version: string): Promise<string | undefined> => {
	const timeoutMs = 60_000;
	const ended = await runProgram(agentFile(name), ['--version'], {cwd: agentPrefix(name), timeoutMs});
	const problem = whyFailed(ended, `${agentPackageOf(name).binary} --version`, timeoutMs);
	const isOther = problem === undefined && !ended.output.includes(version);
	return isOther ? `it calls itself ${lastLine(ended.output)} instead of ${version}` : problem;
};

const install = async (name: AgentName, timeoutMs: number): Promise<string | undefined> => {
	const {package: packageName, version, npmArgs = []}: ReturnType<typeof agentPackageOf> = agentPackageOf(name);
	const prefix = agentPrefix(name);
	rmSync(prefix, {recursive: true, force: true});
	mkdirSync(prefix, {recursive: true, mode: 0o700});
	writeFileSync(path.join(prefix, 'package.json'), '{"private": true}\n');
	const args = ['install', '--prefix', prefix, '--no-audit', '--no-fund', '--loglevel=error', ...npmArgs, `${packageName}@${version}`];
	const ended = await runProgram('npm', args, {cwd: prefix, timeoutMs});
	return whyFailed(ended, 'npm install', timeoutMs) ?? (await whyNotRunning(name, version));
};

/**
 * Installs one agent in its own npm prefix, unless this version is there already, and leaves a stamp that says how it went.
 * Never throws for an agent that cannot be installed: the stamp's `problem` says why.
 */
export const installAgent = async (
	name: AgentName,
	{timeoutMs}: {readonly timeoutMs: number},
): Promise<Stamp & {readonly isNew: boolean}> => {
	const {version} = agentPackageOf(name);
	const old = readStamp(name);
	if (old?.version === version && old.problem === undefined) {
		return {...old, isNew: false};
	}

	const problem = await install(name, timeoutMs).catch((error: unknown) => String(error));
	const stamp: Stamp = {version, ...(problem !== undefined && {problem})};
	mkdirSync(agentPrefix(name), {recursive: true, mode: 0o700});
	writeFileSync(stampFile(name), `${JSON.stringify(stamp)}\n`);
	return {...stamp, isNew: true};
};
