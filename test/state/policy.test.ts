import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {fullPolicies, type Policy} from '../../state/escalation/policy.js';
import {applyPolicies, askFor, askingFleet, decideOn, foundFor} from '../helpers/asking.js';

const npm: Policy = {
	name: 'npm',
	mode: 'allowlist',
	agents: ['*'],
	allow: [
		{name: 'install', executable: 'npm', argv: ['ci']},
		{executable: '/usr/bin/git', argvPrefix: ['log']},
		{executable: 'ls', cwdInside: '/work/project/docs'},
	],
};

const withPolicies = (policies: readonly Policy[], byProfile?: string) => {
	const asked = askingFleet();
	applyPolicies(asked.fleet, policies, byProfile);
	return {...asked, ask: (argv: readonly string[], options = {}) => askFor(asked.fleet, asked.run, argv, options)};
};

describe('an allowlist (E10)', () => {
	test.each([
		[['npm', 'ci'], 'answered'],
		[['bash', '-c', 'npm ci'], 'answered'],
		[['npm', 'ci', '--force'], 'open'],
		[['npm', 'install'], 'open'],
		[['git', 'log', '--oneline'], 'answered'],
		[['git', 'commit', '-m', 'x'], 'open'],
		[['sh', '-c', 'npm ci && git log'], 'answered'],
		[['sh', '-c', 'npm ci && rm -rf .'], 'open'],
		[['sh', '-c', 'npm ci > log'], 'open'],
		[['ls'], 'open'],
		[['./npm', 'ci'], 'open'],
		[['sudo', 'npm', 'ci'], 'open'],
		[['CI=1', 'npm', 'ci'], 'open'],
		[[], 'open'],
	] as const)('leaves %j %s', (argv, state) => {
		expect(withPolicies([npm]).ask(argv).state).toBe(state);
	});

	test('is in the ledger with its rule, and holds nobody up', () => {
		const {ask, fleet, run} = withPolicies([npm]);
		expect(ask(['npm', 'ci']).decision).toMatchObject({choice: 'approve', by: 'policy npm', policy: {name: 'npm', rule: 'install'}});
		expect(ask(['sh', '-c', 'npm ci && git log']).decision?.policy?.rule).toBe('install + allow 2');
		expect(fleet.run(run).state).toBe('running');
	});

	test('goes by the file that would run, told by the coordinator and by nobody else', () => {
		const {ask} = withPolicies([npm]);
		const another = {...foundFor(['git']), executables: {git: '/opt/git'}};
		expect(ask(['git', 'log'], {found: another}).state).toBe('open');
		expect(ask(['npm', 'ci'], {found: null}).state).toBe('open');
		const inProject = {...foundFor(['npm']), executables: {npm: '/work/project/bin/npm'}};
		expect(ask(['npm', 'ci'], {text: 'x', found: inProject}).state).toBe('open');
	});

	test('speaks of a folder by where it really is', () => {
		const {ask} = withPolicies([npm]);
		const payload = {argv: ['ls'], cwd: '/work/project/docs'};
		expect(ask(['ls'], {payload, found: foundFor(['ls'], '/work/project/docs')}).state).toBe('answered');
		expect(ask(['ls'], {payload, text: 'x', found: foundFor(['ls'], '/work/project/secrets')}).state).toBe('open');
	});

	test('grades the whole of a command, not its parts', () => {
		const low: Policy = {name: 'low', mode: 'allowlist', agents: ['*'], allow: [{riskAtMost: 'low'}, {executable: 'npm'}]};
		const {ask} = withPolicies([low]);
		expect(ask(['git', 'log']).state).toBe('answered');
		expect(ask(['sh', '-c', 'git log && npm ci']).state).toBe('open');
	});

	test('never allows a high risk, whatever its rules say', () => {
		const anything: Policy = {
			name: 'any',
			mode: 'allowlist',
			agents: ['*'],
			allow: [{executable: 'rm'}, {executable: 'node'}, {executable: 'git'}],
		};
		const {ask} = withPolicies([anything]);
		const risky = [
			['rm', 'x'],
			['node', 'x.js'],
			['git', 'push'],
			['git', 'reset', '--hard'],
		];
		expect(risky.map(argv => ask(argv).state)).toEqual(risky.map(() => 'open'));
		expect(ask(['git', 'status']).state).toBe('answered');
	});
});

