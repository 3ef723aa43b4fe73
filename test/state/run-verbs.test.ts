import {describe, expect, test} from 'vitest';
import {whyQueued} from '../../state/run/run-wait.js';
import {createStateFleet, launcher, system} from '../helpers/state-fleet.js';

/** Claims, starts and ends one run after another; the order in which they came. */
const serve = (fleet: ReturnType<typeof createStateFleet>, count: number): readonly string[] =>
	Array.from({length: count}, () => {
		const [next = ''] = fleet.dispatch();
		fleet.started(next);
		fleet.exited(next);
		return next;
	});

describe('the operator (Q10)', () => {
	test('holds a run and lets it go', () => {
		const fleet = createStateFleet();
		const {run} = fleet.queue();
		fleet.send({type: 'run.hold', runId: run});
		expect(fleet.dispatch()).toEqual([]);
		expect(whyQueued(fleet.state, fleet.run(run), fleet.now())).toEqual({code: 'held', sentence: 'It is held by ada.'});
		fleet.send({type: 'run.unhold', runId: run});
		expect(fleet.dispatch()).toEqual([run]);
	});

	test('moves a run before everything, and behind everything', () => {
		const fleet = createStateFleet({limits: {concurrent: 1}});
		const busy = fleet.start();
		const [urgent, normal, low] = [fleet.queue({lane: 'urgent'}), fleet.queue(), fleet.queue({lane: 'low'})];
		fleet.send({type: 'run.move', runId: low.run, to: 'first'});
		fleet.exited(busy.run);
		expect(serve(fleet, 3)).toEqual([low.run, urgent.run, normal.run]);
	});

	test('changes the lane of a run', () => {
		const fleet = createStateFleet({limits: {concurrent: 1}});
		const busy = fleet.start();
		const [first, second] = [fleet.queue(), fleet.queue({lane: 'low'})];
		fleet.send({type: 'run.prioritise', runId: second.run, lane: 'urgent'});
		fleet.exited(busy.run);
		expect(serve(fleet, 2)).toEqual([second.run, first.run]);
	});

	test('starts a run over every limit, but not beside another of its session', () => {
		const fleet = createStateFleet({limits: {concurrent: 1}});
		const busy = fleet.start();
		const other = fleet.queue();
		fleet.send({type: 'queue.pause'});
		fleet.send({type: 'run.force-start', runId: other.run});
		expect(fleet.dispatch()).toEqual([other.run]);
		const next = fleet.message(busy.session);
		fleet.send({type: 'run.force-start', runId: next});
		expect(fleet.dispatch()).toEqual([]);
		fleet.exited(busy.run);
		expect(fleet.dispatch()).toEqual([next]);
	});

	test('runs the same again, as a new run', () => {
		const fleet = createStateFleet();
		const {session, run} = fleet.start({text: 'make test', lane: 'high'});
		fleet.exited(run, 1);
		fleet.send({type: 'run.rerun', runId: run});
		const [, again = ''] = fleet.session(session).runIds;
		expect(fleet.run(again)).toMatchObject({text: 'make test', lane: 'high', state: 'queued', generation: 0});
		expect(fleet.run(run).state).toBe('failed');
	});

	test('drains: what is there comes to its end, nothing new is taken', () => {
		const fleet = createStateFleet({limits: {concurrent: 1}});
		const [first, second] = [fleet.queue(), fleet.queue()];
		fleet.send({type: 'queue.drain'});
		expect(fleet.refusal({type: 'session.create', agent: 'shell', cwd: '/w', text: 'x'}).code).toBe('DRAINING');
		expect(fleet.refusal({type: 'message.send', sessionId: first.session, text: 'x'}).code).toBe('DRAINING');
		expect(serve(fleet, 2)).toEqual([first.run, second.run]);
		fleet.send({type: 'queue.undrain'});
		expect(fleet.ask({type: 'session.create', agent: 'shell', cwd: '/w', text: 'x'}).refused).toBeUndefined();
	});

	test('steers or interrupts a busy session; without a live agent the message queues (Q11)', () => {
		const fleet = createStateFleet();
		const {session, run} = fleet.start();
		const steered = fleet.send({type: 'message.send', sessionId: session, text: 'left', mode: 'steer'});
		const interrupted = fleet.send({type: 'message.send', sessionId: session, text: 'stop', mode: 'interrupt'});
		expect(steered).toMatchObject([{type: 'message.typed', message: {runId: run, text: 'left'}}]);
		expect(interrupted).toMatchObject([{type: 'message.typed', message: {runId: run, text: 'stop', interrupts: true}}]);
		fleet.exited(run);
		const later = fleet.send({type: 'message.send', sessionId: session, text: 'right', mode: 'steer'});
		expect(later).toMatchObject([{type: 'run.queued', run: {text: 'right'}}]);
	});
});

