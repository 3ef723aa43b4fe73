import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import {expect, test, vi} from 'vitest';
import {outcomeOf} from '../../source/acp/permission.js';
import type {LaunchContext} from '../../source/agent-adapter.js';
import {acp} from '../../source/agents/acp.js';
import {openclaw} from '../../source/agents/openclaw.js';
import type {Escalation} from '../../state/escalation/escalation.js';
import {openGateway} from '../helpers/open-gateway.js';
import {openProgram} from '../helpers/open-program.js';
import {operator} from '../helpers/state-fleet.js';

const until = {timeout: 20_000, interval: 50};
const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const fake = fileURLToPath(new URL('../fixtures/acp-agent.mjs', import.meta.url));

const context: LaunchContext = {
	profile: {name: 'gemini', adapter: 'acp', argv: ['gemini', '--acp'], args: ['-x'], description: ''},
	text: '--do it',
	env: {},
	cwd: '/w',
	folder: '/a',
	hookCommand: [],
	newUuid: () => 'uuid',
};

test('the plan keeps the prompt off the command line', () => {
	expect(acp.plan({...context, threadId: 'ses_1'})).toEqual({
		file: 'agent-tui',
		args: ['acp', '--resume', 'ses_1', '--prompt-file', '/a/prompt', '--', 'gemini', '--acp', '-x'],
		env: {},
		files: {prompt: '--do it'},
	});
});

test('OpenClaw speaks ACP, unless its profile names the plain command line', () => {
	const profile = {name: 'openclaw', adapter: 'openclaw', description: ''};
	expect(openclaw.plan({...context, text: '', profile}).args).toEqual(['acp', '--', 'openclaw', 'acp']);
	expect(openclaw.plan({...context, profile: {...profile, argv: ['openclaw', 'agent', '--local']}})).toEqual({
		file: 'openclaw',
		args: ['agent', '--local', '--message', '--do it'],
		env: {},
	});
});

test('an answer is chosen by its kind and never allows more than once', () => {
	const always = {optionId: 'a', kind: 'allow_always'};
	expect(outcomeOf({options: [always]}, {choice: 'approve'})).toEqual({outcome: {outcome: 'cancelled'}});
	expect(outcomeOf({options: [always, {optionId: 'no', kind: 'reject_once'}]}, {choice: 'nobody'}).outcome).toMatchObject({optionId: 'no'});
});

/** The program in a terminal of its own, with the fake agent, for a live run of a real gateway. */
const open = async (prompt: string, ...args: readonly string[]) => {
	const gateway = await openGateway();
	const {runId, generation, token, sessionId} = await gateway.live();
	const folder = mkdtempSync(path.join(tmpdir(), 'acp-'));
	const promptFile = path.join(folder, 'prompt');
	const tokenFile = path.join(folder, 'token');
	writeFileSync(promptFile, prompt);
	writeFileSync(tokenFile, token, {mode: 0o600});
	const program = openProgram({
		file: process.execPath,
		args: [cli, 'acp', '--prompt-file', promptFile, ...args, '--', process.execPath, fake],
		cwd: gateway.folder,
		env: {
			AGENT_TUI_SOCKET: gateway.place().socketPath,
			AGENT_TUI_RUN_ID: runId,
			AGENT_TUI_GENERATION: String(generation),
			AGENT_TUI_TOKEN_FILE: tokenFile,
		},
	});
	const shown = (): string => program.output().toString();
	return {
		gateway,
		program,
		run: () => gateway.state().runs[runId]!,
		session: () => gateway.state().sessions[sessionId]!,
		shows: (text: string) => vi.waitFor(() => expect(shown()).toContain(text), until),
		raised: async (): Promise<Escalation> => {
			await vi.waitFor(() => expect(gateway.state().index.openEscalations.size).toBe(1), until);
			return gateway.state().escalations[[...gateway.state().index.openEscalations][0]!]!;
		},
		decide: ({id, fingerprint}: Escalation, choice: 'approve' | 'deny', text?: string) =>
			gateway.sent({type: 'escalation.decide', escalationId: id, fingerprint, choice, ...(text !== undefined && {text})}, operator),
		async [Symbol.asyncDispose]() {
			await program.close();
			await gateway[Symbol.asyncDispose]();
			rmSync(folder, {recursive: true, force: true});
		},
	};
};

test('a request is held until the operator allows it; what the agent does is reported', async () => {
	await using agent = await open('RUN: touch proof.txt');
	const escalation = await agent.raised();
	expect(escalation).toMatchObject({
		kind: 'approval',
		blocking: true,
		text: 'touch proof.txt',
		payload: {tool: 'execute', argv: ['sh', '-c', 'touch proof.txt'], extra: {request_id: 'call_1'}},
	});
	await agent.shows('waiting for the operator');
	await vi.waitFor(() => expect(agent.run().status).toMatchObject({activity: 'blocked', source: 'protocol'}), until);
	await agent.decide(escalation, 'approve');
	await agent.shows('outcome=x2');
	await vi.waitFor(() => expect(agent.run().status?.activity).toBe('idle'), until);
	expect(agent.session().threadId).toBe('ses_acp');
	expect(agent.run().attempts.at(-1)?.acceptedAtMs).toBeDefined();
	expect(agent.run().usage).toMatchObject({inputTokens: 100, outputTokens: 7});
});

test('a coordinator that is restarted meanwhile is asked the same again, not twice', async () => {
	await using agent = await open('RUN: touch proof.txt');
	await agent.raised();
	await agent.gateway.restart();
	const escalation = await agent.raised();
	await vi.waitFor(() => expect(agent.gateway.state().escalations[escalation.id]?.askerGone ?? false).toBe(false), until);
	await agent.decide(escalation, 'approve');
	await agent.shows('outcome=x2');
	expect(Object.keys(agent.gateway.state().escalations)).toHaveLength(1);
});

test('a denial rejects this once and its reason is the next prompt; typed lines are prompts', async () => {
	await using agent = await open('RUN: touch proof.txt');
	await agent.decide(await agent.raised(), 'deny', 'not here');
	await agent.shows('outcome=x3');
	await agent.shows('said=About “touch proof.txt”: the operator denied it: not here');
	agent.program.press('next one\r');
	await agent.shows('said=next one');
	// What an agent says cannot draw: its escape sequences are spelt out.
	expect(agent.program.output().toString()).not.toContain('\u001b[31m');
});

test('Ctrl-C cancels the turn, and without one it is the end', async () => {
	await using agent = await open('LONG');
	await agent.shows('working');
	agent.program.press('\u0003');
	await agent.shows('ended: cancelled');
	agent.program.press('\u0003');
	expect(await agent.program.exited).toMatchObject({exitCode: 0});
});

test('a session is loaded again with its history', async () => {
	await using agent = await open('hello', '--resume', 'ses_old');
	await agent.shows('old prompt of ses_old');
	await agent.shows('said=hello');
	await vi.waitFor(() => expect(agent.session().threadId).toBe('ses_old'), until);
});
