import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {defaultGrantMs, longestGrantMs, whyNotGrant} from '../../state/escalation/grant.js';
import {createState, savedState} from '../../state/state.js';
import {askFor, askingFleet, decideOn, foundFor} from '../helpers/asking.js';

const npmCi = ['npm', 'ci'];

/** A grant of the named reach for `npm ci`, and its id. */
const granted = (scope: 'run' | 'tree' | 'always', extra = {}) => {
	const asked = askingFleet();
	const first = askFor(asked.fleet, asked.run, npmCi);
	asked.fleet.send(decideOn(first, 'approve', {scope, ...extra}));
	const [grant] = Object.values(asked.fleet.state.grants);
	return {...asked, first, grantId: grant!.id};
};

describe('an approval that reaches further', () => {
	test('is remembered and answers the same command at once (E3)', () => {
		const {fleet, run, first, grantId} = granted('run');
		expect(first.decision).toMatchObject({scope: 'run', grantId, by: 'ada'});
		const again = askFor(fleet, run, npmCi, {text: 'Once more?'});
		expect(again).toMatchObject({state: 'answered', decision: {choice: 'approve', by: `grant ${grantId}`, grantId}});
		expect(fleet.run(run).state).toBe('running');
		expect(fleet.state.grants[grantId]).toMatchObject({uses: 1, lastUsedAtMs: fleet.now()});
		expect(fleet.journal.filter(fact => fact.includes('"grant.used"'))).toHaveLength(1);
	});

	test.each([
		['another argument', ['npm', 'ci', '--force']],
		['fewer arguments', ['npm']],
		['a chain that holds it', ['bash', '-c', 'npm ci && npm test']],
		['what it is piped into', ['bash', '-c', 'npm ci | tee log']],
		['a variable in front of it', ['env', 'CI=1', 'npm', 'ci']],
		['other rights', ['sudo', 'npm', 'ci']],
		['a program of that name in the project', ['./npm', 'ci']],
	])('does not answer %s', (_, argv) => {
		const {fleet, run} = granted('always');
		expect(askFor(fleet, run, argv).state).toBe('open');
	});

	test.each([
		['timeout', ['timeout', '60', 'npm', 'ci']],
		['nohup', ['nohup', 'npm', 'ci']],
		['a shell', ['bash', '-c', 'npm ci']],
		['two of them', ['env', 'nice', '-n', '5', 'sh', '-c', 'npm ci']],
	])('answers the same command inside %s, which is taken off first', (_, argv) => {
		const {fleet, run} = granted('always');
		expect(askFor(fleet, run, argv).state).toBe('answered');
	});

	test('is bound to the file behind the program, the folder and the tool', () => {
		const {fleet, run} = granted('always');
		const elsewhere = {...foundFor(npmCi), executables: {npm: '/usr/local/bin/npm'}};
		expect(askFor(fleet, run, npmCi, {found: elsewhere}).state).toBe('open');
		expect(askFor(fleet, run, npmCi, {text: 'a', found: foundFor(npmCi, '/work/project/sub')}).state).toBe('open');
		expect(askFor(fleet, run, npmCi, {text: 'b', found: null}).state).toBe('open');
		expect(askFor(fleet, run, npmCi, {text: 'c', payload: {argv: npmCi, cwd: '/work/project', tool: 'Bash'}}).state).toBe('open');
		expect(askFor(fleet, run, npmCi, {text: 'd', payload: {argv: npmCi, cwd: '/work/project', diff: '+x'}}).state).toBe('open');
		expect(askFor(fleet, run, npmCi, {text: 'e', payload: {argv: npmCi, cwd: '/work/project', env: {A: '1'}}}).state).toBe('open');
		expect(askFor(fleet, run, npmCi, {text: 'f', kind: 'question'}).state).toBe('open');
	});

	test.each([
		['run', [true, false, false, false]],
		['tree', [true, true, false, false]],
		['always', [true, true, true, false]],
	] as const)('for a %s reaches its run, its tree, its agent, and no other agent', (scope, reached) => {
		const {fleet, run} = granted(scope);
		const child = fleet.start({cwd: '/work/project', parentRunId: run});
		const other = fleet.start({cwd: '/work/project'});
		const codex = fleet.start({cwd: '/work/project', agent: 'codex'});
		const states = [run, child.run, other.run, codex.run].map(id => askFor(fleet, id, npmCi, {text: 'again'}).state === 'answered');
		expect(states).toEqual(reached);
	});

	test('ends with its run, its time, its count, or when it is revoked', () => {
		const ended = granted('always');
		ended.fleet.advance(defaultGrantMs - 1);
		expect(askFor(ended.fleet, ended.run, npmCi, {text: '1'}).state).toBe('answered');
		ended.fleet.advance(1);
		expect(askFor(ended.fleet, ended.run, npmCi, {text: '2'}).state).toBe('open');

		const counted = granted('always', {maxUses: 2, lifetimeMs: 1000});
		const states = ['1', '2', '3'].map(text => askFor(counted.fleet, counted.run, npmCi, {text}).state);
		expect(states).toEqual(['answered', 'answered', 'open']);

		const revoked = granted('always');
		revoked.fleet.send({type: 'grant.revoke', grantId: revoked.grantId});
		expect(revoked.fleet.send({type: 'grant.revoke', grantId: revoked.grantId})).toEqual([]);
		expect(askFor(revoked.fleet, revoked.run, npmCi, {text: '1'}).state).toBe('open');
		expect(revoked.fleet.refusal({type: 'grant.revoke', grantId: 'constructor'}).code).toBe('UNKNOWN_GRANT');
	});

	test('survives a restart', () => {
		const {fleet} = granted('always');
		const again = createState(JSON.parse(JSON.stringify(savedState(fleet.state))));
		expect(again.grants).toEqual(fleet.state.grants);
	});

	test('holds for 30 days at most, and only as an approval', () => {
		const {fleet, run} = askingFleet();
		const escalation = askFor(fleet, run, npmCi);
		expect(fleet.refusal(decideOn(escalation, 'approve', {scope: 'always', lifetimeMs: longestGrantMs + 1})).sentence).toMatch('30 days');
		expect(fleet.refusal(decideOn(escalation, 'approve', {scope: 'always', maxUses: 0})).code).toBe('INVALID');
		expect(fleet.refusal(decideOn(escalation, 'approve', {lifetimeMs: 5})).code).toBe('INVALID');
		expect(fleet.refusal(decideOn(escalation, 'deny', {scope: 'always'})).code).toBe('INVALID');
		fleet.send(decideOn(escalation, 'approve', {scope: 'always', lifetimeMs: longestGrantMs}));
		expect(fleet.refusal(decideOn(escalation, 'approve')).code).toBe('ALREADY_RESOLVED');
	});
});

