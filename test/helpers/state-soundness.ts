import {expect} from 'vitest';
import type {Fact} from '../../state/fact.js';
import {lanes} from '../../state/queue/lane.js';
import {isOver} from '../../state/run/run.js';
import {whyNoRoomForGroup} from '../../state/run/run-wait.js';
import {scopesOf} from '../../state/safety/usage.js';
import {type Check, factsOf} from './state-invariants.js';

/** What is over waits for nobody, and nobody waits for it; what does not wait has no reason to. */
const waitsEndWithTheirRuns: Check = ({state}) => {
	for (const run of Object.values(state.runs)) {
		if (isOver(run)) {
			expect(state.index.waits.awaitedBy(run.id), `${run.id} is over and waits for nobody`).toEqual([]);
			expect(state.index.waits.waitersOf(run.id), `nobody waits for ${run.id}, which is over`).toEqual([]);
		}

		expect(run.reason !== undefined, `${run.id} is ${run.state}`).toBe(run.state === 'waiting');
		expect(run.awaits === undefined || run.state === 'waiting').toBe(true);
	}
};

/** Nobody is stopped to make room for a run that could not start in it. */
const nobodyIsPreemptedInVain: Check = ({facts, state, nowMs}) => {
	for (const {by} of factsOf(facts, 'run.stopping')) {
		const forId = /^the pre-emption for (\S+)$/.exec(by)?.[1];
		if (forId !== undefined) {
			const run = state.runs[forId]!;
			const {agent} = state.sessions[run.sessionId]!;
			expect(whyNoRoomForGroup(state, {agent, demands: run.demands ?? []}, nowMs), `${forId} may start in the room`).toBeUndefined();
		}
	}
};

const told = ['inputTokens', 'outputTokens', 'protocolTokens', 'costUsd'] as const;

/** What the whole used is what its runs used; and each tree what its own did. */
const usageAddsUp: Check = ({state}) => {
	const sums = new Map<string, number>();
	const add = (key: string, amount: number): void => {
		sums.set(key, (sums.get(key) ?? 0) + amount);
	};
	for (const {sessionId, usage, attempts} of Object.values(state.runs)) {
		for (const scope of scopesOf(state.sessions[sessionId]!)) {
			add(`${scope}/runs`, attempts.length);
			for (const measure of told) {
				add(`${scope}/${measure}`, usage?.[measure] ?? 0);
			}
		}
	}

	for (const [scope, usage] of Object.entries(state.usage)) {
		for (const measure of [...told, 'runs'] as const) {
			expect(usage[measure], `${measure} of ${scope}`).toBeCloseTo(sums.get(`${scope}/${measure}`) ?? 0, 6);
		}
	}
};

const mostTokens = 1_000_000;

/** A bucket is never fuller than it may be, and never in debt for more than was taken at once. */
const bucketsAreSound: Check = ({state, facts}) => {
	for (const {runId} of factsOf(facts, 'run.starting')) {
		const {startsPerMinute} = state.limits;
		const bucket = state.buckets['starts'];
		expect(startsPerMinute === 0 || (bucket?.tokens ?? 0) <= startsPerMinute - 1, `the bucket after the start of ${runId}`).toBe(true);
	}

	for (const {tokens} of Object.values(state.buckets)) {
		expect(Math.abs(tokens)).toBeLessThan(mostTokens);
	}
};

/** Facts are about what there is. */
const factsAreOfTheKnown: Check = ({facts, state}) => {
	// Strays are the runs that nobody knows.
	for (const fact of facts.filter(({type}) => type !== 'heartbeat.resolved')) {
		expect(!('runId' in fact) || state.runs[fact.runId] !== undefined, `${fact.type} is about a known run`).toBe(true);
		expect(!('sessionId' in fact) || state.sessions[fact.sessionId] !== undefined, `${fact.type} is about a known session`).toBe(true);
	}
};

const isOfOthers: ReadonlySet<Fact['type']> = new Set(['run.ended', 'run.dependency-dropped', 'escalation.withdrawn']);

/** What an agent asks changes its own tree alone; elsewhere only what others made depend on that. */
const agentsStayInTheirTree: Check = ({facts, state, actor}) => {
	if (actor.role !== 'agent') {
		return;
	}

	const rootOf = (runId: string): string => state.sessions[state.runs[runId]!.sessionId]!.rootId;
	for (const fact of facts) {
		if ('runId' in fact && !isOfOthers.has(fact.type)) {
			expect(rootOf(fact.runId), `${fact.type} is in the tree of ${actor.runId}`).toBe(rootOf(actor.runId));
		}

		if (fact.type === 'run.queued') {
			expect(rootOf(fact.run.id)).toBe(rootOf(actor.runId));
			expect(lanes.indexOf(fact.run.lane)).toBeGreaterThanOrEqual(lanes.indexOf(state.runs[actor.runId]!.lane));
			expect(state.runs[actor.runId]!.state).not.toBe('stopping');
		}
	}
};

/** What must hold of sums, waits and reach after any command by anybody at any time. */
export const soundness: readonly Check[] = [
	waitsEndWithTheirRuns,
	nobodyIsPreemptedInVain,
	usageAddsUp,
	bucketsAreSound,
	factsAreOfTheKnown,
	agentsStayInTheirTree,
];
