import {expect, test} from 'vitest';
import {defaultLimits, type Limits} from '../../state/safety/limits.js';
import {applyPolicies, askFor, askingFleet} from '../helpers/asking.js';
import {createStateFleet, type StateFleet, system} from '../helpers/state-fleet.js';

const overrideFor = (fleet: StateFleet, label: string, limits: Partial<Limits>): void => {
	const agents = Object.values(fleet.state.agents);
	fleet.send({type: 'settings.configure', agents, limits: defaultLimits, limitOverrides: [{label, limits}]}, system);
};

test('what a tree may have otherwise holds for its requests, its retries and its orphans too (Q4)', () => {
	const codex = {retry: {waitsMs: [0, 0], jitter: 0, lostCap: 1}};
	const fleet = createStateFleet({profiles: {codex}});
	overrideFor(fleet, 'small', {openEscalations: 1, escalationExpiryMs: 5000, retriesPerTreePerHour: 1, orphanGraceMs: 60_000});
	const {run} = fleet.start({label: 'small', agent: 'codex'});
	const child = fleet.spawn(run);
	fleet.dispatch();
	fleet.started(child.run);
	const {id} = fleet.raise(run);
	expect(fleet.state.escalations[id]!.expiresAtMs - fleet.now()).toBe(5000);
	const another = {type: 'escalation.raise', runId: run, kind: 'approval', text: 'And this?', blocking: false, fingerprint: 'f'} as const;
	expect(fleet.refusal(another).code).toBe('LIMIT_REACHED');
	fleet.exited(run, 1);
	fleet.dispatch();
	fleet.started(run);
	fleet.exited(run, 1);
	expect(fleet.run(run).state).toBe('dead');
	fleet.advance(59_000);
	fleet.tick();
	expect(fleet.run(child.run).state).toBe('running');
	fleet.advance(1000);
	fleet.tick();
	expect(fleet.run(child.run).state).toBe('stopping');
});

test('what the rules ask about a run takes none of the requests that its agent may make', () => {
	const fleet = createStateFleet({limits: {openEscalations: 1}});
	const {run} = fleet.start();
	fleet.advance(60 * 60_000);
	fleet.send({type: 'agent.output', runId: run, generation: 1, lastOutputAtMs: 0}, system);
	expect(fleet.state.index.openEscalations.size).toBe(1);
	expect(fleet.raise(run).id).not.toBe('');
});

test.each(['constructor', '__proto__', 'toString'])('a program called %s is judged like any other', program => {
	const {fleet, run} = askingFleet();
	applyPolicies(fleet, [{name: 'no', mode: 'ask', agents: ['*'], deny: [{executable: 'rm'}]}]);
	expect(askFor(fleet, run, [program, 'x'], {found: {cwd: '/work/project', executables: {}}}).state).toBe('open');
});
