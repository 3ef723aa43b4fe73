import {appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {openSpool} from '../../source/launcher/spool.js';
import type {Report} from '../../source/launcher-port.js';
import {createLauncherFolder} from '../helpers/launcher-folder.js';

const report = (id: string): Report => ({
	type: 'exited',
	id,
	atMs: 5,
	runId: 'run_1',
	generation: 2,
	exitCode: 0,
	signal: null,
	outputBytes: 9,
});

const idsOf = (reports: readonly Report[]): readonly string[] => reports.map(({id}) => id);

const open = (file: string, onReport: (report: Report) => void = () => {}) => {
	const logged: string[] = [];
	const spool = openSpool({file, onReport, log: sentence => logged.push(sentence)});
	return {
		...spool,
		logged,
		get size() {
			return spool.size;
		},
	};
};

test('a report is on disk before it is told, for this user alone, and survives the launcher', async () => {
	using files = createLauncherFolder();
	const file = files.file('reports.jsonl');
	const onDiskWhenTold: boolean[] = [];
	const first = open(file, ({id}) => onDiskWhenTold.push(readFileSync(file, 'utf8').includes(`"${id}"`)));
	first.add(report('a'));
	first.add(report('b'));
	expect(first.size).toBe(2);
	await first.settled();
	expect(onDiskWhenTold).toEqual([true, true]);
	expect(statSync(file).mode & 0o777).toBe(0o600);

	const second = open(file);
	expect(second.pending()).toEqual([report('a'), report('b')]);
	expect(second.size).toBe(2);
	await Promise.all([first.close(), second.close()]);
});

test('an acknowledged report is never told again; the others are, in their order', async () => {
	using files = createLauncherFolder();
	const file = files.file('reports.jsonl');
	const first = open(file);
	for (const id of ['a', 'b', 'c']) {
		first.add(report(id));
	}

	await first.settled();
	first.acknowledge(['b', 'unknown']);
	expect(idsOf(first.pending())).toEqual(['a', 'c']);
	await first.close();
	const second = open(file);
	expect(idsOf(second.pending())).toEqual(['a', 'c']);
	second.acknowledge(['a', 'c']);
	await second.close();
	expect(open(file).size).toBe(0);
});

test('a line that was torn by the end of the machine hides none of the others', async () => {
	using files = createLauncherFolder();
	const file = files.file('reports.jsonl');
	const first = open(file);
	first.add(report('a'));
	first.add(report('b'));
	await first.close();
	const whole = readFileSync(file);
	for (let length = 0; length <= whole.length; length += 1) {
		writeFileSync(file, whole.subarray(0, length));
		const ids = idsOf(open(file).pending());
		expect(['a', 'b'].slice(0, ids.length)).toEqual(ids);
	}

	writeFileSync(file, whole);
	appendFileSync(file, '{"report":{"type":"exi');
	const second = open(file);
	second.add(report('c'));
	await second.close();
	expect(idsOf(open(file).pending())).toEqual(['a', 'b', 'c']);
});

test('the file stays small, however many reports come and go', async () => {
	using files = createLauncherFolder();
	const file = files.file('reports.jsonl');
	const spool = open(file);
	spool.add(report('stays'));
	for (let round = 0; round < 3000; round += 1) {
		spool.add(report(`r${round}`));
		if (round % 50 === 49) {
			await spool.settled();
			spool.acknowledge(idsOf(spool.pending()).filter(id => id !== 'stays'));
		}
	}

	await spool.close();
	expect(readFileSync(file, 'utf8').split('\n').length).toBeLessThan(1000);
	expect(idsOf(open(file).pending())).toEqual(['stays']);
});

test('a disk that refuses keeps nobody from hearing, and is caught up with later', async () => {
	using files = createLauncherFolder();
	const file = files.file('reports.jsonl');
	const told: string[] = [];
	const spool = open(file, ({id}) => told.push(id));
	// A folder in the way of the new file: not even the superuser can write it.
	mkdirSync(`${file}.new/in the way`, {recursive: true});
	spool.add(report('a'));
	await spool.settled();
	expect(told).toEqual(['a']);
	expect(spool.logged).toHaveLength(1);
	expect(existsSync(file)).toBe(false);

	rmSync(`${file}.new`, {recursive: true});
	spool.add(report('b'));
	await spool.close();
	expect(told).toEqual(['a', 'b']);
	expect(idsOf(open(file).pending())).toEqual(['a', 'b']);
});

test('a file that cannot be read is not taken for an empty one', () => {
	using files = createLauncherFolder();
	const file = files.file('reports.jsonl');
	mkdirSync(file);
	chmodSync(file, 0o700);
	expect(() => open(file)).toThrow(/Could not read the unacknowledged reports/);
});

test('whatever is added, acknowledged and reopened in whatever order, nothing unacknowledged is lost', async () => {
	const step = fc.oneof(
		fc.constant({do: 'add'} as const),
		fc.constant({do: 'add'} as const),
		fc.record({do: fc.constant('acknowledge' as const), which: fc.nat(20)}),
		fc.constant({do: 'reopen'} as const),
		fc.constant({do: 'settle'} as const),
	);
	await fc.assert(
		fc.asyncProperty(fc.array(step, {maxLength: 40}), async steps => {
			using files = createLauncherFolder();
			const file = files.file('reports.jsonl');
			let spool = open(file);
			let added = 0;
			let expected: string[] = [];
			for (const one of steps) {
				if (one.do === 'add') {
					added += 1;
					expected.push(`r${added}`);
					spool.add(report(`r${added}`));
				} else if (one.do === 'acknowledge') {
					const pending = spool.pending();
					const told = pending[one.which % pending.length];
					spool.acknowledge(told ? [told.id] : []);
					expected = expected.filter(id => id !== told?.id);
				} else if (one.do === 'reopen') {
					await spool.close();
					spool = open(file);
				} else {
					await spool.settled();
				}
			}

			await spool.close();
			expect(idsOf(open(file).pending())).toEqual(expected);
		}),
		{numRuns: 40},
	);
});
