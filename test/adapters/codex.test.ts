import {expect, test, vi} from 'vitest';
import type {ChannelEvent, LaunchContext} from '../../source/agent-adapter.js';
import {codex} from '../../source/agents/codex.js';
import {openCodexChannel} from '../../source/agents/codex-channel.js';
import {openCodexServer} from '../helpers/codex-server.js';

const until = {timeout: 20_000, interval: 20};

const context: LaunchContext = {
	profile: {
		name: 'codex',
		adapter: 'codex',
		argv: ['codex', '--profile', 'work'],
		args: ['-c', 'x=1', '-s', 'workspace-write'],
		description: '',
	},
	text: '--do it',
	env: {},
	cwd: '/w',
	folder: '/a',
	hookCommand: [],
	newUuid: () => 'uuid',
};

const hostPlan = (changes: Partial<LaunchContext> = {}) => {
	const {file, args, files} = codex.plan({...context, ...changes});
	expect({file, args}).toEqual({file: 'agent-tui', args: ['host', '/a/host.json']});
	return JSON.parse(files!['host.json']!);
};

test('its screen is a client of a server of its own, and no prompt can be an option', () => {
	const remote = ['--remote', 'unix:///a/codex.sock', '--', '--do it'];
	const own = ['-a', 'on-request', '--profile', 'work', '-c', 'x=1', '-s', 'workspace-write'];
	expect(hostPlan()).toEqual({
		argv: ['codex', ...own, ...remote],
		server: {
			argv: [
				'codex',
				...['-c', 'approval_policy="on-request"', '-c', 'sandbox_mode="workspace-write"', '-c', 'x=1'],
				...['app-server', '--listen', 'unix:///a/codex.sock'],
			],
			socket: '/a/codex.sock',
			log: 'codex-server.log',
			fallback: ['codex', ...own, '--', '--do it'],
		},
	});
});

test('a resumed thread takes its permissions from the server alone', () => {
	expect(hostPlan({threadId: 'thr_1', text: ''}).argv).toEqual([
		...['codex', 'resume', '--profile', 'work', '-c', 'x=1', '--remote', 'unix:///a/codex.sock', '--', 'thr_1'],
	]);
});

const command = {
	itemId: 'call_1',
	reason: 'Need it',
	command: "/bin/bash -lc 'touch proof.txt'",
	cwd: '/w',
	availableDecisions: ['accept', 'cancel'],
};

const open = (socketPath: string) => {
	const events: ChannelEvent[] = [];
	const channel = openCodexChannel({socketPath, emit: event => events.push(event), log: () => undefined});
	return {
		events,
		channel,
		requests: () => events.flatMap(event => (event.type === 'request' ? [event.request] : [])),
		reports: () => events.flatMap(event => (event.type === 'report' ? [event.report] : [])),
		[Symbol.dispose]: () => channel.close(),
	};
};

test('a thread is joined once it can be, its requests are told and answered', async () => {
	await using server = await openCodexServer({isLoaded: false});
	using hearing = open(server.socketPath);
	await vi.waitFor(() => expect(server.heard.some(({method}) => method === 'thread/loaded/list')).toBe(true), until);
	server.letJoin(false);
	server.startThread();
	server.startTitleThread();
	await vi.waitFor(() => expect(server.heard.filter(({method}) => method === 'thread/resume').length).toBeGreaterThan(1), until);
	server.letJoin(true);
	await vi.waitFor(() => expect(server.joined.size).toBe(1), until);

	server.setStatus({type: 'active', activeFlags: []});
	server.setStatus({type: 'active', activeFlags: ['waitingOnApproval']});
	const id = server.ask('item/commandExecution/requestApproval', command);
	await vi.waitFor(() => expect(hearing.requests()).toHaveLength(1), until);
	expect(hearing.requests()[0]).toEqual({
		requestId: 'call_1',
		kind: 'approval',
		text: 'Need it',
		payload: {tool: 'shell', argv: ['/bin/bash', '-lc', 'touch proof.txt'], cwd: '/w', extra: {reason: 'Need it'}},
	});
	const activities = hearing.reports().flatMap(report => (report.kind === 'status' ? [report.status.activity] : []));
	expect(activities.at(-1)).toBe('blocked');
	expect(hearing.reports()).toContainEqual({kind: 'thread', threadId: 'thr_1'});
	expect(hearing.reports().filter(({kind}) => kind === 'accepted')).toHaveLength(1);

	expect(await hearing.channel.answer('call_1', {choice: 'approve'})).toBe('taken');
	await vi.waitFor(() => expect(server.heard).toContainEqual({id, result: {decision: 'accept'}}), until);
	await vi.waitFor(async () => expect(await hearing.channel.answer('call_1', {choice: 'approve'})).toBe('gone'), until);
	expect(hearing.events.some(({type}) => type === 'request-closed')).toBe(false);
	server.setStatus({type: 'active', activeFlags: []}, 'title');
	expect(server.heard.some(({params}) => params?.['threadId'] === 'title')).toBe(false);
});

