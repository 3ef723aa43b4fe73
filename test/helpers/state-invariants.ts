import {isDeepStrictEqual} from 'node:util';
import {expect} from 'vitest';
import type {Actor} from '../../state/actor.js';
import type {Command} from '../../state/command.js';
import {decide} from '../../state/decide.js';
import {nextDueMs} from '../../state/due.js';
import type {Fact, FactOf} from '../../state/fact.js';
import {queueLength, queueOrder} from '../../state/queue/queue-order.js';
import {isEnded, isLive, isOver, isQueued, type Run} from '../../state/run/run.js';
import {openDependencies} from '../../state/run/run-ready.js';
import {whyQueued} from '../../state/run/run-wait.js';
import {breakerKeysOf} from '../../state/safety/breaker-keys.js';
import {limitsOf} from '../../state/safety/limits-of-state.js';
import {sessionState} from '../../state/session/session.js';
import {createState, type SavedState, type State, savedState} from '../../state/state.js';
import {comparableIndex} from './state-fleet.js';
import {soundness} from './state-soundness.js';

/** One step: State as it was, what was done, State as it is. */
export type Step = {
	readonly before: SavedState;
	readonly facts: readonly Fact[];
	readonly actor: Actor;
	readonly state: State;
	readonly nowMs: number;
	readonly command: Command['type'];
	/** A tick that was taken. */
	readonly isTick: boolean;
};

export type Check = (step: Step) => void;

/** The facts of one kind. */
export const factsOf = <Type extends Fact['type']>(facts: readonly Fact[], type: Type): ReadonlyArray<FactOf<Type>> =>
	facts.filter((fact): fact is FactOf<Type> => fact.type === type);

/** Compares fast, and says with a diff what differs. */
const expectSame = (actual: unknown, expected: unknown, what: string): void => {
	if (!isDeepStrictEqual(actual, expected)) {
		expect(actual, what).toEqual(expected);
		expect.fail(what);
	}
};

const factsAreJson: Check = ({facts, nowMs}) => {
	for (const fact of facts) {
		expectSame(JSON.parse(JSON.stringify(fact)), structuredClone(fact), `${fact.type} survives JSON`);
		expect(fact.atMs).toBe(nowMs);
	}
};

const indexIsDerived: Check = ({state}) => {
	const fresh = createState(structuredClone(savedState(state)));
	expectSame(comparableIndex(state), comparableIndex(fresh), 'the index is what a fresh one would be');
};

const nobodyReadyIsOverlooked: Check = ({state, nowMs}) => {
	const mayStart = queueOrder(state).filter(run => whyQueued(state, run, nowMs) === undefined);
	const {facts} = decide(state, {type: 'queue.dispatch'}, {actor: {role: 'system'}, nowMs, newId: prefix => prefix, random: () => 0.5});
	if (factsOf(facts, 'run.resumed').length > 0) {
		// Whoever gave a slot back gets one first.
		return;
	}

	const [claimed] = factsOf(facts, 'run.starting');
	expect(claimed === undefined, `${mayStart.length} runs may start`).toBe(mayStart.length === 0);
	expect(claimed === undefined || mayStart.some(({id}) => id === claimed.runId)).toBe(true);
};

const startsKeepLimits: Check = ({facts, state, before}) => {
	for (const {runId, generation} of factsOf(facts, 'run.starting')) {
		const run = state.runs[runId]!;
		const {rootId, agent} = state.sessions[run.sessionId]!;
		const isForced = before.runs[runId]!.isForced === true;
		expect(generation).toBe(before.runs[runId]!.generation + 1);
		expect(openDependencies(run, state.runs)).toEqual([]);
		if (isForced) {
			continue;
		}

		expect(run.heldBy).toBeUndefined();
		expect(run.dueAtMs).toBeUndefined();
		expect(state.index.slots).toBeLessThanOrEqual(state.limits.concurrent);
		expect(state.index.slotsByRoot.get(rootId)).toBeLessThanOrEqual(limitsOf(state, {rootId}).concurrentPerTree);
		expect(state.queuePausedBy).toBeUndefined();
		for (const key of breakerKeysOf(state, agent)) {
			const breaker = before.breakers[key];
			expect(breaker?.state).not.toBe('held');
			if (breaker?.state === 'open' || breaker?.state === 'half-open') {
				expect(breaker.state === 'half-open' && breaker.probe).toBeFalsy();
				expect(state.breakers[key]).toMatchObject({state: 'half-open', probe: {runId}});
			}
		}
	}
};

