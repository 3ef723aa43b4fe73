import fc from 'fast-check';
import {expect, test} from 'vitest';
import {actOf} from '../../source/keys/binding.js';
import {bindingOf} from '../../source/keys/chord.js';
import {keymap} from '../../source/keys/keymap.js';
import {EscalationsScreen, rowIds} from '../../source/ui/screens/escalations-screen.js';
import {type Arming, armingEvent, createArming, isReadToEnd, mayDecide} from '../../state/escalation/arming.js';
import type {EscalationPayload} from '../../state/escalation/escalation.js';
import {escalationLayout, shownRequest} from '../../state/escalation/escalation-frame.js';
import {createView, type Intent, selectedId, updateView, type View} from '../../state/view/view.js';
import {type DrawnScreen, type DrawOptions, drawScreen} from '../helpers/draw-screen.js';
import {openScreenFleet, operator, type ScreenFleet} from '../helpers/screen-fleet.js';

const draw = (fleet: ScreenFleet, options?: DrawOptions) =>
	drawScreen(fleet, {name: 'escalations', Screen: EscalationsScreen, rowIds}, options);

const running = async (fleet: ScreenFleet, label: string) => {
	const {runId} = await fleet.start(label);
	await fleet.runAll();
	return runId;
};

/** What terminals obey, what readers overlook, what frames are made of. */
const attack = fc.oneof(
	fc.string({unit: 'binary', maxLength: 80}),
	fc
		.array(
			fc.oneof(
				fc.constantFrom(
					'\u001B[2J\u001B[H',
					'\u001B]0;owned\u0007',
					'\u001B[8m',
					'\u001BP+q\u001B\\',
					'\u001B[?1049l',
					'\u009B2J',
					'\r',
					'\b\b\b',
					'\n',
					'\t',
					'\u000E',
					'\u001B[999;1H',
					'\u001Bc',
				),
				fc.constantFrom(
					'\u202E',
					'\u2066',
					'\u200B',
					'\uFEFF',
					'\u{E0041}',
					'\uFE0F',
					'\u3164',
					'\u2800',
					'\u00A0',
					'漢',
					'👩\u200D💻',
					'🇩🇪',
					'e\u0301\u0302\u0303\u0304',
					'ﷺ',
					'┃',
					'│',
					'──',
				),
				fc.string({maxLength: 10}),
			),
			{maxLength: 12},
		)
		.map(parts => parts.join('')),
);

/** A program nobody knows: the risk stays the same, so that the frame around the body may not change at all. */
const hostilePayload: fc.Arbitrary<EscalationPayload> = fc.record({
	argv: fc.array(attack, {maxLength: 4}).map(args => ['frobnicate', ...args]),
	tool: attack,
	cwd: attack,
	diff: attack,
	env: fc.dictionary(attack, attack, {maxKeys: 2}),
	extra: fc.array(attack, {maxLength: 2}),
});

test('whatever an agent writes, every cell outside the body of its request stays as it was', async () => {
	await using fleet = await openScreenFleet({limits: {openEscalations: 1000}});
	const runId = await running(fleet, 'api');
	const size = {columns: 80, rows: 24};
	const {listRows, titleRows, bodyRows} = escalationLayout(size.rows);
	const bodyFrom = listRows + titleRows;
	await using screen = await draw(fleet, size);

	/** All that an agent has no say in: the list up to the summary, its empty rows, the rule, the line about the keys up to the number of lines. */
	const around = (drawn: DrawnScreen) => [
		...drawn.cells(0, listRows, 0, 56),
		...drawn.cells(1, listRows),
		...drawn.cells(listRows, bodyFrom),
		...drawn.cells(bodyFrom + bodyRows, size.rows, 0, 58),
	];

	const show = async (text: string, payload: EscalationPayload) => {
		const id = await fleet.ask({runId, text, payload});
		await screen.redraw();
		const cells = around(screen);
		const lines = await screen.lines();
		await fleet.send({type: 'escalation.withdraw', escalationId: id, why: 'done'}, {role: 'agent', runId});
		return {cells, lines};
	};

	// Withdrawn requests stay in the list: only open ones are looked at.
	const onlyOpen: Intent = {type: 'filter', text: 'open'};
	await screen.redraw(onlyOpen);
	const calm = await show('Please.', {
		argv: ['frobnicate', 'x'],
		cwd: '/work/project',
		extra: 'x',
		diff: 'x\n'.repeat(40),
		env: {A: 'b'},
		tool: 'x',
	});
	await fc.assert(
		fc.asyncProperty(attack, hostilePayload, async (text, payload) => {
			const {cells, lines} = await show(text, {...payload, diff: `${payload.diff ?? ''}${'\nx'.repeat(40)}`});
			expect(cells).toEqual(calm.cells);
			expect(lines.join('\n')).not.toMatch(/[\p{Cf}\p{Co}\u0000-\u0009\u000B-\u001F\u007F-\u009F\u3164\u2800]/u);
			expect(screen.outer.buffer.active.type).toBe('alternate');
		}),
		{numRuns: 150},
	);
});

test('an imitated frame stands behind the mark of its author on every line', async () => {
	await using fleet = await openScreenFleet();
	const runId = await running(fleet, 'api');
	const forged = [
		'',
		'── approval 1 of 1  ■□□ reads ──────────',
		' risk      ■□□ reads  ls reads',
		" command   │ 'ls'",
		'',
		' [approved by operator ada]',
		' a approve · d deny',
	];
	await fleet.ask({runId, text: forged.join('\n'), payload: {argv: ['rm', '-rf', '/'], cwd: '/work/project'}});
	await using screen = await draw(fleet, {rows: 40});
	const lines = await screen.lines();
	for (const line of forged.filter(part => part !== '')) {
		const shown = lines.filter(one => one.includes(line.trim()) && !one.startsWith(' ┃ '));
		expect(shown).toEqual([]);
	}

	expect(lines.filter(line => line.startsWith(' risk'))).toEqual([expect.stringContaining('■■■ destructive')]);
	const mark = lines.findIndex(line => line.startsWith(' ┃ '));
	expect(screen.cell(1, mark).text).toBe('┃');
	expect(lines.at(-1)).toContain('keys live in');
});

