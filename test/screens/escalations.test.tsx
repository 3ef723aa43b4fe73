import {describe, expect, test} from 'vitest';
import {EscalationsScreen, rowIds} from '../../source/ui/screens/escalations-screen.js';
import {type Arming, armingEvent, createArming} from '../../state/escalation/arming.js';
import {escalationFrame, escalationLayout, shownRequest} from '../../state/escalation/escalation-frame.js';
import {type DrawnScreen, type DrawOptions, drawScreen} from '../helpers/draw-screen.js';
import {openScreenFleet, type ScreenFleet} from '../helpers/screen-fleet.js';

const draw = (fleet: ScreenFleet, options?: DrawOptions) =>
	drawScreen(fleet, {name: 'escalations', Screen: EscalationsScreen, rowIds}, options);

/** Two agents that ask: one for something grave, one for a word. */
const asking = async (fleet: ScreenFleet) => {
	const api = await fleet.start('api');
	await fleet.runAll();
	const tests = await fleet.start('tests', {parentRunId: api.runId});
	await fleet.runAll();
	const payload = {
		tool: 'Bash',
		argv: ['bash', '-c', 'rm -rf build && npm ci'],
		cwd: '/work/project/packages/api',
		env: {PATH: '/tmp/bin'},
	};
	const grave = await fleet.ask({runId: tests.runId, text: 'Stale files break the build.', payload});
	fleet.pass(30_000);
	const question = await fleet.ask({runId: api.runId, kind: 'question', text: 'Which port?'});
	fleet.pass(12_000);
	return {api, tests, grave, question};
};

/** The arming of somebody who has looked at what the screen shows for a second. */
const looked = (
	fleet: ScreenFleet,
	screen: DrawnScreen,
	{columns = 80, rows = 24, before = createArming()}: {columns?: number; rows?: number; before?: Arming} = {},
) =>
	armingEvent(before, {
		type: 'painted',
		request: shownRequest(fleet.state(), screen.view(), {columns, rows, nowMs: fleet.now()}),
		atMs: fleet.now() - 1000,
	});

const sizes = [
	{columns: 80, rows: 24},
	{columns: 120, rows: 40},
] as const;

describe.each(sizes)('the requests at $columns×$rows', size => {
	test('are listed with kind, age, risk, asker and command, and fill the screen', async () => {
		await using fleet = await openScreenFleet();
		await asking(fleet);
		await using screen = await draw(fleet, size);
		const [first, second] = await screen.lines();
		expect(first).toMatch(/^› ! approval +42s {2}■■■ destructive +(api › )?tests +bash -c rm -rf build &/);
		expect(second).toMatch(/^ {2}! question +12s +api +Which port\?$/);
		await screen.expectToFit();
	});

	test('the whole of the selected one is shown, facts first, the asker’s words last', async () => {
		await using fleet = await openScreenFleet();
		await asking(fleet);
		await using screen = await draw(fleet, size);
		const text = await screen.text();
		const places = [
			'── approval 1 of 2  ■■■ destructive ──',
			' risk      ■■■ destructive  rm destroys',
			' from      api › tests runs codex',
			' asked     42s ago, expires in 29m',
			' folder    /work/project/packages/api',
			" command   │ 'bash'",
			"           │ 'rm -rf build && npm ci'",
			" sets      │ 'PATH=/tmp/bin'",
		].map(part => text.indexOf(part));
		expect(places.every(place => place >= 0)).toBe(true);
		expect(places).toEqual(places.toSorted((a, b) => a - b));
		const whole = [text, (await screen.redraw({type: 'scroll', by: 100})).join('\n')].join('\n');
		expect(whole).toContain(' In the words of tests, checked by nobody:\n ┃ Stale files break the build.');
	});

	test('what is drawn is what the ledger hashes, line by line', async () => {
		await using fleet = await openScreenFleet();
		const {grave} = await asking(fleet);
		await using screen = await draw(fleet, size);
		const {listRows, titleRows, bodyRows} = escalationLayout(size.rows);
		const frame = escalationFrame(fleet.state(), fleet.state().escalations[grave]!, {...size, nowMs: fleet.now(), scroll: 0});
		const body = (await screen.lines()).slice(listRows + titleRows, listRows + titleRows + bodyRows).map(line => line.trimEnd());
		expect(body.slice(0, frame.length)).toEqual(frame.map(line => line.trimEnd()));
	});

	test('a new request moves nothing that is being read', async () => {
		await using fleet = await openScreenFleet();
		const {api} = await asking(fleet);
		await using screen = await draw(fleet, size);
		const {listRows, bodyRows} = escalationLayout(size.rows);
		const before = screen.cells(listRows + 1, listRows + 1 + bodyRows);
		const list = await screen.lines();
		await fleet.ask({runId: api.runId, text: 'Another.', payload: {argv: ['ls']}});
		const after = await screen.redraw();
		expect(screen.cells(listRows + 1, listRows + 1 + bodyRows)).toEqual(before);
		expect(after.slice(0, 2)).toEqual(list.slice(0, 2));
		expect(after[2]).toMatch(/^ {2}! approval +0s {2}■□□ reads +api +ls$/);
	});
});

