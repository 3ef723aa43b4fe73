import {describe, expect, test} from 'vitest';
import type {AgentAdapter} from '../../source/agent-adapter.js';
import {raiseOf} from '../../source/agent-request.js';
import {watchSilentRefusals} from '../../source/silent-refusals.js';
import {createMemoryOrchestrator} from '../helpers/memory-orchestrator.js';
import {createScriptedLauncher} from '../helpers/scripted-launcher.js';
import {launcher as launcherActor, system} from '../helpers/state-fleet.js';

const waitMs = {timeout: 20_000};

const status = (activity: 'idle' | 'blocked' | 'working') =>
	({activity, source: 'title', confidence: 0.7, atMs: 1, evidence: 'x'}) as const;

const prompt = {fingerprint: 'f', text: 'Allow execution?', rule: 'confirmation'};

/** An agent that waits at a channel for leave, and its screen in the test's hand. */
const openFleet = async ({refusesSilently, goneMs}: {refusesSilently: boolean; goneMs: number}) => {
	const {orchestrator} = await createMemoryOrchestrator();
	const scripted = createScriptedLauncher();
	const plan: AgentAdapter['plan'] = () => ({file: 'true', args: [], env: {}});
	const adapters = new Map([['command', {name: 'command', passedEnv: [], plan, refusesSilently}]]);
	await orchestrator.send({type: 'session.create', agent: 'shell', cwd: '/repo', text: 'work'}, {actor: system});
	await orchestrator.send({type: 'queue.dispatch'}, {actor: system});
	const runId = Object.keys(orchestrator.getState().runs)[0]!;
	await orchestrator.send({type: 'attempt.started', runId, generation: 1, pid: 1}, {actor: launcherActor});
	const request = {requestId: 'r1', kind: 'approval', text: 'touch proof.txt'} as const;
	await orchestrator.send(raiseOf({runId, generation: 1}, request), {actor: {role: 'agent', runId}});
	const end = watchSilentRefusals({orchestrator, launcher: scripted.launcher, adapters, log: () => undefined, goneMs});
	return {
		shows: (activity: Parameters<typeof scripted.isActive>[1]) => scripted.isActive(`${runId}.1`, activity),
		asked: () => Object.values(orchestrator.getState().escalations).map(({state}) => state),
		run: () => orchestrator.getState().runs[runId]!,
		[Symbol.dispose]: end,
	};
};

describe('a question whose channel does not tell that it was refused', () => {
	test('is withdrawn when its screen is idle and asks nothing; its agent is blocked no more', async () => {
		using fleet = await openFleet({refusesSilently: true, goneMs: 20});
		fleet.shows({prompt, status: status('blocked')});
		fleet.shows({status: status('idle')});
		await expect.poll(fleet.asked, waitMs).toEqual(['withdrawn']);
		await expect.poll(() => fleet.run().status?.activity, waitMs).toBe('idle');
		expect(fleet.run().state).toBe('running');
	});

	test.each([
		['stands on its screen', {prompt, status: status('idle')}],
		['belongs to an agent at work', {status: status('working')}],
		['belongs to an agent of which nothing is seen', {}],
	])('stays when it %s', async (_, activity) => {
		using fleet = await openFleet({refusesSilently: true, goneMs: 0});
		fleet.shows(activity);
		await new Promise(resolve => {
			setTimeout(resolve, 5);
		});
		expect(fleet.asked()).toEqual(['open']);
	});

	test('stays when it was gone for a moment only', async () => {
		using fleet = await openFleet({refusesSilently: true, goneMs: 60_000});
		fleet.shows({status: status('idle')});
		fleet.shows({prompt, status: status('blocked')});
		expect(fleet.asked()).toEqual(['open']);
	});

	test('is left to its channel where that tells', async () => {
		using fleet = await openFleet({refusesSilently: false, goneMs: 0});
		fleet.shows({status: status('idle')});
		await new Promise(resolve => {
			setTimeout(resolve, 5);
		});
		expect(fleet.asked()).toEqual(['open']);
	});
});
