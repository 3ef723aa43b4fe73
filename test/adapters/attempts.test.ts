import {existsSync, mkdtempSync, readFileSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import type {AgentAdapter, LaunchContext} from '../../source/agent-adapter.js';
import {performAttempts} from '../../source/attempts.js';
import type {LauncherPort, SpawnRequest} from '../../source/launcher-port.js';
import {pathsOf} from '../../source/paths.js';
import {openTokens} from '../../source/run-token.js';
import type {Command} from '../../state/command.js';
import {createMemoryOrchestrator} from '../helpers/memory-orchestrator.js';
import {createScriptedLauncher} from '../helpers/scripted-launcher.js';
import {launcher as launcherActor, operator, system} from '../helpers/state-fleet.js';

const waitMs = {timeout: 20_000};

const openAttempts = async (adapter: Partial<AgentAdapter> = {}) => {
	const folder = mkdtempSync(path.join(tmpdir(), 'attempts-'));
	const paths = pathsOf(folder);
	const {orchestrator} = await createMemoryOrchestrator();
	const scripted = createScriptedLauncher();
	const spawned: SpawnRequest[] = [];
	const lines: string[] = [];
	const planned: LaunchContext[] = [];
	const interrupted: string[] = [];
	const log: string[] = [];
	const launcher: LauncherPort = {
		...scripted.launcher,
		spawn: async request => {
			spawned.push(request);
		},
		typeLine: async (ptyId, text) => {
			lines.push(`${text} on ${ptyId}`);
		},
		list: async () => spawned.map(one => ({...one, ptyId: `${one.runId}.${one.generation}`, pid: 1, startedAtMs: 0})),
	};
	const plan: AgentAdapter['plan'] = context => {
		planned.push(context);
		return {
			file: 'true',
			args: ['x'],
			env: {},
			files: {'hooks.json': '{}', 'plugin/hooks.json': '[]'},
			threadId: 'thread-1',
		};
	};
	let protocolInterrupts = false;
	const end = performAttempts({
		orchestrator,
		launcher,
		adapters: new Map([['command', {name: 'command', passedEnv: [], plan, ...adapter}]]),
		paths,
		tokens: openTokens(paths.operatorTokenFile),
		env: {PATH: '/usr/bin:/bin'},
		ptySize: () => ({columns: 80, rows: 24}),
		interruptChannel: async runId => {
			interrupted.push(runId);
			return protocolInterrupts;
		},
		log: sentence => log.push(sentence),
	});
	const send = (command: Command, actor = system) => orchestrator.send(command, {actor});
	const fleet = {
		paths,
		orchestrator,
		spawned,
		planned,
		lines,
		log,
		interrupted,
		typed: scripted.typed,
		isActive: scripted.isActive,
		send,
		interruptsByProtocol() {
			protocolInterrupts = true;
		},
		/** Starts a run up to the report of its process. */
		async start(text = 'work') {
			const state = orchestrator.getState();
			const sessionId = Object.keys(state.sessions)[0];
			await (sessionId === undefined
				? send({type: 'session.create', agent: 'shell', cwd: folder, text})
				: send({type: 'message.send', sessionId, text}));
			await send({type: 'queue.dispatch'});
			const runId = Object.keys(orchestrator.getState().runs).at(-1)!;
			await expect.poll(() => spawned.at(-1)?.runId ?? orchestrator.getState().runs[runId]!.state, waitMs).toBe(runId);
			await send({type: 'attempt.started', runId, generation: 1, pid: 1}, launcherActor);
			return {runId, attemptFolder: paths.attemptFolder(`${runId}.1`)};
		},
		session: () => Object.values(orchestrator.getState().sessions)[0]!,
		accept: (runId: string) => send({type: 'agent.report', runId, generation: 1, report: {kind: 'accepted'}}),
		[Symbol.dispose]() {
			end();
			rmSync(folder, {recursive: true, force: true});
		},
	};
	return fleet;
};

const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8);

