import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {longestPlanBytes, planBytes, whyNotApprove} from '../../state/escalation/approval.js';
import type {EscalationPayload} from '../../state/escalation/escalation.js';
import {escalationBody} from '../../state/escalation/escalation-body.js';
import {asciiMarks, lineText} from '../../state/view/frame-line.js';
import {textWidth} from '../../state/view/text-width.js';
import {visible} from '../../state/view/visible.js';
import {linesOf, requested} from '../helpers/requested.js';

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
		const ours =
			/^(?: (?:risk|from|asked|!|tool|folder|program|files|again|command|sets|diff|digest) *$| {11}$| In the words of| Sent along by|$)/;
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
