import {spawn} from 'node:child_process';
import {readFileSync} from 'node:fs';
import process from 'node:process';
import {expect, test, vi} from 'vitest';
import {readProcess} from '../../source/launcher/process-table.js';
import {createProcessTree, rootOf} from '../../source/launcher/process-tree.js';
import {stopTree} from '../../source/launcher/stop-tree.js';
import {createLauncherFolder} from '../helpers/launcher-folder.js';
import {endProcess, isRunning, pidIn} from '../helpers/launcher-process.js';
import {openScript} from '../helpers/launcher-pty.js';

const seen = {timeout: 30_000};
let runs = 0;

/** A shell script as an attempt, with the markers an attempt has, and the pids its programs write into files. */
const openAttempt = (script: string, generation = 1) => {
	runs += 1;
	const attempt = {runId: `run_tree_${process.pid}_${runs}`, generation};
	const files = createLauncherFolder();
	const env = {
		PATH: '/usr/bin:/bin',
		TERM: 'xterm',
		DIR: files.folder,
		AGENT_TUI_RUN_ID: attempt.runId,
		AGENT_TUI_GENERATION: String(generation),
	};
	const pty = openScript(script, {env});
	const root = rootOf(pty.pid);
	const pid = async (name: string) => vi.waitFor(() => pidIn(files.file(name)) ?? expect.fail(`${name} has not started`), seen);
	return {
		attempt,
		root,
		env,
		pty,
		pid,
		stop: async (graceMs: number) => stopTree({root, attempt, graceMs}),
		async [Symbol.asyncDispose]() {
			await stopTree({root, attempt, graceMs: 0});
			await pty[Symbol.asyncDispose]();
			files[Symbol.dispose]();
		},
	};
};

/** Writes the pid of a program into a file, then becomes the program. */
const named = (name: string, program: string) => `sh -c 'echo $$ >"$DIR/${name}"; ${program}'`;

test('stop ends the shell, its jobs, its pipelines and the daemons that left it, and nothing else', async () => {
	const bystander = spawn('sleep', ['300'], {stdio: 'ignore'});
	await using one = openAttempt(`
		${named('job', 'exec sleep 300')} &
		set -m; ${named('group', 'exec sleep 300')} &
		setsid -f ${named('daemon', 'sleep 300 & echo $! >"$DIR/child"; wait')}
		${named('pipe', 'exec sleep 300')} | cat
	`);
	const pids = await Promise.all(['job', 'group', 'daemon', 'child', 'pipe'].map(one.pid));
	expect(pids.every(isRunning)).toBe(true);

	const proof = await one.stop(10_000);
	expect(proof).toMatchObject({survivors: 0, killed: false});
	// Those five, the shell, and the cat.
	expect(proof.processes).toBeGreaterThanOrEqual(7);
	expect(pids.some(isRunning)).toBe(false);
	expect(isRunning(one.root.pid)).toBe(false);
	expect(isRunning(bystander.pid!)).toBe(true);
	bystander.kill('SIGKILL');
});

test('who ignores SIGTERM and SIGHUP is killed after the grace, and the proof says so (P1)', async () => {
	await using one = openAttempt(`trap '' TERM HUP; ${named('deaf', 'while :; do sleep 1; done')}`);
	const deaf = await one.pid('deaf');
	const proof = await one.stop(300);
	expect(proof).toMatchObject({survivors: 0, killed: true});
	expect(isRunning(deaf)).toBe(false);
});

test('a program that ends in its own time within the grace is not killed', async () => {
	await using one = openAttempt(
		`trap 'sleep 0.5; echo saved >"$DIR/saved"; exit 0' TERM; echo $$ >"$DIR/pid"; while :; do sleep 0.1; done`,
	);
	await one.pid('pid');
	expect(await one.stop(30_000)).toMatchObject({survivors: 0, killed: false});
	expect(readFileSync(`${one.env.DIR}/saved`, 'utf8')).toBe('saved\n');
});

