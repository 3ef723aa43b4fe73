import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {Choice, EscalationKind} from '../../state/escalation/escalation.js';
import {canonicalPlan} from '../../state/escalation/fingerprint.js';
import {createMemoryOrchestrator} from '../helpers/memory-orchestrator.js';
import {agentOf, createStateFleet, launcher, operator, type StateFleet, system} from '../helpers/state-fleet.js';

type Request = {readonly id: string; readonly fingerprint: string};

const decision = ({id, fingerprint}: Request, choice: Choice, text?: string) =>
	({type: 'escalation.decide', escalationId: id, fingerprint, choice, word: 'unknown', ...(text !== undefined && {text})}) as const;

/** A running agent with an open request. */
const asking = (kind: EscalationKind = 'approval') => {
	const fleet = createStateFleet();
	const {run, session} = fleet.start();
	const request = fleet.raise(run, {kind});
	return {fleet, run, session, request, escalation: () => fleet.state.escalations[request.id]!};
};

const expiryMs = 30 * 60_000;

describe('a decision', () => {
	test.each([
		['approval', 'approve'],
		['approval', 'deny'],
		['permission', 'approve'],
		['question', 'answer'],
		['question', 'deny'],
	] as const)('of an %s may be %s: it answers, and the run goes on', (kind, choice) => {
		const {fleet, run, request, escalation} = asking(kind);
		expect(fleet.run(run)).toMatchObject({state: 'waiting', reason: kind === 'question' ? 'question' : 'approval'});
		fleet.send(decision(request, choice, 'because'));
		expect(escalation()).toMatchObject({state: 'answered', decision: {choice, text: 'because', by: 'ada'}});
		expect(fleet.run(run).state).toBe('running');
	});

	test('that is first wins; the other is told who was first and when (E3)', () => {
		const {fleet, request, escalation} = asking();
		fleet.send(decision(request, 'deny', 'no'), {role: 'operator', name: 'ada'});
		const before = structuredClone(escalation());
		const refused = fleet.refusal(decision(request, 'approve'), {role: 'operator', name: 'bob'});
		expect(refused.code).toBe('ALREADY_RESOLVED');
		expect(refused.sentence).toMatch(/^ada already answered “deny” at \d\d:\d\d:\d\d UTC\.$/);
		expect(escalation()).toEqual(before);
	});

	test('made again just the same is no news; with other words it is refused', () => {
		const {fleet, request} = asking();
		const first = fleet.ask(decision(request, 'deny', 'no'));
		const again = fleet.ask(decision(request, 'deny', 'no'), {role: 'operator', name: 'bob'});
		expect(again).toMatchObject({facts: [], answer: first.refused ? undefined : first.answer});
		expect(fleet.refusal(decision(request, 'deny', 'never')).code).toBe('ALREADY_RESOLVED');
	});

	test('by two operators at once has one winner', async () => {
		const {orchestrator, kept} = await createMemoryOrchestrator();
		const runId = 'run_2';
		await orchestrator.send({type: 'session.create', agent: 'shell', cwd: '/w', text: 'x'}, {actor: operator});
		await orchestrator.send({type: 'queue.dispatch'}, {actor: system});
		await orchestrator.send({type: 'attempt.started', runId, generation: 1, pid: 5}, {actor: launcher});
		const request = {type: 'escalation.raise', runId, kind: 'approval', text: 'May I?', blocking: true, fingerprint: 'f'} as const;
		await orchestrator.send(request, {actor: agentOf(runId)});
		const choices = ['approve', 'deny', 'approve', 'deny'] as const;
		const sent = await Promise.all(
			choices.map((choice, n) =>
				orchestrator.send(decision({id: 'esc_3', fingerprint: 'f'}, choice), {actor: {role: 'operator', name: `op${n}`}}),
			),
		);
		expect(sent.map(one => one.refused?.code)).toEqual([undefined, 'ALREADY_RESOLVED', undefined, 'ALREADY_RESOLVED']);
		expect(kept.filter(({fact}) => fact.type === 'escalation.decided')).toHaveLength(1);
		expect(orchestrator.getState().escalations['esc_3']?.decision).toMatchObject({choice: 'approve', by: 'op0'});
	});

	test('on something else than what was shown is refused (E5)', () => {
		const {fleet, request, escalation} = asking();
		expect(fleet.refusal(decision({...request, fingerprint: 'another'}, 'approve')).code).toBe('CHANGED');
		expect(escalation().state).toBe('open');
	});

	test.each([
		['approval', 'answer'],
		['permission', 'answer'],
		['question', 'approve'],
	] as const)('of an %s cannot be %s', (kind, choice) => {
		const {fleet, request} = asking(kind);
		expect(fleet.refusal(decision(request, choice, 'x')).code).toBe('INVALID');
	});

	test('needs some text to answer a question', () => {
		const {fleet, request} = asking('question');
		expect(fleet.refusal(decision(request, 'answer')).code).toBe('INVALID');
		expect(fleet.refusal(decision(request, 'answer', ' \n')).code).toBe('INVALID');
	});

	test.each(['esc_none', 'constructor', '__proto__', 'toString'])('about %s is unknown', id => {
		const {fleet} = asking();
		expect(fleet.refusal(decision({id, fingerprint: ''}, 'approve')).code).toBe('UNKNOWN_ESCALATION');
	});

	test('is never an agent’s, whoever asked (E2)', () => {
		const {fleet, run, request, escalation} = asking();
		const child = fleet.start({parentRunId: run});
		const ofChild = fleet.raise(child.run);
		for (const who of [run, child.run, 'run_none']) {
			for (const asked of [request, ofChild]) {
				expect(fleet.refusal(decision(asked, 'approve'), agentOf(who)).code).toBe('FORBIDDEN');
			}
		}

		expect(fleet.refusal(decision(request, 'approve'), launcher).code).toBe('FORBIDDEN');
		expect(fleet.refusal(decision(request, 'approve'), system).code).toBe('FORBIDDEN');
		expect(escalation().state).toBe('open');
	});
});