/** A slot given back for a child or a provider is had back only where there is room; people's answers take theirs at once. */
const resumptionsKeepLimits: Check = ({facts, state, before, command}) => {
	for (const {runId} of command === 'queue.dispatch' ? factsOf(facts, 'run.resumed') : []) {
		expect(['child', 'rate-limit']).toContain(before.runs[runId]!.reason);
		expect(state.index.slots).toBeLessThanOrEqual(state.limits.concurrent);
	}
};

/** Following who waits for whom never leads back. */
const nobodyWaitsInACircle: Check = ({state}) => {
	const done = new Set<string>();
	const path = new Set<string>();
	const walk = (id: string): void => {
		expect(path.has(id), `${[...path, id].join(' → ')}`).toBe(false);
		if (done.has(id)) {
			return;
		}

		path.add(id);
		for (const next of state.index.waits.awaitedBy(id)) {
			walk(next);
		}

		path.delete(id);
		done.add(id);
	};
	for (const id of Object.keys(state.runs)) {
		walk(id);
	}
};

/** No queued run depends on what can never succeed any more. */
const nobodyWaitsForTheDead: Check = ({state}) => {
	for (const run of queueOrder(state)) {
		for (const id of run.dependsOn ?? []) {
			const dependency = state.runs[id]!;
			expect(isOver(dependency) && dependency.state !== 'succeeded', `${run.id} depends on ${id}: ${dependency.state}`).toBe(false);
		}
	}
};

/** In one step no run ends twice, and nothing is told of a run that ended in it. */
const endsAreSingle: Check = ({facts}) => {
	const ended = [...factsOf(facts, 'run.ended'), ...factsOf(facts, 'run.dead-lettered'), ...factsOf(facts, 'run.retrying')];
	expect(new Set(ended.map(({runId}) => runId)).size).toBe(ended.length);
};

const newcomersKeepLimits: Check = ({facts, state}) => {
	for (const {session} of factsOf(facts, 'session.created')) {
		expect(session.depth).toBeLessThanOrEqual(session.parentId === undefined ? 0 : state.limits.depth);
		expect(state.index.descendants.get(session.rootId) ?? 0).toBeLessThanOrEqual(
			session.parentId === undefined ? 0 : state.limits.sessionsPerRoot,
		);
	}

	if (factsOf(facts, 'run.queued').length > 0) {
		expect(queueLength(state)).toBeLessThanOrEqual(state.limits.queueLength);
	}

	for (const {escalation} of factsOf(facts, 'escalation.raised')) {
		const open = [...state.index.openEscalations].map(id => state.escalations[id]!).filter(({runId}) => runId === escalation.runId);
		const isOfSystem = escalation.kind === 'budget' || escalation.kind === 'stuck';
		expect(isOfSystem ? 0 : open.filter(({kind}) => kind !== 'budget' && kind !== 'stuck').length).toBeLessThanOrEqual(
			state.limits.openEscalations,
		);
	}
};

const endsAreForEver: Check = ({before, state}) => {
	for (const run of Object.values(before.runs)) {
		const now = state.runs[run.id]!;
		expect(now.generation).toBeGreaterThanOrEqual(run.generation);
		if (isEnded(run)) {
			expectSame(now, run, `${run.id} had ended`);
		}

		for (const [at, attempt] of run.attempts.entries()) {
			if (attempt.endedAtMs !== undefined) {
				expectSame(now.attempts[at], attempt, `attempt ${attempt.generation} of ${run.id} had ended`);
			}
		}
	}
};

const queueIsLeftForAReason: Check = ({facts, before}) => {
	for (const {runId, end, sentence} of factsOf(facts, 'run.ended')) {
		if (before.runs[runId]!.state === 'queued') {
			expect(['cancelled', 'timed_out', 'failed'], `${runId} left the queue`).toContain(end);
			expect(sentence, 'somebody says why').toMatch(/withdrawn|ended by|depends on/);
		}
	}
};

const attemptsAreWhole = (run: Run): void => {
	expect(run.attempts.map(({generation}) => generation)).toEqual(Array.from({length: run.generation}, (_, at) => at + 1));
	const open = run.attempts.filter(({endedAtMs}) => endedAtMs === undefined);
	expect(open.map(({generation}) => generation)).toEqual(isLive(run) ? [run.generation] : []);
};

