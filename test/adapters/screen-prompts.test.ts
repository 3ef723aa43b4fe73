import {describe, expect, test} from 'vitest';
import type {AgentAdapter} from '../../source/agent-adapter.js';
import {sha256} from '../../source/digest.js';
import type {LauncherPort} from '../../source/launcher-port.js';
import {watchScreenPrompts} from '../../source/screen-prompts.js';
import {createMemoryOrchestrator} from '../helpers/memory-orchestrator.js';
import {createScriptedLauncher} from '../helpers/scripted-launcher.js';
import {launcher as launcherActor, operator, system} from '../helpers/state-fleet.js';

const waitMs = {timeout: 20_000};

const promptOf = (text: string) => ({fingerprint: sha256(text), text, rule: 'gemini-confirm'});
const first = promptOf('Allow execution of [touch]?');

const openFleet = async ({adapter = {}, port = {}}: {adapter?: Partial<AgentAdapter>; port?: Partial<LauncherPort>} = {}) => {
	const {orchestrator} = await createMemoryOrchestrator();
	const scripted = createScriptedLauncher();
	const launcher = {...scripted.launcher, ...port};
	const log: string[] = [];
	const plan: AgentAdapter['plan'] = () => ({file: 'true', args: [], env: {}});
	const adapters = new Map([['command', {name: 'command', passedEnv: [], plan, ...adapter}]]);
	await orchestrator.send({type: 'session.create', agent: 'shell', cwd: '/repo', text: 'work'}, {actor: system});
	await orchestrator.send({type: 'queue.dispatch'}, {actor: system});
	const runId = Object.keys(orchestrator.getState().runs)[0]!;
	await orchestrator.send({type: 'attempt.started', runId, generation: 1, pid: 1}, {actor: launcherActor});
	const watch = () => watchScreenPrompts({orchestrator, launcher, adapters, log: sentence => log.push(sentence)});
	let end = watch();
	const all = () => Object.values(orchestrator.getState().escalations);
	const asked = (state?: string) => all().filter(one => one.kind === 'approval' && (state === undefined || one.state === state));
	return {
		...scripted,
		orchestrator,
		runId,
		ptyId: `${runId}.1`,
		log,
		asked,
		notices: () => all().filter(({kind}) => kind === 'notice'),
		restart() {
			end();
			end = watch();
		},
		async decide(choice: 'approve' | 'deny') {
			const {id: escalationId, fingerprint} = asked('open')[0]!;
			const sent = await orchestrator.send(
				{type: 'escalation.decide', escalationId, fingerprint, choice, word: 'unknown'},
				{actor: operator},
			);
			expect(sent.refused).toBeUndefined();
		},
		[Symbol.dispose]: () => end(),
	};
};

