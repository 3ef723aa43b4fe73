import {describe, expect, test} from 'vitest';
import type {Actor} from '../../state/actor.js';
import type {AgentProfile} from '../../state/agent/agent-profile.js';
import type {Command} from '../../state/command.js';
import {maySend, whyNotPermitted} from '../../state/permission.js';
import {agentOf, createStateFleet, launcher, operator, system} from '../helpers/state-fleet.js';

/** What an agent may do at all. Anything added here widens what a prompt injection can reach. */
const agentCommands = [
	'agent.report',
	'escalation.decide',
	'escalation.raise',
	'escalation.withdraw',
	'message.send',
	'run.cancel',
	'run.stop-waiting',
	'run.wait',
	'session.create',
	'session.stop',
];

const types = Object.keys(maySend) as Array<Command['type']>;

describe('who may send what', () => {
	test('an agent may send only this', () => {
		expect(types.filter(type => maySend[type].includes('agent')).sort()).toEqual([...agentCommands].sort());
	});

	test('a launcher may only report and come and go', () => {
		const allowed = types.filter(type => maySend[type].includes('launcher'));
		expect(allowed.every(type => /^(attempt|launcher|agent)[.]/.test(type))).toBe(true);
	});

	test('a person decides, or a parent where a policy lets it; only a person is shown what to decide', () => {
		expect(maySend['escalation.decide']).toEqual(['operator', 'agent']);
		expect(maySend['escalation.show']).toEqual(['operator']);
	});

	test('a person neither claims runs nor reports for launchers', () => {
		const forbidden = ['queue.dispatch', 'clock.tick', 'attempt.started', 'attempt.exited', 'attempt.lost', 'escalation.deliver'] as const;
		expect(forbidden.filter(type => maySend[type].includes('operator'))).toEqual([]);
	});

	test.each(types)('the role alone is asked first for %s', type => {
		const {state} = createStateFleet();
		const actors: readonly Actor[] = [operator, system, launcher, agentOf('run_none')];
		for (const actor of actors) {
			const isForbidden = whyNotPermitted(state, {type} as Command, actor)?.code === 'FORBIDDEN';
			// An agent's token that names no run is good for nothing.
			expect(isForbidden).toBe(actor.role === 'agent' || !maySend[type].includes(actor.role));
		}
	});
});

describe('an agent', () => {
	/** Two trees: a root with a child, and another root. */
	const twoTrees = () => {
		const fleet = createStateFleet();
		const root = fleet.start();
		const child = fleet.start({parentRunId: root.run});
		const other = fleet.start();
		const code = (command: Command, runId: string) => whyNotPermitted(fleet.state, command, agentOf(runId))?.code;
		return {fleet, root, child, other, code};
	};

	test('spawns below its own run and nowhere else', () => {
		const {root, child, other, code} = twoTrees();
		const spawn = (parentRunId?: string) =>
			({type: 'session.create', agent: 'shell', cwd: '/w', text: 'x', ...(parentRunId !== undefined && {parentRunId})}) as const;
		expect(code(spawn(root.run), root.run)).toBeUndefined();
		expect(code(spawn(), root.run)).toBe('FORBIDDEN');
		expect(code(spawn(child.run), root.run)).toBe('FORBIDDEN');
		expect(code(spawn(root.run), child.run)).toBe('FORBIDDEN');
		expect(code(spawn(other.run), root.run)).toBe('FORBIDDEN');
	});

	test('writes within its own tree', () => {
		const {root, child, other, code} = twoTrees();
		const write = (sessionId: string) => ({type: 'message.send', sessionId, text: 'x'}) as const;
		expect(code(write(child.session), root.run)).toBeUndefined();
		expect(code(write(root.session), child.run)).toBeUndefined();
		expect(code(write(other.session), root.run)).toBe('FORBIDDEN');
		expect(code(write('constructor'), root.run)).toBe('FORBIDDEN');
	});

	test('raises and withdraws only requests of its own', () => {
		const {fleet, root, child, code} = twoTrees();
		const request = fleet.raise(child.run);
		const raise = {type: 'escalation.raise', runId: child.run, kind: 'approval', text: 'x', blocking: true, fingerprint: 'f'} as const;
		const withdraw = {type: 'escalation.withdraw', escalationId: request.id, why: 'x'} as const;
		expect(code(raise, child.run)).toBeUndefined();
		expect(code(raise, root.run)).toBe('FORBIDDEN');
		expect(code(withdraw, child.run)).toBeUndefined();
		expect(code(withdraw, root.run)).toBe('FORBIDDEN');
	});

	test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])('called %s is nobody', name => {
		const {fleet, root, code} = twoTrees();
		const stop = {type: 'session.stop', sessionId: root.session, tree: true} as const;
		expect(code(stop, name)).toBe('FORBIDDEN');
		expect(fleet.refusal({type: 'run.cancel', runId: name}).code).toBe('UNKNOWN_RUN');
		expect(fleet.refusal({type: 'message.send', sessionId: name, text: 'x'}).code).toBe('UNKNOWN_SESSION');
		expect(fleet.refusal({type: 'session.create', agent: name, cwd: '/w'}).code).toBe('UNKNOWN_AGENT');
		expect(fleet.refusal({type: 'launcher.change', launcherId: name, state: 'offline'}, launcher).code).toBe('UNKNOWN_LAUNCHER');
	});
});

describe('what an agent may spawn', () => {
	const spawn = (parent: Partial<AgentProfile>, child: string) => {
		const fleet = createStateFleet({agents: ['claude', 'shell'], profiles: {claude: parent}});
		const {run} = fleet.start({agent: 'claude'});
		const {refused} = fleet.ask({type: 'session.create', agent: child, cwd: '/w', text: 'rm -rf x', parentRunId: run}, agentOf(run));
		return refused?.code;
	};

	test('is its own kind: one that is asked before it runs a command gets no shell that nobody asks', () => {
		expect(spawn({adapter: 'claude'}, 'shell')).toBe('FORBIDDEN');
		expect(spawn({adapter: 'claude'}, 'claude')).toBeUndefined();
	});

	test('is what its configuration says', () => {
		expect(spawn({adapter: 'claude', maySpawn: ['shell']}, 'shell')).toBeUndefined();
		expect(spawn({adapter: 'claude', maySpawn: ['shell']}, 'claude')).toBe('FORBIDDEN');
		expect(spawn({adapter: 'claude', maySpawn: ['*']}, 'shell')).toBeUndefined();
	});

	test('is anything for what runs any command by itself', () => {
		expect(spawn({adapter: 'command'}, 'shell')).toBeUndefined();
	});
});