test('a stopped process hears that it shall end (P20)', async () => {
	await using one = openAttempt(named('frozen', 'exec sleep 300'));
	const frozen = await one.pid('frozen');
	process.kill(frozen, 'SIGSTOP');
	await vi.waitFor(() => expect(readProcess(frozen)?.state).toBe('T'), seen);
	expect(await one.stop(30_000)).toMatchObject({survivors: 0, killed: false});
	expect(isRunning(frozen)).toBe(false);
});

test('a daemon that cleared its environment is found while something still ties it to the tree', async () => {
	await using one = openAttempt(
		`env -i sh -c 'echo $$ >'"$DIR"'/bare; exec sleep 300' & setsid sh -c 'env -i sleep 300 & echo $! >"$DIR/led"; wait'`,
	);
	const pids = [await one.pid('bare'), await one.pid('led')];
	expect(await one.stop(10_000)).toMatchObject({survivors: 0});
	expect(pids.some(isRunning)).toBe(false);
});

test('what an attempt left behind is found after its end, by its markers alone (P2)', async () => {
	await using one = openAttempt(`setsid -f ${named('left', 'exec sleep 300')}; while [ ! -s "$DIR/left" ]; do sleep 0.05; done`);
	const left = await one.pid('left');
	await one.pty.ended;
	expect(isRunning(left)).toBe(true);
	expect(await stopTree({root: undefined, attempt: one.attempt, graceMs: 10_000})).toEqual({processes: 1, survivors: 0, killed: false});
	expect(isRunning(left)).toBe(false);
});

test('another attempt of the same run, and another run, are left alone', async () => {
	await using older = openAttempt(named('pid', 'exec sleep 300'), 1);
	await older.pid('pid');
	for (const attempt of [
		{...older.attempt, generation: 2},
		{runId: `${older.attempt.runId}0`, generation: 1},
	]) {
		expect(await stopTree({root: undefined, attempt, graceMs: 0})).toEqual({processes: 0, survivors: 0, killed: false});
	}

	expect(isRunning(older.root.pid)).toBe(true);
});

test('a process that got the pid of one long gone is not touched', async () => {
	await using other = openAttempt(named('pid', 'exec sleep 300'));
	await other.pid('pid');
	const reused = {pid: other.root.pid, startTicks: other.root.startTicks - 1};
	const attempt = {runId: 'run_gone', generation: 1};
	expect(await createProcessTree({root: reused, attempt}).members()).toEqual([]);
	expect(await stopTree({root: reused, attempt, graceMs: 0})).toEqual({processes: 0, survivors: 0, killed: false});
	expect(isRunning(other.root.pid)).toBe(true);
});

test('a tree that grows while it is being stopped is swept to its end', async () => {
	const spawning = `trap 'setsid -f sleep 300; setsid -f sleep 300' TERM; while :; do sleep 0.05; done`;
	await using one = openAttempt(`echo $$ >"$DIR/pid"; ${spawning}`);
	await one.pid('pid');
	const proof = await one.stop(1000);
	expect(proof).toMatchObject({survivors: 0, killed: true});
	expect(proof.processes).toBeGreaterThanOrEqual(3);
	expect(await createProcessTree({root: one.root, attempt: one.attempt}).members()).toEqual([]);
});

test('a process is known by its name, whatever that is', async () => {
	using files = createLauncherFolder();
	await using pty = openScript(`cp /bin/sleep '${files.folder}/a) R 1 (b'; exec '${files.folder}/a) R 1 (b' 300`);
	await vi.waitFor(() => expect(readFileSync(`/proc/${pty.pid}/comm`, 'utf8')).toBe('a) R 1 (b\n'), seen);
	expect(readProcess(pty.pid)).toMatchObject({pid: pty.pid, parentPid: process.pid, group: pty.pid, session: pty.pid});
	endProcess(pty.pid);
});