test('a denial lets the turn go on and tells its reason', async () => {
	await using server = await openCodexServer();
	using hearing = open(server.socketPath);
	await vi.waitFor(() => expect(server.joined.size).toBe(1), until);
	const id = server.ask('item/commandExecution/requestApproval', command);
	await vi.waitFor(() => expect(hearing.requests()).toHaveLength(1), until);
	expect(await hearing.channel.answer('call_1', {choice: 'deny', text: 'use /tmp'})).toBe('taken');
	await vi.waitFor(() => expect(server.heard).toContainEqual({id, result: {decision: 'decline'}}), until);
	await vi.waitFor(
		() =>
			expect(server.heard.find(({method}) => method === 'turn/steer')?.params).toMatchObject({
				threadId: 'thr_1',
				expectedTurnId: 'turn_1',
				input: [{type: 'text', text: 'The operator denied that: use /tmp'}],
			}),
		until,
	);
});

test('what is answered on its own screen is closed; a withdrawn request stays there', async () => {
	await using server = await openCodexServer();
	using hearing = open(server.socketPath);
	await vi.waitFor(() => expect(server.joined.size).toBe(1), until);
	const id = server.ask('item/commandExecution/requestApproval', command);
	await vi.waitFor(() => expect(hearing.requests()).toHaveLength(1), until);
	expect(await hearing.channel.answer('call_1', {choice: 'withdrawn', text: 'stopped'})).toBe('gone');
	expect(server.heard.some(message => message.id === id)).toBe(false);
	server.resolve(id);
	await vi.waitFor(
		() =>
			expect(hearing.events).toContainEqual({
				type: 'request-closed',
				requestId: 'call_1',
				why: 'it was answered on the screen of the agent',
			}),
		until,
	);
});

test('after a lost connection the same request has the same name, and what is gone is known', async () => {
	await using server = await openCodexServer();
	using hearing = open(server.socketPath);
	await vi.waitFor(() => expect(server.joined.size).toBe(1), until);
	server.ask('item/commandExecution/requestApproval', command);
	server.ask('item/commandExecution/requestApproval', {...command, itemId: 'call_2'});
	await vi.waitFor(() => expect(hearing.requests()).toHaveLength(2), until);
	server.cut();
	await vi.waitFor(() => expect(hearing.requests()).toHaveLength(4), until);
	await vi.waitFor(() => expect(hearing.events.at(-1)).toEqual({type: 'requests', requestIds: ['call_1', 'call_2']}), until);
	expect(hearing.requests()[2]).toEqual(hearing.requests()[0]);
});

test('questions take answers, and usage is that of the thread', async () => {
	await using server = await openCodexServer();
	using hearing = open(server.socketPath);
	await vi.waitFor(() => expect(server.joined.size).toBe(1), until);
	const questions = [{id: 'q1', header: 'Colour', question: 'Which colour?', options: [{label: 'Blue', description: ''}]}];
	const id = server.ask('item/tool/requestUserInput', {itemId: 'call_3', isBlocking: true, questions});
	server.tellAll('thread/tokenUsage/updated', {threadId: 'thr_1', tokenUsage: {total: {inputTokens: 200, outputTokens: 14}}});
	await vi.waitFor(() => expect(hearing.requests()).toHaveLength(1), until);
	expect(hearing.requests()[0]).toMatchObject({kind: 'question', text: 'Which colour? (Blue)'});
	await hearing.channel.answer('call_3', {choice: 'answer', text: 'Blue'});
	await vi.waitFor(() => expect(server.heard).toContainEqual({id, result: {answers: {q1: {answers: ['Blue']}}}}), until);
	await vi.waitFor(
		() => expect(hearing.reports()).toContainEqual({kind: 'usage', usage: {inputTokens: 200, outputTokens: 14}, isTotal: true}),
		until,
	);
});