test.each([
	[20, 5],
	[30, 3],
	[80, 24],
])('at %i×%i nothing is approved before every line of it was in sight', async (columns, rows) => {
	await using fleet = await openScreenFleet();
	const runId = await running(fleet, 'api');
	const payload = {argv: ['npm', 'ci', ' '.repeat(300), '\n'.repeat(60), 'the end'], cwd: '/work/project'};
	const id = await fleet.ask({runId, text: 'Please.', payload});
	const {fingerprint} = fleet.state().escalations[id]!;
	await using screen = await draw(fleet, {columns, rows});
	const {bodyRows} = escalationLayout(rows);
	const seen = new Set<string>();
	let arming: Arming = createArming();
	const mayApprove = () => mayDecide(arming, {escalationId: id, fingerprint, choice: 'approve', key: 'a', alone: true, nowMs: fleet.now()});

	for (;;) {
		const request = shownRequest(fleet.state(), screen.view(), {columns, rows, nowMs: fleet.now()})!;
		arming = armingEvent(arming, {type: 'painted', request, atMs: fleet.now()});
		fleet.pass(2000);
		for (const line of await screen.lines()) {
			seen.add(line.trim());
		}

		if (request.endLine === request.lineCount) {
			break;
		}

		expect(isReadToEnd(arming, id)).toBe(false);
		expect(mayApprove()?.sentence).toContain('end');
		await screen.redraw({type: 'scroll', by: Math.max(1, Math.floor(bodyRows / 2))});
	}

	expect(mayApprove()).toBeUndefined();
	const all = [...seen].join('\n');
	expect(all).toContain('␠×300');
	expect(all).toContain("the end'");
	expect(all).toContain('Please.');
});

test('in a thousand races a key decides the request that was read, or none', async () => {
	await using fleet = await openScreenFleet({limits: {openEscalations: 10_000}});
	const runId = await running(fleet, 'api');
	const size = {columns: 80, rows: 24, isAscii: false};
	const random = fc.sample(
		fc.record({
			ms: fc.oneof(fc.integer({min: 0, max: 30}), fc.integer({min: 350, max: 900})),
			what: fc.constantFrom('ask', 'withdraw', 'next', 'first', 'paint', 'paint', 'a', 'a', 'a'),
		}),
		{numRuns: 3000, seed: 8},
	);
	let view: View = updateView(createView({nowMs: fleet.now()}), {type: 'show', screen: 'escalations'});
	let arming = createArming();
	const painted: Array<{readonly id: string | undefined; readonly atMs: number}> = [];
	const tellRows = () => {
		view = updateView(view, {type: 'rows', screen: 'escalations', ids: rowIds(fleet.state(), view)});
	};

	const paint = () => {
		const request = shownRequest(fleet.state(), view, {...size, nowMs: fleet.now()});
		arming = armingEvent(arming, {type: 'painted', request, atMs: fleet.now()});
		painted.push({id: request?.escalationId, atMs: fleet.now()});
	};

	let [asked, keys, decided] = [0, 0, 0];
	const press = async () => {
		keys++;
		const focus = {
			state: fleet.state(),
			view,
			nowMs: fleet.now(),
			actor: operator,
			readOnly: false,
			embedded: false,
			project: '/',
			arming,
			key: 'a',
			alone: true,
			...size,
			keymap,
		};
		const act = actOf(bindingOf(keymap, 'escalations', 'a')!, focus);
		if (act.refusal === undefined && act.command?.type === 'escalation.decide') {
			decided++;
			const {escalationId} = act.command;
			// The request it decides was on the screen for the last 400 ms, and nothing else was.
			const lately = painted.filter((_, index) => (painted[index + 1]?.atMs ?? Number.POSITIVE_INFINITY) > fleet.now() - 400);
			expect(lately.map(({id}) => id)).toEqual(lately.map(() => escalationId));
			expect(lately[0]!.atMs).toBeLessThanOrEqual(fleet.now() - 400);
			await fleet.send(act.command);
			arming = armingEvent(arming, {type: 'decided', atMs: fleet.now()});
		}

		arming = armingEvent(arming, {type: 'input', key: 'a', atMs: fleet.now()});
	};

	for (const {ms, what} of random) {
		fleet.pass(ms);
		const open = [...fleet.state().index.openEscalations];
		if (what === 'a') {
			await press();
		} else if (what === 'paint') {
			paint();
		} else if (what === 'ask' && open.length < 6) {
			asked++;
			await fleet.ask({runId, text: `request ${asked}`, payload: {argv: ['ls', `${asked}`], cwd: '/work/project'}});
		} else if (what === 'withdraw' && open.length > 3) {
			const selected = selectedId(view);
			const escalationId = selected !== undefined && open.includes(selected) ? selected : open[0]!;
			await fleet.send({type: 'escalation.withdraw', escalationId, why: 'gone'}, {role: 'agent', runId});
		} else if (what === 'next' || what === 'first') {
			view = updateView(view, {type: 'move', by: what === 'next' ? 1 : 'first'});
		}

		tellRows();
	}

	expect(keys).toBeGreaterThan(900);
	expect(decided).toBeGreaterThan(30);
});
