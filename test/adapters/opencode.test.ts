import {writeFileSync} from 'node:fs';
import path from 'node:path';
import {expect, test, vi} from 'vitest';
import type {ChannelEvent, LaunchContext} from '../../source/agent-adapter.js';
import {opencode} from '../../source/agents/opencode.js';
import {openOpencodeChannel} from '../../source/agents/opencode-channel.js';
import {openOpencodeServer} from '../helpers/opencode-server.js';

const until = {timeout: 20_000, interval: 20};

const context: LaunchContext = {
	profile: {name: 'opencode', adapter: 'opencode', model: 'a/b', env: {X: '1'}, description: ''},
	text: '--do it',
	env: {},
	cwd: '/w',
	folder: '/a',
	hookCommand: [],
	newUuid: () => 'uuid',
};

test('its server gets a port and a password of this run, and no prompt can be an option', () => {
	const {file, args, files, env} = opencode.plan(context);
	expect({file, args}).toEqual({file: 'agent-tui', args: ['host', '/a/host.json']});
	expect(JSON.parse(files!['host.json']!)).toEqual({
		argv: ['opencode', '--model', 'a/b', '--port', '{port}', '--prompt=--do it'],
		portFile: 'opencode.port',
	});
	expect(files!['opencode.password']).toBe('uuid');
	expect(env).toEqual({X: '1', OPENCODE_SERVER_PASSWORD: 'uuid'});
	expect(args.join()).not.toContain('uuid');
});

test('a resumed conversation is not given its prompt by argument, which its screen would not take', () => {
	const {files} = opencode.plan({...context, threadId: 'ses_1'});
	expect(JSON.parse(files!['host.json']!).argv).toEqual(['opencode', '--model', 'a/b', '--port', '{port}', '--session', 'ses_1']);
	expect(files!['opencode.prompt']).toBe('--do it');
});

const touch = {
	id: 'per_1',
	sessionID: 'ses_1',
	permission: 'bash',
	patterns: ['touch proof.txt'],
	metadata: {command: 'touch proof.txt'},
	always: ['touch *'],
};

const open = (files: Pick<Parameters<typeof openOpencodeChannel>[0], 'portFile' | 'passwordFile' | 'promptFile' | 'threadId'>) => {
	const events: ChannelEvent[] = [];
	const channel = openOpencodeChannel({...files, cwd: '/w', emit: event => events.push(event), log: () => undefined});
	return {
		events,
		channel,
		requests: () => events.flatMap(event => (event.type === 'request' ? [event.request] : [])),
		reports: () => events.flatMap(event => (event.type === 'report' ? [event.report] : [])),
		[Symbol.dispose]: () => channel.close(),
	};
};

test('a permission is told, answered once, and the agent told why not', async () => {
	await using server = await openOpencodeServer();
	using hearing = open(server);
	await vi.waitFor(() => expect(hearing.events).toContainEqual({type: 'requests', requestIds: []}), until);
	server.ask('permission', touch);
	await vi.waitFor(() => expect(hearing.requests()).toHaveLength(1), until);
	expect(hearing.requests()[0]).toMatchObject({
		requestId: 'per_1',
		kind: 'approval',
		payload: {tool: 'bash', argv: ['sh', '-c', 'touch proof.txt'], cwd: '/w', extra: {patterns: ['touch proof.txt']}},
	});
	expect(await hearing.channel.answer('per_1', {choice: 'deny', text: 'not here'})).toBe('taken');
	expect(server.replies).toEqual([{path: '/permission/per_1/reply', body: {reply: 'reject', message: 'not here'}}]);
	await vi.waitFor(async () => expect(await hearing.channel.answer('per_1', {choice: 'approve'})).toBe('gone'), until);
	expect(hearing.events.some(({type}) => type === 'request-closed')).toBe(false);
	expect(server.strangers()).toBe(0);
});

test('an approval allows it this once, an expiry says that nobody answered', async () => {
	await using server = await openOpencodeServer();
	using hearing = open(server);
	await vi.waitFor(() => expect(server.isHeard()).toBe(true), until);
	server.ask('permission', touch);
	server.ask('permission', {...touch, id: 'per_2'});
	await vi.waitFor(() => expect(hearing.requests()).toHaveLength(2), until);
	await hearing.channel.answer('per_1', {choice: 'approve'});
	await hearing.channel.answer('per_2', {choice: 'expired', text: 'nobody answered in time'});
	expect(server.replies.map(({body}) => body)).toEqual([
		{reply: 'once'},
		{reply: 'reject', message: 'Nobody decided about this, so it was not allowed: nobody answered in time. No person denied it.'},
	]);
});

