import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {createScreen} from '../../source/launcher/screen.js';
import {agentStream} from './agent-stream.js';
import type {BenchRow} from './bench-row.js';
import {median} from './process-usage.js';
import {openTmux} from './tmux-peer.js';

const streamBytes = 50_000_000;
const chunkBytes = 65_536;
const size = {columns: 200, rows: 50};
const goalRatio = 1.5;
/** Seldom, since asking takes the server’s time. */
const pollMs = 100;

/** Output waits for the parser as it does behind a pty: no more than a megabyte lies about. */
const screenMs = async (stream: Buffer): Promise<number> => {
	const screen = createScreen({...size, maxHistoryLines: 5000, reply: () => {}});
	const startMs = performance.now();
	for (let at = 0; at < stream.length; at += chunkBytes) {
		screen.write(stream.subarray(at, at + chunkBytes));
		if (screen.pendingBytes > 1_000_000) {
			await screen.parsed();
		}
	}

	await screen.parsed();
	const tookMs = performance.now() - startMs;
	screen.dispose();
	return tookMs;
};

const tmuxMs = async (tmux: ReturnType<typeof openTmux>, file: string): Promise<number> => {
	const startMs = performance.now();
	const window = tmux.window(`cat ${file}; printf '\\033]2;DONE\\007'; exec cat`);
	while (tmux.title(window) !== 'DONE') {
		await delay(pollMs);
	}

	return performance.now() - startMs;
};

/** How fast a screen takes what an agent writes, beside a tmux pane that nobody looks at. */
export const ingestBench = async (): Promise<readonly BenchRow[]> => {
	const folder = mkdtempSync(path.join(tmpdir(), 'agent-tui-ingest-'));
	const file = path.join(folder, 'stream');
	const stream = agentStream(streamBytes);
	writeFileSync(file, stream);
	const tmux = openTmux({...size, historyLines: 5000});
	const [ours, theirs]: [number[], number[]] = [[], []];
	try {
		for (let round = 0; round < 3; round += 1) {
			ours.push(await screenMs(stream));
			theirs.push(await tmuxMs(tmux, file));
		}
	} finally {
		tmux.close();
		rmSync(folder, {recursive: true, force: true});
	}

	const pace = (ms: number): string => `${(stream.length / 1000 / ms).toFixed(0)} MB/s`;
	const ratio = median(theirs) / median(ours);
	return [
		{
			figure: 'ingest: 50 MB of an agent’s output',
			goal: `≥ ${goalRatio} × tmux`,
			result: `${ratio.toFixed(2)} × (${pace(median(ours))}; tmux ${pace(median(theirs))})`,
			met: ratio >= goalRatio,
		},
	];
};
