import type {Fact} from '../../state/fact.js';
import type {Json} from '../../state/json.js';
import type {State} from '../../state/state.js';
import type {Recorded} from '../store-port.js';
import {snakeCased} from './wire.js';

/** A fact as scripts read it. `seq` is the cursor to go on from; facts that became true together share it. */
export type WireEvent = {
	readonly seq: number;
	readonly type: Fact['type'];
	readonly at_ms: number;
	readonly session_id?: string;
	readonly run_id?: string;
	readonly data: Json;
};

/** Where a fact belongs: the session it is about and the run, as far as it has them. */
type Place = {readonly sessionId?: string; readonly runId?: string};

const ofRun = (state: State, runId: string): Place => {
	const sessionId = state.runs[runId]?.sessionId;
	return {runId, ...(sessionId !== undefined && {sessionId})};
};

const placeOf = (state: State, fact: Fact): Place => {
	switch (fact.type) {
		case 'session.created': {
			return {sessionId: fact.session.id};
		}

		case 'session.renamed': {
			return {sessionId: fact.sessionId};
		}

		case 'message.typed': {
			return {sessionId: fact.message.sessionId, runId: fact.message.runId};
		}

		case 'run.queued': {
			return {sessionId: fact.run.sessionId, runId: fact.run.id};
		}

		case 'escalation.raised': {
			return {sessionId: fact.escalation.sessionId, runId: fact.escalation.runId};
		}

		default: {
			const escalation = 'escalationId' in fact ? state.escalations[fact.escalationId] : undefined;
			const runId = 'runId' in fact ? fact.runId : escalation?.runId;
			return runId === undefined ? {} : ofRun(state, runId);
		}
	}
};

/** Bookkeeping that is nobody's event: kept answers hold what other senders were told. */
const isInternal = ({type}: Fact): boolean => type === 'answer.kept' || type === 'answers.forgotten';

/** The event of a fact; `undefined` for what is kept for the program's own use. */
export const wireEvent = (state: State, {seq, fact}: Recorded): WireEvent | undefined => {
	if (isInternal(fact)) {
		return undefined;
	}

	const {type, atMs, ...data} = fact;
	const {sessionId, runId} = placeOf(state, fact);
	return {
		seq,
		type,
		at_ms: atMs,
		...(sessionId !== undefined && {session_id: sessionId}),
		...(runId !== undefined && {run_id: runId}),
		data: snakeCased(data),
	};
};

/** Whether an event belongs to a session: its own, and what its direct children ask of it. */
export const isEventOf = (state: State, event: WireEvent, sessionId: string): boolean => {
	const isChildsRequest =
		event.type.startsWith('escalation.') && event.session_id !== undefined && state.sessions[event.session_id]?.parentId === sessionId;
	return event.session_id === sessionId || isChildsRequest;
};
