import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {expect, test, vi} from 'vitest';
import {openBuiltProgram, patient} from '../helpers/built-program.js';

test('an unknown flag is a usage error', async () => {
	await using built = openBuiltProgram();
	const {exitCode, stderr} = await built.call(['--no-such-flag']);
	expect(exitCode).toBe(2);
	expect(stderr).toMatch(/no-such-flag/i);
});

test('without a terminal the console says so and starts nothing', async () => {
	await using built = openBuiltProgram();
	const {exitCode, stderr} = await built.call(['--state-dir', built.stateDir]);
	expect(exitCode).toBe(2);
	expect(stderr).toContain('not a terminal');
	expect(built.launcherPid()).toBeUndefined();
});

test('a project folder that is missing is told', async () => {
	await using built = openBuiltProgram();
	const screen = built.console({args: ['--project', path.join(built.root, 'nowhere')]});
	await screen.see('does not exist', patient);
	expect(await screen.exited).toMatchObject({exitCode: 2});
});

test.for([
	{name: 'a terminal that is too small', options: {columns: 18, rows: 4}, told: /18×4/},
	{name: 'a terminal that can do nothing', options: {env: {TERM: 'dumb'}}, told: /TERM=dumb/},
])('$name is told in a sentence', async ({options, told}) => {
	await using built = openBuiltProgram();
	const screen = built.console(options);
	expect(await screen.exited).toMatchObject({exitCode: 2});
	expect(screen.output().toString().replaceAll(/\r?\n/g, '')).toMatch(told);
	expect(screen.output().toString()).not.toContain('\u001B[?1049h');
});

test('a second console on one state folder names the first and leaves it alone', async () => {
	await using built = openBuiltProgram();
	const first = built.console();
	await first.see('Agents here', patient);
	const second = built.console();
	expect(await second.exited).toMatchObject({exitCode: 75});
	expect(second.output().toString()).toContain(`process ${first.pid} `);
	first.press('?');
	await first.see('Show every key', patient);
});

test('NO_COLOR leaves no colour on the screen', async () => {
	await using built = openBuiltProgram();
	const screen = built.console({env: {NO_COLOR: '1'}});
	await screen.see('Agents here', patient);
	const cells = Array.from({length: 120 * 40}, (_, place) => screen.cell(place % 120, Math.floor(place / 120)));
	expect(cells.filter(({foreground, background}) => foreground !== -1 || background !== -1)).toEqual([]);
});

test('a wrong configuration is told with its key and stops the start', async () => {
	await using built = openBuiltProgram();
	const file = path.join(built.home, '.config', 'agent-tui', 'config.json');
	mkdirSync(path.dirname(file), {recursive: true});
	writeFileSync(file, '{"agentz": {}}');
	const screen = built.console();
	expect(await screen.exited).toMatchObject({exitCode: 78});
	await screen.see('unknown key "agentz"', patient);
});

test('a damaged snapshot is set aside, told in the log, and the console starts', async () => {
	await using built = openBuiltProgram();
	const first = built.console();
	await first.see('Agents here', patient);
	first.press('q');
	expect(await first.exited).toMatchObject({exitCode: 0});
	writeFileSync(path.join(built.stateDir, 'snapshot.json'), '{"format":1,');
	const second = built.console();
	await second.see('Agents here', patient);
	expect(readdirSync(built.stateDir)).toContain('snapshot.corrupt-1.json');
	expect(readFileSync(path.join(built.stateDir, 'agent-tui.log'), 'utf8')).toContain('was damaged');
});

test('an unknown agent and a missing folder are refused by agentctl', async () => {
	await using built = openBuiltProgram();
	const screen = built.console();
	await screen.see('Agents here', patient);
	await vi.waitUntil(async () => (await built.ctl('daemon', 'status')).exitCode === 0, {timeout: 20_000});
	const unknown = await built.ctl('session', 'create', '--agent', 'nobody');
	expect(unknown.exitCode).toBe(1);
	expect(unknown.stdout + unknown.stderr).toContain('nobody');
	const missing = await built.ctl('session', 'create', '--agent', 'shell', '--cwd', path.join(built.root, 'nowhere'));
	expect(missing.exitCode).toBe(1);
	expect(missing.stdout + missing.stderr).toContain('nowhere');
});
