import type {EscalationKind} from '../../state/escalation/escalation.js';
import type {Json} from '../../state/json.js';
import {resultsBy} from '../../state/session/outbox.js';
import {childrenOf, runsOf, type Session} from '../../state/session/session.js';
import type {State} from '../../state/state.js';
import type {requestKinds} from './schemas.js';

const newest = 200;

type RequestKind = (typeof requestKinds)[number];

/** The kinds of request an agent may make, by their names on the wire. */
export const kindOfRequest: Readonly<Record<RequestKind, EscalationKind>> = {
	approval_request: 'approval',
	permission_request: 'permission',
	question: 'question',
	notice: 'notice',
};

const requestKindOf = (kind: EscalationKind): string => Object.entries(kindOfRequest).find(([, wanted]) => wanted === kind)?.[0] ?? kind;

/**
 * What was said in a session, oldest first, the newest 200: its messages, the lines typed into its terminal, and what its children asked.
 * A child's words are marked with role `child`: they are data for the parent, never the user's.
 */
export const messagesOf = (state: State, session: Session): readonly Json[] => {
	const roleOf = (by: string): string => (by === resultsBy ? 'child' : 'user');
	const queued = runsOf(state, session).map(run => ({
		at_ms: run.queuedAtMs,
		role: roleOf(run.by),
		text: run.text,
		by: run.by,
		run_id: run.id,
	}));
	const typed = state.messages
		.filter(message => message.sessionId === session.id)
		.map(({atMs, text, by, runId}) => ({at_ms: atMs, role: roleOf(by), text, by, run_id: runId, typed: true}));
	const children = new Set(childrenOf(state, session.id).map(({id}) => id));
	const asked = Object.values(state.escalations)
		.filter(escalation => children.has(escalation.sessionId))
		.map(({id, raisedAtMs, text, kind, runId, state: escalationState}) => ({
			at_ms: raisedAtMs,
			role: 'child',
			text,
			run_id: runId,
			request_kind: requestKindOf(kind),
			escalation_id: id,
			escalation_state: escalationState,
		}));
	return [...queued, ...typed, ...asked].sort((a, b) => a.at_ms - b.at_ms).slice(-newest);
};
