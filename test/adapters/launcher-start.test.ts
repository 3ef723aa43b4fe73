import {existsSync, mkdirSync, readFileSync, readlinkSync, statSync, writeFileSync} from 'node:fs';
import process from 'node:process';
import {expect, test, vi} from 'vitest';
import {takeLauncherLock} from '../../source/launcher/launcher-lock.js';
import {readProcess} from '../../source/launcher/process-table.js';
import {ptyIdOf} from '../../source/launcher-port.js';
import {openDetachedPlace} from '../helpers/launcher-detached.js';
import {isRunning, pidIn} from '../helpers/launcher-process.js';
import {collectReports, untilShown} from '../helpers/launcher-requests.js';

const seen = {timeout: 40_000, interval: 20};

const logOf = (folder: string): string => readFileSync(`${folder}/launcher.log`, 'utf8');

test('a launcher is started once, in a session of its own, with a log for this user alone', async () => {
	await using place = openDetachedPlace();
	const first = await place.ensure();
	const pid = place.holderPid()!;
	expect(isRunning(pid)).toBe(true);
	expect(readProcess(pid)).toMatchObject({session: pid, group: pid});
	expect(readlinkSync(`/proc/${pid}/cwd`)).toBe(place.folder);
	expect(statSync(`${place.folder}/launcher.log`).mode & 0o777).toBe(0o600);
	expect(statSync(place.socketPath).mode & 0o777).toBe(0o600);
	expect(statSync(place.folder).mode & 0o777).toBe(0o700);
	const second = await place.ensure();
	expect(second.launcherId).toBe(first.launcherId);
	expect(first.launcherId).toMatch(/^lch_/);
	expect(place.holderPid()).toBe(pid);
});

test('consoles that race end up with one launcher', async () => {
	await using place = openDetachedPlace();
	const consoles = await Promise.all([place.openConsole(), place.openConsole(), place.ensure(), place.ensure()]);
	expect(new Set(consoles.map(({launcherId}) => launcherId)).size).toBe(1);
	expect(logOf(place.folder).match(/ serves /g)).toHaveLength(1);
});

test('agents survive a console that is killed; the next one finds them with their screen, and hears what it missed (T2, P4)', async () => {
	await using place = openDetachedPlace();
	const request = place.request('echo $$ >"$DIR/agent"; i=0; while read line; do i=$((i+1)); echo "line $i: $line"; done');
	const {child, launcherId} = await place.openConsole(request);
	const agent = await vi.waitFor(() => pidIn(place.files.file('agent')) ?? expect.fail('not yet'), seen);
	child.kill('SIGKILL');
	await new Promise(resolve => child.once('exit', resolve));

	const next = await place.ensure();
	expect(next.launcherId).toBe(launcherId);
	expect(isRunning(agent)).toBe(true);
	const reports = collectReports(next);
	expect(await reports.until(request, 'started')).toMatchObject({pid: agent});
	await next.typeLine(ptyIdOf(request), 'still here');
	await untilShown(next, request, 'line 1: still here');
	next.acknowledge(reports.heard.map(({id}) => id));
	await next.stop(ptyIdOf(request), {graceMs: 0});
	await reports.until(request, 'exited');
});

test('a launcher that was killed is replaced, by a console that starts and by one that was connected', async () => {
	await using place = openDetachedPlace();
	const connected = await place.ensure();
	const request = place.request('sleep 300');
	await connected.spawn(request);
	const reports = collectReports(connected);
	const {pid: agent} = await reports.until(request, 'started');
	const connections: boolean[] = [];
	connected.onConnection(isUp => connections.push(isUp));
	const {launcherId} = connected;
	process.kill(place.holderPid()!, 'SIGKILL');

	await vi.waitFor(() => expect(connections).toEqual([false, true]), seen);
	expect(connected.launcherId).not.toBe(launcherId);
	const started = await place.ensure();
	expect(started.launcherId).toBe(connected.launcherId);
	// Its terminal went with the launcher; the report that nobody acknowledged did not.
	await vi.waitFor(() => expect(isRunning(agent)).toBe(false), seen);
	expect(await started.list()).toEqual([]);
	await vi.waitFor(() => expect(reports.heard.map(({type}) => type)).toEqual(['started', 'started']), seen);
	const again = place.request('true', {runId: request.runId, generation: 2});
	await connected.spawn(again);
	await reports.until(again, 'exited');
});

