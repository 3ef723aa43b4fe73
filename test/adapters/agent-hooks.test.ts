import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {AgentAnswer} from '../../source/agent-adapter.js';
import {claude} from '../../source/agents/claude.js';
import {copilot} from '../../source/agents/copilot.js';
import {pi} from '../../source/agents/pi.js';
import type {Json} from '../../state/json.js';
import {claudeEvents, copilotEvents} from '../helpers/hook-events.js';

const denied: AgentAnswer = {choice: 'deny', text: 'not on Fridays'};
const expired: AgentAnswer = {choice: 'expired', text: 'nobody answered in time'};
const withdrawn: AgentAnswer = {choice: 'withdrawn', text: 'the agent went on'};
const nobody = 'Nobody answered in time. No person denied this: ask again later, or go on without it.';

const kindsOf = (adapter: typeof claude, event: Json) => adapter.hooks!.read(event).reports.map(report => report.kind);

const activityOf = (adapter: typeof claude, event: Json) =>
	adapter.hooks!.read(event).reports.flatMap(report => (report.kind === 'status' ? [report.status.activity] : []));

describe('Claude', () => {
	const {read, reply} = claude.hooks!;
	const decided = (decision: Json) => ({hookSpecificOutput: {hookEventName: 'PermissionRequest', decision}});

	test('a permission becomes a request with the whole command, and its end closes it', () => {
		const {request, reports} = read(claudeEvents.permission);
		expect(request).toMatchObject({
			kind: 'approval',
			text: 'scripted command',
			payload: {tool: 'Bash', argv: ['bash', '-c', 'touch proof.txt'], cwd: '/repo'},
		});
		expect(reports).toMatchObject([{kind: 'status', status: {activity: 'blocked', kind: 'permission', source: 'hook'}}]);
		expect(read(claudeEvents.toolDone).closes?.requestIds).toEqual([request!.requestId]);
	});

	test('an edit is shown as what it takes out and puts in, with everything else it says', () => {
		expect(read(claudeEvents.edit).request?.payload).toEqual({
			tool: 'Edit',
			cwd: '/repo',
			diff: '-one\n-two\n+three',
			extra: {file_path: '/repo/a.ts', replace_all: true},
		});
	});

	test.each<[string, AgentAnswer, Json]>([
		['approve', {choice: 'approve'}, decided({behavior: 'allow'})],
		['deny with a reason', denied, decided({behavior: 'deny', message: 'not on Fridays'})],
		['deny without one', {choice: 'deny'}, decided({behavior: 'deny', message: 'The operator denied this.'})],
		['expired', expired, decided({behavior: 'deny', message: nobody})],
		['withdrawn', withdrawn, {}],
	])('%s is told in its own words', (_name, answer, output) => {
		expect(reply(claudeEvents.permission, answer)).toEqual(output);
	});

	test.each([
		['Blue', 'Blue'],
		['2', 'Blue'],
		['9', '9'],
	])('a question answered with %s goes back as %s', (text, chosen) => {
		expect(read(claudeEvents.question).request).toMatchObject({kind: 'question', text: 'Which colour?\n1. Red\n2. Blue'});
		const {questions} = claudeEvents.question.tool_input;
		expect(reply(claudeEvents.question, {choice: 'answer', text})).toEqual(
			decided({behavior: 'allow', updatedInput: {questions, answers: {'Which colour?': chosen}}}),
		);
	});

	test('a question is never allowed without its answer', () => {
		expect(reply(claudeEvents.question, {choice: 'approve'})).toEqual({});
	});

	test('each of several questions has its line', () => {
		const questions = [{question: 'A?'}, {question: 'B?'}];
		const event = {...claudeEvents.question, tool_input: {questions}};
		const answers = (text: string) => JSON.stringify(reply(event, {choice: 'answer', text}));
		expect(answers('one\ntwo')).toContain('"answers":{"A?":"one","B?":"two"}');
		expect(answers('both')).toContain('"answers":{"A?":"both","B?":"both"}');
	});

	test('proves that it took its prompt, and binds the conversation only then', () => {
		expect(kindsOf(claude, claudeEvents.sessionStart)).toEqual(['status']);
		expect(read(claudeEvents.prompt).reports).toMatchObject([
			{kind: 'thread', threadId: claudeEvents.prompt.session_id},
			{kind: 'accepted'},
			{kind: 'status', status: {activity: 'working'}},
		]);
	});

	test('the end of a turn tells what was used in all, and closes whatever was left open', () => {
		const {reports, closes} = read({...claudeEvents.stop, transcript_usage: {input_tokens: 200, output_tokens: 14}});
		expect(reports).toContainEqual({kind: 'usage', usage: {inputTokens: 200, outputTokens: 14}, isTotal: true});
		expect(activityOf(claude, claudeEvents.stop)).toEqual(['done']);
		expect(closes).toEqual({why: expect.stringContaining('own screen')});
	});

	test('a notification alone tells that it waits', () => {
		expect(activityOf(claude, claudeEvents.notification)).toEqual(['blocked']);
	});
});

