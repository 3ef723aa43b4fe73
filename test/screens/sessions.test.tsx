import {describe, expect, it} from 'vitest';
import type {AgentReport} from '../../state/agent/agent-report.js';
import {statusOf} from '../../state/agent/agent-status.js';
import {openConsole, type World} from '../helpers/open-console.js';

const sizes = [
	{columns: 80, rows: 24},
	{columns: 120, rows: 40},
] as const;

/** A small team: one asks, one works below it, one failed, one waits in the queue. */
const team = async (world: World) => {
	const planner = await world.start({label: 'planner', text: 'Plan the checkout'});
	const tester = await world.start({label: 'tester', agent: 'codex', parentRunId: planner.run});
	const deep = await world.start({label: 'deep', agent: 'shell', parentRunId: tester.run});
	const docs = await world.start({label: 'docs', parentRunId: planner.run});
	const migrate = await world.start({label: 'migrate', agent: 'shell'});
	await world.queue({label: 'reviewer'});
	await world.exited(migrate.run, 2);
	await world.raise(planner.run, {text: 'May I run npm ci?'});
	return {planner, tester, deep, docs, migrate};
};

/** The line of a session in the tree. */
const rowOf = (lines: readonly string[], label: string): string => lines.find(line => line.slice(0, 30).includes(` ${label} `)) ?? '';

describe.each(sizes)('the sessions at $columns×$rows', ({columns, rows}) => {
	it('shows at a glance who waits, who works, who failed, in an aligned tree', async () => {
		await using screen = await openConsole({columns, rows, before: async world => void (await team(world))});
		await screen.see('planner');
		const lines = await screen.lines();
		expect(lines[0]).toMatch(/^ agent-tui {2}tmp {3}1 waits for you · 3 working · 1 queued · 1 failed +UNSANDBOXED$/);
		expect(lines[1]).toMatch(
			/^\[1 Sessions\] 2 Queue 1 {2}3 Limits {2}4 Escalations 1 {2}5 Events {2}6 Launchers {2}7( Dead letters {2}8 Alerts| {2}8)$/,
		);
		expect(rowOf(lines, 'planner')).toMatch(/^› ! planner +needs you(: approval)? +\d+s │/);
		expect(rowOf(lines, 'tester')).toMatch(/^ {2}├ ● tester +working +\d+s │/);
		expect(rowOf(lines, 'deep')).toMatch(/^ {2}│ └ ● deep +working +\d+s │/);
		expect(rowOf(lines, 'docs')).toMatch(/^ {2}└ ● docs +working +\d+s │/);
		expect(rowOf(lines, 'migrate')).toMatch(/^ {2}✗ migrate +failed(: exit 2)? +\d+s │/);
		expect(rowOf(lines, 'reviewer')).toMatch(/^ {2}○ reviewer +queued +\d+s │/);
		const ends = ['planner', 'tester', 'deep', 'docs', 'migrate', 'reviewer'].map(label => rowOf(lines, label).lastIndexOf('s │'));
		expect(new Set(ends).size).toBe(1);
		expect(lines.at(-1)).toMatch(/^ enter Attach {2}i Send {2}x Stop {2}e Export .*\? Help {2}q Quit/);
		expect(lines).toHaveLength(rows);
		expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(columns);
	});

	it('says beside the tree what the selected session wants', async () => {
		await using screen = await openConsole({columns, rows, before: async world => void (await team(world))});
		await screen.see(/planner · claude · needs you: approval/);
		await screen.see('4 shows: May I run npm ci?');
		screen.press('G');
		await screen.see(/reviewer · claude · queued/);
		screen.press('k');
		await screen.see(/migrate · shell · failed: exit 2/);
	});
});

