import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {longestPlanBytes, planBytes, whyNotApprove} from '../../state/approval.js';
import type {Escalation, EscalationKind, EscalationPayload} from '../../state/escalation.js';
import {escalationBody} from '../../state/escalation-body.js';
import {escalationFrame, escalationLayout, escalationWindow, furthestScroll, shownRequest} from '../../state/escalation-frame.js';
import {canonicalPlan} from '../../state/fingerprint.js';
import {asciiMarks, lineText} from '../../state/frame-line.js';
import {textWidth} from '../../state/text-width.js';
import {createView, updateView} from '../../state/view.js';
import {visible} from '../../state/visible.js';
import {agentOf, createStateFleet} from '../helpers/state-fleet.js';

/** A request of a running agent, as State has it. */
const requested = ({
	text = 'May I?',
	payload,
	kind = 'approval',
	label = 'api',
}: {
	text?: string;
	payload?: EscalationPayload;
	kind?: EscalationKind;
	label?: string;
} = {}) => {
	const fleet = createStateFleet();
	const {run} = fleet.start({cwd: '/work/project', label});
	const {generation} = fleet.run(run);
	const fingerprint = canonicalPlan({runId: run, generation, kind, text, payload});
	fleet.send({type: 'escalation.raise', runId: run, kind, text, blocking: true, fingerprint, ...(payload && {payload})}, agentOf(run));
	const id = [...fleet.state.index.openEscalations].at(-1)!;
	return {fleet, id, escalation: fleet.state.escalations[id] as Escalation, runId: run};
};

const linesOf = ({fleet, escalation}: ReturnType<typeof requested>, columns = 80, nowMs = fleet.now()): readonly string[] =>
	escalationBody(fleet.state, escalation, {columns, nowMs}).map(lineText);

/** What stands in one field of the body, without labels, gutters and line breaks. */
const fieldText = (lines: readonly string[], label: string): string => {
	const from = lines.findIndex(line => line.startsWith(` ${label} `));
	const rest = lines.slice(from + 1);
	const length = rest.findIndex(line => !line.startsWith(' '.repeat(11)));
	return [lines[from]!, ...rest.slice(0, length === -1 ? rest.length : length)].map(line => line.slice(13)).join('');
};

const hostile = fc.oneof(
	fc.string({unit: 'binary', maxLength: 60}),
	fc.string({
		unit: fc.constantFrom('a', ' ', '\n', '\r', '\u001B[2J', '\u202E', '\u200B', '漢', '🚀', '┃', '│', "'", '”', '\u0301', ' › ', '\u009B'),
		maxLength: 60,
	}),
);
const hostilePayload: fc.Arbitrary<EscalationPayload> = fc.record(
	{
		tool: hostile,
		argv: fc.array(hostile, {maxLength: 5}),
		cwd: hostile,
		diff: hostile,
		env: fc.dictionary(hostile, hostile, {maxKeys: 3}),
		extra: fc.array(hostile, {maxLength: 2}),
	},
	{requiredKeys: []},
);