describe('expiry (E4)', () => {
	test('is not a denial: the run goes on, and a decision comes too late', () => {
		const {fleet, run, request, escalation} = asking();
		fleet.advance(expiryMs);
		fleet.tick();
		expect(escalation()).toMatchObject({state: 'expired', closed: {why: 'nobody answered in time'}});
		expect(escalation()).not.toHaveProperty('decision');
		expect(fleet.run(run).state).toBe('running');
		expect(fleet.refusal(decision(request, 'approve')).code).toBe('EXPIRED');
	});

	const tickThen = (fleet: StateFleet, request: Request) => {
		fleet.tick();
		fleet.ask(decision(request, 'approve'));
	};

	const decideThenTick = (fleet: StateFleet, request: Request) => {
		fleet.ask(decision(request, 'approve'));
		fleet.tick();
	};

	test.each([
		['the tick first', tickThen],
		['the decision first', decideThenTick],
	])('at the very moment of an approval has one outcome, %s', (_, act) => {
		const {fleet, request, escalation} = asking();
		fleet.advance(expiryMs);
		act(fleet, request);
		expect(escalation().state).toBe('expired');
		expect(escalation()).not.toHaveProperty('decision');
	});

	test('one millisecond later than an approval changes nothing', () => {
		const {fleet, request, escalation} = asking();
		fleet.advance(expiryMs - 1);
		fleet.send(decision(request, 'approve'));
		fleet.advance(1);
		expect(fleet.tick()).toEqual([]);
		expect(escalation().state).toBe('answered');
	});

	test('of the last two requests at one moment lets the run go on', () => {
		const {fleet, run, request} = asking();
		const second = fleet.raise(run, {text: 'And this?'});
		fleet.advance(expiryMs);
		const facts = fleet.tick();
		expect(facts.filter(({type}) => type === 'escalation.expired')).toHaveLength(2);
		expect(facts.filter(({type}) => type === 'run.resumed')).toHaveLength(1);
		expect([request, second].map(({id}) => fleet.state.escalations[id]?.state)).toEqual(['expired', 'expired']);
		expect(fleet.run(run).state).toBe('running');
	});
});

