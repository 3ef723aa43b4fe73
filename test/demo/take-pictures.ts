import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {openProgram, type Program} from '../helpers/open-program.js';
import {createDemoPlace, endDemo, program, startFleet, untilReady} from './fleet.js';
import {pictureOf} from './picture.js';

const media = fileURLToPath(new URL('../../../media/', import.meta.url));
const size = {columns: 120, rows: 34};

const take = async (console: Program, name: string): Promise<void> => {
	await console.lines();
	await writeFile(path.join(media, name), pictureOf({...size, cell: console.cell}));
};

/** Writes the pictures of the readme from the running program with the demo's fleet. */
const place = await createDemoPlace();
const console = openProgram({
	file: process.execPath,
	args: [program, '--state-dir', place.stateDir, '--project', place.project],
	env: {...place.env, CI: undefined},
	...size,
});
try {
	await console.see('No session yet');
	await untilReady(place);
	await startFleet(place, {workers: 4});
	await console.see(/wait for you/);
	await console.see('port the printer', {withinMs: 30_000});
	console.press('jjjjjj');
	await console.see('Searching for callers', {withinMs: 30_000});
	await take(console, 'sessions.png');
	console.press('4');
	await console.see('approve', {withinMs: 30_000});
	await console.see('npm ci', {withinMs: 30_000});
	await take(console, 'escalations.png');
	console.press('2');
	await console.see(/queued · \d of 6 slots/, {withinMs: 30_000});
	await take(console, 'queue.png');
	console.press('3');
	await console.see(/agent:flaky\W+open/, {withinMs: 30_000});
	await take(console, 'limits.png');
} finally {
	await console.close();
	await endDemo(place);
}