describe('Copilot', () => {
	const {read, reply} = copilot.hooks!;

	test('only the permission hook asks', () => {
		expect(read(copilotEvents.permission).request).toMatchObject({
			kind: 'approval',
			payload: {tool: 'bash', argv: ['bash', '-c', 'touch proof.txt'], cwd: '/repo'},
		});
		const {permission: _, ...others} = copilotEvents;
		expect(Object.values(others).filter(event => read(event).request)).toEqual([]);
	});

	test.each<[string, AgentAnswer, Json]>([
		['approve', {choice: 'approve'}, {behavior: 'allow'}],
		['deny with a reason', denied, {behavior: 'deny', message: 'not on Fridays'}],
		['expired', expired, {behavior: 'deny', message: nobody}],
		['withdrawn, which hands over to its dialog', withdrawn, {}],
	])('%s is told in its own words', (_name, answer, output) => {
		expect(reply(copilotEvents.permission, answer)).toEqual(output);
	});

	test.each([
		['sessionStart', ['idle']],
		['prompt', ['working']],
		['permission', ['blocked']],
		['toolDone', ['working']],
		['notification', ['blocked']],
		['stop', ['done']],
	] as const)('%s tells what it is doing', (name, activities) => {
		expect(activityOf(copilot, copilotEvents[name])).toEqual(activities);
	});

	test('proves that it took its prompt', () => {
		expect(kindsOf(copilot, copilotEvents.prompt)).toEqual(['thread', 'accepted', 'status']);
	});
});

describe('pi', () => {
	const {read, reply} = pi.hooks!;
	const call = {event: 'tool_call', id: 'call_1', tool: 'bash', input: {command: 'npm ci'}, cwd: '/repo'};

	test('a call becomes a request under its own id, and its resolution on the screen closes it', () => {
		expect(read(call).request).toMatchObject({requestId: 'call_1', payload: {tool: 'bash', argv: ['bash', '-c', 'npm ci']}});
		expect(read({event: 'permission_resolved', id: 'call_1'}).closes).toEqual({
			requestIds: ['call_1'],
			why: expect.stringContaining('own screen'),
		});
	});

	test.each<[string, AgentAnswer, Json]>([
		['approve', {choice: 'approve'}, {allow: true}],
		['deny with a reason', denied, {allow: false, reason: 'not on Fridays'}],
		['expired', expired, {allow: false, reason: nobody}],
		['withdrawn', withdrawn, {}],
	])('%s', (_name, answer, output) => {
		expect(reply(call, answer)).toEqual(output);
	});

	test('a turn tells its tokens and its price', () => {
		const usage = {input: 100, output: 7, cacheRead: 1, cacheWrite: 2, cost: {total: 0.5}};
		expect(read({event: 'turn_end', usage}).reports).toEqual([{kind: 'usage', usage: {inputTokens: 103, outputTokens: 7, costUsd: 0.5}}]);
	});
});

describe('whatever an agent sends', () => {
	const adapters = [claude, copilot, pi];
	const odd = fc.oneof(
		fc.jsonValue(),
		fc.record({
			hook_event_name: fc.constantFrom(...Object.values(claudeEvents).map(event => event.hook_event_name)),
			tool_name: fc.jsonValue(),
			tool_input: fc.jsonValue(),
		}),
		fc.record({hookName: fc.constant('permissionRequest'), toolName: fc.jsonValue(), toolInput: fc.jsonValue()}),
		fc.record({event: fc.constantFrom('tool_call', 'turn_end', 'permission_resolved'), input: fc.jsonValue(), usage: fc.jsonValue()}),
	);

	test('nothing is thrown, and only an approval allows', () => {
		const answers: readonly AgentAnswer[] = [denied, expired, withdrawn];
		fc.assert(
			fc.property(odd, event => {
				for (const {hooks} of adapters) {
					hooks!.read(event as Json);
					const outputs = answers.map(answer => JSON.stringify(hooks!.reply(event as Json, answer)));
					expect(outputs.filter(output => /"allow":true|"behavior":"allow"/.test(output))).toEqual([]);
				}
			}),
		);
	});
});