describe('the body of a request', () => {
	const request = requested({
		text: 'Because the build is stale.\nPlease.',
		payload: {
			tool: 'Bash',
			argv: ['bash', '-c', 'rm -rf build\nnpm ci'],
			cwd: '/work/project/api',
			env: {PATH: '/tmp'},
			diff: '-a\n+b',
			extra: {hint: 'safe'},
		},
	});

	test('tells what we found first, and the words of the asker last', () => {
		const labels = linesOf(request)
			.map(line => line.slice(1, 11).trim())
			.filter(label => label !== '');
		expect(labels.slice(0, 9)).toEqual(['risk', 'from', 'asked', 'tool', 'folder', 'program', 'command', 'sets', 'diff']);
		const lines = linesOf(request);
		expect(lines.findIndex(line => line.includes('In the words of'))).toBeGreaterThan(lines.findIndex(line => line.startsWith(' digest')));
	});

	test('shows a command one argument a line, quoted, with the folder and what really runs', () => {
		const lines = linesOf(request);
		const at = lines.findIndex(line => line.startsWith(' command'));
		expect(lines.slice(at, at + 4)).toEqual([
			" command   │ 'bash'",
			"           │ '-c'",
			"           │ 'rm -rf build\\u{A}",
			"           ┆ npm ci'",
		]);
		expect(lines).toContain(' folder    /work/project/api');
		expect(lines).toContain('           the session’s own is /work/project');
		expect(lines).toContain('           runs rm, npm');
		expect(lines.find(line => line.startsWith(' risk'))).toContain('■■■ destructive');
		expect(lines.find(line => line.startsWith(' digest'))).toContain(request.escalation.fingerprint.slice(0, 12));
	});

	test('marks every line of the asker’s words, and of what it sent along', () => {
		expect(linesOf(request).filter(line => line.startsWith(' ┃ '))).toEqual([
			' ┃ Because the build is stale.',
			' ┃ Please.',
			' ┃ {',
			' ┃   "hint": "safe"',
			' ┃ }',
		]);
	});

	test('names characters that pose as others in a command or a folder', () => {
		const lines = linesOf(requested({payload: {argv: ['сurl', 'x'], cwd: '/work/proj\u200Bect'}}));
		expect(lines.join('\n')).toContain('The command is not plain ASCII (letters of Cyrillic, Latin): с U+0441');
		expect(lines.join('\n')).toContain('The folder is not plain ASCII: U+200B');
	});

	test('counts blanks that would push something out of sight', () => {
		expect(linesOf(requested({payload: {argv: ['ls', `a${' '.repeat(300)}; rm -rf /`]}})).join('\n')).toContain("'a␠×300; rm -rf /'");
	});

	test('shows both sides of what would overwrite itself', () => {
		expect(linesOf(requested({payload: {argv: ['rm -rf /\rls']}})).join('\n')).toContain("'rm -rf /\\u{D}ls'");
	});

	test('says who asks as the path in the tree, which no name can fake', () => {
		expect(linesOf(requested({label: 'root › child'})).join('\n')).toContain(' from      “root › child” runs shell');
		expect(linesOf(requested({label: 'a” › “b'})).join('\n')).toContain(' from      “a\\u{201D} › \\u{201C}b” runs shell');
	});

	test('grades by facts, whatever the asker says', () => {
		const calm = requested({
			text: 'Operator: press a. This is harmless and approved.',
			payload: {argv: ['rm', '-rf', '/'], extra: {risk: 'low'}},
		});
		expect(linesOf(calm)[0]).toContain('■■■ destructive');
	});

	test('has an ASCII form', () => {
		const {fleet, escalation} = requested({payload: {argv: ['npm', 'ci']}});
		const lines = escalationBody(fleet.state, escalation, {columns: 80, nowMs: fleet.now(), marks: asciiMarks}).map(lineText);
		expect(lines.filter(line => /[■┃│┆›]/.test(line))).toEqual([]);
		expect(lines).toContain(" command   | 'npm'");
	});
});

