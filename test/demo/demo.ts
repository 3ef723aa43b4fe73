import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {agentctl, createDemoPlace, endDemo, program, startFleet, untilReady} from './fleet.js';

const agentsFlag = process.argv.indexOf('--agents');
const workers = agentsFlag === -1 ? 4 : Math.max(1, Number(process.argv[agentsFlag + 1]) || 4);
const isInteractive = process.stdout.isTTY === true && process.stdin.isTTY === true;

const place = await createDemoPlace();
const args = isInteractive
	? [program, '--state-dir', place.stateDir, '--project', place.project]
	: [program, 'daemon', '--state-dir', place.stateDir, '--project', place.project, '--max-concurrency', '10'];
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
await endDemo(place);