test('a launcher that is told to end stops every agent, proves it in its log, and keeps the reports for the next one', async () => {
	await using place = openDetachedPlace();
	const first = await place.ensure();
	const deaf = place.request(`trap '' TERM HUP; echo deaf; while :; do sleep 0.1; done`);
	const mild = place.request('exec sleep 300');
	await Promise.all([first.spawn(deaf), first.spawn(mild)]);
	const reports = collectReports(first);
	const agents = await Promise.all([deaf, mild].map(async request => (await reports.until(request, 'started')).pid));
	await untilShown(first, deaf, 'deaf');
	await first.close();
	const pid = place.holderPid()!;
	process.kill(pid, 'SIGTERM');
	await vi.waitFor(() => expect(isRunning(pid)).toBe(false), seen);
	expect(agents.some(isRunning)).toBe(false);
	expect(logOf(place.folder)).toContain(`Stopped ${ptyIdOf(mild)}: tree of 1, 0 survivors.`);
	expect(logOf(place.folder)).toMatch(new RegExp(`Stopped ${ptyIdOf(deaf)}: tree of \\d+, 0 survivors, killed`));
	expect(existsSync(place.socketPath)).toBe(false);

	const next = collectReports(await place.ensure());
	expect(await next.until(deaf, 'exited')).toMatchObject({signal: 9, proof: {survivors: 0, killed: true}});
	expect(await next.until(mild, 'exited')).toMatchObject({signal: 15, proof: {survivors: 0, killed: false}});
});

test('a hangup means nothing to a launcher (P5)', async () => {
	await using place = openDetachedPlace();
	const launcher = await place.ensure();
	process.kill(place.holderPid()!, 'SIGHUP');
	await vi.waitFor(() => expect(logOf(place.folder)).toContain('Heard SIGHUP'), seen);
	expect(await launcher.list()).toEqual([]);
});

test('a fault nobody expected costs no agent its life', async () => {
	await using place = openDetachedPlace();
	const launcher = await place.ensure();
	const request = place.request('while read line; do echo "got $line"; done');
	await launcher.spawn(request);
	await collectReports(launcher).until(request, 'started');
	process.kill(place.holderPid()!, 'SIGUSR2');
	await vi.waitFor(() => expect(logOf(place.folder)).toContain('a fault on demand'), seen);
	await launcher.typeLine(ptyIdOf(request), 'afterwards');
	await untilShown(launcher, request, 'got afterwards');
});

test('a launcher that nobody needs ends by itself, and not before', async () => {
	await using place = openDetachedPlace();
	const launcher = await place.ensure(['200']);
	const pid = place.holderPid()!;
	const request = place.request('sleep 1');
	await launcher.spawn(request);
	const reports = collectReports(launcher);
	await reports.until(request, 'exited');
	// A client and two reports: each is reason enough to stay.
	expect(isRunning(pid)).toBe(true);
	await launcher.close();
	const other = await place.ensure(['200']);
	expect(place.holderPid()).toBe(pid);
	other.acknowledge(reports.heard.map(({id}) => id));
	await other.list();
	await other.close();
	await vi.waitFor(() => expect(isRunning(pid)).toBe(false), seen);
	expect(logOf(place.folder)).toContain('nobody needs it');
});

test('a launcher that cannot be started is explained with its last words', async () => {
	await using place = openDetachedPlace();
	await expect(place.ensure([], {command: '/nowhere/node'})).rejects.toMatchObject({
		message: 'Could not start the launcher (/nowhere/node): the program cannot be run.',
	});
	const failing = {command: '/bin/sh', args: ['-c', 'echo no such luck >&2; exit 3']};
	await expect(place.ensure([], failing)).rejects.toMatchObject({
		message: 'Could not start the launcher (/bin/sh): it exited with 3.',
		hint: expect.stringContaining('no such luck'),
	});
	const deaf = {command: '/bin/sleep', args: ['5'], startWithinMs: 300};
	await expect(place.ensure([], deaf)).rejects.toThrow(/it does not answer/);
});

test('a place that another process holds is waited for, until that one answers or lets go', async () => {
	await using place = openDetachedPlace();
	const lock = takeLauncherLock({folder: place.folder, launcherId: 'lch_other'})!;
	expect(takeLauncherLock({folder: place.folder, launcherId: 'lch_third'})).toBeUndefined();
	const ensuring = place.ensure();
	const isEarly = await Promise.race([ensuring.then(() => true), new Promise(resolve => setTimeout(resolve, 600, false))]);
	expect(isEarly).toBe(false);
	lock.release();
	expect((await ensuring).launcherId).not.toBe('lch_other');
});

test('the leftovers of a dead launcher, its socket and its name, are in nobody’s way', async () => {
	await using place = openDetachedPlace();
	mkdirSync(place.folder, {recursive: true});
	writeFileSync(`${place.folder}/launcher.json`, `{"pid":${process.pid},"launcherId":"lch_dead"}`);
	await place.ensure();
	const pid = place.holderPid()!;
	process.kill(pid, 'SIGKILL');
	await vi.waitFor(() => expect(isRunning(pid)).toBe(false), seen);
	expect(existsSync(place.socketPath)).toBe(true);
	const next = await place.ensure();
	expect(await next.list()).toEqual([]);
});