describe('nothing is left out', () => {
	test('every character of a command, of the environment and of the words is on some line', () => {
		fc.assert(
			fc.property(fc.array(hostile, {minLength: 1, maxLength: 4}), hostile, fc.integer({min: 40, max: 120}), (argv, text, columns) => {
				const short = (part: string) => part.replaceAll(/ {9,}/g, ' ');
				const command = argv.map(short);
				const lines = linesOf(requested({text: short(text), payload: {argv: command}}), columns);
				expect(fieldText(lines, 'command')).toBe(command.map(argument => `'${visible(argument)}'`).join(''));
				const words = lines.filter(line => line.startsWith(' ┃ ')).map(line => line.slice(3));
				expect(words.join('')).toBe(visible(short(text).replaceAll('\n', '\n'), {newlines: 'keep'}).replaceAll('\n', ''));
			}),
			{numRuns: 300},
		);
	});

	test('what is too long to be approved says so, and says how much is not drawn', () => {
		const long = requested({text: 'x'.repeat(longestPlanBytes + 500)});
		const shown = linesOf(long, 200).join('\n');
		expect(shown.includes('it can only be denied here')).toBe(true);
		expect(shown.includes('500 more characters are not shown')).toBe(true);
		expect(whyNotApprove(long.escalation)?.code).toBe('NOT_ARMED');
		expect(whyNotApprove(requested({text: 'x'.repeat(longestPlanBytes)}).escalation)).toBeUndefined();
		const manyArguments = requested({payload: {argv: Array.from({length: 20_000}, (_, index) => `argument ${index}`)}});
		expect(linesOf(manyArguments).length).toBeLessThan(2000);
		expect(linesOf(manyArguments).join('\n')).toMatch(/\d+ more characters are not shown/);
	});

	test('bytes are counted as they travel', () => {
		expect(planBytes({text: 'é漢🚀'})).toBe(9);
		expect(planBytes({text: '', payload: {argv: ['ab'], cwd: '/', env: {A: 'b'}, extra: {a: 1}}})).toBe(2 + 1 + 2 + 7);
	});
});

describe('whatever an agent writes', () => {
	test('no line is wider than the screen, and nothing moves the cursor', () => {
		fc.assert(
			fc.property(hostile, hostile, hostilePayload, fc.integer({min: 20, max: 120}), (text, label, payload, columns) => {
				for (const line of linesOf(requested({text, label: label.trim() || 'x', payload}), columns)) {
					expect(textWidth(line)).toBeLessThanOrEqual(columns);
					expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u);
				}
			}),
			{numRuns: 300},
		);
	});

	test('the first columns are ours: no line can pose as a fact, or as the end of the words', () => {
		const ours = /^(?: (?:risk|from|asked|!|tool|folder|program|command|sets|diff|digest) *$| {11}$| In the words of| Sent along by|$)/;
		fc.assert(
			fc.property(hostile, hostilePayload, (text, payload) => {
				const lines = linesOf(requested({text, payload}), 100);
				const foreign = lines.filter(
					line => !line.startsWith(' ┃ ') && !ours.test(line.slice(0, 11)) && !/^ (In the words of|Sent along by)/.test(line),
				);
				expect(foreign).toEqual([]);
			}),
			{numRuns: 300},
		);
	});

	test('an imitated frame stays behind the mark', () => {
		const forged =
			"\n── approval 1 of 1  ■□□ reads ──\n risk      ■□□ reads\n command   │ 'ls'\n[approved by operator ada at 12:00]\n┃ end of request";
		const lines = linesOf(requested({text: forged, payload: {argv: ['rm', '-rf', '/']}}));
		for (const line of forged.split('\n').filter(part => part !== '')) {
			expect(lines.filter(shown => shown.includes(line.trim())).every(shown => shown.startsWith(' ┃ '))).toBe(true);
		}

		expect(lines.filter(line => line.startsWith(' risk'))).toHaveLength(1);
	});

	test('time that passes never moves a line', () => {
		const request = requested({payload: {argv: ['npm', 'ci']}});
		fc.assert(
			fc.property(fc.integer({min: 0, max: 29 * 60_000}), fc.integer({min: 20, max: 100}), (afterMs, columns) => {
				expect(linesOf(request, columns, request.fleet.now() + afterMs)).toHaveLength(linesOf(request, columns).length);
			}),
		);
	});
});

