import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {ExportFormat} from '../../source/export/export-format.js';
import {exportFileName, exportFormatOf} from '../../source/export/export-format.js';
import type {ExportRecord} from '../../source/export/export-record.js';
import {type ExportOptions, exportSession} from '../../source/export/export-session.js';
import {exportOptions, livedFleet, textOf, type Words} from '../helpers/export-fleet.js';

const exported = async (words: Words, changed: Partial<ExportOptions>): Promise<string> =>
	textOf(exportSession(exportOptions(livedFleet(words), changed)));

const records = async (changed: Partial<ExportOptions> = {}, words: Words = {}): Promise<readonly ExportRecord[]> =>
	(await exported(words, {...changed, format: 'jsonl'}))
		.trimEnd()
		.split('\n')
		.map(line => JSON.parse(line) as ExportRecord);

describe('an export of a tree', () => {
	test.each(['md', 'txt', 'jsonl', 'cast'] as const)('as %s is word for word this', async format => {
		await expect(await exported({}, {format})).toMatchFileSnapshot(`../fixtures/export/tree-${format}.golden`);
	});

	test('tells parents before their children, and each child with all that is below it', async () => {
		const all = await records();
		const labels = all.filter(record => record.type === 'session').map(({label, depth}) => `${depth} ${label}`);
		expect(labels).toEqual(['0 Fix the build', '1 first', '2 deep', '1 second']);
	});

	test('of one session leaves out what is below it', async () => {
		const all = await records({tree: false});
		expect(all.filter(record => record.type === 'session')).toHaveLength(1);
		expect(await exported({}, {tree: false, format: 'md'})).not.toContain('first');
	});

	test('is refused for a session that does not exist', () => {
		const options = exportOptions(livedFleet());
		for (const sessionId of ['ses_none', 'constructor']) {
			expect(() => exportSession({...options, sessionId})).toThrow(`Could not export ${sessionId}: there is no such session.`);
		}
	});

	test('tells the moment it was taken, whatever happens while it is written', async () => {
		const lived = livedFleet();
		const {fleet} = lived;
		const late = fleet.message(lived.second.session);
		fleet.dispatch();
		fleet.started(late);
		const before = await textOf(exportSession(exportOptions(lived)));
		const written = await textOf(exportSession(exportOptions(lived)), () => {
			if (fleet.run(late).state === 'running') {
				fleet.exited(late, 1);
				fleet.send({type: 'session.rename', sessionId: lived.root.session, label: 'renamed'});
			}
		});
		expect(written).toBe(before);
	});

	test.each(['md', 'txt', 'jsonl'] as const)('as %s says so where output is missing, and tells the rest', async format => {
		const outputText = async (ptyId: string): Promise<readonly string[]> => {
			if (ptyId === 'run_4.1') {
				throw new Error('the recording is gone');
			}

			return ['kept'];
		};

		const text = await exported({}, {format, outputText});
		expect(text.match(/the recording is gone/g)).toHaveLength(1);
		expect(text.match(/kept/g)).toHaveLength(3);
	});
});

describe('JSON Lines', () => {
	test('hold every kind of record, tied together by ids', async () => {
		const all = await records();
		expect([...new Set(all.map(({type}) => type))].sort()).toEqual([
			'attempt',
			'escalation',
			'export',
			'message',
			'output',
			'run',
			'session',
		]);
		const attempts = new Set(all.flatMap(record => (record.type === 'attempt' ? [record.id] : [])));
		const outputs = all.filter(record => record.type === 'output');
		expect(outputs.every(({attempt_id}) => attempts.has(attempt_id))).toBe(true);
		expect(outputs.slice(0, 3).map(({line, text}) => [line, text])).toEqual([
			[1, 'output of run_2.1'],
			[2, ''],
			[3, '  done'],
		]);
		expect(all.find(record => record.type === 'escalation')).toMatchObject({
			choice: 'deny',
			answer: 'not today',
			by: 'ada',
			waited_ms: 75_000,
		});
	});

	test('give any words back as they were, on one line of plain characters', async () => {
		await fc.assert(
			fc.asyncProperty(fc.string({unit: 'binary', minLength: 1, maxLength: 20}), async words => {
				const text = await exported({prompt: words, request: words}, {format: 'jsonl', outputText: async () => [words]});
				expect(text.replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
				const all = text
					.trimEnd()
					.split('\n')
					.map(line => JSON.parse(line) as ExportRecord);
				expect(all.find(record => record.type === 'run')?.prompt).toBe(words);
				expect(all.find(record => record.type === 'escalation')?.text).toBe(words);
				const output = all.filter(record => record.type === 'output' && record.attempt_id === 'run_2.1');
				expect(output.map(record => (record.type === 'output' ? record.text : '')).join('\n')).toBe(words);
			}),
			{numRuns: 50},
		);
	});
});

/** A Markdown text without its fenced blocks, found as CommonMark finds them. */
const outsideFences = (markdown: string): readonly string[] => {
	const outside: string[] = [];
	let fence: string | undefined;
	for (const line of markdown.split('\n')) {
		const ticks = /^ {0,3}(`{3,})([^`]*)$/.exec(line);
		if (fence === undefined && ticks) {
			fence = ticks[1]!;
		} else if (fence !== undefined && ticks && ticks[1]!.length >= fence.length && ticks[2]!.trim() === '') {
			fence = undefined;
		} else if (fence === undefined) {
			outside.push(line);
		}
	}

	expect(fence, 'every fence is closed').toBeUndefined();
	return outside;
};

