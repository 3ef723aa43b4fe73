import {nanoid} from 'nanoid';
import {describe, expect, test} from 'vitest';
import {createClock} from '../../source/clock.js';
import {startDispatch} from '../../source/dispatch.js';
import {createOrchestrator} from '../../source/orchestrator.js';
import {openStore} from '../../source/store/open-store.js';
import type {Recorded} from '../../source/store-port.js';
import {apply} from '../../state/apply.js';
import type {Command} from '../../state/command.js';
import {defaultLimits} from '../../state/safety/limits.js';
import {createState, savedState} from '../../state/state.js';
import {createMemoryOrchestrator} from '../helpers/memory-orchestrator.js';
import {createStoreFolder} from '../helpers/store-folder.js';

const system = {actor: {role: 'system'}} as const;
const operator = {actor: {role: 'operator', name: 'ada'}} as const;
const shell = {name: 'shell', adapter: 'shell', description: 'shell'};
const configure: Command = {type: 'settings.configure', agents: [shell], limits: defaultLimits};
const create: Command = {type: 'session.create', agent: 'shell', cwd: '/tmp', text: 'true'};

const open = async (folder: string) => {
	const {store, state} = await openStore({folder, role: 'console'});
	const orchestrator = createOrchestrator({store, state, clock: createClock(), newId: prefix => `${prefix}_${nanoid()}`});
	await orchestrator.send(configure, system);
	return {
		store,
		orchestrator,
		[Symbol.asyncDispose]: () => store.close(),
	};
};

test('nobody sees or hears a fact before it is on the disk', async () => {
	await using folder = await createStoreFolder();
	await using opened = await open(folder.path);
	const {orchestrator, store} = opened;
	const before = store.seq;
	const heard: Recorded[] = [];
	orchestrator.subscribe(facts => {
		expect(facts.every(({seq}) => seq <= store.seq)).toBe(true);
		heard.push(...facts);
	});

	const sent = orchestrator.send(create, operator);
	expect(Object.keys(orchestrator.getState().sessions)).toEqual([]);
	expect(heard).toEqual([]);
	await sent;
	expect(store.seq).toBe(before + 1);
	expect(heard.map(({fact}) => fact.type)).toEqual(['session.created', 'run.queued']);
	expect(Object.keys(orchestrator.getState().sessions)).toHaveLength(1);
});

test('a later command is decided by what is on its way to the disk: fifty at once cannot pass a limit of ten', async () => {
	await using folder = await createStoreFolder();
	await using opened = await open(folder.path);
	const {orchestrator} = opened;
	await orchestrator.send({...configure, limits: {...defaultLimits, queueLength: 10}}, system);
	const sent = await Promise.all(Array.from({length: 50}, () => orchestrator.send(create, operator)));
	expect(sent.filter(({refused}) => refused === undefined)).toHaveLength(10);
	expect(sent.filter(({refused}) => refused?.code === 'LIMIT_REACHED')).toHaveLength(40);
});

test('two dispatchers never start the same run, nor more than there are slots', async () => {
	await using folder = await createStoreFolder();
	await using opened = await open(folder.path);
	const {orchestrator} = opened;
	const launcher = {actor: {role: 'launcher', launcherId: 'lch_1'}} as const;
	await orchestrator.send({type: 'launcher.join', launcherId: 'lch_1', host: 'here', pid: 1, embedded: true}, launcher);
	await Promise.all(Array.from({length: 50}, () => orchestrator.send(create, operator)));
	const started: string[] = [];
	orchestrator.subscribe(facts => {
		started.push(...facts.flatMap(({fact}) => (fact.type === 'run.starting' ? [fact.runId] : [])));
	});
	const ends = [startDispatch({orchestrator, log: () => undefined}), startDispatch({orchestrator, log: () => undefined})];
	await expect.poll(() => started.length).toBe(10);
	await orchestrator.send({type: 'queue.dispatch'}, system);
	expect(new Set(started).size).toBe(10);
	expect(orchestrator.getState().index.slots).toBe(10);
	for (const end of ends) {
		end();
	}
});

