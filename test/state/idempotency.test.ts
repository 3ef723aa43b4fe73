import {describe, expect, test} from 'vitest';
import {keptAnswerMs} from '../../state/due.js';
import {createMemoryOrchestrator} from '../helpers/memory-orchestrator.js';
import {agentOf, operator, system} from '../helpers/state-fleet.js';

const create = {type: 'session.create', agent: 'shell', cwd: '/w', text: 'x'} as const;

describe('idempotency (M7)', () => {
	test('the same key and request give the first answer, word for word, and happen once', async () => {
		const {orchestrator} = await createMemoryOrchestrator();
		const sender = {actor: operator, idempotencyKey: 'k'};
		const first = await orchestrator.send(create, sender);
		const again = await orchestrator.send({...create}, sender);
		expect(first.refused).toBeUndefined();
		expect(JSON.stringify(again)).toBe(JSON.stringify({facts: [], answer: first.refused ? undefined : first.answer}));
		expect(Object.keys(orchestrator.getState().sessions)).toHaveLength(1);
	});

	test('so do retries that overtake the first', async () => {
		const {orchestrator} = await createMemoryOrchestrator();
		const sender = {actor: operator, idempotencyKey: 'k'};
		const answers = await Promise.all(Array.from({length: 20}, () => orchestrator.send(create, sender)));
		expect(new Set(answers.map(sent => JSON.stringify(sent.refused ?? sent.answer))).size).toBe(1);
		expect(Object.keys(orchestrator.getState().sessions)).toHaveLength(1);
	});

	test('the same key for another request is a conflict, and changes nothing', async () => {
		const {orchestrator} = await createMemoryOrchestrator();
		const sender = {actor: operator, idempotencyKey: 'k'};
		await orchestrator.send(create, sender);
		const {refused} = await orchestrator.send({...create, text: 'y'}, sender);
		expect(refused?.code).toBe('IDEMPOTENCY_CONFLICT');
		expect(Object.keys(orchestrator.getState().sessions)).toHaveLength(1);
	});

	test('keys of one sender mean nothing to another', async () => {
		const {orchestrator} = await createMemoryOrchestrator();
		await orchestrator.send(create, {actor: operator, idempotencyKey: 'k'});
		const runId = Object.keys(orchestrator.getState().runs)[0]!;
		const spawned = await orchestrator.send({...create, parentRunId: runId}, {actor: agentOf(runId), idempotencyKey: 'k'});
		expect(spawned.refused).toBeUndefined();
		expect(Object.keys(orchestrator.getState().sessions)).toHaveLength(2);
	});

	test('a refused request keeps no answer: the retry may succeed', async () => {
		const {orchestrator} = await createMemoryOrchestrator({limits: {queueLength: 1}});
		await orchestrator.send(create, {actor: operator});
		const sender = {actor: operator, idempotencyKey: 'k'};
		expect((await orchestrator.send(create, sender)).refused?.code).toBe('LIMIT_REACHED');
		await orchestrator.send({type: 'fleet.stop'}, {actor: operator});
		expect((await orchestrator.send(create, sender)).refused).toBeUndefined();
	});

	test('an answer is kept for a day and then forgotten', async () => {
		const {orchestrator, advance} = await createMemoryOrchestrator();
		const sender = {actor: operator, idempotencyKey: 'k'};
		await orchestrator.send(create, sender);
		advance(keptAnswerMs);
		await orchestrator.send({type: 'clock.tick'}, {actor: system});
		expect(Object.keys(orchestrator.getState().answers)).toHaveLength(1);
		advance(1);
		await orchestrator.send({type: 'clock.tick'}, {actor: system});
		expect(orchestrator.getState().answers).toEqual({});
		await orchestrator.send(create, sender);
		expect(Object.keys(orchestrator.getState().sessions)).toHaveLength(2);
	});
});