const runsAreWhole: Check = ({state}) => {
	const {index} = state;
	for (const run of Object.values(state.runs)) {
		attemptsAreWhole(run);
		expect(index.live.has(run.id)).toBe(isLive(run));
		expect(index.queued[run.lane].has(run.id)).toBe(isQueued(run));
		expect(run.stop !== undefined).toBe(run.state === 'stopping');
		const holding = [...index.openEscalations].filter(id => state.escalations[id]!.runId === run.id && state.escalations[id]!.blocking);
		if (run.state === 'running' || run.state === 'waiting') {
			const isForOthers = run.reason === 'child' || run.reason === 'rate-limit';
			const expected = holding.length > 0 || isForOthers ? 'waiting' : 'running';
			expect(run.state, `${run.id} with ${holding.length} blocking requests`).toBe(expected);
		}
	}

	expect(index.live.size + queueLength(state)).toBe(Object.values(state.runs).filter(run => !isOver(run)).length);
	expect([...index.dead].sort()).toEqual(
		Object.values(state.runs)
			.filter(run => run.state === 'dead')
			.map(({id}) => id)
			.sort(),
	);
};

const sessionsAreWhole: Check = ({state}) => {
	for (const session of Object.values(state.sessions)) {
		const runs = session.runIds.map(id => state.runs[id]!);
		const live = runs.filter(isLive);
		expect(live.length).toBeLessThanOrEqual(1);
		const parent = session.parentId === undefined ? undefined : state.sessions[session.parentId]!;
		expect(session.depth).toBe(parent ? parent.depth + 1 : 0);
		expect(session.rootId).toBe(parent?.rootId ?? session.id);
		const ended = runs.filter(isOver).at(-1);
		const afterEnd = ended?.state === 'succeeded' ? 'idle' : ended?.state === 'cancelled' ? 'stopped' : 'failed';
		const atRest = runs.some(isQueued) || !ended ? 'pending' : afterEnd;
		const active = live[0]?.state === 'starting' ? 'running' : live[0]?.state;
		expect(sessionState(state, session)).toBe(active ?? atRest);
	}
};

const decisionsAreOfPeople: Check = ({facts, actor}) => {
	for (const {decision} of factsOf(facts, 'escalation.decided')) {
		expect(actor).toMatchObject({role: 'operator', name: decision.by});
	}
};

const closedStaysClosed: Check = ({before, state, nowMs}) => {
	for (const escalation of Object.values(before.escalations)) {
		if (escalation.state !== 'open') {
			const {deliveredAtMs = state.escalations[escalation.id]!.deliveredAtMs, ...rest} = escalation;
			expectSame(
				{...structuredClone(state.escalations[escalation.id]!), deliveredAtMs},
				{...rest, deliveredAtMs},
				`${escalation.id} was ${escalation.state}`,
			);
		}
	}

	for (const id of state.index.openEscalations) {
		const {runId, generation, expiresAtMs, raisedAtMs, kind} = state.escalations[id]!;
		const run = state.runs[runId]!;
		// A used up budget is asked about for its whole scope, also when the run that crossed the line is over.
		const hasAsker = kind === 'budget' || (isLive(run) && run.generation === generation);
		expect(hasAsker, `${id} is open and has an asker`).toBe(true);
		expect(expiresAtMs).toBeGreaterThanOrEqual(raisedAtMs);
		expect(raisedAtMs).toBeLessThanOrEqual(nowMs);
	}
};

const probesAreAlive: Check = ({state}) => {
	for (const [key, breaker] of Object.entries(state.breakers)) {
		if (breaker.state === 'half-open' && breaker.probe) {
			const run = state.runs[breaker.probe.runId]!;
			expect(isLive(run), `${key} waits for a probe that lives`).toBe(true);
		}
	}
};

const timersNeverSpin: Check = ({state, nowMs, isTick}) => {
	const dueMs = nextDueMs(state, nowMs);
	if (isTick && dueMs !== undefined) {
		expect(dueMs).toBeGreaterThan(nowMs);
	}
};

const checks: readonly Check[] = [
	factsAreJson,
	indexIsDerived,
	nobodyReadyIsOverlooked,
	startsKeepLimits,
	newcomersKeepLimits,
	endsAreForEver,
	queueIsLeftForAReason,
	resumptionsKeepLimits,
	nobodyWaitsInACircle,
	nobodyWaitsForTheDead,
	endsAreSingle,
	runsAreWhole,
	sessionsAreWhole,
	decisionsAreOfPeople,
	closedStaysClosed,
	probesAreAlive,
	...soundness,
	timersNeverSpin,
];

/** Everything that must hold after any command by anybody at any time. */
export const expectInvariants: Check = step => {
	for (const check of checks) {
		check(step);
	}
};