describe('a prompt on a screen', () => {
	test('becomes a request that holds the run, with the fingerprint of the screen', async () => {
		using fleet = await openFleet();
		fleet.isActive(fleet.ptyId, {prompt: first});
		fleet.isActive(fleet.ptyId, {prompt: first});
		await expect
			.poll(() => fleet.asked(), waitMs)
			.toMatchObject([
				{
					text: first.text,
					blocking: true,
					state: 'open',
					payload: {extra: {screen: {fingerprint: first.fingerprint, rule: first.rule}}},
				},
			]);
		expect(fleet.orchestrator.getState().runs[fleet.runId]!.state).toBe('waiting');
	});

	test.each(['approve', 'deny'] as const)('%s presses the keys of that very prompt, and is delivered once it left', async choice => {
		using fleet = await openFleet();
		fleet.isActive(fleet.ptyId, {prompt: first});
		await expect.poll(() => fleet.asked('open').length, waitMs).toBe(1);
		await fleet.decide(choice);
		await expect.poll(() => fleet.asked()[0]!.deliveredAtMs, waitMs).toBeTypeOf('number');
		expect(fleet.pressed()).toEqual([`${choice} ${first.fingerprint} on ${fleet.ptyId}`]);
		expect(fleet.notices()).toEqual([]);
	});

	test('one that leaves by itself withdraws its request', async () => {
		using fleet = await openFleet();
		fleet.isActive(fleet.ptyId, {prompt: first});
		await expect.poll(() => fleet.asked('open').length, waitMs).toBe(1);
		fleet.isActive(fleet.ptyId);
		await expect.poll(() => fleet.asked('withdrawn').length, waitMs).toBe(1);
		expect(fleet.pressed()).toEqual([]);
	});

	test('another in its place is another request', async () => {
		using fleet = await openFleet();
		fleet.isActive(fleet.ptyId, {prompt: first});
		fleet.isActive(fleet.ptyId, {prompt: promptOf('Allow execution of [rm]?')});
		await expect
			.poll(() => fleet.asked().map(({text, state}) => `${text} ${state}`), waitMs)
			.toEqual([`${first.text} withdrawn`, 'Allow execution of [rm]? open']);
	});

	test.each([
		['not pressed', {pressed: false, why: 'another prompt is there'}, 'was not typed: another prompt is there'],
		['pressed but still there', {pressed: true, left: false, why: 'it is still there'}, 'was not seen to leave: it is still there'],
	])('keys that were %s are told, count as no answer, and the prompt is asked again', async (_name, press, told) => {
		using fleet = await openFleet();
		fleet.answerKeys(press);
		fleet.isActive(fleet.ptyId, {prompt: first});
		await expect.poll(() => fleet.asked('open').length, waitMs).toBe(1);
		await fleet.decide('approve');
		await expect.poll(() => fleet.notices().map(({text}) => text), waitMs).toEqual([expect.stringContaining(told)]);
		expect(fleet.asked()[0]!.deliveredAtMs).toBeUndefined();
		fleet.isActive(fleet.ptyId, {prompt: first});
		await expect.poll(() => fleet.asked('open').length, waitMs).toBe(1);
	});

	test('a launcher that rejects is told the same way', async () => {
		using fleet = await openFleet({port: {pressKeys: () => Promise.reject(new Error('no such pty'))}});
		fleet.isActive(fleet.ptyId, {prompt: first});
		await expect.poll(() => fleet.asked('open').length, waitMs).toBe(1);
		await fleet.decide('deny');
		await expect.poll(() => fleet.notices().map(({text}) => text), waitMs).toEqual([expect.stringContaining('no such pty')]);
	});

	test('after a restart the same prompt is not asked twice, and is still answered', async () => {
		using fleet = await openFleet();
		fleet.isActive(fleet.ptyId, {prompt: first});
		await expect.poll(() => fleet.asked('open').length, waitMs).toBe(1);
		fleet.restart();
		fleet.isActive(fleet.ptyId, {prompt: first});
		await fleet.decide('approve');
		await expect.poll(() => fleet.pressed().length, waitMs).toBe(1);
		expect(fleet.asked()).toHaveLength(1);
	});

	test('what stands before an agent’s hooks are there is asked by its screen', async () => {
		using fleet = await openFleet({adapter: {hooks: {read: () => ({reports: []}), reply: () => ({})}}});
		fleet.isActive(fleet.ptyId, {prompt: {...first, rule: 'folder trust'}});
		await expect.poll(() => fleet.asked('open').length, waitMs).toBe(1);
	});

	test('agents that have a channel or hooks for it are not asked by their screen', async () => {
		using fleet = await openFleet({adapter: {hooks: {read: () => ({reports: []}), reply: () => ({})}}});
		fleet.isActive(fleet.ptyId, {prompt: first});
		fleet.isActive('run_unknown.1', {prompt: first});
		await fleet.orchestrator.send({type: 'clock.tick'}, {actor: system});
		expect([fleet.asked(), fleet.log]).toEqual([[], []]);
	});
});
