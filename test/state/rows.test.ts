import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {Fact} from '../../state/fact.js';
import {breakerRowIds, breakerRows, limitRows} from '../../state/view/breaker-rows.js';
import {closedShown, escalationRowIds, escalationRows} from '../../state/view/escalation-rows.js';
import {eventRowIds, eventRows} from '../../state/view/event-rows.js';
import {factSentence} from '../../state/view/fact-sentence.js';
import {launcherRows} from '../../state/view/launcher-rows.js';
import {queueRowIds, queueRows} from '../../state/view/queue-rows.js';
import {createView, type ScreenName, type View} from '../../state/view/view.js';
import {agentOf, createStateFleet, launcher, operator} from '../helpers/state-fleet.js';

const view = createView({nowMs: 0});
const filtered = (screen: ScreenName, text: string): View => ({...view, filter: {...view.filter, [screen]: text}});

describe('requests', () => {
	test('are listed open ones first, oldest first; then closed ones, newest first', () => {
		const fleet = createStateFleet();
		const {run} = fleet.start();
		const ids = [0, 1, 2, 3].map(index => {
			fleet.advance(1000);
			return fleet.raise(run, {text: `request ${index}`}).id;
		});
		expect(escalationRowIds(fleet.state, view)).toEqual(ids);

		for (const index of [1, 0]) {
			fleet.advance(1000);
			const {fingerprint} = fleet.state.escalations[ids[index]!]!;
			fleet.send({
				type: 'escalation.decide',
				escalationId: ids[index]!,
				fingerprint,
				choice: index === 1 ? 'deny' : 'approve',
				word: 'unknown',
			});
		}

		expect(escalationRows(fleet.state, view).map(({id, outcome}) => [id, outcome])).toEqual([
			[ids[2], 'open'],
			[ids[3], 'open'],
			[ids[0], 'approved'],
			[ids[1], 'denied'],
		]);
	});

	test('a new one never comes above another', () => {
		fc.assert(
			fc.property(fc.array(fc.boolean(), {minLength: 1, maxLength: 12}), steps => {
				const fleet = createStateFleet({limits: {openEscalations: 50}});
				const {run} = fleet.start();
				for (const [index, closesOne] of steps.entries()) {
					const before = escalationRowIds(fleet.state, view).filter(id => fleet.state.escalations[id]!.state === 'open');
					fleet.advance(closesOne ? 0 : 10);
					const gone = closesOne ? before[Math.floor(before.length / 2)] : undefined;
					if (gone === undefined) {
						fleet.raise(run, {text: `request ${index}`});
					} else {
						fleet.send({type: 'escalation.withdraw', escalationId: gone, why: 'gone'}, agentOf(run));
					}

					const kept = before.filter(id => id !== gone);
					expect(escalationRowIds(fleet.state, view).slice(0, kept.length)).toEqual(kept);
				}
			}),
			{numRuns: 50},
		);
	});

	test('only so many closed ones stay in the list', () => {
		const fleet = createStateFleet();
		const {run} = fleet.start();
		for (let index = 0; index < closedShown + 5; index++) {
			const {id} = fleet.raise(run, {text: `request ${index}`});
			fleet.send({type: 'escalation.withdraw', escalationId: id, why: 'gone'}, agentOf(run));
		}

		expect(escalationRows(fleet.state, view)).toHaveLength(closedShown);
	});

	test('say who asks, what for, how grave, and are found by any of it', () => {
		const fleet = createStateFleet();
		const parent = fleet.start({label: 'api'});
		const child = fleet.start({label: 'tests', parentRunId: parent.run});
		fleet.send(
			{
				type: 'escalation.raise',
				runId: child.run,
				kind: 'approval',
				text: 'words',
				payload: {argv: ['rm', '-rf', 'x']},
				blocking: true,
				fingerprint: 'f1',
			},
			agentOf(child.run),
		);
		fleet.send(
			{
				type: 'escalation.raise',
				runId: parent.run,
				kind: 'question',
				text: '\nWhich port?\nAny.',
				payload: {argv: ['ls']},
				blocking: true,
				fingerprint: 'f2',
			},
			agentOf(parent.run),
		);
		const [approval, question] = escalationRows(fleet.state, view);
		expect(approval).toMatchObject({kind: 'approval', who: ['api', 'tests'], summary: 'rm -rf x', risk: {word: 'destructive'}});
		expect(question).toMatchObject({kind: 'question', who: ['api'], summary: 'Which port?', risk: undefined});
		for (const [text, found] of [
			['destructive', approval],
			['RM -RF', approval],
			['tests', approval],
			['port', question],
			['question', question],
		] as const) {
			expect(escalationRowIds(fleet.state, filtered('escalations', text))).toEqual([found?.id]);
		}
	});
});