describe.each(sizes)('what else there is to know at $columns×$rows', ({columns, rows}) => {
	it('stands above the screen: state with its source, tokens, thread, whom it waits for', async () => {
		await using screen = await openConsole({
			columns,
			rows,
			async before(world) {
				const planner = await world.start({label: 'planner'});
				const agent = {role: 'agent', runId: planner.run} as const;
				const tell = (report: AgentReport) => world.send({type: 'agent.report', runId: planner.run, generation: 1, report}, agent);
				await tell({kind: 'usage', usage: {inputTokens: 12_000, outputTokens: 345, costUsd: 0.5}});
				await tell({kind: 'thread', threadId: 'th-1'});
				const child = await world.start({label: 'tester', parentRunId: planner.run});
				await world.send({type: 'run.wait', runId: planner.run, awaits: {runIds: [child.run], mode: 'all'}}, agent);
			},
		});
		const seen = await screen.see(/planner · claude · waits: child/);
		expect(seen).toMatch(columns === 80 ? /waits for tester · 12k tokens/ : /waits for tester · 12k tokens · \$0\.50 · thread th-1/);
		expect(Math.max(...(await screen.lines()).map(line => line.length))).toBeLessThanOrEqual(columns);
	});

	it('says what an agent is believed to do, and w says why', async () => {
		await using screen = await openConsole({
			columns,
			rows,
			async before(world) {
				const {run} = await world.start({label: 'planner'});
				const status = statusOf({activity: 'idle', source: 'hook', confidence: 1, evidence: 'Stop hook', atMs: world.orchestrator.now()});
				await world.send({type: 'agent.report', runId: run, generation: 1, report: {kind: 'status', status}}, {role: 'agent', runId: run});
			},
		});
		await screen.see(/idle for \ds \(hook, \ds ago\)/);
		screen.press('w');
		await screen.see('Source: a hook of the agent, last heard');
		const seen = await screen.see('Where it stands');
		expect(seen).toContain('The agent has nothing to do: it waits for input.');
		expect(seen).toMatch(/c Correct +(esc|escape) Close|c Correct/);
		screen.press('c');
		await screen.see('Its own hook says so (idle)');
		screen.press('\u{1B}');
		await screen.gone('Where it stands');
	});
});

it('runs the last run again, at once', async () => {
	await using screen = await openConsole();
	const {run, session} = await screen.world.start({label: 'docs', text: 'write docs'});
	await screen.world.exited(run);
	await screen.see('docs');
	screen.press('R');
	await screen.see('docs is told the same again.');
	const {runs, sessions} = screen.world.orchestrator.getState();
	expect(sessions[session]!.runIds.map(id => runs[id]!.text)).toEqual(['write docs', 'write docs']);
});

it('keeps the cursor on its session whatever else comes', async () => {
	await using screen = await openConsole({before: async world => void (await team(world))});
	await screen.see('planner');
	screen.press('j');
	screen.press('j');
	await screen.see(/^› │ └ ● deep/m);
	const planner = Object.values(screen.world.orchestrator.getState().runs)[0]!;
	await screen.world.queue({label: 'newcomer', parentRunId: planner.id});
	await screen.see('newcomer');
	expect(await screen.see('deep · shell')).toMatch(/^› │ └ ● deep/m);
});

it('folds children away, and still says that one of them waits', async () => {
	await using screen = await openConsole({
		async before(world) {
			const {tester} = await team(world);
			await world.raise(tester.run, {text: 'And me?'});
		},
	});
	await screen.see('tester');
	screen.press(' ');
	await screen.gone('tester');
	await screen.see(/^› ! planner \+3!/m);
	screen.press(' ');
	await screen.see('tester');
});

it('filters while it is typed, and gives the old list back', async () => {
	await using screen = await openConsole({before: async world => void (await team(world))});
	await screen.see('migrate');
	screen.press('/');
	await screen.see('Show only what contains');
	for (const key of 'deep') {
		screen.press(key);
	}

	await screen.gone('migrate');
	const lines = (await screen.see('deep')).split('\n');
	expect(rowOf(lines, 'planner')).not.toBe('');
	screen.press('\r');
	await screen.see('only what contains deep');
	screen.press('\u{1B}');
	await screen.see('migrate');
});

it('jumps from one that waits to the next', async () => {
	await using screen = await openConsole({
		async before(world) {
			const {migrate, docs} = await team(world);
			await world.raise(docs.run, {text: 'Which tone?', kind: 'question'});
			void migrate;
		},
	});
	await screen.see('docs');
	screen.press('2');
	await screen.see('[2 Queue');
	screen.press('\t');
	await screen.see(/^› ! planner/m);
	screen.press('\t');
	await screen.see(/^› └ ! docs/m);
	screen.press('\t');
	await screen.see(/^› ! planner/m);
});

