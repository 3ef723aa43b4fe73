import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {Policy} from '../../state/escalation/policy.js';
import {pathOf} from '../../state/session/session.js';
import {applyPolicies, askFor, askingFleet, decideOn} from '../helpers/asking.js';
import {agentOf, createStateFleet} from '../helpers/state-fleet.js';

const parents: Policy = {name: 'parents', mode: 'ask', agents: ['*'], mayDecideChildren: [{executable: 'npm', argv: ['ci']}]};

/** A parent and its child, whose request is open. */
const family = (policies: readonly Policy[] = [parents]) => {
	const {fleet, run, session} = askingFleet();
	applyPolicies(fleet, policies);
	const child = fleet.start({cwd: '/work/project', parentRunId: run});
	return {fleet, run, session, child, ask: (argv = ['npm', 'ci']) => askFor(fleet, child.run, argv)};
};

describe('a parent agent (E2)', () => {
	test('decides nothing without a policy that lets it', () => {
		for (const policies of [[], [{...parents, mayDecideChildren: []}], [parents, {name: 'silent', mode: 'ask', agents: ['*']} as const]]) {
			const {fleet, run, ask} = family(policies);
			const refused = fleet.refusal(decideOn(ask(), 'approve'), agentOf(run));
			expect(refused.code).toBe('FORBIDDEN');
		}
	});

	test('approves what the rules allow, once, and may deny anything', () => {
		const {fleet, run, ask} = family();
		const allowed = ask();
		fleet.send(decideOn(allowed, 'approve'), agentOf(run));
		expect(allowed.decision).toMatchObject({choice: 'approve', by: `agent ${run}`});
		const risky = ask(['rm', '-rf', 'x']);
		fleet.send(decideOn(risky, 'deny', {text: 'no'}), agentOf(run));
		expect(risky.decision).toMatchObject({choice: 'deny', text: 'no'});
	});

	test.each([
		['another command', ['npm', 'test'], {}],
		['a high risk, even with its word', ['rm', 'x'], {word: 'destructive'}],
		['for longer than once', ['npm', 'ci'], {scope: 'run'}],
	] as const)('does not approve %s', (_, argv, extra) => {
		const {fleet, run, ask} = family();
		expect(fleet.refusal(decideOn(ask([...argv]), 'approve', extra), agentOf(run)).code).toBe('FORBIDDEN');
	});
});

test('no agent ever decides a request of its own, of one above or of one beside it (E2, rule 13)', () => {
	const mode = fc.constantFrom<Policy>(
		parents,
		{name: 'open', mode: 'ask', agents: ['*'], mayDecideChildren: [{riskAtMost: 'low'}, {executable: 'npm'}]},
		{name: 'full-parents', mode: 'allowlist', trees: ['*'], allow: [{executable: 'git'}], mayDecideChildren: [{executable: 'npm'}]},
	);
	const tree = fc.array(fc.nat(), {minLength: 1, maxLength: 7});
	fc.assert(
		fc.property(tree, mode, fc.nat(), fc.constantFrom('approve', 'deny'), (shape, policy, pick, choice) => {
			const fleet = createStateFleet({limits: {liveChildren: 50, depth: 50, concurrent: 50, concurrentPerTree: 50}});
			const nodes = [fleet.start({cwd: '/work/project'})];
			applyPolicies(fleet, [policy]);
			fleet.configure({liveChildren: 50, depth: 50, concurrent: 50, concurrentPerTree: 50, openEscalations: 50});
			fleet.state.policies = [policy];
			for (const place of shape) {
				const parentRunId = place % 4 === 0 ? undefined : nodes[place % nodes.length]!.run;
				nodes.push(fleet.start({cwd: '/work/project', ...(parentRunId !== undefined && {parentRunId})}));
			}

			const asker = nodes[pick % nodes.length]!;
			for (const decider of nodes) {
				const escalation = askFor(fleet, asker.run, ['npm', 'ci'], {text: decider.run});
				const above = pathOf(fleet.state, fleet.session(asker.session)).map(({id}) => id);
				const isAbove = decider.session !== asker.session && above.includes(decider.session);
				const {refused} = fleet.ask(decideOn(escalation, choice), agentOf(decider.run));
				expect(refused === undefined, `${decider.session} on ${asker.session}`).toBe(isAbove);
				expect(refused?.code ?? 'FORBIDDEN').toBe('FORBIDDEN');
			}
		}),
		{numRuns: 60},
	);
});
