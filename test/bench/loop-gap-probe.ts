import {writeFileSync} from 'node:fs';
import process from 'node:process';

/*
 * Loaded before a program (`node --import`): on SIGUSR2 writes the longest time its event loop was held since the last such signal, in ms, to
 * the file that AGENT_TUI_BENCH_GAPS names.
 */
const everyMs = 2;
let lastMs = performance.now();
let longestMs = 0;

const look = (): void => {
	const nowMs = performance.now();
	longestMs = Math.max(longestMs, nowMs - lastMs - everyMs);
	lastMs = nowMs;
};

setInterval(look, everyMs).unref();
process.on('SIGUSR2', () => {
	look();
	writeFileSync(process.env['AGENT_TUI_BENCH_GAPS']!, String(longestMs));
	longestMs = 0;
});
