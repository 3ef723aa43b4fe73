import type {Run} from '../run/run.js';
import {addUsage, noUsage, type Usage} from '../safety/usage.js';
import {usageOf} from '../safety/usage-of-state.js';
import type {State} from '../state.js';

/** What an agent can tell about what it used; runs and time are counted by the coordinator. */
export const toldMeasures = ['inputTokens', 'outputTokens', 'protocolTokens', 'costUsd'] as const satisfies ReadonlyArray<keyof Usage>;

/** `a` without `b`, measure by measure, never below nothing; only what is left of anything. */
export const usageWithout = (a: Partial<Usage>, b: Usage): Partial<Usage> =>
	Object.fromEntries(toldMeasures.map(measure => [measure, Math.max(0, (a[measure] ?? 0) - b[measure])]).filter(([, left]) => left !== 0));

/** Binds a session to its agent's conversation, and notes what the session had used before that began. Called by `apply` alone. */
export const bindThread = (state: State, sessionId: string, threadId: string): void => {
	const session = state.sessions[sessionId]!;
	const runId = state.index.lines.get(sessionId)?.liveId;
	const used = runId === undefined ? noUsage : (state.runs[runId]!.usage ?? noUsage);
	const usedBefore = addUsage(noUsage, usageWithout(usageOf(state, `session:${sessionId}`), used));
	state.sessions[sessionId] = {...session, threadId, usedBefore};
};

/** What is known to be used in the conversation that the run goes on with. */
const knownOf = (state: State, run: Run): Usage => {
	const {threadId, usedBefore = noUsage} = state.sessions[run.sessionId]!;
	return threadId === undefined
		? (run.usage ?? noUsage)
		: addUsage(noUsage, usageWithout(usageOf(state, `session:${run.sessionId}`), usedBefore));
};

/**
 * What is new in the sum an agent tells of its whole conversation. A resumed conversation was counted in earlier runs already; a sum
 * below what is known began anew with this run.
 */
export const newOfTotal = (state: State, run: Run, total: Partial<Usage>): Partial<Usage> => {
	const known = knownOf(state, run);
	const isWhole = toldMeasures.every(measure => total[measure] === undefined || total[measure] >= known[measure]);
	return usageWithout(total, isWhole ? known : (run.usage ?? noUsage));
};
