// A scripted agent that gives parts of its task to children, waits for them, and tells how they ended.
import {execFile} from 'node:child_process';
import {promisify} from 'node:util';

const run = promisify(execFile);
const parts = ['port the lexer', 'port the parser', 'port the printer'];
console.log('\u001B[1m> Port the compiler\u001B[0m\n');
const children = [];
for (const part of parts) {
	const {stdout} = await run('agentctl', ['--field', 'run.id', 'tool', 'session-spawn', '--agent', 'worker', '--task', part]);
	children.push({part, runId: stdout.trim()});
	console.log(`\u001B[36m●\u001B[0m gave “${part}” to a child`);
}

for (const {part, runId} of children) {
	await run('agentctl', ['tool', 'session-wait', '--run-id', runId]).catch(() => undefined);
	const {stdout} = await run('agentctl', ['--field', 'run.state', 'run', 'show', '--run-id', runId]);
	console.log(`\u001B[32m●\u001B[0m “${part}” ${stdout.trim()}`);
}

console.log('\n\u001B[32m✓ All parts are back.\u001B[0m');
