import {describe, expect, test} from 'vitest';
import {apply, applyAll} from '../../state/apply.js';
import type {Fact} from '../../state/fact.js';
import {createState, savedState} from '../../state/state.js';
import {comparableIndex, createStateFleet, launcher, system} from '../helpers/state-fleet.js';

/** A short life with a bit of everything. */
const life = () => {
	const fleet = createStateFleet({limits: {concurrent: 2}});
	const root = fleet.start({label: 'root'});
	const child = fleet.start({parentRunId: root.run});
	const request = fleet.raise(child.run);
	fleet.send({type: 'escalation.show', escalationId: request.id, frame: 'f', columns: 80, rows: 24});
	fleet.advance(1000);
	fleet.send({type: 'escalation.decide', escalationId: request.id, fingerprint: request.fingerprint, choice: 'deny', text: 'no'});
	fleet.send({type: 'escalation.deliver', escalationId: request.id}, system);
	fleet.send({type: 'message.type', sessionId: root.session, text: 'go on'});
	fleet.message(root.session, {lane: 'urgent'});
	fleet.send({type: 'session.rename', sessionId: root.session, label: 'renamed'});
	fleet.exited(child.run, 1);
	fleet.send({type: 'breaker.trip', key: 'agent:codex'});
	fleet.send({type: 'queue.pause'});
	fleet.send({type: 'session.stop', sessionId: root.session, tree: true});
	fleet.send({type: 'launcher.change', launcherId: 'lch_1', state: 'offline'}, launcher);
	return fleet;
};

const facts = (journal: readonly string[]): readonly Fact[] => journal.map(line => JSON.parse(line) as Fact);

describe('replay', () => {
	test('of all facts gives State back, with its index', () => {
		const fleet = life();
		const again = createState();
		applyAll(again, facts(fleet.journal));
		expect(savedState(again)).toEqual(savedState(fleet.state));
		expect(comparableIndex(again)).toEqual(comparableIndex(fleet.state));
	});

	test('of the rest upon a snapshot of any moment gives the same', () => {
		const fleet = life();
		const all = facts(fleet.journal);
		for (let cut = 0; cut <= all.length; cut += 1) {
			const early = createState();
			applyAll(early, all.slice(0, cut));
			const loaded = createState(JSON.parse(JSON.stringify(savedState(early))));
			applyAll(loaded, all.slice(cut));
			expect(savedState(loaded)).toEqual(savedState(fleet.state));
			expect(comparableIndex(loaded)).toEqual(comparableIndex(fleet.state));
		}
	});

	test('changes no fact: the journal and its listeners keep what happened', () => {
		const fleet = life();
		const all = facts(fleet.journal);
		const state = createState();
		for (const fact of all) {
			apply(state, fact);
		}

		expect(all.map(fact => JSON.stringify(fact))).toEqual(fleet.journal);
	});

	test('twice side by side shares nothing', () => {
		const all = facts(life().journal);
		const one = createState();
		const other = createState();
		applyAll(one, all);
		applyAll(other, all);
		const before = structuredClone(savedState(other));
		for (const run of Object.values(one.runs)) {
			run.attempts.length = 0;
		}

		for (const session of Object.values(one.sessions)) {
			session.runIds.length = 0;
		}

		for (const escalation of Object.values(one.escalations)) {
			escalation.state = 'withdrawn';
		}

		expect(structuredClone(savedState(other))).toEqual(before);
	});

	test('counts every fact and never goes back in time', () => {
		const fleet = life();
		const all = facts(fleet.journal);
		const state = createState();
		apply(state, all[0]!);
		apply(state, {...all[0]!, atMs: 5});
		expect(state.version).toBe(2);
		expect(state.lastAtMs).toBe(all[0]!.atMs);
	});

	test('of agents with the names that every object knows keeps them apart', () => {
		const fleet = createStateFleet({agents: ['__proto__', 'constructor']});
		const {run} = fleet.queue({agent: '__proto__'});
		expect(Object.keys(fleet.state.agents)).toEqual(['__proto__', 'constructor']);
		expect(fleet.refusal({type: 'session.create', agent: 'toString', cwd: '/w'}).code).toBe('UNKNOWN_AGENT');
		const again = createState(JSON.parse(JSON.stringify(savedState(fleet.state))));
		expect(Object.keys(again.agents)).toEqual(['__proto__', 'constructor']);
		expect(again.runs[run]?.state).toBe('queued');
	});
});
