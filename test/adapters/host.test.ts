import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import {expect, test, vi} from 'vitest';
import type {HostPlan} from '../../source/host-plan.js';
import {isRunning, pidIn} from '../helpers/launcher-process.js';
import {openProgram} from '../helpers/open-program.js';

const until = {timeout: 20_000, interval: 50};
const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const node = (script: string): readonly string[] => [process.execPath, '-e', script];

const open = (planOf: (folder: string) => HostPlan) => {
	const folder = mkdtempSync(path.join(tmpdir(), 'host-'));
	const file = path.join(folder, 'host.json');
	writeFileSync(file, JSON.stringify(planOf(folder)));
	const program = openProgram({file: process.execPath, args: [cli, 'host', file], cwd: folder});
	return {
		folder,
		program,
		shows: (text: string) => vi.waitFor(() => expect(program.output().toString()).toContain(text), until),
		async [Symbol.asyncDispose]() {
			await program.close();
			rmSync(folder, {recursive: true, force: true});
		},
	};
};

const serving = (folder: string, argv: readonly string[]): HostPlan => ({
	argv: node(
		"process.stdin.on('data', text => process.exit(Number(text)));process.stdout.write('with server'+(process.stdin.isTTY?' on a terminal':''))",
	),
	server: {
		argv,
		socket: path.join(folder, 's.sock'),
		log: 'server.log',
		fallback: node("process.stdout.write('alone');process.exitCode = 5"),
	},
});

test('a server is there before the agent and gone after it, and the agent’s exit code is that of the terminal', async () => {
	await using host = open(folder => {
		const listen = `require('net').createServer().listen(${JSON.stringify(path.join(folder, 's.sock'))})`;
		const script = `setTimeout(()=>{${listen}},200);require('fs').writeFileSync('server.pid',String(process.pid));console.log('hello')`;
		return serving(folder, node(script));
	});
	await host.shows('with server on a terminal');
	const pid = pidIn(path.join(host.folder, 'server.pid'))!;
	expect(isRunning(pid)).toBe(true);
	host.program.press('3\r');
	expect(await host.program.exited).toMatchObject({exitCode: 3});
	expect(isRunning(pid)).toBe(false);
	expect(readFileSync(path.join(host.folder, 'server.log'), 'utf8')).toBe('hello\n');
	expect(host.program.output().toString()).not.toContain('hello');
});

test.each([
	['ends at once', node('process.exitCode = 2')],
	['is not there', ['/does/not/exist']],
])('without its server (it %s) the agent runs alone', async (_, argv) => {
	await using host = open(folder => serving(folder, argv));
	await host.shows('alone');
	expect(await host.program.exited).toMatchObject({exitCode: 5});
	expect(existsSync(path.join(host.folder, 'server-absent'))).toBe(true);
});

test('a free port is written down and given to the agent', async () => {
	await using host = open(() => ({
		argv: [
			...node("require('http').createServer().listen(Number(process.argv[1]),()=>console.log('port '+process.argv[1]+'.'))"),
			'{port}',
		],
		portFile: 'port',
	}));
	await host.shows('port ');
	const port = readFileSync(path.join(host.folder, 'port'), 'utf8');
	expect(Number(port)).toBeGreaterThan(1023);
	await host.shows(`port ${port}.`);
	host.program.kill('SIGTERM');
	expect(await host.program.exited).toMatchObject({exitCode: 143});
});

test('a program that is not there is told in one sentence', async () => {
	await using host = open(() => ({argv: ['/does/not/exist']}));
	await host.shows('Could not start /does/not/exist: it was not found.');
	expect(await host.program.exited).toMatchObject({exitCode: 127});
});

test('an agent that would live on without its terminal is ended', async () => {
	await using host = open(folder => ({
		argv: node(
			`process.on('SIGHUP',()=>{}).on('SIGTERM',()=>{});require('fs').writeFileSync(${JSON.stringify(path.join(folder, 'agent.pid'))},String(process.pid));process.stdout.write('stubborn');setInterval(()=>{},1000)`,
		),
	}));
	await host.shows('stubborn');
	const pid = pidIn(path.join(host.folder, 'agent.pid'))!;
	host.program.kill('SIGHUP');
	await vi.waitFor(() => expect(isRunning(pid)).toBe(false), until);
});
