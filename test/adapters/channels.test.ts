import {expect, test, vi} from 'vitest';
import type {AgentRequest} from '../../source/agent-adapter.js';
import {openChannels} from '../../source/channels.js';
import type {Escalation} from '../../state/escalation/escalation.js';
import {createMemoryOrchestrator} from '../helpers/memory-orchestrator.js';
import {createScriptedAdapter} from '../helpers/scripted-channel.js';
import {launcher, operator, system} from '../helpers/state-fleet.js';

const touch: AgentRequest = {requestId: 'call_1', kind: 'approval', text: 'May I?', payload: {tool: 'shell', argv: ['touch', 'proof.txt']}};

const open = async (options: Parameters<typeof createScriptedAdapter>[0] = {}) => {
	const memory = await createMemoryOrchestrator();
	const {orchestrator} = memory;
	const scripted = createScriptedAdapter(options);
	const log: string[] = [];
	const start = () =>
		openChannels({
			orchestrator,
			adapters: scripted.adapters,
			paths: {attemptFolder: ptyId => `/attempts/${ptyId}`},
			env: {},
			log: sentence => log.push(sentence),
			firstPauseMs: 5,
		});
	const sent = async (command: Parameters<typeof orchestrator.send>[0], actor = system) => {
		const answer = await orchestrator.send(command, {actor});
		if (answer.refused) {
			throw new Error(answer.refused.sentence);
		}

		return answer;
	};

	/** A run whose agent is alive. */
	const live = async (): Promise<{runId: string; generation: number}> => {
		await sent({type: 'session.create', agent: 'shell', cwd: '/w', text: 'work'}, operator);
		const {facts} = await sent({type: 'queue.dispatch'});
		const starting = facts.map(({fact}) => fact).find(fact => fact.type === 'run.starting');
		const attempt = {runId: starting!.runId, generation: starting!.generation};
		await sent({type: 'attempt.started', ...attempt, pid: 7}, launcher);
		return attempt;
	};

	const escalations = (): readonly Escalation[] => Object.values(orchestrator.getState().escalations);
	const raised = async (count = 1): Promise<Escalation> => {
		await vi.waitFor(() => expect(escalations()).toHaveLength(count));
		return escalations().at(-1)!;
	};
	const decide = ({id, fingerprint}: Escalation, choice: 'approve' | 'deny', text?: string) =>
		sent({type: 'escalation.decide', escalationId: id, fingerprint, choice, ...(text !== undefined && {text})}, operator);
	return {...memory, ...scripted, log, start, live, sent, escalations, raised, decide};
};

test('what an agent asks holds its run, and the decision goes back to it once', async () => {
	const fleet = await open();
	const channels = fleet.start();
	const {runId} = await fleet.live();
	expect(fleet.opened.map(({folder, cwd}) => ({folder, cwd}))).toEqual([{folder: `/attempts/${runId}.1`, cwd: '/w'}]);

	fleet.ask(touch);
	const escalation = await fleet.raised();
	expect(escalation).toMatchObject({
		runId,
		blocking: true,
		kind: 'approval',
		payload: {argv: ['touch', 'proof.txt'], extra: {request_id: 'call_1'}},
	});
	await vi.waitFor(() => expect(fleet.orchestrator.getState().runs[runId]?.state).toBe('waiting'));

	await fleet.decide(escalation, 'approve');
	await vi.waitFor(() => expect(fleet.escalations()[0]?.deliveredAtMs).toBeDefined());
	await fleet.decide(escalation, 'approve');
	expect(fleet.answers).toEqual([{requestId: 'call_1', answer: {choice: 'approve'}}]);
	expect(fleet.orchestrator.getState().runs[runId]?.state).toBe('running');
	channels.close();
});

test('a denial takes its reason along', async () => {
	const fleet = await open();
	fleet.start();
	await fleet.live();
	fleet.ask(touch);
	await fleet.decide(await fleet.raised(), 'deny', 'not here');
	await vi.waitFor(() => expect(fleet.answers).toEqual([{requestId: 'call_1', answer: {choice: 'deny', text: 'not here'}}]));
});

test('an expiry is told as one, never as a denial', async () => {
	const fleet = await open();
	fleet.start();
	await fleet.live();
	fleet.ask(touch);
	const {expiresAtMs} = await fleet.raised();
	fleet.advance(expiresAtMs - fleet.orchestrator.now() + 1);
	await fleet.sent({type: 'clock.tick'});
	await vi.waitFor(() => expect(fleet.answers.map(({answer}) => answer.choice)).toEqual(['expired']));
});

