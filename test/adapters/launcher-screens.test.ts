import {describe, expect, test, vi} from 'vitest';
import {
	type LauncherPort,
	ptyIdOf,
	type ScreenFrame,
	type SpawnRequest,
	type Viewport,
	type WatchTarget,
} from '../../source/launcher-port.js';
import {openServedLauncher, openTestLauncher} from '../helpers/launcher-open.js';
import {targetOf, untilShown} from '../helpers/launcher-requests.js';
import {createTestViewer} from '../helpers/launcher-viewer.js';

const seen = {timeout: 40_000, interval: 10};

type TestLauncher = {readonly launcher: Pick<LauncherPort, 'attach' | 'watch'>};

/** Puts frames together as the console's painter does. */
const openWatch = ({launcher}: TestLauncher, target: WatchTarget) => {
	const rows: string[] = [];
	const frames: ScreenFrame[] = [];
	const viewport = {columns: 40, rows: 10, back: 0};
	const watch = launcher.watch(target, viewport, frame => {
		frames.push(frame);
		for (const [y, ansi] of frame.rows) {
			rows[y] = ansi.replaceAll(/\u001B\[[\d;:]*m/g, '').trimEnd();
		}
	});
	return {
		frames,
		watch,
		viewport,
		text: () => rows.join('\n').trimEnd(),
		see: async (shown: string | RegExp) => vi.waitFor(() => expect(rows.join('\n')).toMatch(shown), seen),
	};
};

const attach = async ({launcher}: TestLauncher, request: SpawnRequest, viewer = createTestViewer()) => {
	const attachment = await launcher.attach(ptyIdOf(request), viewer.size, viewer.events);
	return {...viewer, attachment, type: (text: string) => attachment.input(Buffer.from(text))};
};

const sizeTeller = `trap 'stty size' WINCH; stty size; while :; do sleep 0.05; done`;

/** Nobody can tell the two apart. */
describe.each([
	{place: 'in this process', open: async () => openTestLauncher()},
	{place: 'behind its socket', open: async () => openServedLauncher()},
])('a launcher $place', ({open}) => {
	describe('attaching', () => {
		test('draws what is there, then passes output and keys through', async () => {
			await using one = await open();
			const request = await one.start('echo before; while read line; do echo "got $line"; done');
			await untilShown(one.launcher, request, 'before');
			const viewer = await attach(one, request);
			await viewer.see('before');
			viewer.type('keys\r');
			await viewer.see(/before\nkeys\ngot keys/);
			expect(viewer.repaints()).toBe(1);
		});

		test('gives the pty the size of the newest viewer, of the one before when it leaves, and keeps the last', async () => {
			await using one = await open();
			const request = await one.start(sizeTeller);
			await untilShown(one.launcher, request, '24 80');
			const first = await attach(one, request, createTestViewer({columns: 100, rows: 30}));
			await untilShown(one.launcher, request, '30 100');
			const second = await attach(one, request, createTestViewer({columns: 60, rows: 20}));
			await untilShown(one.launcher, request, '20 60');
			first.attachment.resize(101, 31);
			second.attachment.resize(61, 21);
			await untilShown(one.launcher, request, '21 61');
			second.attachment.close();
			await untilShown(one.launcher, request, '31 101');
			first.attachment.close();
			expect((await one.launcher.list())[0]).toMatchObject({columns: 101, rows: 31});
			expect((await one.launcher.text(targetOf(request), 'all')).at(-1)).toBe('31 101');
		});

		test('hides terminal queries and switches of the screen from viewers, and draws anew instead', async () => {
			await using one = await open();
			const request = await one.start(
				`stty raw -echo; read -r _ 2>/dev/null; printf 'normal\\033[6n'; head -c 6 >"$DIR/answer"; printf '\\033[?1049h\\033[2;3Halternate'; sleep 300`,
			);
			const viewer = await attach(one, request);
			await vi.waitFor(() => expect(viewer.repaints()).toBe(1), seen);
			viewer.type('\n');
			await viewer.see(/^\n {2}alternate/);
			expect(viewer.received().toString('latin1')).not.toMatch(/\[6n|1049/);
			expect(viewer.repaints()).toBeGreaterThanOrEqual(2);
		});

		test('begins in the midst of a flood without a torn sequence or a lost line', async () => {
			await using one = await open();
			const coloured = `for i in $(seq 20000); do printf '\\033[38;5;%dm\\033[1mline %d\\033[0m of \\342\\202\\254uros\\r\\n' $((i % 256)) $i; done; echo finished; sleep 300`;
			const request = await one.start(coloured);
			for (let round = 0; round < 5; round += 1) {
				const viewer = await attach(one, request);
				await vi.waitFor(() => expect(viewer.received().length).toBeGreaterThan(20_000), seen);
				for (const line of viewer.lines().slice(0, -1)) {
					expect(line).toMatch(/^line \d+ of €uros$/);
				}

				viewer.attachment.close();
			}

			const last = await attach(one, request);
			await last.see('finished');
			const numbers = last.lines().flatMap(line => /line (\d+)/.exec(line)?.[1] ?? []);
			expect(numbers.map(Number)).toEqual(Array.from({length: numbers.length}, (_, index) => 20_001 - numbers.length + index));
		});

		test('ends with the process, after its last words', async () => {
			await using one = await open();
			const request = await one.start('read _; echo goodbye');
			const viewer = await attach(one, request);
			const ended = vi.waitFor(() => expect(viewer.hasEnded()).toBe(true), seen);
			viewer.type('\r');
			await ended;
			await viewer.see('goodbye');
			await expect(attach(one, request)).rejects.toThrow(/its process has ended/);
			await expect(one.launcher.attach('run_no.1', viewer.size, viewer.events)).rejects.toThrow(/no such pty/);
		});

		test('asks for a repaint and gets one; after closing nothing comes', async () => {
			await using one = await open();
			const request = await one.start('echo here; while read line; do echo "got $line"; done');
			const viewer = await attach(one, request);
			await viewer.see('here');
			viewer.attachment.repaint();
			await vi.waitFor(() => expect(viewer.repaints()).toBe(2), seen);
			viewer.attachment.close();
			const before = viewer.received().length;
			await one.launcher.typeLine(ptyIdOf(request), 'unheard');
			await untilShown(one.launcher, request, 'got unheard');
			expect(viewer.received().length).toBe(before);
		});
	});

	describe('typing a line', () => {
		test('pastes it where the agent asked for that, and submits with a key of its own', async () => {
			await using one = await open();
			const request = await one.start(
				`stty raw -echo; printf '\\033[?2004hready'; dd bs=1000 count=2 2>/dev/null | od -An -c -w100; sleep 300`,
			);
			await untilShown(one.launcher, request, 'ready');
			await one.launcher.typeLine(ptyIdOf(request), 'two\nlines\u001B[201~\u0003');
			const lines = await untilShown(one.launcher, request, /~ +\\r/);
			const typed = lines.join('').replaceAll(/\s+/g, '');
			expect(typed).toContain('033[200~two\\rlines[201~033[201~\\r');
		});

		test('types it plainly elsewhere, in one line', async () => {
			await using one = await open();
			const request = await one.start('while read line; do echo "<$line>"; done');
			const ptyId = ptyIdOf(request);
			await Promise.all([
				one.launcher.typeLine(ptyId, 'first\n line'),
				one.launcher.typeLine(ptyId, ''),
				one.launcher.typeLine(ptyId, 'ünïcode €'),
			]);
			await untilShown(one.launcher, request, /<first line>[\s\S]*<>[\s\S]*<ünïcode €>/);
			await expect(one.launcher.typeLine('run_no.1', 'x')).rejects.toThrow(/no such pty/);
		});
	});

	describe('watching', () => {
		test('shows a living screen as it changes, and scrolled back', async () => {
			await using one = await open();
			const request = await one.start('seq 100; while read line; do echo "got $line"; done');
			const watched = openWatch(one, targetOf(request));
			await watched.see(/99\n100/);
			expect(watched.frames[0]).toMatchObject({full: true, back: 0});
			await one.launcher.typeLine(ptyIdOf(request), 'more');
			await watched.see('got more');
			watched.watch.setViewport({...watched.viewport, back: 1_000_000});
			await watched.see(/^1\n2\n3\n/);
			const frames = watched.frames.length;
			watched.watch.close();
			await one.launcher.typeLine(ptyIdOf(request), 'unseen');
			await untilShown(one.launcher, request, 'got unseen');
			expect(watched.frames.length).toBe(frames);
		});

		test('draws at most thirty frames a second, the latest last', async () => {
			await using one = await open();
			const request = await one.start('for i in $(seq 3000); do echo $i; done; sleep 1; echo finished; sleep 300');
			const watched = openWatch(one, targetOf(request));
			const startedAtMs = performance.now();
			await watched.see('finished');
			const seconds = (performance.now() - startedAtMs) / 1000;
			expect(watched.frames.length).toBeLessThanOrEqual(seconds * 31 + 2);
		});

		test('follows a screen from before its start to after it was forgotten', async () => {
			await using one = await open();
			const request = one.request('echo born; read _; echo died');
			const watched = openWatch(one, targetOf(request));
			await vi.waitFor(() => expect(watched.frames[0]).toMatchObject({full: true, historyLines: 0, cursor: undefined}), seen);
			expect(watched.frames[0]?.rows).toEqual(Array.from({length: 10}, (_, y) => [y, ' '.repeat(40)]));
			await one.launcher.spawn(request);
			await watched.see('born');
			await one.launcher.typeLine(ptyIdOf(request), '');
			await watched.see('died');
			await one.reports.until(request, 'exited');
			const before = watched.frames.length;
			one.launcher.forget(ptyIdOf(request));
			await vi.waitFor(() => expect(watched.frames.length).toBeGreaterThan(before), seen);
			expect(watched.text()).toMatch(/^born\n\ndied$/);
			expect(await one.launcher.list()).toEqual([]);
		});

		test('shows an ended screen, and one that only its recording knows', async () => {
			await using one = await open();
			const request = await one.start('seq 50; echo the end');
			await one.reports.until(request, 'exited');
			const ended = openWatch(one, targetOf(request));
			await ended.see('the end');
			await using other = await open();
			const replayed = openWatch(other, targetOf(request));
			await replayed.see('the end');
			expect(replayed.text()).toBe(ended.text());
			expect(await other.launcher.text(targetOf(request), 'all')).toEqual(await one.launcher.text(targetOf(request), 'all'));
			expect((await one.launcher.text(targetOf(request), 'all')).slice(0, 3)).toEqual(['1', '2', '3']);
			await expect(other.launcher.text({ptyId: 'run_no.1', recordingPath: '/nowhere.cast'}, 'all')).rejects.toThrow(/neither the pty nor/);
		});
	});

	test('one agent that floods does not keep another from answering (T5)', async () => {
		await using one = await open();
		const flooding = await one.start('yes flood');
		const request = await one.start('stty raw -echo; cat');
		const viewer = await attach(one, request);
		await vi.waitFor(() => expect(viewer.repaints()).toBe(1), seen);
		for (let key = 0; key < 50; key += 1) {
			viewer.type(`${key} `);
			await vi.waitFor(() => expect(viewer.received().toString()).toContain(`${key} `), {timeout: 20_000, interval: 1});
		}

		const lines = await one.launcher.text(targetOf(flooding), 'screen');
		// The last one may be half written.
		expect(new Set(lines.slice(0, -1))).toEqual(new Set(['flood']));
	});
});

test('holds frames back while the watcher is not ready, and then draws the latest whole', async () => {
	await using one = openTestLauncher();
	let isReady = true;
	const request = await one.start('echo one; while read line; do echo "got $line"; done');
	const launcher = {
		...one.launcher,
		watch: (target: WatchTarget, viewport: Viewport, onFrame: (frame: ScreenFrame) => void) =>
			one.launcher.watch(target, viewport, onFrame, () => isReady),
	};
	const watched = openWatch({launcher}, targetOf(request));
	await watched.see('one');
	isReady = false;
	const before = watched.frames.length;
	for (const word of ['a', 'b', 'c']) {
		await one.launcher.typeLine(ptyIdOf(request), word);
	}

	await untilShown(one.launcher, request, 'got c');
	expect(watched.frames.length).toBe(before);
	isReady = true;
	await watched.see(/got a[\s\S]*got b[\s\S]*got c/);
	expect(watched.text()).toBe((await one.launcher.text(targetOf(request), 'screen')).join('\n'));
});