describe('what is never remembered (rule 15)', () => {
	test.each([
		['a script file', ['bash', 'build.sh']],
		['inline code', ['node', '-e', 'x()']],
		['inline code in a wrapper', ['timeout', '5', 'python3', '-c', 'x']],
		['an expansion', ['sh', '-c', 'npm $WHAT']],
		['what reads its orders', ['sh', '-c', 'cat list | xargs npm']],
		['other rights', ['sudo', 'npm', 'ci']],
		['destruction', ['rm', '-r', 'build']],
		['sending', ['git', 'push']],
		['what lies outside', ['cat', '/etc/passwd']],
		['a change of folder in a chain', ['sh', '-c', 'cd sub && npm ci']],
		['a redirection', ['sh', '-c', 'npm ci > log']],
		['a variable', ['CI=1', 'npm', 'ci']],
		['find -exec', ['find', '.', '-exec', 'sh', '-c', 'x', ';']],
		['busybox', ['busybox', 'sh']],
		['no command', []],
		['an empty program', ['']],
	])('%s', (_, argv) => {
		const {fleet, run} = askingFleet();
		const escalation = askFor(fleet, run, argv);
		expect(whyNotGrant(fleet.state, escalation)).toMatch(/^It cannot be remembered: .+\.$/);
		for (const scope of ['run', 'tree', 'always'] as const) {
			const decision = decideOn(escalation, 'approve', {
				scope,
				word: fleet.refusal(decideOn(escalation, 'approve', {scope})).sentence.match(/“(.+)”/)?.[1] ?? '',
			});
			expect(fleet.refusal(decision).sentence).toMatch('cannot be remembered');
		}
	});

	test('a program in the folder of the agent, which it can change', () => {
		const {fleet, run} = askingFleet();
		const found = {...foundFor(['vitest']), executables: {vitest: '/work/project/node_modules/.bin/vitest'}};
		expect(whyNotGrant(fleet.state, askFor(fleet, run, ['vitest'], {found}))).toMatch('the session’s own folder');
	});

	test('whatever the asker says about it', () => {
		const words = fc.record({text: fc.string(), extra: fc.jsonValue()});
		fc.assert(
			fc.property(words, ({text, extra}) => {
				const {fleet, run} = askingFleet();
				fleet.send(decideOn(askFor(fleet, run, npmCi), 'approve', {scope: 'always'}));
				const payload = {argv: ['rm', '-rf', '.'], cwd: '/work/project', extra: extra as never};
				expect(askFor(fleet, run, payload.argv, {text, payload}).state).toBe('open');
			}),
			{numRuns: 50},
		);
	});
});

test('no argv but the granted one is ever answered by a grant', () => {
	const word = fc.constantFrom(
		'npm',
		'ci',
		'bash',
		'-c',
		'npm ci',
		'env',
		'sudo',
		'timeout',
		'5',
		'&&',
		';',
		'rm',
		'.',
		'sh',
		'npm ci; rm .',
		'',
	);
	fc.assert(
		fc.property(fc.array(word, {maxLength: 5}), argv => {
			const {fleet, run} = askingFleet();
			fleet.send(decideOn(askFor(fleet, run, npmCi), 'approve', {scope: 'always'}));
			const {state} = askFor(fleet, run, argv, {text: 'again'});
			const plain = argv
				.join(' ')
				.replaceAll(/\b(env|timeout 5|bash -c|sh -c) ?/g, '')
				.trim();
			expect(state === 'open' || plain === 'npm ci').toBe(true);
		}),
	);
});
