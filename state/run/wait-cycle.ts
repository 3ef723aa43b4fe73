import {type Refusal, refuse} from '../refusal.js';
import type {State} from '../state.js';
import {quotedName} from '../view/quoted-name.js';

const nameOf = (state: State, runId: string): string => {
	const run = state.runs[runId];
	return run ? `${quotedName(state.sessions[run.sessionId]!.label)} (${runId})` : runId;
};

/** The refusal that names a circle, all the way round. */
export const deadlock = (state: State, cycle: readonly string[]): Refusal =>
	refuse('DEADLOCK_DETECTED', `Nobody in this circle could ever go on: ${cycle.map(id => nameOf(state, id)).join(' → ')}.`);

/** Why a run may not wait for these: the circle that it would close, if there is one. Looks only; nothing is left behind. */
export const whyNotAwait = (state: State, waiter: string, awaited: readonly string[]): Refusal | undefined => {
	for (const id of awaited) {
		const cycle = state.index.waits.cycle(waiter, id);
		if (cycle) {
			return deadlock(state, cycle);
		}
	}

	return undefined;
};

/**
 * The way from one run to another along who waits for whom, leaving out the order within one session: what would hold if that order
 * were another.
 */
export const waitPath = (
	state: State,
	{from, to, exceptOrderOf}: {readonly from: string; readonly to: string; readonly exceptOrderOf: string},
): readonly string[] | undefined => {
	const isOrderOnly = (waiter: string, awaited: string): boolean => {
		const [a, b] = [state.runs[waiter]!, state.runs[awaited]!];
		return a.sessionId === exceptOrderOf && b.sessionId === exceptOrderOf && a.dependsOn?.includes(awaited) !== true;
	};

	const cameFrom = new Map<string, string | undefined>([[from, undefined]]);
	for (const node of cameFrom.keys()) {
		if (node === to) {
			const path: string[] = [];
			for (let at: string | undefined = node; at !== undefined; at = cameFrom.get(at)) {
				path.unshift(at);
			}

			return path;
		}

		for (const next of state.index.waits.awaitedBy(node)) {
			if (!cameFrom.has(next) && !isOrderOnly(node, next)) {
				cameFrom.set(next, node);
			}
		}
	}

	return undefined;
};
