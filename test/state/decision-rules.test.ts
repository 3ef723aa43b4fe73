import {describe, expect, test} from 'vitest';
import {askFor, askingFleet, decideOn, foundFor} from '../helpers/asking.js';
import {agentOf, operator, system} from '../helpers/state-fleet.js';

describe('the rule itself, whoever asks by whatever way', () => {
	test('takes a high risk only with the word of that risk', () => {
		const {fleet, run} = askingFleet();
		const escalation = askFor(fleet, run, ['rm', '-rf', 'build']);
		for (const word of [undefined, '', 'yes', 'network', 'destructiv']) {
			const refused = fleet.refusal(decideOn(escalation, 'approve', word === undefined ? {} : {word}));
			expect(refused).toEqual({code: 'NOT_ARMED', sentence: 'It is a high risk: it is approved only with the word “destructive”.'});
		}

		fleet.send(decideOn(escalation, 'approve', {word: ' Destructive '}));
		expect(escalation.decision?.choice).toBe('approve');
	});

	test('takes what is longer than anybody reads only to deny it', () => {
		const {fleet, run} = askingFleet();
		const escalation = askFor(fleet, run, ['echo', 'x'.repeat(11_000)]);
		expect(fleet.refusal(decideOn(escalation, 'approve', {word: 'unknown'})).sentence).toMatch('more than anybody reads');
		fleet.send(decideOn(escalation, 'deny'));
		expect(escalation.state).toBe('answered');
	});

	test('takes a denial without any word', () => {
		const {fleet, run} = askingFleet();
		const escalation = askFor(fleet, run, ['rm', '-rf', '/']);
		fleet.send(decideOn(escalation, 'deny'));
		expect(escalation.state).toBe('answered');
	});

	test('knows the same decision by its reach too', () => {
		const {fleet, run} = askingFleet();
		const escalation = askFor(fleet, run, ['npm', 'ci']);
		fleet.send(decideOn(escalation, 'approve', {scope: 'run'}));
		expect(fleet.send(decideOn(escalation, 'approve', {scope: 'run'}))).toEqual([]);
		expect(fleet.refusal(decideOn(escalation, 'approve')).code).toBe('ALREADY_RESOLVED');
		expect(Object.keys(fleet.state.grants)).toHaveLength(1);
	});
});

describe('a plan that changed (rule 11)', () => {
	const changed = () => {
		const {fleet, run} = askingFleet();
		const argv = ['make', 'all'];
		const before = askFor(fleet, run, argv, {found: {...foundFor(argv), files: {'/work/project/Makefile': 'a'}}});
		const after = askFor(fleet, run, argv, {found: {...foundFor(argv), files: {'/work/project/Makefile': 'b'}}});
		return {fleet, run, before, after};
	};

	test('is a new request, and the old one is superseded', () => {
		const {fleet, run, before, after} = changed();
		expect(after.id).not.toBe(before.id);
		expect(before).toMatchObject({state: 'superseded', supersededBy: after.id, closed: {why: expect.stringContaining(after.id)}});
		expect([...fleet.state.index.openEscalations]).toEqual([after.id]);
		expect(fleet.run(run)).toMatchObject({state: 'waiting', reason: 'approval'});
		expect(fleet.refusal(decideOn(before, 'approve'))).toMatchObject({code: 'CHANGED', sentence: expect.stringContaining(after.id)});
		fleet.send(decideOn(after, 'approve'), operator);
		expect(fleet.run(run).state).toBe('running');
	});

	test('that no longer holds the agent lets the run go on', () => {
		const {fleet, run, after} = changed();
		const {kind, text, payload, fingerprint} = after;
		const plan = {runId: run, kind, text, payload: payload!, blocking: false, fingerprint};
		fleet.send({type: 'escalation.raise', ...plan, found: foundFor(['make', 'all'], '/elsewhere')}, system);
		expect([after.state, fleet.run(run).state]).toEqual(['superseded', 'running']);
	});

	test('that is the same is the same request', () => {
		const {fleet, run, after} = changed();
		const again = askFor(fleet, run, ['make', 'all'], {found: after.found!});
		expect(again.id).toBe(after.id);
	});

	test('finds room, for it takes the place of the old one', () => {
		const {fleet, run, before} = changed();
		fleet.configure({openEscalations: 1});
		const plan = {
			runId: run,
			kind: before.kind,
			text: before.text,
			payload: before.payload!,
			blocking: true,
			fingerprint: before.fingerprint,
		};
		fleet.send({type: 'escalation.raise', ...plan, found: foundFor(['make', 'all'], '/elsewhere')}, system);
		expect(fleet.refusal({type: 'escalation.raise', ...plan, fingerprint: 'other'}, agentOf(run)).code).toBe('LIMIT_REACHED');
	});

	test('lets the run go on when a grant answers the new one', () => {
		const {fleet, run} = askingFleet();
		fleet.send(decideOn(askFor(fleet, run, ['npm', 'ci']), 'approve', {scope: 'always'}));
		const unknown = askFor(fleet, run, ['npm', 'ci'], {text: 'x', found: null});
		expect(fleet.run(run).state).toBe('waiting');
		const known = askFor(fleet, run, ['npm', 'ci'], {text: 'x'});
		expect([unknown.state, known.state, fleet.run(run).state]).toEqual(['superseded', 'answered', 'running']);
	});
});
