import {pathOf} from '../session/session.js';
import type {State} from '../state.js';
import {outcomeOf} from '../view/escalation-rows.js';
import type {Decision, Escalation, EscalationKind, EscalationPayload, Found} from './escalation.js';
import {type Asker, askerOf} from './policy.js';
import {riskOf} from './risk.js';

/** One closed request as the ledger keeps it: enough to tell what was asked, shown and decided, and to ask a policy about it again. */
export type LedgerEntry = {
	/** The id of the request. */
	readonly id: string;
	readonly kind: EscalationKind;
	readonly outcome: Exclude<ReturnType<typeof outcomeOf>, 'open'>;
	readonly runId: string;
	readonly sessionId: string;
	/** Labels from the root of its tree down to who asked. */
	readonly who: readonly string[];
	readonly agent: string;
	/** The policy the agent's profile named then. */
	readonly policyName?: string;
	/** The agents above it then, whose policies bound it too. */
	readonly above?: NonNullable<Asker['above']>;
	/** The folder of its session. */
	readonly folder: string;
	/** The asker's own words. */
	readonly text: string;
	readonly payload?: EscalationPayload;
	readonly found?: Found;
	readonly fingerprint: string;
	readonly risk?: string;
	readonly raisedAtMs: number;
	readonly closedAtMs: number;
	readonly waitedMs: number;
	/** Who decided; for one that nobody decided, why it was closed. */
	readonly by: string;
	readonly decision?: Decision;
	/** The frame before the operator's eyes: its SHA-256, its size and its text. */
	readonly shown?: NonNullable<Escalation['shown']>;
	readonly deliveredAtMs?: number;
};

/** A closed request as an entry of the ledger; `undefined` while it is open. */
export const ledgerEntry = (state: State, escalation: Escalation): LedgerEntry | undefined => {
	const {id, kind, runId, sessionId, text, payload, found, fingerprint, raisedAtMs, decision, closed, shown, deliveredAtMs} = escalation;
	const outcome = outcomeOf(escalation);
	if (outcome === 'open') {
		return undefined;
	}

	const session = state.sessions[sessionId];
	const {agent, policyName, folder, above} = askerOf(state, sessionId);
	const risk = riskOf(escalation, folder)?.word;
	const closedAtMs = decision?.atMs ?? closed?.atMs ?? raisedAtMs;
	return {
		id,
		kind,
		outcome,
		runId,
		sessionId,
		who: session ? pathOf(state, session).map(({label}) => label) : [sessionId],
		agent,
		...(policyName !== undefined && {policyName}),
		...(above && {above}),
		folder,
		text,
		...(payload && {payload}),
		...(found && {found}),
		fingerprint,
		...(risk !== undefined && {risk}),
		raisedAtMs,
		closedAtMs,
		waitedMs: closedAtMs - raisedAtMs,
		by: decision?.by ?? closed?.why ?? '',
		...(decision && {decision}),
		...(shown && {shown}),
		...(deliveredAtMs !== undefined && {deliveredAtMs}),
	};
};

/** What State still has of the ledger, newest first. */
export const ledgerEntries = (state: State): readonly LedgerEntry[] =>
	Object.values(state.escalations)
		.flatMap(escalation => ledgerEntry(state, escalation) ?? [])
		.sort((a, b) => b.closedAtMs - a.closedAtMs || (a.id < b.id ? 1 : -1));
