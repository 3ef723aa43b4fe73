import type {DecisionContext} from '../decision-context.js';
import type {Fact} from '../fact.js';
import {limitsOf} from '../safety/limits-of-state.js';
import {systemRequest} from '../safety/system-request.js';
import type {State} from '../state.js';
import {shortAge} from '../view/age.js';
import type {Run} from './run.js';

/** When a run's terminal wrote last, and what time it is. */
export type Silence = {readonly lastOutputAtMs: number; readonly nowMs: number};

/** How long this run may be silent; 0: for ever. */
const stuckAfterMs = (state: State, run: Run): number => {
	const session = state.sessions[run.sessionId]!;
	return state.agents[session.agent]?.stuckAfterMs ?? limitsOf(state, session).stuckAfterMs;
};

/** Whether the run owes any output. An agent at its prompt, or one that a person types to, may be silent as long as it likes. */
const owesOutput = ({text, status}: Run): boolean => {
	const isTold = status !== undefined && status.source !== 'guess';
	return isTold ? status.activity === 'working' || status.activity === 'starting' : text !== '';
};

/** Since when the run is silent: since its last output, or since it came to run, which it may have done silently. */
const silentSinceMs = (run: Run, {lastOutputAtMs, nowMs}: Silence): number => Math.min(nowMs, Math.max(lastOutputAtMs, run.sinceMs));

/**
 * Whether the run is stuck by its silence. Only one that runs is: a waiting run may be silent, however long. A stuck one stays stuck
 * until it writes again.
 */
export const isStuck = (state: State, run: Run, silence: Silence): boolean => {
	if (run.state !== 'running') {
		return false;
	}

	if (run.stuckSinceMs !== undefined && Math.min(silence.lastOutputAtMs, silence.nowMs) <= run.stuckSinceMs) {
		return true;
	}

	const afterMs = stuckAfterMs(state, run);
	return afterMs > 0 && owesOutput(run) && silence.nowMs - silentSinceMs(run, silence) >= afterMs;
};

const openRequests = (state: State, {id}: Run): readonly string[] =>
	[...state.index.openEscalations].filter(one => state.escalations[one]!.runId === id && state.escalations[one]!.kind === 'stuck');

const stuckFacts = (state: State, run: Run, silence: Silence, {newId}: Pick<DecisionContext, 'newId'>): readonly Fact[] => {
	const {nowMs} = silence;
	const sinceMs = silentSinceMs(run, silence);
	const text = `It has written nothing for ${shortAge(nowMs - sinceMs)}. Look at its screen; nothing happens to it by itself.`;
	const stuck: Fact = {type: 'run.stuck', runId: run.id, sinceMs, atMs: nowMs};
	if (openRequests(state, run).length > 0) {
		return [stuck];
	}

	const escalation = systemRequest({id: newId('esc'), run, kind: 'stuck', text, lastsMs: state.limits.escalationExpiryMs}, nowMs);
	return [stuck, {type: 'escalation.raised', escalation, atMs: nowMs}];
};

const withdrawals = (state: State, run: Run, nowMs: number): readonly Fact[] => {
	const why = run.state === 'running' ? 'the agent writes again' : `its run is ${run.state}`;
	return openRequests(state, run).map(escalationId => ({type: 'escalation.withdrawn', escalationId, why, atMs: nowMs}) as const);
};

/** What a terminal's silence, or its end, makes true of a run: a badge and a question. It never ends anything. */
export const silenceFacts = (state: State, run: Run, silence: Silence, context: Pick<DecisionContext, 'newId'>): readonly Fact[] => {
	const wasStuck = run.stuckSinceMs !== undefined;
	if (isStuck(state, run, silence)) {
		return wasStuck ? [] : stuckFacts(state, run, silence, context);
	}

	return [
		...(wasStuck ? [{type: 'run.unstuck', runId: run.id, atMs: silence.nowMs} as const] : []),
		...withdrawals(state, run, silence.nowMs),
	];
};

/** Whether telling this silence would change anything. */
export const isSilenceNews = (state: State, run: Run, silence: Silence): boolean =>
	silenceFacts(state, run, silence, {newId: prefix => prefix}).length > 0;