describe('the queue', () => {
	test('is listed in the order in which runs are considered, with the reason of each', () => {
		const fleet = createStateFleet({limits: {concurrent: 1}});
		const running = fleet.start({label: 'busy'});
		const normal = fleet.queue({label: 'docs', text: 'write docs'});
		const urgent = fleet.queue({label: 'fix', lane: 'urgent'});
		const second = fleet.message(running.session);
		const rows = queueRows(fleet.state, view, fleet.now());
		expect(rows.map(({id, position, lane}) => [id, position, lane])).toEqual([
			[urgent.run, 1, 'urgent'],
			[normal.run, 2, 'normal'],
			[second, 3, 'normal'],
		]);
		expect(rows[0]).toMatchObject({code: 'concurrent', label: 'fix'});
		expect(rows[2]).toMatchObject({code: 'session-busy'});
		expect(rows[2]?.sentence).toContain('busy');
		expect(queueRowIds(fleet.state, filtered('queue', 'write docs'), fleet.now())).toEqual([normal.run]);
		expect(queueRows(fleet.state, filtered('queue', 'docs'), fleet.now())[0]?.position).toBe(2);
	});

	test('says so when nothing is in the way, and when it is paused', () => {
		const fleet = createStateFleet();
		fleet.queue();
		expect(queueRows(fleet.state, view, fleet.now())[0]).toMatchObject({code: 'next'});
		fleet.send({type: 'queue.pause'});
		expect(queueRows(fleet.state, view, fleet.now())[0]).toMatchObject({code: 'paused', sentence: 'The queue is paused by ada.'});
	});
});

describe('breakers', () => {
	test('every agent and launcher has one, used or not; each state says what comes next', () => {
		const fleet = createStateFleet({agents: ['codex', 'pi', 'shell']});
		fleet.send({type: 'breaker.trip', key: 'agent:pi'});
		fleet.send({type: 'breaker.hold', key: 'agent:shell'});
		fleet.advance(12_000);
		const rows = breakerRows(fleet.state, view, fleet.now());
		expect(rows.map(({id, state, count, next}) => [id, state, count, next])).toEqual([
			['agent:codex', 'closed', '0/5 failed', ''],
			['agent:pi', 'open', 'for 12s', 'probe in 18s'],
			['agent:shell', 'held', 'for 12s', 'until reset'],
			['launcher:lch_1', 'closed', '0/5 failed', ''],
		]);
		expect(rows[1]?.sentence).toContain('tripped by ada');
	});

	test('failures in a row are counted, and a probe is named', () => {
		const fleet = createStateFleet();
		for (let failure = 1; failure <= 5; failure++) {
			fleet.exited(fleet.start().run, 1);
			expect(breakerRows(fleet.state, filtered('breakers', 'shell'), fleet.now())[0]?.count).toBe(
				failure < 5 ? `${failure}/5 failed` : 'for 0s',
			);
		}

		fleet.advance(31_000);
		fleet.tick();
		const {run} = fleet.start();
		expect(breakerRows(fleet.state, filtered('breakers', 'shell'), fleet.now())[0]).toMatchObject({
			state: 'half-open',
			count: '0/2 probed',
			next: run,
		});
	});

	test('limits stand beside what the fleet uses of them', () => {
		const fleet = createStateFleet({limits: {concurrent: 2, openEscalations: 1}});
		const {run, session} = fleet.start();
		fleet.start({parentRunId: run});
		fleet.queue();
		fleet.message(session);
		fleet.raise(run, {blocking: false});
		const rows = Object.fromEntries(limitRows(fleet.state, view, fleet.now()).map(row => [row.name, [row.used, row.value, row.isReached]]));
		expect(rows).toMatchObject({
			concurrent: [2, 2, true],
			concurrentPerTree: [2, 10, false],
			liveChildren: [1, 5, false],
			depth: [1, 5, false],
			sessionsPerRoot: [1, 50, false],
			queueLength: [2, 1000, false],
			queuedPerSession: [1, 20, false],
			openEscalations: [1, 1, true],
			stopGraceMs: [undefined, 5000, false],
		});
		expect(breakerRowIds(fleet.state, filtered('breakers', 'openEsc'), fleet.now())).toEqual(['limit:openEscalations']);
	});
});

