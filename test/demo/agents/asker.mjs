// A scripted agent that wants to run a command and asks first. Goes on with what it was told.
import {spawnSync} from 'node:child_process';

const argv = process.argv.slice(2);
const [task, reason] =
	argv[0] === 'git'
		? ['Clean up the branches', 'The branch is merged and can go.']
		: ['Run the tests', 'The lockfile changed; the tests need its packages.'];
const payload = JSON.stringify({tool: 'Bash', argv, cwd: process.cwd()});
console.log(`\u001B[1m> ${task}\u001B[0m\n\n\u001B[36m●\u001B[0m I would like to run \u001B[1m${argv.join(' ')}\u001B[0m`);
const asked = spawnSync(
	'agentctl',
	['tool', 'session-reply-parent', '--request-kind', 'approval_request', '--text', reason, '--payload', payload, '--wait'],
	{encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit']},
);
console.log(
	asked.status === 0 ? '\u001B[32m✓ Approved; going on.\u001B[0m' : `\u001B[31m✗ Not approved (exit ${asked.status}); leaving it.\u001B[0m`,
);
