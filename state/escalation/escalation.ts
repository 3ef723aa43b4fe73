import type {Json} from '../json.js';

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

/** What the coordinator found out itself about a plan when it was raised: never taken from the asker, and part of what is decided. */
export type Found = {
	/** The folder it would run in, with links followed. */
	readonly cwd: string;
	/** The file behind each program it names, with links followed. A program that was not found is missing. */
	readonly executables: Readonly<Record<string, string>>;
	/** SHA-256 of the files it names that decide what would happen (programs and scripts in the session's folder), by path. */
	readonly files?: Readonly<Record<string, string>>;
};

export type Choice = 'approve' | 'deny' | 'answer';

/** How far an approval reaches: this request, the same command again in this run, in this tree, or by this agent anywhere. */
export const decisionScopes = ['once', 'run', 'tree', 'always'] as const;

export type DecisionScope = (typeof decisionScopes)[number];

export type Decision = {
	readonly choice: Choice;
	/** The reason of a denial, or the answer to a question. */
	readonly text?: string;
	readonly by: string;
	readonly atMs: number;
	/** How far an approval reaches; `once` when absent. */
	readonly scope?: DecisionScope;
	/** The grant this approval made, or the one that gave it. */
	readonly grantId?: string;
	/** The policy that decided, and which of its rules. */
	readonly policy?: {readonly name: string; readonly rule: string};
};

/** `superseded`: what it would do changed meanwhile, and another request took its place. */
export type EscalationState = 'open' | 'answered' | 'expired' | 'withdrawn' | 'superseded';

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
	readonly found?: Found;
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
	shown?: {
		readonly atMs: number;
		/** SHA-256 of `text`. */
		readonly frame: string;
		readonly columns: number;
		readonly rows: number;
		/** The very frame, its lines one below the other. */
		readonly text?: string;
	};
	/** When the asker took the answer. */
	deliveredAtMs?: number;
	/** When it left `open` without a decision, and why. */
	closed?: {readonly atMs: number; readonly why: string};
	/** The request that took its place. */
	supersededBy?: string;
	/** The connection of the asker is gone (restart, crash): the answer may reach nobody. */
	askerGone?: boolean;
};

/** Which decisions an escalation can take. */
export const choicesOf = (escalation: Escalation): readonly Choice[] =>
	escalation.kind === 'question' ? ['answer', 'deny'] : ['approve', 'deny'];