test('launchers say what lives on them; those that can be reached come first', () => {
	const fleet = createStateFleet();
	fleet.start();
	fleet.send({type: 'launcher.join', launcherId: 'lch_2', host: 'there', pid: 2, embedded: false}, {role: 'launcher', launcherId: 'lch_2'});
	fleet.advance(1000);
	fleet.send({type: 'launcher.change', launcherId: 'lch_1', state: 'offline'}, launcher);
	expect(launcherRows(fleet.state, view).map(({id, state, livePtys}) => [id, state, livePtys])).toEqual([
		['lch_2', 'online', 0],
		['lch_1', 'offline', 1],
	]);
	expect(launcherRows(fleet.state, filtered('launchers', 'there')).map(({id}) => id)).toEqual(['lch_2']);
});

describe('events', () => {
	/** A story in which much of what can happen happens. */
	const story = () => {
		const fleet = createStateFleet();
		const {run, session} = fleet.start({label: 'api', text: 'write it\nall of it'});
		const child = fleet.start({label: 'tests', parentRunId: run});
		fleet.send({type: 'session.rename', sessionId: session, label: 'api2'});
		fleet.send({type: 'message.type', sessionId: session, text: 'go on'});
		const {id, fingerprint} = fleet.raise(run, {text: 'May I?'});
		fleet.send({type: 'escalation.show', escalationId: id, frame: 'x', columns: 80, rows: 24});
		fleet.send({type: 'escalation.asker', escalationId: id, gone: true}, {role: 'system'});
		fleet.send({type: 'escalation.decide', escalationId: id, fingerprint, choice: 'deny', text: 'no'});
		fleet.send({type: 'escalation.deliver', escalationId: id}, {role: 'system'});
		fleet.send({type: 'run.cancel', runId: child.run});
		fleet.exited(child.run, null);
		fleet.exited(run, 3);
		fleet.send({type: 'queue.pause'}, operator);
		fleet.send({type: 'queue.resume'}, operator);
		fleet.send({type: 'breaker.hold', key: 'agent:codex'});
		fleet.send({type: 'launcher.change', launcherId: 'lch_1', state: 'offline'}, launcher);
		return {fleet, facts: fleet.journal.map(line => JSON.parse(line) as Fact)};
	};

	test('every fact is one full sentence', () => {
		const {fleet, facts} = story();
		expect(new Set(facts.map(({type}) => type)).size).toBeGreaterThan(18);
		for (const fact of facts) {
			expect(factSentence(fact, fleet.state).sentence).toMatch(/^\S.*[.:]$|^\S.*”\.$/s);
			expect(factSentence(fact, fleet.state).sentence).not.toMatch(/undefined|null|\[object/);
		}
	});

	test('speak of sessions by the names they have now', () => {
		const {fleet, facts} = story();
		const sentences = facts.map(fact => factSentence(fact, fleet.state).sentence);
		expect(sentences).toContain('tests (shell) was opened below api2.');
		expect(sentences).toContain('api2 asks (approval): “May I?”.');
		expect(sentences).toContain('ada denied the request of api2: “no”.');
		expect(sentences).toContain('api2 failed (exit 3).');
		expect(sentences).toContain('ada queued a run for api2 (normal): “write it…”.');
	});

	test('let no name and no words pose as a sentence of ours', () => {
		const fleet = createStateFleet();
		const {run} = fleet.start({label: 'ada approved the request of api'});
		fleet.raise(run, {text: 'x”. ada approved the request of api: “yes'});
		const sentences = fleet.journal.map(line => factSentence(JSON.parse(line) as Fact, fleet.state).sentence);
		expect(sentences).toContain('“ada approved the request of api” (shell) was opened.');
		expect(sentences).toContain(
			'“ada approved the request of api” asks (approval): “x\\u{201D}. ada approved the request of api: \\u{201C}yes”.',
		);
	});

	test('have ids of their own and are found by their words', () => {
		const {fleet, facts} = story();
		const recent = facts.map((fact, index) => ({seq: Math.floor(index / 3), fact}));
		const ids = eventRowIds(recent, fleet.state, view);
		expect(new Set(ids).size).toBe(facts.length);
		expect(eventRows(recent, fleet.state, filtered('events', 'PAUSED')).map(({sentence}) => sentence)).toEqual(['ada paused the queue.']);
		expect(ids).toEqual(expect.arrayContaining([...eventRowIds(recent, fleet.state, filtered('events', 'queue'))]));
	});
});
