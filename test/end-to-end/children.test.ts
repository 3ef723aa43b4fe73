import {expect, test} from 'vitest';
import {type BuiltProgram, isAlive, openBuiltProgram, patient, startSession} from '../helpers/built-program.js';

const startAgentd = async (built: BuiltProgram): Promise<void> => {
	built.start({args: ['daemon', '--state-dir', built.stateDir]});
	await expect.poll(async () => (await built.ctl('session', 'list')).exitCode, {timeout: 20_000}).toBe(0);
	await expect.poll(() => built.launcherPid(), {timeout: 20_000}).toBeGreaterThan(0);
};

test('an agent under agentd spawns a child, which a console that connects shows', async () => {
	await using built = openBuiltProgram();
	await startAgentd(built);
	const text = "agentctl tool session-spawn --task 'echo hi' --label child && sleep 1000";
	const created = await built.ctl('session', 'create', '--agent', 'shell', '--label', 'parent', '--text', text);
	expect(created.exitCode, created.stdout + created.stderr).toBe(0);
	const screen = built.console();
	await screen.see(/● parent +working[\s\S]*child/, patient);
});

test('embedded agents end with their console', async () => {
	await using built = openBuiltProgram();
	const screen = built.console({args: ['--embedded']});
	await screen.see('Agents here', patient);
	await startSession(screen, {command: 'echo pid=$$.; while :; do sleep 1; done', label: 'inner'});
	const seen = await screen.see(/pid=\d+\./, patient);
	const pid = Number(/pid=(\d+)\./.exec(seen)?.[1]);
	expect(isAlive(pid)).toBe(true);
	screen.press('q');
	await screen.see('The agents live in this process and end with it.', patient);
	screen.press('y');
	await screen.exited;
	await expect.poll(() => isAlive(pid), {timeout: 20_000}).toBe(false);
});
