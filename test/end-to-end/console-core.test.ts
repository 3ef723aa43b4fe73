import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {expect, test, vi} from 'vitest';
import {linesOf, soon} from '../helpers/agentd.js';
import {type BuiltProgram, openBuiltProgram, patient} from '../helpers/built-program.js';
import {http} from '../helpers/http.js';
import type {Program} from '../helpers/open-program.js';

const config = {
	limits: {concurrent: 1, stopGraceMs: 500},
	agents: {
		flaky: {adapter: 'shell', retry: {waitsMs: [0], jitter: 0}},
		brittle: {adapter: 'shell', retry: {waitsMs: [0, 0, 0, 0], jitter: 0}},
	},
};

/** The console over a state folder of its own, and a way to give its coordinator work. */
const open = async (built: BuiltProgram, size: {readonly columns: number; readonly rows: number}) => {
	mkdirSync(path.join(built.home, '.config', 'agent-tui'), {recursive: true});
	writeFileSync(path.join(built.home, '.config', 'agent-tui', 'config.json'), JSON.stringify(config));
	const screen = built.console(size);
	await screen.see('No session yet.', patient);
	const ask = async (request: {readonly path: string; readonly body?: object}) => {
		const token = readFileSync(path.join(built.stateDir, 'operator.token'), 'utf8').trim();
		return (await http({socketPath: path.join(built.stateDir, 'gateway.sock')}, {token, ...request})).json;
	};
	await vi.waitUntil(async () => (await ask({path: '/daemon/status'}).catch(() => undefined))?.alive_workers === 1, soon);
	const run = async (label: string, text: string, agent = 'shell'): Promise<string> =>
		(await ask({path: '/sessions', body: {agent, cwd: built.project, label, text}})).run.id;
	const becomes = (id: string, state: string) => expect.poll(async () => (await ask({path: `/runs/${id}`})).run.state, soon).toBe(state);
	return {screen, ask, run, becomes};
};

/** Presses a key and looks for what it does. */
const press = async (screen: Program, key: string, sight: string | RegExp): Promise<void> => {
	screen.press(key);
	await screen.see(sight, patient);
};

/** Answers a question with yes, once it takes answers. */
const confirm = async (screen: Program, question: string, done: string): Promise<void> => {
	await screen.see(question, patient);
	const isOpen = async (): Promise<boolean> => (await screen.lines()).join('\n').includes(question);
	await expect
		.poll(
			async () => {
				if (await isOpen()) {
					screen.press('y');
				}

				return isOpen();
			},
			{timeout: 20_000, interval: 500},
		)
		.toBe(false);
	await screen.see(done, patient);
};

const selectedLine = (lines: readonly string[]): string | undefined => lines.find(line => line.startsWith('›'));

/** Goes to the row with a text: first to the top, then down row by row, by sight. */
const select = async (screen: Program, text: string): Promise<void> => {
	screen.press('g');
	const firstRow = 4;
	await screen.see(lines => lines[firstRow]?.startsWith('›') === true, patient);
	for (;;) {
		const selected = selectedLine(await screen.lines());
		if (selected?.includes(text)) {
			return;
		}

		screen.press('j');
		await screen.see(lines => selectedLine(lines) !== selected, patient);
	}
};

const sizes = [
	{columns: 80, rows: 24},
	{columns: 120, rows: 40},
];

test.each(sizes)('the queue by keys on $columns×$rows', async size => {
	await using built = openBuiltProgram();
	const {screen, ask, run, becomes} = await open(built, size);
	await becomes(await run('blocker', 'until [ -e go ]; do sleep 0.1; done'), 'running');
	const alpha = await run('alpha', 'echo alpha >> done');
	const beta = await run('beta', 'echo beta >> done');
	const gamma = await run('gamma', 'echo gamma >> done');
	await press(screen, '2', /3 queued . 1 of 1 slots taken/);
	await select(screen, 'beta');
	await press(screen, 'h', /^› +\d+ +held .*beta/m);
	await press(screen, 'h', 'The run of beta goes on.');
	await press(screen, 'w', 'Where it stands');
	await screen.see('The one slot is taken (limit concurrent).', patient);
	screen.press('\u001B');
	await screen.gone('Where it stands', patient);
	await select(screen, 'gamma');
	await press(screen, 't', /^› +1 first .*gamma/m);
	await press(screen, '+', 'The run of gamma is in the lane high.');
	await press(screen, '-', 'The run of gamma is in the lane normal.');
	await press(screen, 'p', 'paused by');
	await press(screen, 'p', 'The queue goes on.');
	await press(screen, 'D', 'drained by');
	expect((await ask({path: '/sessions', body: {agent: 'shell', text: 'true'}})).error.message).toContain('drained');
	await press(screen, 'D', 'The queue takes new work again.');
	await select(screen, 'beta');
	screen.press('x');
	await confirm(screen, 'Withdraw this run?', 'The run of beta is cancelled.');
	await becomes(beta, 'cancelled');
	await select(screen, 'alpha');
	screen.press('!');
	await confirm(screen, 'Start this run now, over the limits?', 'The run of alpha starts over the limits.');
	await becomes(alpha, 'succeeded');
	writeFileSync(path.join(built.project, 'go'), '');
	await becomes(gamma, 'succeeded');
	expect(linesOf(path.join(built.project, 'done'))).toEqual(['alpha', 'gamma']);
	await screen.see('Nothing is queued.', patient);
});

test.each(sizes)('dead letters, alerts and breakers by keys on $columns×$rows', async size => {
	await using built = openBuiltProgram();
	const {screen, ask, run, becomes} = await open(built, size);
	const letter = await run('letter', 'echo try >> tries; exit 1', 'flaky');
	await becomes(letter, 'dead');
	await press(screen, '7', /^› .*letter/m);
	await press(screen, 'w', 'It is a dead letter: given up after 2 attempts failed.');
	screen.press('\u001B');
	await screen.gone('It is a dead letter', patient);
	await press(screen, 'r', 'The run of letter is tried again.');
	await vi.waitUntil(() => linesOf(path.join(built.project, 'tries')).length === 4, soon);
	await becomes(letter, 'dead');
	await screen.see(/^› .*letter/m, patient);
	screen.press('x');
	await confirm(screen, 'Drop this dead letter for good?', 'The run of letter is dropped.');
	await becomes(letter, 'cancelled');
	await screen.see('No dead letters.', patient);

	await becomes(await run('storm', 'exit 1', 'brittle'), 'dead');
	screen.press('8');
	await screen.see(/agent:brittle/, patient);
	await select(screen, 'agent:brittle');
	await press(screen, 's', 'Seen: it stays quiet until it is over.');
	const alert = expect.objectContaining({key: 'breaker:agent:brittle', state: 'acknowledged'});
	await expect.poll(async () => (await ask({path: '/alerts'})).alerts, soon).toContainEqual(alert);
	await press(screen, '3', /agent:brittle.*open/);
	await screen.see('runs at once', patient);
	await press(screen, 'g', /> agent:brittle +│ open/);
	await press(screen, 'r', 'agent:brittle is closed.');
	await screen.see(/> agent:brittle +│ closed/, patient);
});
