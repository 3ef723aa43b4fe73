import {isUnresponsive} from '../agent/agent-machine.js';
import {limitsOf} from '../safety/limits-of-state.js';
import type {State} from '../state.js';
import {shortAge} from '../view/age.js';
import {retryPolicyOf} from './retry-policy.js';
import {isLive, isOver, type Run} from './run.js';
import {runInWords} from './run-wait.js';

/** What there is to remark on a run, each a short phrase. `tone` is `waiting` for what wants a look. Text of agents: show it through `visible`. */
export type RunNote = {readonly text: string; readonly tone: 'plain' | 'waiting'};

const note = (text: string, tone: RunNote['tone'] = 'plain'): RunNote => ({text, tone});

/** How many tries failed, of how many there may be. */
const triesNote = (state: State, run: Run): readonly RunNote[] => {
	// What is over says by itself how it ended.
	const {failures = 0, losses = 0} = isOver(run) ? {} : run;
	const tries = retryPolicyOf(state, run).waitsMs.length + 1;
	return [
		...(failures > 0 && tries > 1 ? [note(`${failures} of ${tries} tries failed`, 'waiting')] : []),
		...(losses > 0 ? [note(`its machine went away ${losses === 1 ? 'once' : `${losses} times`}`, 'waiting')] : []),
	];
};

/** The same tool call again and again. */
const loopNote = (state: State, {calls, sessionId}: Run): readonly RunNote[] => {
	const {repeatedCalls} = limitsOf(state, state.sessions[sessionId]);
	return calls && repeatedCalls > 0 && calls.count >= repeatedCalls ? [note(`loop? ${calls.count} times ${calls.summary}`, 'waiting')] : [];
};

/** The runs that it waits for or depends on, by the names of their sessions. */
export const awaitedNames = (state: State, run: Run): readonly string[] => (run.awaits?.runIds ?? []).map(id => runInWords(state, id));

const waitNote = (state: State, run: Run): readonly RunNote[] => {
	const names = (run.awaits?.runIds ?? []).map(id => state.sessions[state.runs[id]?.sessionId ?? '']?.label ?? id);
	return run.state === 'waiting' && names.length > 0
		? [note(`waits for ${run.awaits!.mode === 'any' ? 'any of ' : ''}${names.join(', ')}`)]
		: [];
};

/** What is unusual about a run, the most pressing first: a loop, silence, a prompt never taken, failed tries, whom it waits for. */
export const runNotes = (state: State, run: Run, nowMs: number): readonly RunNote[] => [
	...(isLive(run) ? loopNote(state, run) : []),
	...(run.stuckSinceMs === undefined ? [] : [note(`silent for ${shortAge(nowMs - run.stuckSinceMs)}`, 'waiting')]),
	...(isUnresponsive(state, run) ? [note('never took its prompt', 'waiting')] : []),
	...triesNote(state, run),
	...waitNote(state, run),
];
