import {describe, expect, test} from 'vitest';
import type {LaunchContext} from '../../source/agent-adapter.js';
import {adapters} from '../../source/agents/registry.js';
import type {AgentProfile} from '../../state/agent/agent-profile.js';

const uuid = '11111111-1111-4111-8111-111111111111';

const planOf = (name: string, context: Partial<LaunchContext> = {}, profile: Partial<AgentProfile> = {}) =>
	adapters.get(name)!.plan({
		profile: {name, adapter: name, description: name, ...profile},
		text: 'say hello',
		env: {},
		cwd: '/repo',
		folder: '/state/runs/run_1.1',
		hookCommand: ['/bin folder/agentctl', 'hook', '--folder', '/state/runs/run_1.1'],
		newUuid: () => uuid,
		...context,
	});

const folder = '/state/runs/run_1.1';

/** What each agent is started with: a fresh conversation, and the tail of a resumed one with everything the profile may add. */
const plans = {
	claude: {
		fresh: ['--permission-mode', 'manual', '--settings', `${folder}/claude-settings.json`, '--session-id', uuid, '--', 'say hello'],
		resumed: ['--resume', 'thread-7', '--model', 'big', '-x', '--verbose', '--', 'say hello'],
	},
	gemini: {
		fresh: ['--approval-mode', 'default', '--session-id', uuid, '--prompt-interactive=say hello'],
		resumed: ['--resume', 'thread-7', '--model', 'big', '-x', '--verbose', '--prompt-interactive=say hello'],
	},
	qwen: {
		fresh: [
			...['--approval-mode', 'default', '--json-file', `${folder}/qwen-events.jsonl`, '--input-file', `${folder}/qwen-input.jsonl`],
			...['--session-id', uuid, '--prompt-interactive=say hello'],
		],
		resumed: ['--resume', 'thread-7', '--model', 'big', '-x', '--verbose', '--prompt-interactive=say hello'],
	},
	copilot: {
		fresh: ['--plugin-dir', `${folder}/copilot-plugin`, '--session-id', uuid, '--interactive=say hello'],
		resumed: ['--resume=thread-7', '--model', 'big', '-x', '--verbose', '--interactive=say hello'],
	},
	pi: {
		fresh: ['-e', `${folder}/agent-tui-gate.mjs`, '--session-id', uuid, '--', 'say hello'],
		resumed: ['--session-id', 'thread-7', '--model', 'big', '-x', '--verbose', '--', 'say hello'],
	},
} as const;

const named = Object.entries(plans);

describe('plans', () => {
	test.each(named)('%s starts a conversation of our choosing, asks by hand, and takes the prompt', (name, {fresh}) => {
		const plan = planOf(name);
		expect([plan.file, plan.args, plan.env, plan.threadId]).toEqual([name, fresh, {}, uuid]);
	});

	test.each(named)('%s resumes its conversation, with the model and the arguments of the profile', (name, {resumed}) => {
		const profile = {argv: ['/opt/agent', '-x'], args: ['--verbose'], model: 'big', env: {A: '1'}};
		const plan = planOf(name, {threadId: 'thread-7'}, profile);
		expect(plan.args.slice(-resumed.length)).toEqual(resumed);
		expect([plan.file, plan.env, plan.threadId]).toEqual(['/opt/agent', {A: '1'}, 'thread-7']);
	});

	test.each(named)('%s is given no prompt where there is none, and none that could be an option', (name, {fresh}) => {
		const argumentsOf = (text: string) => planOf(name, {text}).args;
		expect(argumentsOf('').join(' ')).not.toMatch(/--$|prompt-interactive|-i$/);
		const odd = argumentsOf('--yolo');
		const place = odd.findIndex(argument => argument.includes('--yolo'));
		const isSafe = odd[place] !== '--yolo' || odd[place - 1] === '--';
		expect([isSafe, odd.length]).toEqual([true, fresh.length]);
	});

	test.each(named)('%s names nothing outside the attempt’s folder among its files', name => {
		const files = Object.keys(planOf(name).files ?? {});
		expect(files.filter(file => file.startsWith('/') || file.includes('..'))).toEqual([]);
	});
});

describe('hooks of one run', () => {
	const line = `'/bin folder/agentctl' 'hook' '--folder' '${folder}'`;

	test('Claude asks by a hook that may take a day, and only tells by all others', () => {
		const {hooks} = JSON.parse(planOf('claude').files!['claude-settings.json']!);
		expect(hooks.PermissionRequest).toEqual([{hooks: [{type: 'command', command: line, timeout: 86_400}]}]);
		const others = Object.entries(hooks).filter(([name]) => name !== 'PermissionRequest');
		expect(others.length).toBeGreaterThan(5);
		expect(new Set(others.map(([, value]) => JSON.stringify(value)))).toEqual(
			new Set([JSON.stringify([{hooks: [{type: 'command', command: `${line} '--tell'`, timeout: 15}]}])]),
		);
	});

	test('Copilot gets a plugin folder with the same', () => {
		const {files} = planOf('copilot');
		expect(JSON.parse(files!['copilot-plugin/plugin.json']!)).toMatchObject({hooks: 'hooks.json'});
		const {hooks} = JSON.parse(files!['copilot-plugin/hooks.json']!);
		expect(hooks.permissionRequest).toEqual([{type: 'command', bash: line, timeoutSec: 86_400}]);
		expect(hooks.agentStop).toEqual([{type: 'command', bash: `${line} '--tell'`, timeoutSec: 15}]);
	});

	test('a quote in a path stays part of the path', () => {
		const {files} = planOf('claude', {hookCommand: ["/it's/agentctl"]});
		expect(JSON.parse(files!['claude-settings.json']!).hooks.PermissionRequest[0].hooks[0].command).toBe(String.raw`'/it'\''s/agentctl'`);
	});
});
