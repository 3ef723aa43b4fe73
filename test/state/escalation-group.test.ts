import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {escalationGroups, groupFingerprint, groupNamed} from '../../state/escalation/escalation-group.js';
import {riskOf} from '../../state/escalation/risk.js';
import {askFor, decideOn, foundFor} from '../helpers/asking.js';
import {createStateFleet} from '../helpers/state-fleet.js';

const agents = (count: number) => {
	const fleet = createStateFleet({limits: {openEscalations: 50, concurrent: 50, concurrentPerTree: 50}});
	const runs = Array.from({length: count}, (_, index) => fleet.start({cwd: '/work/project', label: `agent-${index}`}).run);
	return {fleet, runs};
};

describe('a group (E8)', () => {
	test('holds the requests of several agents for the same command, oldest first', () => {
		const {fleet, runs} = agents(3);
		const asked = runs.map(run => {
			fleet.advance(5);
			return askFor(fleet, run, ['npm', 'ci'], {text: `Please, ${run}.`});
		});
		const [group] = escalationGroups(fleet.state);
		expect(group?.members.map(({id}) => id)).toEqual(asked.map(({id}) => id));
		fleet.send(decideOn(asked[0]!, 'deny'));
		expect(groupNamed(fleet.state, group!.id)?.members).toHaveLength(2);
		fleet.send(decideOn(asked[1]!, 'deny'));
		expect(groupNamed(fleet.state, group!.id)).toBeUndefined();
	});

	test.each([
		['another argument', ['npm', 'ci', '-f'], {}],
		['a high risk', ['rm', 'x'], {}],
		['another file behind the name', ['npm', 'ci'], {found: {cwd: '/work/project', executables: {npm: '/opt/npm'}}}],
		['a changed environment', ['npm', 'ci'], {payload: {argv: ['npm', 'ci'], env: {A: '1'}}}],
		['a diff', ['npm', 'ci'], {payload: {argv: ['npm', 'ci'], diff: '+x'}}],
		['another folder, outside', ['npm', 'ci'], {payload: {argv: ['npm', 'ci'], cwd: '/etc'}, found: foundFor(['npm'], '/etc')}],
		['a question', ['npm', 'ci'], {kind: 'question'}],
	] as const)('does not take in %s', (_, argv, options) => {
		const {fleet, runs} = agents(3);
		askFor(fleet, runs[0]!, ['npm', 'ci']);
		askFor(fleet, runs[1]!, argv, options);
		expect(escalationGroups(fleet.state)).toEqual([]);
	});

	test('is not made of the requests of one agent', () => {
		const {fleet, runs} = agents(1);
		askFor(fleet, runs[0]!, ['npm', 'ci'], {text: 'a'});
		askFor(fleet, runs[0]!, ['npm', 'ci'], {text: 'b'});
		expect(escalationGroups(fleet.state)).toEqual([]);
	});

	test('is another one to read as soon as somebody joins or leaves', () => {
		const {fleet, runs} = agents(3);
		const asked = runs.map(run => askFor(fleet, run, ['npm', 'ci']));
		const prints = [asked, asked.slice(1), [asked[0]!, {...asked[1]!, fingerprint: 'x'}, asked[2]!]].map(groupFingerprint);
		expect(new Set(prints).size).toBe(3);
	});
});

test('no group ever holds a high risk or two commands (rule 16)', () => {
	const argv = fc.constantFrom(
		['npm', 'ci'],
		['ls'],
		['rm', 'x'],
		['git', 'push'],
		['sh', '-c', 'npm ci'],
		['sh', '-c', '$X'],
		['node', '-e', 'x'],
		[],
	);
	fc.assert(
		fc.property(fc.array(argv, {minLength: 2, maxLength: 8}), lines => {
			const {fleet, runs} = agents(lines.length);
			for (const [index, line] of lines.entries()) {
				askFor(fleet, runs[index]!, line);
			}

			for (const {members} of escalationGroups(fleet.state)) {
				expect(new Set(members.map(({payload}) => JSON.stringify(payload?.argv))).size).toBe(1);
				expect(members.every(member => riskOf(member, '/work/project')?.level !== 'high')).toBe(true);
			}
		}),
		{numRuns: 60},
	);
});
