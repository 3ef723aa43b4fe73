import {mkdtemp, readdir, readFile, rm, stat, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {expect, test, vi} from 'vitest';
import {writeCorrection} from '../../source/agents/screen-rules/correction.js';
import {createRuleBook} from '../../source/launcher/rule-book.js';
import {bottomLines, type StatusCorrection, tellingLines} from '../../state/agent/screen-correction.js';

const screen = ['Welcome to Robo', '', '⠋ Pondering 12 things at once', '', '> type here', ''];

const correctionOf = (activity: StatusCorrection['activity'], shown: readonly string[] = screen): StatusCorrection => {
	const lines = bottomLines(shown);
	return {adapter: 'robo', activity, from: 'screen', lines: tellingLines(lines).map(index => lines[index]!), screen: shown};
};

const openFolder = async () => {
	const base = await mkdtemp(path.join(tmpdir(), 'correction-'));
	const log: string[] = [];
	const book = createRuleBook({folder: path.join(base, 'rules'), log: line => void log.push(line)});
	return {
		folder: path.join(base, 'rules'),
		book,
		log,
		async [Symbol.asyncDispose]() {
			book.close();
			await rm(base, {recursive: true, force: true});
		},
	};
};

const patience = {timeout: 20_000, interval: 20};

test('a corrected screen is read so from then on, by a book that is open already; the newest word counts', async () => {
	await using open = await openFolder();
	const {folder, book, log} = open;
	book.readerOf('robo');
	await book.loaded();
	expect(book.readerOf('robo')).toBeUndefined();
	const {file, fixture} = await writeCorrection(folder, correctionOf('working'), Date.UTC(2026, 0, 5));
	const later = ['⠙ Pondering 3 things at once', '', '> type here'];
	const told = (): string | undefined => book.readerOf('robo')?.screen(later)?.rule.activity;
	await vi.waitFor(() => expect(told()).toBe('working'), patience);
	expect(book.readerOf('robo')?.screen(['Pondering nothing', '> type here'])).toBeUndefined();
	expect(await readFile(fixture, 'utf8')).toBe(`${screen.join('\n')}\n`);
	expect((await stat(file)).mode & 0o777).toBe(0o600);
	expect((await stat(folder)).mode & 0o777).toBe(0o700);

	await writeCorrection(folder, correctionOf('idle', later), Date.UTC(2026, 0, 6));
	await vi.waitFor(() => expect(told()).toBe('idle'), patience);
	expect((await readdir(folder)).toSorted()).toEqual([
		'corrected-robo-idle-20260106-000000-000.txt',
		'corrected-robo-working-20260105-000000-000.txt',
		'corrected-robo.json',
	]);
	expect(log).toEqual([]);
});

test('a title can be corrected as well', async () => {
	await using open = await openFolder();
	const title: StatusCorrection = {
		adapter: 'robo',
		activity: 'error',
		from: 'title',
		lines: [{text: '✳ Oh no', fromBottom: 0}],
		screen: ['✳ Oh no'],
	};
	await writeCorrection(open.folder, title, 0);
	open.book.readerOf('robo');
	await open.book.loaded();
	expect(open.book.readerOf('robo')?.title('✻ Oh no')?.activity).toBe('error');
});

test('a file that is wrong is left as it is, and its fault is told', async () => {
	await using open = await openFolder();
	const {file} = await writeCorrection(open.folder, correctionOf('idle'), 0);
	await writeFile(file, '{"agent": "robo", "rules": 1}');
	await expect(writeCorrection(open.folder, correctionOf('idle'), 1)).rejects.toThrow(
		/Could not add a rule to .*corrected-robo\.json: rules: /,
	);
	expect(await readFile(file, 'utf8')).toBe('{"agent": "robo", "rules": 1}');
});
