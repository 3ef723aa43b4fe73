import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFile, rm} from 'node:fs/promises';
import path from 'node:path';
import {agentctl, createDemoPlace, type DemoPlace, program, startFleet, untilReady} from './fleet.js';

const agentsFlag = process.argv.indexOf('--agents');
const workers = agentsFlag === -1 ? 4 : Math.max(1, Number(process.argv[agentsFlag + 1]) || 4);
const isInteractive = process.stdout.isTTY === true && process.stdin.isTTY === true;

/** Ends the launcher, which ends every agent of the demo; its console may have been left with `q`. */
const endLauncher = async ({stateDir}: DemoPlace): Promise<void> => {
	const text = await readFile(path.join(stateDir, 'launcher', 'launcher.json'), 'utf8').catch(() => '{}');
	const {pid} = JSON.parse(text) as {pid?: number};
	if (pid !== undefined) {
		process.kill(pid, 'SIGTERM');
	}
};

const place = await createDemoPlace();
const args = isInteractive
	? [program, '--state-dir', place.stateDir]
	: [program, 'daemon', '--state-dir', place.stateDir, '--max-concurrency', '10'];
const coordinator = spawn(process.execPath, args, {stdio: 'inherit', env: place.env});
const ended = once(coordinator, 'exit');

await untilReady(place);
await startFleet(place, {workers});
if (!isInteractive) {
	console.log(await agentctl(place, 'session', 'list'));
	console.log('Two agents wait for an answer; run `npm run demo` in a terminal to give it. Ending the demo.');
	coordinator.kill('SIGTERM');
}

await ended;
await endLauncher(place).catch(() => undefined);
await rm(place.stateDir, {recursive: true, force: true, maxRetries: 20, retryDelay: 200});
