import type {Json} from './json.js';

/** What is asked of a person. */
export type EscalationKind = 'approval' | 'question' | 'permission' | 'failure' | 'stuck' | 'deadlock' | 'budget' | 'notice';

/** Facts about what an approval would let happen. Everything here came from the agent's side and is untrusted text. */
export type EscalationPayload = {
	readonly tool?: string;
	readonly argv?: readonly string[];
	readonly cwd?: string;
	readonly diff?: string;
	/** Environment variables the command would change. */
	readonly env?: Readonly<Record<string, string>>;
	/** Whatever else the asker sent along. */
	readonly extra?: Json;
};

export type Choice = 'approve' | 'deny' | 'answer';

export type Decision = {
	readonly choice: Choice;
	/** The reason of a denial, or the answer to a question. */
	readonly text?: string;
	readonly by: string;
	readonly atMs: number;
};

export type EscalationState = 'open' | 'answered' | 'expired' | 'withdrawn';

/** A request that holds a run until someone decides. */
export type Escalation = {
	/** `esc_…` */
	readonly id: string;
	readonly runId: string;
	readonly sessionId: string;
	/** The attempt that asked: an answer never reaches another. */
	readonly generation: number;
	readonly kind: EscalationKind;
	/** The asker's own words. */
	readonly text: string;
	readonly payload?: EscalationPayload;
	/** Whether the agent is held until the answer. */
	readonly blocking: boolean;
	readonly raisedAtMs: number;
	readonly expiresAtMs: number;
	/** SHA-256 of the canonical plan (`canonicalPlan`); a decision must name it. */
	readonly fingerprint: string;
	state: EscalationState;
	/** Set with `answered`. */
	decision?: Decision;
	/** The frame an operator had before the eyes when it was first shown. */
	shown?: {readonly atMs: number; readonly frame: string; readonly columns: number; readonly rows: number};
	/** When the asker took the answer. */
	deliveredAtMs?: number;
	/** When it left `open` without a decision, and why. */
	closed?: {readonly atMs: number; readonly why: string};
	/** The connection of the asker is gone (restart, crash): the answer may reach nobody. */
	askerGone?: boolean;
};

/** Which decisions an escalation can take. */
export const choicesOf = (escalation: Escalation): readonly Choice[] =>
	escalation.kind === 'question' ? ['answer', 'deny'] : ['approve', 'deny'];