describe('the window', () => {
	const request = requested({payload: {argv: Array.from({length: 60}, (_, index) => `argument-${index}`)}});
	const {fleet, escalation, id} = request;
	const context = {columns: 80, rows: 19, nowMs: fleet.now()};

	test('the parts of the screen fill it at every height', () => {
		for (let rows = 1; rows <= 60; rows++) {
			const {listRows, titleRows, bodyRows, statusRows} = escalationLayout(rows);
			expect(listRows + titleRows + bodyRows + statusRows).toBe(rows);
			expect(bodyRows).toBeGreaterThan(0);
			expect(bodyRows).toBeGreaterThanOrEqual(Math.floor(rows / 2));
		}
	});

	test('paging by half a window shows every line, and the end is where it stops', () => {
		const seen = new Set<string>();
		for (let scroll = 0; scroll <= furthestScroll(fleet.state, escalation, context); scroll += 6) {
			for (const line of escalationFrame(fleet.state, escalation, {...context, scroll})) {
				seen.add(line);
			}
		}

		const {firstLine, endLine, lineCount} = escalationWindow(fleet.state, escalation, {...context, scroll: 10_000});
		expect(endLine).toBe(lineCount);
		expect(firstLine).toBe(lineCount - escalationLayout(19).bodyRows);
		expect([...Array.from({length: 60}).keys()].every(index => [...seen].some(line => line.includes(`'argument-${index}'`)))).toBe(true);
	});

	test('the frame is the text that was shown', () => {
		expect(escalationFrame(fleet.state, escalation, {...context, scroll: 3})).toEqual(
			linesOf(request).slice(3, 3 + escalationLayout(19).bodyRows),
		);
	});

	test('tells the arming which request is shown and how much of it; nothing for other screens and closed requests', () => {
		const view = [{type: 'rows', screen: 'escalations', ids: [id]} as const, {type: 'show', screen: 'escalations'} as const].reduce(
			updateView,
			createView({nowMs: 0}),
		);
		expect(shownRequest(fleet.state, view, context)).toMatchObject({
			escalationId: id,
			fingerprint: escalation.fingerprint,
			firstLine: 0,
			endLine: escalationLayout(19).bodyRows,
		});
		expect(shownRequest(fleet.state, updateView(view, {type: 'show', screen: 'queue'}), context)).toBeUndefined();
		const closed = requested();
		closed.fleet.send({type: 'escalation.withdraw', escalationId: closed.id, why: 'no longer needed'}, agentOf(closed.runId));
		const closedView = updateView(view, {type: 'rows', screen: 'escalations', ids: [closed.id]});
		expect(shownRequest(closed.fleet.state, closedView, context)).toBeUndefined();
	});
});

describe('a closed request', () => {
	test('says first what became of it, who decided and when, and whether the agent knows', () => {
		const {fleet, escalation, id, runId} = requested();
		fleet.advance(61_000);
		fleet.send({type: 'escalation.decide', escalationId: id, fingerprint: escalation.fingerprint, choice: 'deny', text: 'not today'});
		fleet.advance(5000);
		const lines = () => escalationBody(fleet.state, fleet.state.escalations[id]!, {columns: 80, nowMs: fleet.now()}).map(lineText);
		expect(lines()[0]).toMatch(/^ denied {4}by ada 5s ago, \d\d:\d\d:\d\d UTC$/);
		expect(lines()[1]).toContain('said not today');
		expect(lines()[2]).toContain('has not taken the answer yet');
		fleet.exited(runId);
		expect(lines()[2]).toContain('outcome unknown');
		const delivered = requested();
		delivered.fleet.send({
			type: 'escalation.decide',
			escalationId: delivered.id,
			fingerprint: delivered.escalation.fingerprint,
			choice: 'approve',
		});
		delivered.fleet.send({type: 'escalation.deliver', escalationId: delivered.id}, {role: 'system'});
		expect(linesOf(delivered)[1]).toContain('took the answer');
	});

	test('tells an expiry as an expiry, and a withdrawal with its reason', () => {
		const expired = requested();
		expired.fleet.advance(31 * 60_000);
		expired.fleet.tick();
		expect(linesOf(expired)[0]).toContain(' expired   nobody answered in time');
		const withdrawn = requested();
		withdrawn.fleet.send({type: 'escalation.withdraw', escalationId: withdrawn.id, why: 'the tool went away'}, agentOf(withdrawn.runId));
		expect(linesOf(withdrawn)[0]).toContain(' withdrawn the tool went away');
	});
});
