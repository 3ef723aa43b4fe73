import type {Fact} from '../fact.js';
import {currentAttempt, type Run} from '../run/run.js';
import {whyNoRoomForGroup, whyNoRoomInTree, whyQueued} from '../run/run-wait.js';
import type {State} from '../state.js';
import {lanes} from './lane.js';

const rank = (run: Run): number => lanes.indexOf(run.lane);

const startedAtMs = (run: Run): number => currentAttempt(run)?.startedAtMs ?? 0;

/** Slots that are on their way to somebody: pre-empted runs that have not come to their end yet. */
const isMakingRoom = (run: Run): boolean => run.state === 'stopping' && run.stop?.ending === 'queued' && run.stop.counts === 'taken-back';

/** Whose slots would let this run start: anybody's, only those of its own tree, or nobody's, where it is held back by more than room. */
const reachOf = (state: State, run: Run, nowMs: number): 'all' | 'tree' | 'none' => {
	const {agent, rootId} = state.sessions[run.sessionId]!;
	const code = whyQueued(state, run, nowMs)?.code;
	const isRoomWanted = code === 'concurrent' || code === 'concurrent-tree';
	if (!isRoomWanted || whyNoRoomForGroup(state, {agent, demands: run.demands ?? []}, nowMs) !== undefined) {
		return 'none';
	}

	const inTree = whyNoRoomInTree(state, rootId, nowMs)?.code;
	return inTree === undefined ? 'all' : inTree === 'concurrent-tree' ? 'tree' : 'none';
};

/**
 * When a run that may pre-empt finds no slot, the pre-emptible run of a lower lane that lost the least by it (it started last) is
 * stopped and queued again, and the run that needs the slot starts next. Both asked for that; nobody else is ever touched.
 */
export const preemptionFacts = (state: State, nowMs: number): readonly Fact[] => {
	const {index, runs, sessions} = state;
	if (index.preempting.size === 0) {
		return [];
	}

	const live = [...index.live].map(id => runs[id]!);
	if (live.some(isMakingRoom)) {
		return [];
	}

	for (const id of index.preempting) {
		const run = runs[id]!;
		const reach = reachOf(state, run, nowMs);
		const {rootId} = sessions[run.sessionId]!;
		const victims = live.filter(
			other =>
				other.state === 'running' &&
				other.isPreemptible &&
				rank(other) > rank(run) &&
				(reach === 'all' || (reach === 'tree' && sessions[other.sessionId]!.rootId === rootId)),
		);
		const victim = victims.toSorted((a, b) => startedAtMs(b) - startedAtMs(a))[0];
		if (victim) {
			const by = `the pre-emption for ${run.id}`;
			return [
				{type: 'run.stopping', runId: victim.id, ending: 'queued', counts: 'taken-back', by, atMs: nowMs},
				...(run.isFirst ? [] : [{type: 'run.moved', runId: run.id, isFirst: true, order: run.order, by, atMs: nowMs} as const]),
			];
		}
	}

	return [];
};
