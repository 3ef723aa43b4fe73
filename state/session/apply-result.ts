import type {Fact} from '../fact.js';
import type {Run} from '../run/run.js';
import type {State} from '../state.js';
import {askingRunId, outboxKeptMs, pairKey, resultsBy} from './outbox.js';

export type ResultFact = Extract<Fact, {readonly type: `result.${string}`}>;

const forgetOld = (state: State, atMs: number): void => {
	for (const [runId, {pushedAtMs}] of Object.entries(state.outbox)) {
		if (pushedAtMs < atMs - outboxKeptMs) {
			delete state.outbox[runId];
		}
	}
};

const countExchange = (state: State, a: string, b: string): void => {
	const key = pairKey(a, b);
	state.exchanges[key] = (state.exchanges[key] ?? 0) + 1;
};

/** The operator spoke to a session: whatever went to and fro there by itself begins anew. */
const allowAgain = (state: State, sessionId: string): void => {
	for (const key of Object.keys(state.exchanges)) {
		if (key.split(' ').includes(sessionId)) {
			delete state.exchanges[key];
		}
	}

	for (const result of Object.values(state.outbox)) {
		if (result.parentId === sessionId || result.sessionId === sessionId) {
			delete result.isWithheld;
		}
	}
};

/** What this program queues by itself is neither the operator's nor an agent's. */
const ownNames: ReadonlySet<string> = new Set(['agent-tui', resultsBy]);

/** Counts who speaks to whom by itself. The first run of a session is its task, not a message. */
export const noteQueued = (state: State, run: Run): void => {
	const asking = askingRunId(run);
	if (asking === undefined) {
		if (!ownNames.has(run.by)) {
			allowAgain(state, run.sessionId);
		}

		return;
	}

	const from = state.runs[asking]?.sessionId;
	const isFirst = (state.sessions[run.sessionId]?.runIds.length ?? 0) <= 1;
	if (from !== undefined && !isFirst) {
		countExchange(state, from, run.sessionId);
	}
};

/** A line typed into a terminal: agents steer those below them, which is no word of the operator's. */
export const noteTyped = (state: State, {sessionId, by}: {readonly sessionId: string; readonly by: string}): void => {
	if (!ownNames.has(by) && askingRunId({by}) === undefined) {
		allowAgain(state, sessionId);
	}
};

/** Makes facts about the outbox true. */
export const applyResultFact = (state: State, fact: ResultFact): void => {
	switch (fact.type) {
		case 'result.pushed': {
			forgetOld(state, fact.atMs);
			state.outbox[fact.result.runId] = {...fact.result};
			return;
		}

		case 'result.delivered': {
			for (const runId of fact.runIds) {
				const result = state.outbox[runId];
				if (result) {
					Object.assign(result, {text: '', deliveredAtMs: fact.atMs, how: fact.how});
					delete result.isWithheld;
					if (fact.how !== 'wait') {
						countExchange(state, result.parentId, result.sessionId);
					}
				}
			}

			return;
		}

		case 'result.withheld': {
			for (const runId of fact.runIds) {
				Object.assign(state.outbox[runId] ?? {}, {isWithheld: true});
			}
		}
	}
};