describe('a request', () => {
	test('holds its run until the last blocking one is closed', () => {
		const {fleet, run, request} = asking();
		const second = fleet.raise(run, {kind: 'question', text: 'Which?'});
		const notice = fleet.raise(run, {kind: 'notice', text: 'By the way', blocking: false});
		fleet.send(decision(request, 'approve'));
		expect(fleet.run(run).state).toBe('waiting');
		fleet.send({type: 'escalation.withdraw', escalationId: second.id, why: 'the asker left'}, agentOf(run));
		expect(fleet.run(run).state).toBe('running');
		expect(fleet.state.escalations[notice.id]?.state).toBe('open');
	});

	test('asked twice is one request', () => {
		const {fleet, run, request} = asking();
		expect(fleet.raise(run)).toEqual({id: '', fingerprint: request.fingerprint});
		expect(Object.keys(fleet.state.escalations)).toEqual([request.id]);
	});

	test('asked again after it was answered is a new one', () => {
		const {fleet, run, request} = asking();
		fleet.send(decision(request, 'deny'));
		expect(fleet.raise(run).id).not.toBe(request.id);
	});

	test('raised before the start was reported holds the run from its start', () => {
		const fleet = createStateFleet();
		const {run} = fleet.queue();
		fleet.dispatch();
		const request = fleet.raise(run);
		expect(fleet.run(run).state).toBe('starting');
		fleet.started(run);
		expect(fleet.run(run)).toMatchObject({state: 'waiting', reason: 'approval', attempts: [{pid: 7}]});
		fleet.send(decision(request, 'approve'));
		expect(fleet.run(run).state).toBe('running');
	});

	test('of a claim that was taken back is withdrawn: its asker is gone', () => {
		const fleet = createStateFleet();
		const {run} = fleet.queue();
		fleet.dispatch();
		const {id} = fleet.raise(run);
		fleet.send({type: 'attempt.lost', runId: run, generation: 1, sentence: 'gone'}, launcher);
		expect(fleet.state.escalations[id]).toMatchObject({state: 'withdrawn'});
	});

	test.each(['queued', 'stopping', 'succeeded'] as const)('of a run that is %s is refused', state => {
		const fleet = createStateFleet();
		const {run} = state === 'queued' ? fleet.queue() : fleet.start();
		if (state === 'stopping') {
			fleet.send({type: 'run.cancel', runId: run});
		} else if (state === 'succeeded') {
			fleet.exited(run, 0);
		}

		const raise = {type: 'escalation.raise', runId: run, kind: 'approval', text: 'x', blocking: true, fingerprint: 'f'} as const;
		expect(fleet.refusal(raise, agentOf(run)).code).toBe(state === 'succeeded' ? 'ALREADY_ENDED' : 'NOT_RUNNING');
	});

	test('keeps the first frame that was shown, and none that came after the decision', () => {
		const shown = (frame: string, id: string) => ({type: 'escalation.show', escalationId: id, frame, columns: 80, rows: 24}) as const;
		const {fleet, request, escalation} = asking();
		fleet.send(shown('first', request.id));
		fleet.send(shown('second', request.id));
		expect(escalation().shown).toMatchObject({frame: 'first', columns: 80, rows: 24});
		const unseen = asking();
		unseen.fleet.send(decision(unseen.request, 'deny'));
		unseen.fleet.send(shown('late', unseen.request.id));
		expect(unseen.escalation()).not.toHaveProperty('shown');
	});

	test('is delivered once, and not before it is closed', () => {
		const {fleet, request, escalation} = asking();
		const deliver = {type: 'escalation.deliver', escalationId: request.id} as const;
		expect(fleet.send(deliver, system)).toEqual([]);
		fleet.send(decision(request, 'deny'));
		fleet.send(deliver, system);
		const atMs = fleet.now();
		fleet.advance(5);
		expect(fleet.send(deliver, system)).toEqual([]);
		expect(escalation().deliveredAtMs).toBe(atMs);
	});

	test('remembers whether its asker is still there', () => {
		const {fleet, request, escalation} = asking();
		const asker = (gone: boolean) => fleet.send({type: 'escalation.asker', escalationId: request.id, gone}, system);
		expect(asker(false)).toEqual([]);
		asker(true);
		expect(escalation().askerGone).toBe(true);
		asker(false);
		expect(escalation().askerGone).toBe(false);
	});
});

test('the fingerprint changes with anything that is asked for, and with nothing else', () => {
	const plan = fc.record({
		runId: fc.constantFrom('run_a', 'run_b'),
		generation: fc.integer({min: 1, max: 2}),
		kind: fc.constantFrom<EscalationKind>('approval', 'question'),
		text: fc.string({maxLength: 4}),
		payload: fc.option(fc.record({argv: fc.array(fc.string({maxLength: 3}), {maxLength: 3}), cwd: fc.constantFrom('/a', '/b')}), {
			nil: undefined,
		}),
	});
	const shuffled = (value: object): object => Object.fromEntries(Object.entries(value).toReversed());
	fc.assert(
		fc.property(plan, plan, (a, b) => {
			const isSame = JSON.stringify(a) === JSON.stringify(b);
			expect(canonicalPlan(a) === canonicalPlan(b)).toBe(isSame);
			expect(canonicalPlan(shuffled(a) as typeof a)).toBe(canonicalPlan(a));
		}),
	);
});
