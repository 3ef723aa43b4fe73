import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import {expect, test, vi} from 'vitest';
import {ExpectedError} from '../../source/errors.js';
import {ledgerFiles} from '../../source/ledger-file.js';
import {readPolicies} from '../../source/policy-schema.js';
import {main} from '../../source/programs/policy.js';
import {openStore} from '../../source/store/open-store.js';
import {ledgerEntries} from '../../state/escalation/ledger.js';
import {askFor, askingFleet, decideOn} from '../helpers/asking.js';
import {createStoreFolder} from '../helpers/store-folder.js';

test('policies are read as they are written', () => {
	const policies = [
		{
			name: 'npm',
			mode: 'allowlist',
			agents: ['codex*'],
			allow: [{executable: 'npm', argvPrefix: ['ci'], riskAtMost: 'medium', cwdInside: '/srv'}],
		},
		{name: 'yolo', mode: 'full', trees: ['sandbox-*'], iUnderstand: true},
		{name: 'parents', mode: 'ask', deny: [{executable: 'sudo'}], mayDecideChildren: [{riskAtMost: 'low'}]},
	];
	expect(readPolicies('config.json', policies)).toEqual(policies);
	expect(readPolicies('config.json', undefined)).toEqual([]);
});

test.each([
	['no list', {}, 'policies:'],
	['no name', [{mode: 'ask'}], 'policies[0].name'],
	['an unknown mode', [{name: 'a', mode: 'yes'}], 'policies[0].mode'],
	['an unknown key', [{name: 'a', mode: 'ask', alow: []}], 'policies[0]'],
	['full without saying so', [{name: 'a', mode: 'full', agents: ['*']}], '"iUnderstand": true'],
	['rules that nobody follows', [{name: 'a', mode: 'ask', allow: [{executable: 'ls'}]}], 'only the mode "allowlist"'],
	['an empty allowlist', [{name: 'a', mode: 'allowlist'}], 'without "allow" rules'],
	['any program at any risk', [{name: 'a', mode: 'allowlist', allow: [{}]}], 'name an executable'],
	['high', [{name: 'a', mode: 'allowlist', allow: [{executable: 'rm', riskAtMost: 'high'}]}], 'riskAtMost'],
	['a relative program', [{name: 'a', mode: 'allowlist', allow: [{executable: './x'}]}], 'bare name or an absolute path'],
	['arguments of no program', [{name: 'a', mode: 'allowlist', allow: [{argv: ['x'], riskAtMost: 'low'}]}], 'no executable'],
	['both kinds of arguments', [{name: 'a', mode: 'allowlist', allow: [{executable: 'x', argv: [], argvPrefix: []}]}], 'one of them'],
	[
		'two of one name',
		[
			{name: 'a', mode: 'ask'},
			{name: 'a', mode: 'deny'},
		],
		'same name',
	],
	['a deny rule of nothing', [{name: 'a', mode: 'ask', deny: [{}]}], 'which executable or folder'],
])('%s is refused with its place', (_, value, sentence) => {
	expect(() => readPolicies('config.json', value)).toThrow(ExpectedError);
	expect(() => readPolicies('config.json', value)).toThrow(sentence);
});

/** Runs the program and gives what it printed. */
const run = async (...args: readonly string[]) => {
	const printed: string[] = [];
	const write = vi.spyOn(process.stdout, 'write').mockImplementation(chunk => {
		printed.push(String(chunk));
		return true;
	});
	try {
		return {exitCode: await main(args), text: printed.join('')};
	} finally {
		write.mockRestore();
	}
};

/** A state folder whose ledger has decisions of a person. */
const decided = async () => {
	const place = await createStoreFolder();
	const {store} = await openStore({folder: place.path, role: 'console'});
	await store.close();
	const {fleet, run: runId} = askingFleet();
	fleet.send(decideOn(askFor(fleet, runId, ['npm', 'ci']), 'approve'));
	fleet.send(decideOn(askFor(fleet, runId, ['npm', 'test']), 'deny', {text: 'no'}));
	const [file = ''] = ledgerFiles(place.path);
	await writeFile(
		file,
		ledgerEntries(fleet.state)
			.map(entry => `${JSON.stringify(entry)}\n`)
			.join(''),
	);
	const policyFile = path.join(place.path, 'policies.json');
	const withRules = (argv: readonly string[]) =>
		writeFile(
			policyFile,
			JSON.stringify({policies: [{name: 'npm', mode: 'allowlist', agents: ['*'], allow: [{executable: 'npm', argv}]}]}),
		);
	const rehearse = () => run('rehearse', policyFile, '--state-dir', place.path);
	return {policyFile, withRules, rehearse, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]()};
};

test('a rehearsal exits with 1 when a person had denied what would be allowed', async () => {
	await using ledger = await decided();
	await ledger.withRules(['test']);
	const {exitCode, text} = await ledger.rehearse();
	expect(exitCode).toBe(1);
	expect(text).toContain('WOULD ALLOW what was denied (policy npm, allow 1)');
	expect(text).toMatch(/'npm' 'test'\n {4}in \/work\/project, asked by api \(shell\)\n {4}denied by ada at \d{4}-/);
});

test('a rehearsal of rules that only spare work exits with 0', async () => {
	await using ledger = await decided();
	await ledger.withRules(['ci']);
	const {exitCode, text} = await ledger.rehearse();
	expect(exitCode).toBe(0);
	expect(text).toContain('2 approvals were asked for.');
	expect(text).toContain('1 decisions of people would have been made just so without asking; 0 would have come out differently.');
});

test('a file is checked, and a wrong one is told', async () => {
	await using ledger = await decided();
	await ledger.withRules(['ci']);
	expect(await run('check', ledger.policyFile)).toEqual({exitCode: 0, text: 'The file is right: npm (allowlist).\n'});
	await writeFile(ledger.policyFile, '{"policies": [{"name": "x", "mode": "full"}]}');
	await expect(run('check', ledger.policyFile)).rejects.toThrow('iUnderstand');
	await writeFile(ledger.policyFile, '{');
	await expect(run('check', ledger.policyFile)).rejects.toThrow('Could not read the policies');
	await expect(run('ponder', ledger.policyFile)).rejects.toThrow('name check or rehearse');
});
