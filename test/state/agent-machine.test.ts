import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {type AgentState, agentState, agentTransitions} from '../../state/agent/agent-machine.js';
import {defaultRetry} from '../../state/run/retry.js';
import {createStateFleet, launcher, type StateFleet} from '../helpers/state-fleet.js';
import {reported, statusOf} from '../helpers/state-reports.js';

const minute = 60_000;

const openFleet = ({isRetried = true}: {readonly isRetried?: boolean} = {}) =>
	createStateFleet({
		profiles: {codex: {provesAcceptance: true, ...(isRetried && {retry: defaultRetry})}},
		limits: {queuedPerSession: 1000},
	});

describe('where an agent is (M9)', () => {
	test('goes its way from an assignment through work to its end', () => {
		const fleet = openFleet();
		const {run, session} = fleet.queue({agent: 'codex'});
		const seen: AgentState[] = [];
		const look = () => seen.push(agentState(fleet.state, fleet.session(session)));
		look();
		fleet.dispatch();
		look();
		fleet.started(run);
		look();
		reported(fleet, run, {kind: 'accepted'});
		look();
		const {id, fingerprint} = fleet.raise(run, {kind: 'question'});
		look();
		fleet.send({type: 'escalation.decide', escalationId: id, fingerprint, choice: 'answer', text: 'yes'});
		look();
		reported(fleet, run, statusOf('idle'));
		look();
		fleet.send({type: 'launcher.change', launcherId: 'lch_1', state: 'offline'}, launcher);
		look();
		fleet.exited(run);
		look();
		expect(seen).toEqual(['offline', 'assigned', 'assigned', 'working', 'blocked', 'working', 'idle', 'offline', 'done']);
	});

	test('is unresponsive when it did not take its prompt in time, though it looks alive, until it is given it again', () => {
		const fleet = openFleet();
		const {run, session} = fleet.start({agent: 'codex'});
		fleet.send({type: 'agent.report', runId: run, generation: 1, report: statusOf('idle', 'screen')}, launcher);
		const now = () => agentState(fleet.state, fleet.session(session));
		expect(now()).toBe('assigned');
		fleet.advance(minute);
		fleet.tick();
		expect(now()).toBe('unresponsive');
		fleet.exited(run, null);
		expect(fleet.run(run).state).toBe('queued');
		expect(now()).toBe('unresponsive');
		fleet.dispatch();
		expect(now()).toBe('assigned');
	});

	test('is not unresponsive when it was only stopped early, or has nothing to take', () => {
		const fleet = openFleet();
		const [early, interactive] = [fleet.start({agent: 'codex'}), fleet.start({agent: 'codex', text: ''})];
		fleet.send({type: 'run.cancel', runId: early.run});
		fleet.exited(early.run, null);
		expect(agentState(fleet.state, fleet.session(early.session))).toBe('offline');
		fleet.advance(10 * minute);
		fleet.tick();
		expect(agentState(fleet.state, fleet.session(interactive.session))).toBe('working');
	});
});

const acts = [
	'message',
	'dispatch',
	'start',
	'accept',
	'working',
	'idle',
	'blocked',
	'done',
	'error',
	'ask',
	'decide',
	'limit',
	'exit',
	'fail',
	'lose',
	'cancel',
	'away',
	'back',
	'tick',
	'late',
] as const;

/** Does one thing to a session that is possible now; what is not is refused, and is fine too. */
const act = (fleet: StateFleet, session: string, what: (typeof acts)[number]): void => {
	const runId = [...fleet.state.index.live][0] ?? '';
	const generation = fleet.state.runs[runId]?.generation ?? 0;
	const at = {runId, generation};
	switch (what) {
		case 'message': {
			fleet.message(session);
			return;
		}

		case 'dispatch': {
			fleet.ask({type: 'queue.dispatch'}, {role: 'system'});
			return;
		}

		case 'start': {
			fleet.ask({type: 'attempt.started', ...at, pid: 7}, launcher);
			return;
		}

		case 'accept': {
			fleet.ask({type: 'agent.report', ...at, report: {kind: 'accepted'}}, launcher);
			return;
		}

		case 'ask': {
			const fingerprint = String(fleet.now());
			fleet.ask({type: 'escalation.raise', runId, kind: 'question', text: 'so?', blocking: true, fingerprint}, {role: 'agent', runId});
			return;
		}

		case 'decide': {
			const [id] = [...fleet.state.index.openEscalations];
			const fingerprint = fleet.state.escalations[id ?? '']?.fingerprint ?? '';
			fleet.ask({type: 'escalation.decide', escalationId: id ?? '', fingerprint, choice: 'answer', text: 'so'});
			return;
		}

		case 'limit': {
			fleet.ask({type: 'agent.report', ...at, report: {kind: 'limited', sentence: 'wait'}}, launcher);
			return;
		}

		case 'exit':
		case 'fail': {
			fleet.ask({type: 'attempt.exited', ...at, exitCode: what === 'exit' ? 0 : 1, signal: null}, launcher);
			return;
		}

		case 'lose': {
			fleet.ask({type: 'launcher.heartbeat', launcherId: 'lch_1', attempts: []}, launcher);
			return;
		}

		case 'cancel': {
			fleet.ask({type: 'run.cancel', runId});
			return;
		}

		case 'away':
		case 'back': {
			fleet.send({type: 'launcher.change', launcherId: 'lch_1', state: what === 'away' ? 'offline' : 'online'}, launcher);
			return;
		}

		case 'tick':
		case 'late': {
			fleet.advance(what === 'late' ? 70_000 : 0);
			fleet.tick();
			return;
		}

		default: {
			fleet.ask({type: 'agent.report', ...at, report: statusOf(what)}, launcher);
		}
	}
};

type Story = {readonly isRetried: boolean; readonly steps: readonly (typeof acts)[number][]};

const walk = ({isRetried, steps}: Story, seen: (from: AgentState, to: AgentState) => void): void => {
	const fleet = openFleet({isRetried});
	const {session} = fleet.queue({agent: 'codex'});
	let at = agentState(fleet.state, fleet.session(session));
	for (const what of steps) {
		fleet.advance(1);
		act(fleet, session, what);
		const next = agentState(fleet.state, fleet.session(session));
		if (next !== at) {
			seen(at, next);
		}

		at = next;
	}
};

// Most stories begin with a run that came far.
const beginning = fc.constantFrom<Story['steps']>(
	[],
	['dispatch', 'start', 'accept'],
	['dispatch', 'start', 'late', 'accept', 'cancel'],
	['dispatch', 'start', 'fail'],
);

const story: fc.Arbitrary<Story> = fc
	.tuple(fc.boolean(), beginning, fc.array(fc.constantFrom(...acts), {maxLength: 60, size: 'max'}))
	.map(([isRetried, first, rest]) => ({isRetried, steps: [...first, ...rest]}));

test('whatever happens, an agent goes only where the table lets it', () => {
	fc.assert(
		fc.property(story, one => {
			walk(one, (from, to) => expect(agentTransitions[from], `${from} → ${to}`).toContain(to));
		}),
		{numRuns: 300},
	);
});

test('the table lets it go nowhere it never goes', () => {
	const seen = new Set<string>();
	for (const one of fc.sample(story, {numRuns: 2000, seed: 1})) {
		walk(one, (from, to) => seen.add(`${from} → ${to}`));
	}

	const allowed = Object.entries(agentTransitions).flatMap(([from, to]) => to.map(one => `${from} → ${one}`));
	expect([...seen].sort()).toEqual(allowed.sort());
}, 120_000);
