import {expect, test} from 'vitest';
import {openConsole} from '../helpers/open-console.js';
import {hearStatusReports} from '../helpers/status-reports.js';

test('the console reports its fleet: idle, somebody who waits, and nothing after it is gone', async () => {
	const screen = await openConsole({columns: 100, rows: 20});
	const heard = hearStatusReports(screen);
	const {run} = await screen.world.start({label: 'planner'});
	await expect.poll(() => heard.at(-1), {timeout: 20_000}).toContain('state=working');
	await screen.world.raise(run, {text: 'May I?', payload: {argv: ['npm', 'ci'], cwd: '/'}});
	await expect.poll(() => heard.at(-1), {timeout: 20_000}).toContain('state=blocked');
	await screen.close();
	expect(heard.at(-1)).toBe('\u001B]7501;state=clear:id=agent-tui\u001B\\');
	expect(new Set(heard).size).toBe(heard.length);
});