test('a coordinator that comes back joins the same request and asks nothing twice', async () => {
	const fleet = await open();
	fleet.start().close();
	const first = fleet.start();
	await fleet.live();
	fleet.ask(touch);
	const before = await fleet.raised();
	first.close();

	fleet.start();
	expect(fleet.opened).toHaveLength(2);
	fleet.ask(touch);
	fleet.emit({type: 'requests', requestIds: ['call_1']});
	await fleet.decide(before, 'approve');
	await vi.waitFor(() => expect(fleet.escalations()[0]?.deliveredAtMs).toBeDefined());
	expect(fleet.escalations()).toHaveLength(1);
	expect(fleet.answers).toHaveLength(1);
});

test('a decision that never reached the agent reaches it when it asks again', async () => {
	const fleet = await open();
	const first = fleet.start();
	await fleet.live();
	fleet.ask(touch);
	const escalation = await fleet.raised();
	first.close();
	await fleet.decide(escalation, 'approve');
	expect(fleet.answers).toEqual([]);

	fleet.start();
	fleet.ask(touch);
	await vi.waitFor(() => expect(fleet.escalations()[0]?.deliveredAtMs).toBeDefined());
	expect(fleet.escalations()).toHaveLength(1);
	expect(fleet.answers).toEqual([{requestId: 'call_1', answer: {choice: 'approve'}}]);
});

test('what was answered on the agent’s own screen is withdrawn', async () => {
	const fleet = await open();
	fleet.start();
	const {runId} = await fleet.live();
	fleet.ask(touch);
	await fleet.raised();
	fleet.leave('call_1');
	await vi.waitFor(() => expect(fleet.escalations()[0]?.state).toBe('withdrawn'));
	expect(fleet.escalations()[0]?.closed?.why).toBe('it was answered on its screen');
	expect(fleet.orchestrator.getState().runs[runId]?.state).toBe('running');
	expect(fleet.answers).toEqual([]);
});

test('what was answered while no coordinator was there is withdrawn by the next one', async () => {
	const fleet = await open();
	const first = fleet.start();
	await fleet.live();
	fleet.ask(touch);
	await fleet.raised();
	first.close();
	fleet.leave('call_1', false);

	fleet.start();
	fleet.emit({type: 'requests', requestIds: []});
	await vi.waitFor(() => expect(fleet.escalations()[0]?.state).toBe('withdrawn'));
});

test('a request that changed under its name is a new one', async () => {
	const fleet = await open();
	fleet.start();
	await fleet.live();
	fleet.ask(touch);
	await fleet.raised();
	fleet.ask({...touch, payload: {tool: 'shell', argv: ['rm', '-rf', '/']}});
	const second = await fleet.raised(2);
	expect(second.state).toBe('open');
	await vi.waitFor(() => expect(fleet.escalations()[0]?.state).toBe('withdrawn'));
	await fleet.decide(second, 'deny');
	await vi.waitFor(() => expect(fleet.answers).toEqual([{requestId: 'call_1', answer: {choice: 'deny'}}]));
});

test('an agent that no longer waits leaves the answer undelivered, and that is said', async () => {
	const fleet = await open();
	fleet.start();
	await fleet.live();
	fleet.ask(touch);
	const escalation = await fleet.raised();
	fleet.leave('call_1', false);
	await fleet.decide(escalation, 'approve');
	await vi.waitFor(() => expect(fleet.log.join()).toContain('no longer waited'));
	expect(fleet.escalations()[0]?.deliveredAtMs).toBeUndefined();
});

test('reports become those of the agent, and the end of the attempt closes the channel', async () => {
	const fleet = await open();
	fleet.start();
	const {runId, generation} = await fleet.live();
	fleet.emit({type: 'report', report: {kind: 'thread', threadId: 'thr_9'}});
	const {sessions} = fleet.orchestrator.getState();
	await vi.waitFor(() => expect(Object.values(sessions)[0]?.threadId).toBe('thr_9'));
	await fleet.sent({type: 'attempt.exited', runId, generation, exitCode: 0, signal: null}, launcher);
	await vi.waitFor(() => expect(fleet.closed()).toBe(1));
});

test('a channel that does not open is tried again, and complained about once', async () => {
	const fleet = await open({failures: 3});
	fleet.start();
	await fleet.live();
	await vi.waitFor(() => expect(fleet.opened).toHaveLength(1));
	expect(fleet.log).toHaveLength(1);
	fleet.ask(touch);
	await fleet.raised();
});