describe('policies together', () => {
	const deny: Policy = {name: 'no-install', mode: 'ask', trees: ['api'], deny: [{name: 'npm', executable: 'npm'}]};

	test('deny wins, in any spelling and in any part', () => {
		const {ask} = withPolicies([npm, deny]);
		for (const argv of [
			['npm', 'ci'],
			['/usr/bin/npm', 'x'],
			['./npm'],
			['env', 'npm', 'ci'],
			['sh', '-c', 'ls; npm ci'],
			['sudo', 'npm'],
		]) {
			expect(ask(argv)).toMatchObject({state: 'answered', decision: {choice: 'deny', by: 'policy no-install', policy: {rule: 'npm'}}});
		}
	});

	test('deny also forbids wrappers by name', () => {
		const noSudo: Policy = {name: 'x', mode: 'ask', agents: ['*'], deny: [{executable: 'sudo'}]};
		expect(withPolicies([noSudo]).ask(['env', 'sudo', 'ls']).decision?.choice).toBe('deny');
	});

	test('deny wins over what a person granted', () => {
		const {fleet, run} = askingFleet();
		fleet.send(decideOn(askFor(fleet, run, ['npm', 'ci']), 'approve', {scope: 'always'}));
		applyPolicies(fleet, [deny]);
		expect(askFor(fleet, run, ['npm', 'ci'], {text: 'x'}).decision?.choice).toBe('deny');
	});

	test('one that asks is stricter than one that allows', () => {
		const asks: Policy = {name: 'careful', mode: 'ask', trees: ['a*']};
		expect(withPolicies([npm, asks]).ask(['npm', 'ci']).state).toBe('open');
	});

	test('every allowlist must allow it', () => {
		const only: Policy = {name: 'only-git', mode: 'allowlist', agents: ['shell'], allow: [{executable: 'git'}]};
		const {ask} = withPolicies([npm, only]);
		expect(ask(['npm', 'ci']).state).toBe('open');
		expect(ask(['git', 'log']).state).toBe('answered');
	});

	test.each([
		['the profile names it', [{...npm, agents: ['nobody']}], 'npm', 'answered'],
		['nobody names it', [{name: 'npm', mode: 'allowlist', allow: npm.allow!}], undefined, 'open'],
		['another tree', [{...npm, trees: ['web-*']}], undefined, 'open'],
		['another agent', [{...npm, agents: ['codex']}], undefined, 'open'],
		['this tree and agent', [{...npm, agents: ['sh*'], trees: ['ap?']}], undefined, 'answered'],
	] as const)('apply where they are said to: %s', (_, policies, byProfile, state) => {
		expect(withPolicies(policies, byProfile).ask(['npm', 'ci']).state).toBe(state);
	});

	test('go by the label of the root, for an agent names its children', () => {
		const {fleet, run} = askingFleet();
		applyPolicies(fleet, [{...npm, agents: ['*'], trees: ['trusted']}]);
		const child = fleet.start({cwd: '/work/project', parentRunId: run, label: 'trusted'});
		expect(askFor(fleet, child.run, ['npm', 'ci']).state).toBe('open');
	});
});

describe('the other modes', () => {
	test('deny refuses everything that can be approved, and questions still reach a person', () => {
		const {ask} = withPolicies([{name: 'frozen', mode: 'deny', agents: ['*']}]);
		expect(ask(['ls']).decision).toMatchObject({choice: 'deny', by: 'policy frozen'});
		expect(ask([], {text: 'Which?', kind: 'question'}).state).toBe('open');
	});

	test('full allows everything that says what it is, and is named for the header', () => {
		const full: Policy = {name: 'yolo', mode: 'full', agents: ['*'], iUnderstand: true};
		const {ask, fleet} = withPolicies([full]);
		expect(ask(['rm', '-rf', '/']).decision).toMatchObject({choice: 'approve', policy: {name: 'yolo', rule: 'full'}});
		expect(ask([]).state).toBe('open');
		expect(ask(['']).state).toBe('open');
		expect(fullPolicies(fleet.state)).toEqual(['yolo']);
	});

	test('without policies everything is asked (E4)', () => {
		expect(withPolicies([]).ask(['ls']).state).toBe('open');
	});
});

test('settings that only change policies are news; the same again are none', () => {
	const {fleet} = withPolicies([npm]);
	const before = fleet.journal.length;
	applyPolicies(fleet, [npm]);
	expect(fleet.journal).toHaveLength(before);
	applyPolicies(fleet, []);
	expect(fleet.journal).toHaveLength(before + 1);
	expect(fleet.state.policies).toEqual([]);
});

test('no allowlist ever allows what is graded high, nor what has no resolved program', () => {
	const words = [
		'npm',
		'ci',
		'rm',
		'-rf',
		'/',
		'git',
		'log',
		'push',
		'sh',
		'-c',
		'npm ci',
		'rm x',
		'sudo',
		'env',
		'A=1',
		'>',
		'x',
		'node',
		'ssh',
	];
	const executable = fc.constantFrom('npm', 'git', 'rm', 'sh', 'sudo', 'node', 'ssh', undefined);
	const rule = fc.record({executable, argvPrefix: fc.option(fc.array(fc.constantFrom(...words), {maxLength: 2}), {nil: undefined})});
	fc.assert(
		fc.property(
			fc.array(rule, {minLength: 1, maxLength: 4}),
			fc.array(fc.constantFrom(...words), {maxLength: 5}),
			fc.boolean(),
			(rules, argv, canLook) => {
				const allow = rules.map(({executable: name, argvPrefix}) => ({...(name && {executable: name}), ...(argvPrefix && {argvPrefix})}));
				const {ask, fleet} = withPolicies([{name: 'p', mode: 'allowlist', agents: ['*'], allow}]);
				const escalation = ask(argv, canLook ? {} : {found: null});
				const {state} = escalation;
				const isHigh = fleet.ask(decideOn({...escalation, state: 'open'}, 'approve')).refused?.code === 'NOT_ARMED';
				expect(state === 'open' || (canLook && !isHigh)).toBe(true);
			},
		),
	);
});