it('shows how a session finished until somebody was there to see it', async () => {
	await using screen = await openConsole();
	const {run} = await screen.world.start({label: 'docs'});
	await screen.see('working');
	await screen.world.exited(run);
	await screen.see(/✓ docs +finished/);
	screen.press('j');
	await screen.see(/· docs +idle/);
});

it('teaches the keys that matter while there is nothing to show', async () => {
	await using screen = await openConsole();
	const seen = await screen.see('No session yet.');
	expect(seen).toMatch(/ n {2}start an agent or any command/);
	expect(seen).toMatch(/enter {2}work in its terminal; ctrl\+\] comes back/);
	expect(seen).toMatch(/ \? {2}see every key/);
	expect(seen).toContain('Agents here: claude, codex, shell');
});

describe('names an agent chose', () => {
	it('cannot move, hide or shift anything', async () => {
		const hostile = '\u{1B}[2J\u{1B}[31mevil\u{202E}gpj\u{200B}\n日本語🚀';
		await using screen = await openConsole({
			async before(world) {
				await world.start({label: hostile});
				await world.start({label: 'honest'});
			},
		});
		await screen.see('honest');
		const lines = await screen.lines();
		expect(lines[3]).toContain(String.raw`\u{1B}[2J`);
		// Wide characters take two cells but one place in the text.
		const columnOf = (row: number): number => Array.from({length: 80}, (_, x) => screen.cell(x, row).text).indexOf('│');
		expect(columnOf(3)).toBe(34);
		expect(columnOf(4)).toBe(34);
	});

	it('are cut with a mark where they are long', async () => {
		await using screen = await openConsole({
			async before(world) {
				await world.start({label: '日本語のとても長い名前のセッション'});
				await world.start({label: 'a-name-that-is-much-too-long-for-its-column'});
			},
		});
		await screen.see('a-name');
		const columnOf = (row: number): number => Array.from({length: 80}, (_, x) => screen.cell(x, row).text).indexOf('│');
		expect([columnOf(3), columnOf(4)]).toEqual([34, 34]);
		expect((await screen.lines())[4]).toContain('…');
	});
});

describe('other terminals', () => {
	it('shows only the tree where there is no room for more', async () => {
		await using screen = await openConsole({columns: 60, rows: 16, before: async world => void (await team(world))});
		const seen = await screen.see('planner');
		expect(seen).toMatch(/\[1 Sessions\] 2( Queue 1|\(1\)) {2}3/);
		expect(seen).not.toContain('May I run npm ci?');
	});

	it('says what it needs where it is too small, and who waits', async () => {
		await using screen = await openConsole({columns: 20, rows: 5, before: async world => void (await team(world))});
		const seen = await screen.see('too small');
		expect(seen).toContain('1 waits for you');
		screen.resize(80, 24);
		await screen.see('planner');
		screen.resize(20, 5);
		await screen.see('too small');
	});

	it('fills a huge one', async () => {
		await using screen = await openConsole({columns: 500, rows: 200, before: async world => void (await team(world))});
		await screen.see('planner');
		const lines = await screen.lines();
		expect(lines[2]).toHaveLength(500);
		expect(lines.at(-1)).toContain('q Quit');
		expect(lines.at(-2)).toMatch(/^─+┴─+$/);
	});

	it('draws with ASCII alone where the locale is not UTF-8', async () => {
		await using screen = await openConsole({env: {TERM: 'xterm', LANG: 'C'}, before: async world => void (await team(world))});
		const seen = await screen.see('planner');
		expect(seen).toMatch(/^[\n -~]*$/);
		expect(seen).toMatch(/^> ! planner/m);
		expect(seen).toMatch(/\|-\* tester/);
	});

	it('holds a hundred agents', async () => {
		await using screen = await openConsole({
			limits: {concurrent: 100},
			async before(world) {
				for (let index = 1; index <= 100; index++) {
					await world.queue({label: `agent-${String(index).padStart(3, '0')}`});
				}
			},
		});
		await screen.see('100 queued');
		screen.press('G');
		await screen.see(/^› ○ agent-100/m);
		screen.press('g');
		await screen.see(/^› ○ agent-001/m);
	});
});