/** Words that try to be more than words. */
const hostile = fc
	.array(
		fc.oneof(
			fc.constantFrom('```', '````', '`', '~~~', '<script>alert(1)</script>', '# Approved', '=== x', '--- Run 9: succeeded', '│', '</pre>'),
			fc.constantFrom(
				'\u001B[2J',
				'\u009B31m',
				'\r',
				'\u202E',
				'\u200B',
				'[x](javascript:x)',
				'![x](http://e)',
				'| a |',
				'&lt;',
				'Denied by ada',
			),
			fc.string({unit: 'binary', maxLength: 6}),
		),
		{minLength: 1, maxLength: 8},
	)
	.chain(parts => fc.constantFrom('\n', '', ' ').map(separator => `${parts.join(separator)}\nx`));

const inAllPlaces = (words: string): Words => ({prompt: words, typed: words, request: words, argument: words, answer: words});

describe('hostile words', () => {
	test('in Markdown never leave their fence, and never become marks', async () => {
		const harmless = outsideFences(await exported(inAllPlaces('x'), {}));
		await fc.assert(
			fc.asyncProperty(hostile, async words => {
				const text = await exported(inAllPlaces(words), {outputText: async () => words.split('\n')});
				expect(outsideFences(text)).toEqual(harmless);
				expect(text).not.toMatch(/[^\P{C}\n\t]/u);
			}),
			{numRuns: 60},
		);
	});

	test('in a label are escaped wherever it stands', async () => {
		const label = '<script>`*_[x](y)</script>\n# Approved\u001B[2J\u202E';
		const text = await exported({label}, {});
		expect(outsideFences(text).join('\n')).not.toMatch(/<|(?<!\\)`|(?<!\\)\[|^# Approved/m);
		expect(text).toContain(String.raw`&lt;script&gt;\`\*\_\[x\](y)&lt;/script&gt;\\u{A}\# Approved\\u{1B}\[2J\\u{202E}`);
	});

	test('in plain text stand behind a bar, so that they cannot pass for ours', async () => {
		const ours = (text: string) => text.split('\n').filter(line => !line.startsWith('  │'));
		const harmless = ours(await exported(inAllPlaces('x'), {format: 'txt'}));
		await fc.assert(
			fc.asyncProperty(hostile, async words => {
				const text = await exported(inAllPlaces(words), {format: 'txt', outputText: async () => words.split('\n')});
				expect(ours(text)).toEqual(harmless);
				expect(text).not.toMatch(/[^\P{C}\n\t]/u);
			}),
			{numRuns: 60},
		);
	});
});

describe('names', () => {
	test.each([
		['markdown', 'md'],
		['md', 'md'],
		['text', 'txt'],
		['asciicast', 'cast'],
		['jsonl', 'jsonl'],
		['html', undefined],
		['constructor', undefined],
	])('the form %s is %s', (name, format) => {
		expect(exportFormatOf(name)).toBe(format);
	});

	test.each<[string, ExportFormat, string]>([
		['Fix the build!', 'md', 'fix-the-build-ses_1.md'],
		['../../etc/passwd', 'txt', 'etc-passwd-ses_1.txt'],
		['日本語', 'cast', 'ses_1.cast'],
		['-rf', 'jsonl', 'rf-ses_1.jsonl'],
		['x'.repeat(300), 'md', `${'x'.repeat(40)}-ses_1.md`],
		['.hidden\0\n', 'md', 'hidden-ses_1.md'],
	])('a file of %j as %s is called %s', (label, format, name) => {
		expect(exportFileName({id: 'ses_1', label}, format)).toBe(name);
	});
});
