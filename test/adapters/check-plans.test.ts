import {chmod, mkdir, symlink, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {expect, test} from 'vitest';
import {checkPlans} from '../../source/check-plans.js';
import {lookAtPlan} from '../../source/look-at-plan.js';
import type {CommandOf} from '../../state/command.js';
import {createMemoryOrchestrator} from '../helpers/memory-orchestrator.js';
import {agentOf, launcher, operator, system} from '../helpers/state-fleet.js';
import {createStoreFolder} from '../helpers/store-folder.js';

/** A folder with a project, a folder of programs, and an agent that runs in the project. */
const world = async ({host = os.hostname()} = {}) => {
	const place = await createStoreFolder();
	const project = path.join(place.path, 'project');
	const bin = path.join(place.path, 'bin');
	await Promise.all([mkdir(project, {recursive: true}), mkdir(bin, {recursive: true})]);
	await writeFile(path.join(bin, 'npm-real'), '#!/bin/sh\n');
	await chmod(path.join(bin, 'npm-real'), 0o755);
	await symlink('npm-real', path.join(bin, 'npm'));
	const memory = await createMemoryOrchestrator();
	const orchestrator = checkPlans(memory.orchestrator, {host, env: {PATH: `${bin}:/usr/bin:/bin`}});
	await memory.orchestrator.send(
		{type: 'launcher.join', launcherId: 'lch_1', host: os.hostname(), pid: 1, embedded: true},
		{actor: launcher},
	);
	const created = await orchestrator.send({type: 'session.create', agent: 'shell', cwd: project, text: 'x'}, {actor: operator});
	const run = created.refused ? undefined : created.facts.map(({fact}) => fact).find(fact => fact.type === 'run.queued')?.run.id;
	const runId = run ?? '';
	await orchestrator.send({type: 'queue.dispatch'}, {actor: system});
	await orchestrator.send({type: 'attempt.started', runId, generation: 1, pid: 5}, {actor: launcher});
	const raise = async (argv: readonly string[], extra: Partial<CommandOf<'escalation.raise'>> = {}) => {
		const plan = {runId, kind: 'approval', text: 'May I?', payload: {argv, cwd: project}, blocking: true} as const;
		await orchestrator.send({type: 'escalation.raise', ...plan, fingerprint: argv.join(' '), ...extra}, {actor: agentOf(runId)});
		const state = orchestrator.getState();
		return state.escalations[Object.keys(state.escalations).at(-1)!]!;
	};
	return {orchestrator, project, bin, runId, raise, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]()};
};

test('what a request would run is found out by the coordinator, with links followed', async () => {
	await using opened = await world();
	const {raise, project, bin} = opened;
	const escalation = await raise(['timeout', '5', 'npm', 'ci']);
	expect(escalation.found).toMatchObject({cwd: project, executables: {npm: path.join(bin, 'npm-real')}});
	expect(escalation.found?.executables['timeout']).toMatch(/\/timeout$|\/coreutils$/);
});

test('what the asker claims to have found counts for nothing', async () => {
	await using opened = await world();
	const {raise, project} = opened;
	const claimed = {cwd: project, executables: {nosuch: '/usr/bin/npm'}, files: {'/x': 'y'}};
	const {found} = await raise(['nosuch', 'ci'], {found: claimed});
	expect(found).toEqual({cwd: project, executables: {}});
});

test('nothing is found out about a run on another machine', async () => {
	await using opened = await world({host: 'elsewhere'});
	const {raise} = opened;
	expect(await raise(['npm', 'ci'])).not.toHaveProperty('found');
});

test('scripts it names are bound: a change before the approval makes a new request, and runs nothing (rule 11)', async () => {
	await using opened = await world();
	const {raise, project, orchestrator} = opened;
	const script = path.join(project, 'build.js');
	await writeFile(script, 'harmless()');
	const before = await raise(['node', 'build.js']);
	expect(Object.keys(before.found?.files ?? {})).toEqual([script]);
	await writeFile(script, 'harmful()');
	const approve = {
		type: 'escalation.decide',
		escalationId: before.id,
		fingerprint: before.fingerprint,
		choice: 'approve',
		word: 'unknown',
	} as const;
	const refused = await orchestrator.send(approve, {actor: operator});
	expect(refused.refused?.code).toBe('CHANGED');
	const {escalations, index} = orchestrator.getState();
	const [afterId] = index.openEscalations;
	expect(escalations[before.id]).toMatchObject({state: 'superseded', supersededBy: afterId});
	expect(escalations[afterId!]?.found?.files?.[script]).not.toBe(before.found?.files?.[script]);
	const again = {...approve, escalationId: afterId!, fingerprint: escalations[afterId!]!.fingerprint};
	expect((await orchestrator.send(again, {actor: operator})).refused).toBeUndefined();
});

test('a denial needs no second look', async () => {
	await using opened = await world();
	const {raise, project, orchestrator} = opened;
	await writeFile(path.join(project, 'x.sh'), 'a');
	const {id: escalationId, fingerprint} = await raise(['sh', 'x.sh']);
	await writeFile(path.join(project, 'x.sh'), 'b');
	const denied = await orchestrator.send({type: 'escalation.decide', escalationId, fingerprint, choice: 'deny'}, {actor: operator});
	expect(denied.refused).toBeUndefined();
});

test('a link out of the project is told as what it is', async () => {
	await using opened = await world();
	const {project, bin} = opened;
	await symlink('/etc', path.join(project, 'docs'));
	const found = await lookAtPlan({argv: ['npm'], cwd: path.join(project, 'docs')}, {folder: project, searchPath: bin});
	expect(found?.cwd).toBe('/etc');
});

test.each([
	['no command', {}],
	['a folder that is not there', {argv: ['npm'], cwd: '/no/such/folder'}],
	['an odd argument', {argv: ['a\0b', '\0']}],
])('%s is looked at without an error', async (_, payload) => {
	const found = await lookAtPlan(payload, {folder: os.tmpdir(), searchPath: '/usr/bin'});
	expect(Object.keys(found?.executables ?? {})).toEqual([]);
});

test('a changed plan is not approved either where it cannot be asked anew, since its run is being stopped', async () => {
	await using opened = await world();
	const {raise, project, orchestrator, runId} = opened;
	const script = path.join(project, 'build.js');
	await writeFile(script, 'harmless()');
	const {id, fingerprint} = await raise(['node', 'build.js']);
	await orchestrator.send({type: 'run.cancel', runId}, {actor: operator});
	await writeFile(script, 'harmful()');
	const approval = {type: 'escalation.decide', escalationId: id, fingerprint, choice: 'approve'} as const;
	expect((await orchestrator.send(approval, {actor: operator})).refused?.code).toBe('CHANGED');
	expect(orchestrator.getState().escalations[id]!.state).toBe('open');
});