test('what is answered on its own screen is closed', async () => {
	await using server = await openOpencodeServer();
	using hearing = open(server);
	await vi.waitFor(() => expect(server.isHeard()).toBe(true), until);
	server.ask('permission', touch);
	await vi.waitFor(() => expect(hearing.requests()).toHaveLength(1), until);
	server.leave('per_1');
	await vi.waitFor(
		() =>
			expect(hearing.events).toContainEqual({
				type: 'request-closed',
				requestId: 'per_1',
				why: 'it was answered on the screen of the agent',
			}),
		until,
	);
});

test('after a lost connection it knows what waits and what does not', async () => {
	await using server = await openOpencodeServer();
	using hearing = open(server);
	await vi.waitFor(() => expect(server.isHeard()).toBe(true), until);
	server.ask('permission', touch);
	server.ask('permission', {...touch, id: 'per_2'});
	await vi.waitFor(() => expect(hearing.requests()).toHaveLength(2), until);
	server.leave('per_1', false);
	server.cut();
	await vi.waitFor(() => expect(hearing.events.at(-1)).toEqual({type: 'requests', requestIds: ['per_2']}), until);
});

test('questions take answers; session, usage, cost and tools are reported', async () => {
	await using server = await openOpencodeServer();
	using hearing = open(server);
	await vi.waitFor(() => expect(hearing.events).toContainEqual({type: 'requests', requestIds: []}), until);
	server.emit('session.created', {sessionID: 'ses_1', info: {id: 'ses_1', cost: 0, tokens: {input: 0, output: 0}}});
	server.setStatus('busy');
	const options = [{label: 'Blue', description: ''}];
	server.ask('question', {id: 'que_1', sessionID: 'ses_1', questions: [{question: 'Which colour?', header: 'Colour', options}]});
	await vi.waitFor(() => expect(hearing.requests()).toHaveLength(1), until);
	expect(hearing.requests()[0]).toMatchObject({kind: 'question', text: 'Which colour? (Blue)'});
	await hearing.channel.answer('que_1', {choice: 'answer', text: 'Blue'});
	expect(server.replies).toEqual([{path: '/question/que_1/reply', body: {answers: [['Blue']]}}]);

	const state = {status: 'completed', input: {command: 'true'}};
	server.emit('message.part.updated', {part: {type: 'tool', tool: 'bash', state}});
	server.emit('session.updated', {
		info: {id: 'ses_1', cost: 0.5, tokens: {input: 100, output: 7, reasoning: 1, cache: {read: 3, write: 0}}},
	});
	server.setStatus('idle');
	await vi.waitFor(
		() => expect(hearing.reports().at(-1)).toMatchObject({kind: 'status', status: {activity: 'idle', source: 'protocol'}}),
		until,
	);
	expect(hearing.reports()).toContainEqual({kind: 'thread', threadId: 'ses_1'});
	expect(hearing.reports().filter(({kind}) => kind === 'accepted')).toHaveLength(1);
	expect(hearing.reports()).toContainEqual({kind: 'usage', usage: {inputTokens: 103, outputTokens: 8, costUsd: 0.5}, isTotal: true});
	expect(hearing.reports()).toContainEqual(expect.objectContaining({kind: 'tool', tool: 'bash', summary: 'true'}));
});

test('a resumed conversation is given its prompt once, whoever connects', async () => {
	await using server = await openOpencodeServer();
	const promptFile = path.join(path.dirname(server.portFile), 'opencode.prompt');
	writeFileSync(promptFile, '--do it');
	const connect = () => open({...server, promptFile, threadId: 'ses_1'});
	{
		using _ = connect();
		await vi.waitFor(() => expect(server.prompts).toEqual([{session: 'ses_1', body: {parts: [{type: 'text', text: '--do it'}]}}]), until);
	}

	using hearing = connect();
	await vi.waitFor(() => expect(hearing.events).toContainEqual({type: 'requests', requestIds: []}), until);
	expect(server.prompts).toHaveLength(1);
});

test('a prompt that the server refuses is given again', async () => {
	await using server = await openOpencodeServer();
	const promptFile = path.join(path.dirname(server.portFile), 'opencode.prompt');
	writeFileSync(promptFile, 'go on');
	server.refusePrompts(1);
	using _ = open({...server, promptFile, threadId: 'ses_1'});
	await vi.waitFor(() => expect(server.prompts).toHaveLength(1), until);
});
