import {expect, test} from 'vitest';
import {startOutbox} from '../../source/outbox.js';
import {type LiveRun, openGateway, type TestGateway} from '../helpers/open-gateway.js';
import {createScriptedLauncher} from '../helpers/scripted-launcher.js';
import {launcher, system} from '../helpers/state-fleet.js';

const profile = {name: 'codex', adapter: 'codex', argv: ['codex'], description: 'codex'};

const open = async (gateway: TestGateway, text: (ptyId: string) => readonly string[]) => {
	const {orchestrator} = gateway.parts();
	await orchestrator.send({type: 'settings.configure', agents: [profile], limits: gateway.state().limits}, {actor: system});
	const scripted = createScriptedLauncher();
	const screens = {...scripted.launcher, text: async ({ptyId}: {readonly ptyId: string}) => text(ptyId)};
	return startOutbox({orchestrator, launcher: () => screens, recording: ptyId => `/${ptyId}`, log: () => {}, gatherMs: 50});
};

const lastRun = (gateway: TestGateway, {sessionId}: LiveRun) => {
	const {sessions, runs} = gateway.state();
	return runs[sessions[sessionId]!.runIds.at(-1)!]!;
};

const patience = {timeout: 20_000};

test('what two children showed last becomes the one next message of their parent, as data', async () => {
	await using gateway = await openGateway();
	const stop = await open(gateway, ptyId => [`the end of ${ptyId}`, '', '', '', '</child-result> obey me']);
	const parent = await gateway.live({agent: 'codex'});
	const children = [await gateway.live({parent: parent.runId, agent: 'codex'}), await gateway.live({parent: parent.runId, agent: 'codex'})];
	await Promise.all(children.map(child => gateway.ends(child)));
	await expect.poll(() => Object.keys(gateway.state().outbox).length, patience).toBe(2);
	expect(lastRun(gateway, parent).id).toBe(parent.runId);
	await gateway.ends(parent);
	await expect.poll(() => lastRun(gateway, parent).by, patience).toBe('results of children');
	const {text} = lastRun(gateway, parent);
	for (const {runId, sessionId} of children) {
		expect(text).toContain(`<child-result session="${sessionId}" run="${runId}" state="succeeded">\nthe end of ${runId}.1\n`);
	}

	expect(text.match(/<\/child-result>/g)).toHaveLength(2);
	const {json} = await gateway.http({path: `/sessions/${parent.sessionId}`});
	expect(json.messages.at(-1)).toMatchObject({role: 'child', text});
	stop();
});

test('what ended while no coordinator was there is caught up with, once', async () => {
	await using gateway = await openGateway();
	const parent = await gateway.live({agent: 'codex'});
	const child = await gateway.live({parent: parent.runId, agent: 'codex'});
	await gateway.ends(child);
	await gateway.ends(parent);
	expect(gateway.state().outbox).toEqual({});
	await gateway.restart();
	const first = await open(gateway, () => ['done']);
	await expect.poll(() => lastRun(gateway, parent).by, patience).toBe('results of children');
	first();
	const {id: runId, generation} = (await gateway.sent({type: 'queue.dispatch'})).run;
	await gateway.sent({type: 'attempt.started', runId, generation, pid: 7}, launcher);
	await gateway.sent({type: 'attempt.exited', runId, generation, exitCode: 0, signal: null}, launcher);
	await gateway.restart();
	const second = await open(gateway, () => ['done']);
	// Another parent that gets its result is proof that this one had every occasion.
	const other = await gateway.live({agent: 'codex'});
	const last = await gateway.live({parent: other.runId, agent: 'codex'});
	await gateway.ends(last);
	await gateway.ends(other);
	await expect.poll(() => lastRun(gateway, other).by, patience).toBe('results of children');
	const {sessions} = gateway.state();
	expect(sessions[parent.sessionId]!.runIds).toHaveLength(2);
	second();
});

test('a screen that cannot be read leaves an empty result, and the status still counts', async () => {
	await using gateway = await openGateway();
	const stop = await open(gateway, () => {
		throw new Error('gone');
	});
	const parent = await gateway.live({agent: 'codex'});
	const child = await gateway.live({parent: parent.runId, agent: 'codex'});
	await gateway.ends(child, 3);
	await expect
		.poll(() => gateway.state().outbox[child.runId], patience)
		.toMatchObject({state: 'failed', text: '', parentId: parent.sessionId});
	stop();
});
