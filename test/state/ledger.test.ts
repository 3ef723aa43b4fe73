import {describe, expect, test} from 'vitest';
import {closedKept} from '../../state/escalation/apply-escalation.js';
import {ledgerEntries, ledgerEntry} from '../../state/escalation/ledger.js';
import type {Policy} from '../../state/escalation/policy.js';
import {allowsDenied, rehearse} from '../../state/escalation/policy-rehearsal.js';
import {applyPolicies, askFor, askingFleet, decideOn} from '../helpers/asking.js';
import {agentOf, system} from '../helpers/state-fleet.js';

const npm: Policy = {name: 'npm', mode: 'allowlist', agents: ['*'], allow: [{executable: 'npm'}]};

describe('the ledger (E9)', () => {
	test('has every answer with who, how long it took, the frame that was shown, risk and scope', () => {
		const {fleet, run, session} = askingFleet();
		const escalation = askFor(fleet, run, ['npm', 'ci']);
		fleet.send({type: 'escalation.show', escalationId: escalation.id, frame: 'digest', columns: 80, rows: 24, text: 'the frame'});
		fleet.advance(4000);
		expect(ledgerEntry(fleet.state, escalation)).toBeUndefined();
		fleet.send(decideOn(escalation, 'approve', {scope: 'run'}));
		fleet.send({type: 'escalation.deliver', escalationId: escalation.id}, system);
		expect(ledgerEntries(fleet.state)).toMatchObject([
			{
				...{id: escalation.id, kind: 'approval', outcome: 'approved', by: 'ada', waitedMs: 4000, runId: run, sessionId: session},
				...{who: ['api'], agent: 'shell', folder: '/work/project', text: 'May I?', risk: 'network'},
				shown: {frame: 'digest', columns: 80, rows: 24, text: 'the frame'},
				decision: {choice: 'approve', scope: 'run'},
				deliveredAtMs: fleet.now(),
			},
		]);
	});

	test('has time-outs, withdrawals, what policies and grants decided, and what was superseded', () => {
		const {fleet, run} = askingFleet();
		const expired = askFor(fleet, run, ['ls'], {text: 'slow'});
		fleet.advance(30 * 60_000);
		fleet.tick();
		const withdrawn = askFor(fleet, run, ['ls'], {text: 'left'});
		fleet.send({type: 'escalation.withdraw', escalationId: withdrawn.id, why: 'changed its mind'}, agentOf(run));
		const changed = askFor(fleet, run, ['ls'], {text: 'file'});
		askFor(fleet, run, ['ls'], {text: 'file', found: null});
		applyPolicies(fleet, [npm]);
		const automatic = askFor(fleet, run, ['npm', 'ci']);
		const byId = new Map(ledgerEntries(fleet.state).map(entry => [entry.id, entry]));
		expect(byId.get(expired.id)).toMatchObject({outcome: 'expired', by: 'nobody answered in time', waitedMs: 30 * 60_000});
		expect(byId.get(withdrawn.id)).toMatchObject({outcome: 'withdrawn', by: 'changed its mind'});
		expect(byId.get(changed.id)).toMatchObject({outcome: 'superseded'});
		expect(byId.get(automatic.id)).toMatchObject({
			outcome: 'approved',
			by: 'policy npm',
			decision: {policy: {name: 'npm', rule: 'allow 1'}},
		});
	});

	test('does not let State grow: the newest closed ones stay, and those whose asker may still come', () => {
		const {fleet, run} = askingFleet();
		const first = askFor(fleet, run, ['ls'], {text: 'first'});
		fleet.send(decideOn(first, 'deny'));
		for (let index = 0; index < closedKept + 20; index++) {
			fleet.advance(1);
			const escalation = askFor(fleet, run, ['ls'], {text: String(index)});
			fleet.send(decideOn(escalation, 'deny'));
			fleet.send({type: 'escalation.deliver', escalationId: escalation.id}, system);
		}

		const open = askFor(fleet, run, ['ls'], {text: 'open'});
		expect(Object.keys(fleet.state.escalations)).toHaveLength(closedKept + 1);
		expect(fleet.state.escalations).toHaveProperty(first.id);
		expect(fleet.state.escalations).toHaveProperty(open.id);
		expect(ledgerEntries(fleet.state)[0]?.text).toBe(String(closedKept + 19));
		expect(fleet.send({type: 'escalation.deliver', escalationId: 'esc_5'}, system)).toEqual([]);
	});
});

describe('a rehearsal', () => {
	const decided = () => {
		const {fleet, run} = askingFleet();
		fleet.send(decideOn(askFor(fleet, run, ['npm', 'ci']), 'approve'));
		fleet.send(decideOn(askFor(fleet, run, ['npm', 'publish']), 'deny'));
		fleet.send(decideOn(askFor(fleet, run, ['npm', 'test']), 'deny'));
		fleet.send(decideOn(askFor(fleet, run, ['git', 'status']), 'approve'));
		fleet.send(decideOn(askFor(fleet, run, [], {kind: 'question', text: 'Which?'}), 'answer', {text: 'that'}));
		const slow = askFor(fleet, run, ['npm', 'ci'], {text: 'later'});
		fleet.advance(30 * 60_000);
		fleet.tick();
		return {entries: ledgerEntries(fleet.state), slow};
	};

	test('says what other policies would have answered, beside what people did', () => {
		const {entries, slow} = decided();
		const rehearsal = rehearse([npm], entries);
		expect(rehearsal).toMatchObject({count: 5, allow: 3, deny: 0, ask: 2, spared: 1, decided: {approved: 2, denied: 2, unanswered: 1}});
		expect(rehearsal.differences.map(({what, entry}) => [what, entry.payload?.argv?.[1], entry.id === slow.id])).toEqual([
			['allows-unanswered', 'ci', true],
			['allows-denied', 'test', false],
		]);
		expect(allowsDenied(rehearsal)).toBe(true);
	});

	test('of stricter policies denies what was approved, which is no danger', () => {
		const {entries} = decided();
		const rehearsal = rehearse([{name: 'no', mode: 'ask', agents: ['*'], deny: [{executable: 'git'}]}], entries);
		expect(rehearsal.differences.map(({what}) => what)).toEqual(['denies-approved']);
		expect(allowsDenied(rehearsal)).toBe(false);
	});

	test('tells what would be asked again', () => {
		const {fleet, run} = askingFleet();
		applyPolicies(fleet, [npm]);
		askFor(fleet, run, ['npm', 'ci']);
		const rehearsal = rehearse([], ledgerEntries(fleet.state));
		expect(rehearsal.differences.map(({what}) => what)).toEqual(['asks-again']);
	});
});
