import {expect, test} from 'vitest';
import {connectOrchestrator} from '../../source/remote-orchestrator.js';
import type {Fact} from '../../state/fact.js';
import {savedState} from '../../state/state.js';
import {openGateway, type TestGateway} from '../helpers/open-gateway.js';
import {operator} from '../helpers/state-fleet.js';

const connect = (gateway: TestGateway, token = gateway.operator()) => connectOrchestrator({...gateway.place(), token});

const create = (label: string) => ({type: 'session.create', agent: 'shell', cwd: '/tmp', label, text: 'x'}) as const;

/** What both sides hold, as plain data. */
const saved = (side: {getState(): Parameters<typeof savedState>[0]}): unknown => JSON.parse(JSON.stringify(savedState(side.getState())));

test('a console sees what the coordinator sees, and commands travel back', async () => {
	await using gateway = await openGateway();
	await gateway.live();
	const remote = await connect(gateway);
	const local = gateway.parts().orchestrator;
	expect(saved(remote)).toEqual(saved(local));
	expect(remote.recent()).toEqual(local.recent());

	const heard: Array<Fact['type']> = [];
	remote.subscribe(facts => heard.push(...facts.map(({fact}) => fact.type)));
	const sent = await remote.send(create('far'), {actor: operator, idempotencyKey: 'k'});
	if (sent.refused) {
		throw new Error(sent.refused.sentence);
	}

	// The promise of the local one holds: State is up to date once the answer is there.
	expect(heard.slice(0, 2)).toEqual(['session.created', 'run.queued']);
	const {session} = sent.answer as {session: {id: string}};
	expect(remote.getState().sessions[session.id]!.label).toBe('far');
	expect(remote.getState().index.queued.normal.size).toBe(1);
	expect(await remote.send(create('far'), {actor: operator, idempotencyKey: 'k'})).toMatchObject({answer: sent.answer});
	await local.send(create('near'), {actor: operator});
	await expect.poll(() => saved(remote)).toEqual(saved(local));
	expect(Math.abs(remote.now() - local.now())).toBeLessThan(60_000);
	remote.close();
});

test('refusals come back as they are; what only the system or a launcher may send is not taken', async () => {
	await using gateway = await openGateway();
	const remote = await connect(gateway);
	const send = async (command: unknown) => (await remote.send(command as never, {actor: {role: 'system'}})).refused?.code;
	expect(await send({type: 'run.cancel', runId: 'run_none'})).toBe('UNKNOWN_RUN');
	const before = gateway.parts().store.seq;
	for (const command of [
		{type: 'settings.configure', agents: [], limits: {}},
		{type: 'attempt.started', runId: 'run_1', generation: 1, pid: 1},
		{type: 'escalation.deliver', escalationId: 'esc_1'},
		{type: 'queue.dispatch'},
		{type: 'session.create', agent: 'shell', cwd: 'relative'},
		{type: 'run.cancel', runId: '__proto__'},
		{type: 'constructor'},
	]) {
		expect(await send(command)).toBe('INVALID');
	}

	expect(gateway.parts().store.seq).toBe(before);
	remote.close();
});

test('a lost coordinator is sought again: commands are refused meanwhile, then State and facts catch up', async () => {
	await using gateway = await openGateway();
	const remote = await connect(gateway);
	const labels: string[] = [];
	remote.subscribe(facts => {
		for (const {fact} of facts) {
			if (fact.type === 'session.created') {
				labels.push(fact.session.label);
			}
		}
	});
	await remote.send(create('one'), {actor: operator});
	await gateway.stop();
	await expect.poll(() => remote.failure?.message).toContain('lost');
	expect(await remote.send(create('lost'), {actor: operator})).toMatchObject({refused: {code: 'STORE_FAILED'}});
	await gateway.start();
	await gateway.parts().orchestrator.send(create('two'), {actor: operator});
	await expect.poll(() => labels, {timeout: 20_000}).toEqual(['one', 'two']);
	expect(remote.failure).toBeUndefined();
	expect(saved(remote)).toEqual(saved(gateway.parts().orchestrator));
	await remote.send(create('three'), {actor: operator});
	expect(labels).toEqual(['one', 'two', 'three']);
	remote.close();
});

test('a console that cannot connect is told why', async () => {
	await using gateway = await openGateway();
	const run = await gateway.live();
	await expect(connect(gateway, 'wrong')).rejects.toThrow(/Could not connect to the coordinator at .+: .*401/);
	await expect(connect(gateway, run.token)).rejects.toThrow('403');
	const {socketPath} = gateway.place();
	await expect(connectOrchestrator({socketPath: `${socketPath}.none`, token: 'x'})).rejects.toThrow('ENOENT');
});
