import type {Fact, FactOf} from '../fact.js';
import type {State} from '../state.js';
import {quotedName, quotedWords} from './quoted-name.js';

/** What a fact means to the operator: nothing special, something to look at, something that went wrong, something that went well. */
export type FactTone = 'plain' | 'quiet' | 'waiting' | 'failed' | 'good';

/** A fact in words. */
export type Told = {readonly sentence: string; readonly tone: FactTone};

/** How one kind of fact is told. */
export type Teller<Type extends Fact['type']> = (fact: FactOf<Type>, state: State) => Told;

export const told = (sentence: string, tone: FactTone = 'plain'): Told => ({sentence, tone});

/** The session's name as others chose it, quoted. */
export const sessionName = (state: State, sessionId: string): string => quotedName(state.sessions[sessionId]?.label ?? sessionId);

/** The name of the session that a run belongs to. */
export const runName = (state: State, runId: string): string => {
	const run = state.runs[runId];
	return run ? sessionName(state, run.sessionId) : runId;
};

/** The name of the session that asked. */
export const askerName = (state: State, escalationId: string): string => {
	const escalation = state.escalations[escalationId];
	return escalation ? sessionName(state, escalation.sessionId) : escalationId;
};

const longestQuote = 60;

/** The first line of somebody's words, marked as words. */
export const quoted = (text: string): string => {
	const [line = ''] = text.trim().split('\n', 1);
	const isCut = line !== text.trim() || line.length > longestQuote;
	return line === '' ? '' : `: ${quotedWords(line.slice(0, longestQuote) + (isCut ? '…' : ''))}`;
};
