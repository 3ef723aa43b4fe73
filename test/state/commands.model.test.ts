import fc from 'fast-check';
import {expect, test} from 'vitest';
import {apply} from '../../state/apply.js';
import type {Fact} from '../../state/fact.js';
import {isEnded, isOver, runTransitions} from '../../state/run/run.js';
import {createState, savedState} from '../../state/state.js';
import {askFor, decideOn} from '../helpers/asking.js';
import {codex, commandOf, commandTypes, type Move, move} from '../helpers/state-commands.js';
import {comparableIndex, createStateFleet, launcher, type StateFleet, system} from '../helpers/state-fleet.js';
import {expectInvariants} from '../helpers/state-invariants.js';

const small = {concurrent: 3, concurrentPerTree: 2, liveChildren: 2, depth: 2, sessionsPerRoot: 5, queueLength: 12, queuedPerSession: 3};

const story = fc.array(move, {minLength: 1, maxLength: 150, size: 'max'});

/** Lives through one step and checks everything that must hold after it. Whether the command was taken. */
const live = (fleet: StateFleet, {laterMs, ...rest}: Move): boolean => {
	fleet.advance(laterMs);
	const {command, actor} = commandOf(fleet.state, {laterMs, ...rest});
	const before = structuredClone(savedState(fleet.state));
	const {refused, facts} = fleet.ask(command, actor);
	if (refused) {
		expect(refused.sentence).toMatch(/^\S.*[.]$/s);
		expect(structuredClone(savedState(fleet.state))).toEqual(before);
	}

	expectInvariants({
		before,
		facts,
		actor,
		state: fleet.state,
		nowMs: fleet.now(),
		command: command.type,
		isTick: command.type === 'clock.tick' && !refused,
	});
	return !refused;
};

const replayed = (journal: readonly string[]) => {
	const state = createState();
	for (const line of journal) {
		apply(state, JSON.parse(line) as Fact);
	}

	return state;
};

test('whatever anybody asks for in whatever order, the rules hold and the journal tells it all', () => {
	fc.assert(
		fc.property(story, moves => {
			const fleet = createStateFleet({limits: small, profiles: {codex}});
			for (const one of moves) {
				live(fleet, one);
			}

			const again = replayed(fleet.journal);
			expect(savedState(again)).toEqual(savedState(fleet.state));
			expect(comparableIndex(again)).toEqual(comparableIndex(fleet.state));
			expect(fleet.state.version).toBe(fleet.journal.length);
		}),
		{numRuns: 150},
	);
});

/** A parent that works, a child that came to its end, a dead letter, a plan that changed, and a permission that holds for a while. */
const inTheMiddle = (fleet: StateFleet): void => {
	const parent = fleet.start({cwd: '/work/project'});
	const child = fleet.spawn(parent.run);
	fleet.dispatch();
	fleet.started(child.run);
	fleet.exited(child.run);
	const failing = fleet.start({agent: 'codex'});
	for (const _ of [1, 2]) {
		fleet.exited(failing.run, 1);
		fleet.tick();
		fleet.dispatch();
	}

	askFor(fleet, parent.run, ['npm', 'ci'], {found: null});
	fleet.send(decideOn(askFor(fleet, parent.run, ['npm', 'ci']), 'approve', {scope: 'run'}));
};

test('such stories get far: every kind of command is taken and refused, every state is reached', () => {
	const note = (states: Set<string>, records: Readonly<Record<string, {readonly state: string}>>): void => {
		for (const {state} of Object.values(records)) {
			states.add(state);
		}
	};

	const taken = new Set<string>();
	const refused = new Set<string>();
	const runStates = new Set<string>();
	const breakerStates = new Set<string>();
	const escalationStates = new Set<string>();
	for (const [at, moves] of fc.sample(story, {numRuns: 200, seed: 1}).entries()) {
		const fleet = createStateFleet({limits: small, profiles: {codex}});
		if (at % 2 === 1) {
			inTheMiddle(fleet);
		}

		for (const one of moves) {
			(live(fleet, one) ? taken : refused).add(one.type);
			note(runStates, fleet.state.runs);
			note(breakerStates, fleet.state.breakers);
			note(escalationStates, fleet.state.escalations);
		}
	}

	expect([...taken].sort()).toEqual([...commandTypes].sort());
	expect([...refused].sort()).toEqual([...commandTypes].sort());
	expect([...runStates].sort()).toEqual(Object.keys(runTransitions).sort());
	expect([...breakerStates].sort()).toEqual(['closed', 'half-open', 'held', 'open']);
	expect([...escalationStates].sort()).toEqual(['answered', 'expired', 'open', 'superseded', 'withdrawn']);
}, 240_000);

test('however things stand, a fleet can be brought to rest', () => {
	fc.assert(
		fc.property(story, moves => {
			const fleet = createStateFleet({limits: small, profiles: {codex}});
			for (const one of moves) {
				live(fleet, one);
			}

			fleet.send({type: 'fleet.stop'});
			for (const id of [...fleet.state.index.live]) {
				fleet.exited(id, null);
			}

			expect(Object.values(fleet.state.runs).every(isEnded)).toBe(true);
			// A used up budget is asked about until somebody decides, whatever runs.
			const open = [...fleet.state.index.openEscalations].map(id => fleet.state.escalations[id]!.kind);
			expect(open.filter(kind => kind !== 'budget')).toEqual([]);
			expect(fleet.state.index.slots).toBe(0);
		}),
		{numRuns: 50},
	);
});

/** Takes away what only people can take away: a pause, a held breaker, a launcher that is not there. */
const unblock = (fleet: StateFleet): void => {
	fleet.configure({});
	fleet.ask({type: 'queue.resume'});
	fleet.ask({type: 'queue.undrain'});
	for (const run of Object.values(fleet.state.runs)) {
		fleet.ask({type: 'run.unhold', runId: run.id});
	}

	fleet.send({type: 'launcher.join', launcherId: 'lch_1', host: 'here', pid: 1, embedded: true}, launcher);
	for (const [key, breaker] of Object.entries(fleet.state.breakers)) {
		if (breaker.state === 'held') {
			fleet.send({type: 'breaker.reset', key});
		}
	}
};

test('however things stand, time and good exits empty the queue: nothing is wedged', () => {
	fc.assert(
		fc.property(story, moves => {
			const fleet = createStateFleet({limits: small, profiles: {codex}});
			for (const one of moves) {
				live(fleet, one);
			}

			unblock(fleet);
			const rounds = Object.keys(fleet.state.runs).length * 2 + 4;
			for (let round = 0; round < rounds; round += 1) {
				fleet.advance(5 * 60_000);
				fleet.send({type: 'clock.tick'}, system);
				fleet.dispatch();
				for (const id of [...fleet.state.index.live]) {
					fleet.exited(id, 0);
				}
			}

			expect(Object.values(fleet.state.runs).filter(run => !isOver(run))).toEqual([]);
			expect(Object.values(fleet.state.breakers).filter(({state}) => state === 'open')).toEqual([]);
		}),
		{numRuns: 50},
	);
});