describe('an attempt’s folder', () => {
	test('holds the token, what it belongs to and what the plan wants, for nobody else to read, until it is over', async () => {
		using fleet = await openAttempts();
		const {runId, attemptFolder} = await fleet.start();
		const files = ['token', 'attempt.json', 'hooks.json', 'plugin/hooks.json'].map(name => path.join(attemptFolder, name));
		expect(files.map(modeOf)).toEqual(['600', '600', '600', '600']);
		expect([attemptFolder, path.join(attemptFolder, 'plugin')].map(modeOf)).toEqual(['700', '700']);
		expect(JSON.parse(readFileSync(files[1]!, 'utf8'))).toEqual({
			runId,
			generation: 1,
			sessionId: fleet.session().id,
			socket: fleet.paths.gatewaySocket,
			adapter: 'command',
			threadId: 'thread-1',
		});
		expect(fleet.spawned[0]).toMatchObject({adapter: 'command', args: ['x'], env: {AGENT_TUI_TOKEN_FILE: files[0]}});
		await fleet.send({type: 'attempt.exited', runId, generation: 1, exitCode: 0, signal: null}, launcherActor);
		await expect.poll(() => existsSync(attemptFolder), waitMs).toBe(false);
	});

	test('a plan that would write elsewhere starts nothing', async () => {
		using fleet = await openAttempts({plan: () => ({file: 'true', args: [], env: {}, files: {'../evil': 'x'}})});
		await fleet.send({type: 'session.create', agent: 'shell', cwd: '/', text: 'x'});
		await fleet.send({type: 'queue.dispatch'});
		const run = () => Object.values(fleet.orchestrator.getState().runs)[0]!;
		await expect.poll(() => run().attempts.at(-1)?.sentence, waitMs).toContain('outside its folder');
		expect([fleet.spawned, existsSync(path.join(fleet.paths.folder, 'runs', 'evil'))]).toEqual([[], false]);
	});
});

describe('a conversation', () => {
	test('is bound when the agent took its prompt, not before, and then resumed', async () => {
		using fleet = await openAttempts();
		const {runId} = await fleet.start();
		expect([fleet.planned[0]!.threadId, fleet.session().threadId]).toEqual([undefined, undefined]);
		await fleet.accept(runId);
		await expect.poll(() => fleet.session().threadId, waitMs).toBe('thread-1');
		await fleet.send({type: 'attempt.exited', runId, generation: 1, exitCode: 0, signal: null}, launcherActor);
		await fleet.start('more');
		expect(fleet.planned.at(-1)!.threadId).toBe('thread-1');
	});
});

describe('a message', () => {
	const message = {type: 'message.send', text: 'stop that', mode: 'interrupt'} as const;

	test('that interrupts presses the agent’s key before its line', async () => {
		using fleet = await openAttempts({interruptKeys: '\u0003'});
		const {runId} = await fleet.start();
		await fleet.send({...message, sessionId: fleet.session().id}, operator);
		await expect.poll(() => fleet.lines, waitMs).toEqual([`stop that on ${runId}.1`]);
		expect([fleet.interrupted, fleet.typed()]).toEqual([[runId], '\u0003']);
	});

	test('uses the agent’s own protocol where it can', async () => {
		using fleet = await openAttempts();
		fleet.interruptsByProtocol();
		const {runId} = await fleet.start();
		await fleet.send({...message, sessionId: fleet.session().id}, operator);
		await expect.poll(() => fleet.lines, waitMs).toEqual([`stop that on ${runId}.1`]);
		expect(fleet.typed()).toBe('');
	});

	test('that steers is typed as it is', async () => {
		using fleet = await openAttempts();
		const {runId} = await fleet.start();
		await fleet.send({...message, mode: 'steer', sessionId: fleet.session().id}, operator);
		await expect.poll(() => fleet.lines, waitMs).toEqual([`stop that on ${runId}.1`]);
		expect([fleet.interrupted, fleet.typed()]).toEqual([[], '']);
	});

	test('a first line is typed once the agent is idle', async () => {
		using fleet = await openAttempts({plan: () => ({file: 'true', args: [], env: {}, typed: 'hello'})});
		const {runId} = await fleet.start();
		const status = {activity: 'idle', source: 'screen', confidence: 0.9, evidence: '', atMs: 0} as const;
		await expect
			.poll(() => {
				fleet.isActive(`${runId}.1`, {status});
				return fleet.lines;
			}, waitMs)
			.toEqual([`hello on ${runId}.1`]);
	});
});
