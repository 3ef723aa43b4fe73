import type {Escalation} from '../../state/escalation/escalation.js';
import type {Attempt} from '../../state/run/run.js';
import type {TypedMessage} from '../../state/session/message.js';
import type {RunTranscript} from './transcript.js';

/** What happened in a run, one thing after the other. */
export type TalkItem =
	| {readonly type: 'attempt'; readonly atMs: number; readonly attempt: Attempt}
	| {readonly type: 'message'; readonly atMs: number; readonly message: TypedMessage}
	| {readonly type: 'escalation'; readonly atMs: number; readonly escalation: Escalation};

/** Attempts, typed lines and requests of a run in the order of their beginnings. */
export const talkOf = ({run, messages, escalations}: RunTranscript): readonly TalkItem[] =>
	[
		...run.attempts.map(attempt => ({type: 'attempt', atMs: attempt.claimedAtMs, attempt}) as const),
		...messages.map(message => ({type: 'message', atMs: message.atMs, message}) as const),
		...escalations.map(escalation => ({type: 'escalation', atMs: escalation.raisedAtMs, escalation}) as const),
	].toSorted((a, b) => a.atMs - b.atMs);