test('every listener hears every fact in one order, also when a listener asks for more', async () => {
	await using folder = await createStoreFolder();
	await using opened = await open(folder.path);
	const {orchestrator} = opened;
	const heard: [string[], string[]] = [[], []];
	orchestrator.subscribe(facts => {
		heard[0].push(...facts.map(({fact}) => fact.type));
		if (facts.some(({fact}) => fact.type === 'queue.paused')) {
			void orchestrator.send({type: 'queue.resume'}, operator);
		}
	});
	orchestrator.subscribe(facts => {
		heard[1].push(...facts.map(({fact}) => fact.type));
	});
	await orchestrator.send({type: 'queue.pause'}, operator);
	await expect.poll(() => heard[1]).toContain('queue.resumed');
	expect(heard[0]).toEqual(heard[1]);
});

describe('idempotency (M7)', () => {
	test('the same request again gets the first answer, also at the same time and after a restart', async () => {
		await using folder = await createStoreFolder();
		const sender = {...operator, idempotencyKey: 'k1'};
		let first: unknown;
		{
			await using opened = await open(folder.path);
			const answers = await Promise.all([opened.orchestrator.send(create, sender), opened.orchestrator.send(create, sender)]);
			expect(JSON.stringify(answers[0].refused ?? answers[0].answer)).toBe(JSON.stringify(answers[1].refused ?? answers[1].answer));
			first = answers[0].refused ?? answers[0].answer;
		}

		await using again = await open(folder.path);
		const sent = await again.orchestrator.send(create, sender);
		expect(JSON.stringify(sent.refused ?? sent.answer)).toBe(JSON.stringify(first));
		expect(Object.keys(again.orchestrator.getState().sessions)).toHaveLength(1);
	});

	test('what we found out about a request meanwhile does not make it another one', async () => {
		await using folder = await createStoreFolder();
		await using opened = await open(folder.path);
		const {orchestrator} = opened;
		const launcher = {actor: {role: 'launcher', launcherId: 'lch_1'}} as const;
		await orchestrator.send({type: 'launcher.join', launcherId: 'lch_1', host: 'here', pid: 1, embedded: true}, launcher);
		await orchestrator.send(create, operator);
		await orchestrator.send({type: 'queue.dispatch'}, system);
		const [runId = ''] = Object.keys(orchestrator.getState().runs);
		await orchestrator.send({type: 'attempt.started', runId, generation: 1, pid: 7}, launcher);
		const raise = (file: string): Command => ({
			type: 'escalation.raise',
			runId,
			kind: 'approval',
			text: 'May I?',
			payload: {argv: ['make'], cwd: '/tmp'},
			blocking: true,
			fingerprint: 'f',
			found: {cwd: '/tmp', executables: {make: '/usr/bin/make'}, files: {'/tmp/Makefile': file}},
		});
		const asker = {actor: {role: 'agent', runId}, idempotencyKey: 'k'} as const;
		const [first, again] = [await orchestrator.send(raise('a'), asker), await orchestrator.send(raise('b'), asker)];
		expect(first.refused).toBeUndefined();
		expect(again).toMatchObject({answer: (first as {answer: unknown}).answer, facts: []});
	});

	test('the same key for another request is a conflict', async () => {
		await using folder = await createStoreFolder();
		await using opened = await open(folder.path);
		const sender = {...operator, idempotencyKey: 'k1'};
		await opened.orchestrator.send(create, sender);
		const sent = await opened.orchestrator.send({...create, text: 'false'} as Command, sender);
		expect(sent.refused?.code).toBe('IDEMPOTENCY_CONFLICT');
	});
});

test('what a restart finds is what was there', async () => {
	await using folder = await createStoreFolder();
	let before: unknown;
	{
		await using opened = await open(folder.path);
		await opened.orchestrator.send(create, operator);
		await opened.orchestrator.send({type: 'queue.pause'}, operator);
		before = structuredClone(savedState(opened.orchestrator.getState()));
	}

	await using again = await open(folder.path);
	expect(structuredClone(savedState(again.orchestrator.getState()))).toEqual(before);
});

test('what was denied and stopped while the disk failed is kept as soon as it can be: a replay finds the same', async () => {
	const {orchestrator, kept, fail, mend} = await createMemoryOrchestrator();
	const made = await orchestrator.send(create, operator);
	expect(made.refused).toBeUndefined();
	fail(new Error('no space'));
	expect((await orchestrator.send({type: 'fleet.stop'}, operator)).refused).toBeUndefined();
	expect(kept.some(({fact}) => fact.type === 'run.ended')).toBe(false);
	mend();
	expect((await orchestrator.send(create, operator)).refused).toBeUndefined();
	const again = createState();
	for (const {fact} of kept) {
		apply(again, structuredClone(fact));
	}

	expect(savedState(again)).toEqual(savedState(orchestrator.getState()));
});
