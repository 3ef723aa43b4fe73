import {appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import type {ChannelEvent} from '../../source/agent-adapter.js';
import {openQwenChannel} from '../../source/agents/qwen-channel.js';

const waitMs = {timeout: 20_000};

const sessionStart = {type: 'system', subtype: 'session_start', session_id: 'thread-1', data: {protocol_version: 2}};
const prompt = {type: 'user', message: {role: 'user', content: [{type: 'text', text: 'RUN: touch p1.txt'}]}};
const assistant = (id: string, stop = 'tool_use') => ({
	type: 'assistant',
	message: {
		id,
		content: [{type: 'tool_use', id: `call_${id}`, name: 'run_shell_command', input: {command: `touch ${id}`}}],
		stop_reason: stop,
		usage: {input_tokens: 100, output_tokens: 7, cache_read_input_tokens: 0},
	},
});
const asks = (id: string) => ({
	type: 'control_request',
	request_id: `req_${id}`,
	request: {
		subtype: 'can_use_tool',
		tool_name: 'run_shell_command',
		tool_use_id: `call_${id}`,
		input: {command: `touch ${id}`, description: 'scripted command'},
	},
});
const answered = (id: string) => ({
	type: 'control_response',
	response: {subtype: 'success', request_id: `req_${id}`, response: {allowed: true}},
});
const result = (id: string) => ({
	type: 'user',
	message: {role: 'user', content: [{type: 'tool_result', tool_use_id: `call_${id}`, is_error: false, content: ''}]},
});

/** An attempt's folder with Qwen's files, and the channel's events. Qwen is played by what it would write. */
const openFiles = () => {
	const folder = mkdtempSync(path.join(tmpdir(), 'qwen-'));
	const [events, input] = [path.join(folder, 'qwen-events.jsonl'), path.join(folder, 'qwen-input.jsonl')];
	writeFileSync(events, '');
	writeFileSync(input, '');
	const log: string[] = [];
	const channels: Array<{close(): void}> = [];
	return {
		write: (...lines: readonly object[]) => appendFileSync(events, lines.map(line => `${JSON.stringify(line)}\n`).join('')),
		append: (text: string) => appendFileSync(events, text),
		answers: () =>
			readFileSync(input, 'utf8')
				.split('\n')
				.filter(line => line !== '')
				.map(line => JSON.parse(line)),
		open(answerMs = 20_000) {
			const heard: ChannelEvent[] = [];
			const channel = openQwenChannel(
				{folder, cwd: '/repo', emit: event => heard.push(event), log: sentence => log.push(sentence)},
				{answerMs},
			);
			channels.push(channel);
			const reports = (kind: string) =>
				heard.flatMap(event => (event.type === 'report' && event.report.kind === kind ? [event.report] : []));
			return {
				channel,
				heard,
				reports,
				requests: () => heard.flatMap(event => (event.type === 'request' ? [event.request.requestId] : [])),
				closed: () => heard.flatMap(event => (event.type === 'request-closed' ? [event.requestId] : [])),
			};
		},
		[Symbol.dispose]() {
			for (const channel of channels) {
				channel.close();
			}

			rmSync(folder, {recursive: true, force: true});
		},
	};
};

describe('Qwen’s files', () => {
	test('tell the conversation, the prompt taken, the usage and the request', async () => {
		using files = openFiles();
		const {requests, reports, heard} = files.open();
		files.write(sessionStart, prompt, assistant('a'), asks('a'));
		await expect.poll(requests, waitMs).toEqual(['req_a']);
		expect(reports('thread')).toEqual([{kind: 'thread', threadId: 'thread-1'}]);
		expect(reports('accepted')).toHaveLength(1);
		expect(reports('usage')).toEqual([{kind: 'usage', usage: {inputTokens: 100, outputTokens: 7}}]);
		expect(reports('tool')).toMatchObject([{tool: 'run_shell_command', summary: 'run_shell_command touch a'}]);
		expect(heard).toContainEqual({
			type: 'request',
			request: {
				requestId: 'req_a',
				kind: 'approval',
				text: 'scripted command',
				payload: {tool: 'run_shell_command', argv: ['bash', '-c', 'touch a'], cwd: '/repo'},
			},
		});
	});

	test.each([
		['deny', 'not on Fridays'],
		['expired', 'nobody answered in time'],
	] as const)('%s is written as a no, which Qwen takes without a word', async (choice, text) => {
		using files = openFiles();
		const {channel, requests, reports} = files.open();
		files.write(asks('a'));
		await expect.poll(requests, waitMs).toEqual(['req_a']);
		expect(await channel.answer('req_a', {choice, text})).toBe('taken');
		expect(files.answers()).toEqual([{type: 'confirmation_response', request_id: 'req_a', allowed: false}]);
		expect(reports('status').at(-1)).toMatchObject({status: {activity: 'idle'}});
		expect(await channel.answer('req_a', {choice: 'approve'})).toBe('gone');
	});

	test('an approval is taken once Qwen says so', async () => {
		using files = openFiles();
		const {channel, requests} = files.open();
		files.write(asks('a'));
		await expect.poll(requests, waitMs).toEqual(['req_a']);
		const taken = channel.answer('req_a', {choice: 'approve'});
		await expect.poll(files.answers, waitMs).toEqual([{type: 'confirmation_response', request_id: 'req_a', allowed: true}]);
		files.write(answered('a'));
		expect(await taken).toBe('taken');
		expect(await channel.answer('req_a', {choice: 'approve'})).toBe('gone');
		expect(files.answers()).toHaveLength(1);
	});

	test('an answer that Qwen never acts on counts as gone, and a withdrawn one is not written', async () => {
		using files = openFiles();
		const {channel, requests} = files.open(50);
		files.write(asks('a'));
		await expect.poll(requests, waitMs).toEqual(['req_a']);
		expect(await channel.answer('req_a', {choice: 'withdrawn', text: ''})).toBe('gone');
		expect(files.answers()).toEqual([]);
		expect(await channel.answer('req_a', {choice: 'approve'})).toBe('gone');
		expect(await channel.answer('req_b', {choice: 'approve'})).toBe('gone');
	});

	test.each([
		['its response', answered('a')],
		['the result of its call', result('a')],
		['the next prompt', prompt],
	])('a request is closed by %s', async (_name, line) => {
		using files = openFiles();
		const {closed} = files.open();
		files.write(asks('a'), line);
		await expect.poll(closed, waitMs).toEqual(['req_a']);
	});

	test('the result of another call closes nothing', async () => {
		using files = openFiles();
		const {closed, reports} = files.open();
		files.write(asks('a'), result('b'), assistant('c', 'end_turn'));
		await expect.poll(() => reports('status').length, waitMs).toBe(3);
		expect(closed()).toEqual([]);
	});

	test('a later coordinator asks again what is open, and counts nothing twice', async () => {
		using files = openFiles();
		const first = files.open();
		files.write(prompt, assistant('a'), asks('a'), answered('a'), assistant('b'), asks('b'));
		await expect.poll(first.requests, waitMs).toEqual(['req_a', 'req_b']);
		first.channel.close();
		files.write(assistant('c'));
		const second = files.open();
		await expect.poll(() => second.reports('usage').length, waitMs).toBe(1);
		expect(second.heard.at(-1)).toEqual({type: 'requests', requestIds: ['req_b']});
		expect(second.requests()).toEqual(['req_b']);
		expect(second.reports('accepted')).toEqual([]);
	});

	test('a request that came while nobody listened is asked once', async () => {
		using files = openFiles();
		const first = files.open();
		files.write(prompt);
		await expect.poll(() => first.reports('accepted').length, waitMs).toBe(1);
		first.channel.close();
		files.write(asks('a'));
		const second = files.open();
		await expect.poll(second.requests, waitMs).toEqual(['req_a']);
	});

	test('lines that come in pieces are read whole, and what is no JSON is passed over', async () => {
		using files = openFiles();
		const {requests, heard} = files.open();
		const line = JSON.stringify(asks('ä'));
		files.append(`no json\n${line.slice(0, 40)}`);
		files.append(`${line.slice(40)}\n`);
		await expect.poll(requests, waitMs).toEqual(['req_ä']);
		expect(heard.filter(({type}) => type === 'request')).toHaveLength(1);
	});
});
