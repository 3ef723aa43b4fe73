import {chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import process from 'node:process';
import {describe, expect, test, vi} from 'vitest';
import {createLauncher} from '../../source/launcher/launcher.js';
import {ptyIdOf, type SpawnRequest} from '../../source/launcher-port.js';
import {openTestLauncher} from '../helpers/launcher-open.js';
import {isRunning, pidIn} from '../helpers/launcher-process.js';
import {collectReports, targetOf, untilShown} from '../helpers/launcher-requests.js';

const seen = {timeout: 40_000, interval: 20};

describe('starting', () => {
	test('an attempt is started, reported, listed, and its end is reported with all it said', async () => {
		await using one = openTestLauncher();
		const request = one.request('printf "hello\\n"; sleep 0.1; exit 3', {columns: 100, rows: 30});
		await one.launcher.spawn(request);
		const started = await one.reports.until(request, 'started');
		const exited = await one.reports.until(request, 'exited');
		expect(exited).toMatchObject({exitCode: 3, signal: null, outputBytes: 7});
		expect(exited).not.toHaveProperty('proof');
		expect(one.reports.heard.map(({type}) => type)).toEqual(['started', 'exited']);
		expect(await one.launcher.list()).toEqual([
			{
				runId: request.runId,
				generation: 1,
				ptyId: ptyIdOf(request),
				sessionId: 'ses_test',
				pid: started.pid,
				startedAtMs: expect.any(Number),
				columns: 100,
				rows: 30,
				exit: {exitCode: 3, signal: null, outputBytes: 7},
			},
		]);
	});

	test('the same attempt is taken once, while it lives and after its end', async () => {
		await using one = openTestLauncher();
		const request = one.request('echo x >>"$DIR/count"; read _');
		await Promise.all([one.launcher.spawn(request), one.launcher.spawn(request)]);
		await one.reports.until(request, 'started');
		await one.launcher.spawn(request);
		await one.launcher.typeLine(ptyIdOf(request), 'go');
		await one.reports.until(request, 'exited');
		await one.launcher.spawn(request);
		one.launcher.forget(ptyIdOf(request));
		await one.launcher.spawn(request);
		expect(readFileSync(one.files.file('count'), 'utf8')).toBe('x\n');
		expect(one.reports.heard).toHaveLength(2);
	});

	test('an attempt older than one already seen is refused (M6), even by the next launcher while that one is not acknowledged', async () => {
		await using one = openTestLauncher();
		const newer = await one.start('sleep 300', {generation: 3});
		const older = one.request('sleep 300', {runId: newer.runId, generation: 2});
		await expect(one.launcher.spawn(older)).rejects.toThrow(/STALE_GENERATION/);
		await one.launcher.close();
		const next = createLauncher({folder: one.files.file('launcher'), launcherId: 'lch_next'});
		await expect(next.spawn(older)).rejects.toThrow(/STALE_GENERATION/);
		await next.close();
	});

	test.each<[string, (folder: string) => Partial<SpawnRequest>, RegExp]>([
		['a name that is not absolute', () => ({file: 'sh'}), /"sh" is not an absolute path/],
		['a missing file', () => ({file: '/nowhere/agent'}), /\/nowhere\/agent does not exist/],
		['a folder', () => ({file: '/usr/bin'}), /\/usr\/bin is not a file/],
		['a file nobody may run', folder => ({file: `${folder}/plain`}), /plain is not executable/],
		['a script without its interpreter', folder => ({file: `${folder}/script`}), /its interpreter \/nowhere\/python does not exist/],
		['a missing working folder', () => ({cwd: '/nowhere'}), /the working folder \/nowhere does not exist/],
		['a working folder that is a file', folder => ({cwd: `${folder}/plain`}), /the working folder .*plain is not a folder/],
		['a relative working folder', () => ({cwd: 'src'}), /"src" is not an absolute path/],
		['an argument with a NUL', () => ({args: ['a\0b']}), /holds a NUL byte/],
		['an argument that is too long', () => ({args: ['x'.repeat(200_000)]}), /longer than the 128 KB/],
		['a variable without a name', () => ({env: {'': 'x'}}), /name that is empty/],
	])('%s is told in a sentence, not as an exit (P14)', async (_, overridesIn, sentence) => {
		await using one = openTestLauncher();
		writeFileSync(one.files.file('plain'), 'text');
		writeFileSync(one.files.file('script'), '#!/nowhere/python\n');
		chmodSync(one.files.file('script'), 0o700);
		const request = one.request('true', overridesIn(one.files.folder));
		await one.launcher.spawn(request);
		expect((await one.reports.until(request, 'spawn-failed')).sentence).toMatch(sentence);
		expect(await one.launcher.list()).toEqual([]);
		expect(one.reports.heard).toHaveLength(1);
	});

	test('the environment of an agent is what was given and nothing else (P17)', async () => {
		await using one = openTestLauncher();
		const request = await one.start('', {file: '/usr/bin/env', args: [], env: {ONLY: 'this'}});
		await one.reports.until(request, 'exited');
		expect(await one.launcher.text(targetOf(request), 'all')).toEqual(['ONLY=this']);
	});
});

describe('ending', () => {
	test('an exit is told only when the last of a megabyte is read, drawn and recorded', async () => {
		await using one = openTestLauncher();
		for (let round = 0; round < 20; round += 1) {
			const request = one.request(`head -c 1000000 /dev/zero | tr "\\0" . | fold -w 100; printf "\\nlast line of ${round}"`);
			const told = Promise.withResolvers<number>();
			const stop = one.launcher.onReport(report => {
				if (report.type === 'exited' && report.runId === request.runId) {
					told.resolve(report.outputBytes);
				}
			});
			await one.launcher.spawn(request);
			// 1 MB, a line break (two bytes on a terminal) after each 100 but the last, and the last line.
			expect(await told.promise).toBe(1_000_000 + 2 * 9999 + 2 + `last line of ${round}`.length);
			expect((await one.launcher.text(targetOf(request), 'screen')).at(-1)).toBe(`last line of ${round}`);
			expect(readFileSync(request.recordingPath, 'utf8').slice(-2000)).toContain(`last line of ${round}`);
			stop();
			one.launcher.forget(ptyIdOf(request));
		}
	});

	test('a stop proves what it ended, to its caller and in the report of the exit', async () => {
		await using one = openTestLauncher();
		const request = await one.start(`setsid -f sh -c 'echo $$ >"$DIR/left"; exec sleep 300'; trap '' TERM; while :; do sleep 0.05; done`);
		const left = await vi.waitFor(() => pidIn(one.files.file('left')) ?? expect.fail('not yet'), seen);
		const proof = await one.launcher.stop(ptyIdOf(request), {graceMs: 300});
		expect(proof).toMatchObject({survivors: 0, killed: true});
		expect(isRunning(left)).toBe(false);
		expect(await one.reports.until(request, 'exited')).toMatchObject({exitCode: null, signal: 9, proof});
	});

	test('a patient stop can be made impatient', async () => {
		await using one = openTestLauncher();
		const request = await one.start(`trap '' TERM; echo deaf; while :; do sleep 0.05; done`);
		await untilShown(one.launcher, request, 'deaf');
		const patient = one.launcher.stop(ptyIdOf(request), {graceMs: 3_600_000});
		expect(await one.launcher.stop(ptyIdOf(request), {graceMs: 0})).toMatchObject({survivors: 0, killed: true});
		expect(await patient).toMatchObject({survivors: 0});
		expect((await one.reports.until(request, 'exited')).proof).toMatchObject({survivors: 0, killed: true});
	});

	test('what an ended agent left behind is swept, also by a launcher that never knew it', async () => {
		await using one = openTestLauncher();
		const leave = `setsid -f sh -c 'echo $$ >"$DIR/left"; exec sleep 300'; while [ ! -s "$DIR/left" ]; do sleep 0.05; done`;
		const request = await one.start(leave);
		await one.reports.until(request, 'exited');
		const left = pidIn(one.files.file('left'))!;
		expect(isRunning(left)).toBe(true);
		await using other = openTestLauncher();
		expect(await other.launcher.stop(ptyIdOf(request), {graceMs: 10_000})).toEqual({processes: 1, survivors: 0, killed: false});
		expect(isRunning(left)).toBe(false);
		expect(await one.launcher.stop(ptyIdOf(request), {graceMs: 0})).toEqual({processes: 0, survivors: 0, killed: false});
	});

	test('a stop that comes right behind the order ends what the order started', async () => {
		await using one = openTestLauncher();
		const request = one.request('sleep 300');
		await one.launcher.spawn(request);
		expect(await one.launcher.stop(ptyIdOf(request), {graceMs: 10_000})).toMatchObject({survivors: 0});
		expect((await one.reports.until(request, 'exited')).proof).toBeDefined();
	});

	test('closing an embedded launcher ends every agent first', async () => {
		const one = openTestLauncher();
		const pids = [];
		for (let index = 0; index < 5; index += 1) {
			const request = await one.start('sleep 300');
			pids.push((await one.reports.until(request, 'started')).pid);
		}

		await one[Symbol.asyncDispose]();
		expect(pids.some(isRunning)).toBe(false);
		expect(one.reports.heard.filter(({type}) => type === 'exited')).toHaveLength(5);
		await expect(one.launcher.spawn(one.request('true'))).rejects.toThrow(/closing/);
	});

	test('a hundred short agents leave no zombie, no open file and at most fifty screens (P19)', async () => {
		await using one = openTestLauncher();
		const openFiles = () => readdirSync('/proc/self/fd').length;
		const before = openFiles();
		for (let round = 0; round < 10; round += 1) {
			const requests = await Promise.all(Array.from({length: 10}, async () => one.start('echo done')));
			await Promise.all(requests.map(async request => one.reports.until(request, 'exited')));
		}

		expect(await one.launcher.list()).toHaveLength(50);
		expect(one.launcher.liveCount).toBe(0);
		await vi.waitFor(() => expect(openFiles()).toBeLessThanOrEqual(before + 2), seen);
		const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
		expect(children.filter(pid => / Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1')))).toEqual([]);
	});
});

describe('reports', () => {
	test('are told again by the next launcher until somebody acknowledges them', async () => {
		await using one = openTestLauncher();
		const request = await one.start('exit 4');
		await one.reports.until(request, 'exited');
		const late: string[] = [];
		one.launcher.onReport(({type}) => late.push(type));
		expect(late).toEqual(['started', 'exited']);
		one.launcher.acknowledge([one.reports.of(request, 'started')!.id]);
		await one.launcher.close();

		const next = createLauncher({folder: one.files.file('launcher'), launcherId: 'lch_next'});
		const again = collectReports(next);
		expect(again.heard).toEqual([one.reports.of(request, 'exited')]);
		expect(next.unacknowledgedCount).toBe(1);
		next.acknowledge(again.heard.map(({id}) => id));
		expect(next.unacknowledgedCount).toBe(0);
		await next.close();
	});

	test('reach the others when one listener throws', async () => {
		await using one = openTestLauncher();
		one.launcher.onReport(() => {
			throw new Error('listener');
		});
		const request = await one.start('true');
		await one.reports.until(request, 'exited');
		expect(one.logged.some(sentence => sentence.includes('threw'))).toBe(true);
	});

	test('activity tells bytes, title and bells, and no more than is worth telling', async () => {
		await using one = openTestLauncher();
		const told: Array<{outputBytes: number; title: string; bells: number}> = [];
		one.launcher.onActivity(activity => told.push(activity));
		const request = await one.start(`printf '\\033]2;my title\\007\\007\\007'; for i in $(seq 200); do echo $i; sleep 0.005; done`);
		const {outputBytes} = await one.reports.until(request, 'exited');
		expect(told.at(-1)).toMatchObject({ptyId: ptyIdOf(request), outputBytes, title: 'my title', bells: 2});
		const [{startedAtMs} = expect.fail('not listed')] = await one.launcher.list();
		const halfSeconds = Math.ceil((one.reports.of(request, 'exited')!.atMs - startedAtMs) / 500);
		expect(told.length).toBeLessThanOrEqual(halfSeconds + 2);
	});
});

describe('files', () => {
	test('everything the launcher keeps is for this user alone', async () => {
		await using one = openTestLauncher();
		const request = await one.start('echo secret');
		await one.reports.until(request, 'exited');
		const modeOf = (file: string) => statSync(file).mode & 0o777;
		expect(modeOf(one.files.file('launcher'))).toBe(0o700);
		expect(modeOf(one.files.file('launcher/reports.jsonl'))).toBe(0o600);
		expect(modeOf(request.recordingPath)).toBe(0o600);
	});

	test('a recording that cannot be written does not keep an agent from working', async () => {
		await using one = openTestLauncher();
		writeFileSync(one.files.file('recordings'), 'in the way');
		const request = await one.start('echo works');
		expect(await one.reports.until(request, 'exited')).toMatchObject({exitCode: 0});
		expect(await one.launcher.text(targetOf(request), 'all')).toEqual(['works']);
		expect(existsSync(request.recordingPath)).toBe(false);
		expect(one.logged.some(sentence => sentence.includes('recording'))).toBe(true);
	});

	test('a launcher whose folder holds somebody else’s file says so', () => {
		expect(() => createLauncher({folder: '/dev/null/launcher', launcherId: 'lch_x'})).toThrow(
			/Could not use \/dev\/null\/launcher for the launcher/,
		);
	});
});