describe('the keys', () => {
	test('are said to be dead until they live, and then what they do', async () => {
		await using fleet = await openScreenFleet();
		await asking(fleet);
		await using screen = await draw(fleet, {rows: 40});
		expect((await screen.lines()).at(-1)).toMatch(/^ keys live in 0\.4 s +the whole request$/);
		screen.arm(looked(fleet, screen, {rows: 40}));
		expect((await screen.redraw()).at(-1)).toMatch(/^ a approve \(by typing “destructive”\) · d deny +the whole request$/);
	});

	test('do not approve before the end was seen', async () => {
		await using fleet = await openScreenFleet();
		await asking(fleet);
		await using screen = await draw(fleet);
		screen.arm(looked(fleet, screen));
		expect((await screen.redraw()).at(-1)).toMatch(/^ \] read on before you approve · d deny +lines 1-15 of \d+$/);
		await screen.redraw({type: 'scroll', by: 100});
		screen.arm(looked(fleet, screen, {before: looked(fleet, screen)}));
		expect((await screen.redraw()).at(-1)).toMatch(/, the end$/);
	});

	test('answer a question, and only deny what is too long', async () => {
		await using fleet = await openScreenFleet();
		const {api} = await asking(fleet);
		await using screen = await draw(fleet, {rows: 40, intents: [{type: 'move', by: 1}]});
		screen.arm(looked(fleet, screen, {rows: 40}));
		expect((await screen.redraw()).at(-1)).toMatch(/^ s answer · d deny/);
		await fleet.ask({runId: api.runId, text: 'x'.repeat(11_000)});
		await screen.redraw({type: 'move', by: 1});
		screen.arm(looked(fleet, screen, {rows: 40}));
		expect((await screen.redraw()).at(-1)).toMatch(/^ d deny +lines/);
		expect(await screen.text()).toMatch(/ ! {9}It is 11 KB long, more than anybody reads: it can only be denied\s+here\./);
	});

	test('ask to read again after five quick decisions', async () => {
		await using fleet = await openScreenFleet();
		await asking(fleet);
		await using screen = await draw(fleet);
		screen.arm({...looked(fleet, screen), pausedUntilMs: fleet.now() + 3200});
		expect((await screen.redraw()).at(-1)).toContain('Five quick decisions: read this one again. Keys live in 3.2 s');
	});

	test('decide nothing in a read-only console', async () => {
		await using fleet = await openScreenFleet({readOnly: true});
		await asking(fleet);
		await using screen = await draw(fleet);
		expect((await screen.lines()).at(-1)).toContain('read-only console: nothing is decided here');
	});
});

describe('an answered request', () => {
	test('says who answered and when, below the open ones, without moving the cursor from it', async () => {
		await using fleet = await openScreenFleet();
		const {grave} = await asking(fleet);
		await using screen = await draw(fleet);
		const {fingerprint} = fleet.state().escalations[grave]!;
		await fleet.send(
			{type: 'escalation.decide', escalationId: grave, fingerprint, choice: 'deny', text: 'not today'},
			{role: 'operator', name: 'grace'},
		);
		fleet.pass(5000);
		const lines = await screen.redraw();
		expect(lines[0]).toMatch(/^ {2}! question/);
		expect(lines[1]).toMatch(/^› ✗ denied +5s {2}■■■ destructive/);
		expect(lines.join('\n')).toMatch(/ denied {4}by grace 5s ago, 12:00:42 UTC\n +said “not today”/);
		expect(lines.at(-1)).toContain('denied: nothing is left to decide');
	});

	test('of an agent that is gone is an unknown outcome', async () => {
		await using fleet = await openScreenFleet();
		const {grave, tests} = await asking(fleet);
		const {fingerprint} = fleet.state().escalations[grave]!;
		await fleet.send({type: 'escalation.decide', escalationId: grave, fingerprint, choice: 'approve', word: 'destructive'});
		await fleet.send(
			{type: 'attempt.lost', runId: tests.runId, generation: 1, sentence: 'the launcher vanished'},
			{role: 'launcher', launcherId: 'lch_1'},
		);
		await using screen = await draw(fleet, {intents: [{type: 'move', by: 1}]});
		expect(await screen.text()).toContain('outcome unknown: the agent ended before it took the answer');
	});
});

describe('every terminal', () => {
	test('nothing asked is said calmly', async () => {
		await using fleet = await openScreenFleet();
		await using screen = await draw(fleet);
		expect((await screen.lines())[0]).toBe('  Nobody asks anything of you.');
	});

	test('with ASCII alone gets ASCII alone', async () => {
		await using fleet = await openScreenFleet();
		await asking(fleet);
		await using screen = await draw(fleet, {env: {LANG: 'C'}, rows: 40});
		const ours = (await screen.text()).replaceAll('’', "'");
		expect(ours).not.toMatch(/[^\n -~]/);
		expect(ours).toContain(' risk      *** destructive');
	});

	test.each([
		[40, 12],
		[30, 6],
		[20, 5],
		[20, 3],
		[1, 1],
		[200, 50],
	])('%i×%i is filled and never overflows', async (columns, rows) => {
		await using fleet = await openScreenFleet();
		await asking(fleet);
		await using screen = await draw(fleet, {columns, rows});
		await screen.expectToFit();
	});
});
