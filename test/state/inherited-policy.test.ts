import {describe, expect, test} from 'vitest';
import {ledgerEntries} from '../../state/escalation/ledger.js';
import type {Policy} from '../../state/escalation/policy.js';
import {rehearse} from '../../state/escalation/policy-rehearsal.js';
import {applyPolicies, askFor, askingFleet} from '../helpers/asking.js';

const full: Policy = {name: 'full', mode: 'full', agents: ['codex'], iUnderstand: true};
const on = (mode: Policy['mode'], extra: Partial<Policy> = {}): Policy => ({name: mode, mode, agents: ['shell'], ...extra});

/** What a codex asks that was spawned by an agent `shell`, in whose way these policies stand. */
const asked = (policies: readonly Policy[], argv = ['npm', 'ci']) => {
	const {fleet, run} = askingFleet();
	applyPolicies(fleet, policies);
	const child = fleet.start({agent: 'codex', cwd: '/work/project', parentRunId: run});
	return {fleet, escalation: askFor(fleet, child.run, argv)};
};

describe('a child inherits the policies of its parent (M5)', () => {
	test('what the parent is denied a child of another agent is denied too', () => {
		expect(asked([on('deny')]).escalation.decision).toMatchObject({choice: 'deny', policy: {name: 'deny'}});
		expect(asked([full, on('deny')]).escalation.decision?.choice).toBe('deny');
		expect(asked([full, on('ask', {deny: [{executable: 'npm'}]})]).escalation.decision?.choice).toBe('deny');
	});

	test('what the parent has to ask for no child is simply allowed', () => {
		expect(asked([full, on('ask')]).escalation.state).toBe('open');
		const allow = [{executable: 'npm', argv: ['ci']}];
		expect(asked([full, on('allowlist', {allow})]).escalation.decision).toMatchObject({choice: 'approve', policy: {name: 'allowlist'}});
		expect(asked([full, on('allowlist', {allow})], ['npm', 'test']).escalation.state).toBe('open');
	});

	test('what the parent is allowed frees no child that nobody spoke of', () => {
		expect(asked([on('full', {iUnderstand: true})]).escalation.state).toBe('open');
		expect(asked([full]).escalation.decision?.choice).toBe('approve');
	});

	test('a rehearsal says the same as it did live', () => {
		const policies = [full, on('deny')];
		const {fleet} = asked(policies);
		expect(rehearse(policies, ledgerEntries(fleet.state))).toMatchObject({deny: 1, differences: []});
	});
});