describe('pre-emption (Q3)', () => {
	const full = () => {
		const fleet = createStateFleet({limits: {concurrent: 2}});
		const older = fleet.start({lane: 'low', isPreemptible: true});
		fleet.advance(1000);
		const younger = fleet.start({lane: 'low', isPreemptible: true});
		return {fleet, older, younger};
	};

	test('takes the slot of the pre-emptible run that started last, and gives it to the urgent one', () => {
		const {fleet, older, younger} = full();
		const others = fleet.queue({lane: 'urgent'});
		const urgent = fleet.queue({lane: 'urgent', preempts: true});
		fleet.dispatch();
		expect(fleet.run(older.run).state).toBe('running');
		expect(fleet.run(younger.run)).toMatchObject({state: 'stopping', stop: {ending: 'queued', counts: 'taken-back'}});
		fleet.exited(younger.run, null);
		expect(fleet.run(younger.run)).toMatchObject({state: 'queued', generation: 1});
		expect(fleet.run(younger.run).failures).toBeUndefined();
		expect(fleet.dispatch()).toEqual([urgent.run]);
		expect(fleet.run(others.run).state).toBe('queued');
	});

	test('touches nobody who did not agree to it', () => {
		const fleet = createStateFleet({limits: {concurrent: 1}});
		const low = fleet.start({lane: 'low'});
		fleet.queue({lane: 'urgent', preempts: true});
		expect(fleet.dispatch()).toEqual([]);
		expect(fleet.run(low.run).state).toBe('running');
		const {fleet: another, younger} = full();
		another.queue({lane: 'urgent'});
		expect(another.dispatch()).toEqual([]);
		expect(another.run(younger.run).state).toBe('running');
	});

	test('takes one slot at a time', () => {
		const {fleet, older, younger} = full();
		fleet.queue({lane: 'urgent', preempts: true});
		fleet.dispatch();
		fleet.dispatch();
		expect([older, younger].map(({run}) => fleet.run(run).state).toSorted()).toEqual(['running', 'stopping']);
	});
});

describe('demands (Q12)', () => {
	test('are met by the agent and its launcher together', () => {
		const fleet = createStateFleet({profiles: {shell: {tags: ['net']}}});
		const {run} = fleet.queue({demands: ['gpu', 'net']});
		expect(fleet.dispatch()).toEqual([]);
		expect(whyQueued(fleet.state, fleet.run(run), fleet.now())).toMatchObject({
			code: 'no-match',
			sentence: 'Neither shell nor a reachable launcher has gpu, net.',
		});
		fleet.send({type: 'launcher.join', launcherId: 'lch_2', host: 'there', pid: 2, embedded: false, tags: ['gpu']}, launcher);
		expect(fleet.dispatch()).toEqual([run]);
		expect(fleet.run(run).attempts[0]!.launcherId).toBe('lch_2');
	});

	test('that nobody meets end the run after five minutes', () => {
		const fleet = createStateFleet();
		const {run} = fleet.queue({demands: ['gpu']});
		fleet.advance(5 * 60_000);
		fleet.tick();
		expect(fleet.run(run)).toMatchObject({state: 'timed_out', ending: expect.stringContaining('what it demands') as string});
	});
});

describe('an operator with too many decisions (Q14)', () => {
	test('is given fewer new ones: dispatch slows down and says why', () => {
		const fleet = createStateFleet({limits: {concurrent: 4, pendingDecisions: 2}});
		const asking = Array.from({length: 4}, () => fleet.start().run);
		for (const run of asking) {
			fleet.raise(run, {kind: 'question'});
		}

		const fresh = Array.from({length: 4}, () => fleet.queue().run);
		expect(fleet.dispatch()).toEqual(fresh.slice(0, 2));
		expect(whyQueued(fleet.state, fleet.run(fresh[2]!), fleet.now())).toMatchObject({
			code: 'operator',
			sentence: '4 decisions wait for the operator: only 2 slots of 4 used until then.',
		});
		const [first = ''] = [...fleet.state.index.openEscalations];
		fleet.send({type: 'escalation.withdraw', escalationId: first, why: 'done'}, system);
		fleet.exited(asking[0]!);
		expect(fleet.dispatch()).toHaveLength(1);
	});
});

describe('starts (S3)', () => {
	test('are limited a minute, of one agent and of all, and say when the next may come', () => {
		const fleet = createStateFleet({limits: {concurrent: 100, concurrentPerTree: 100, startsPerMinute: 60, startsPerMinutePerAgent: 2}});
		for (let at = 0; at < 3; at += 1) {
			fleet.queue();
		}

		const codex = fleet.queue({agent: 'codex'});
		expect(fleet.dispatch()).toHaveLength(3);
		expect(fleet.run(codex.run).state).toBe('starting');
		const [waiting] = [...fleet.state.index.ready.ids()];
		expect(whyQueued(fleet.state, fleet.run(waiting!), fleet.now())).toMatchObject({code: 'rate', retryAfterMs: 30_000});
		fleet.advance(30_000);
		expect(fleet.dispatch()).toEqual([waiting]);
	});
});
