import {isOver} from '../run/run.js';
import type {State} from '../state.js';
import type {DecisionScope, Escalation} from './escalation.js';
import {type PlanPart, planParts} from './plan-parts.js';
import {riskOf} from './risk.js';

/** An approval that holds longer than once: for the very same command, by the same agent, in the same folder. */
export type Grant = {
	/** `grt_…` */
	readonly id: string;
	/** How far it reaches; `always` is still bound to the agent and the folder. */
	readonly scope: Exclude<DecisionScope, 'once'>;
	/** The name of the agent profile. */
	readonly agent: string;
	readonly runId: string;
	readonly rootId: string;
	readonly tool?: string;
	/** The command line as it was approved. A chain is matched by this, a single command by its one part. */
	readonly argv: readonly string[];
	readonly parts: readonly PlanPart[];
	/** With links followed. */
	readonly cwd: string;
	/** The request whose approval made it. */
	readonly escalationId: string;
	readonly by: string;
	readonly madeAtMs: number;
	readonly expiresAtMs: number;
	readonly maxUses?: number;
	readonly uses: number;
	readonly lastUsedAtMs?: number;
	readonly revoked?: {readonly by: string; readonly atMs: number};
};

const hour = 60 * 60_000;

/** How long a grant holds unless told otherwise, and at most. */
export const defaultGrantMs = 8 * hour;
export const longestGrantMs = 30 * 24 * hour;

const isSame = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((item, at) => item === b[at]);

const isSamePart = (a: PlanPart, b: PlanPart): boolean => a.executable === b.executable && isSame(a.args, b.args);

/** Why an approval of this request can only hold once; `undefined` when it may be remembered. The sentence is shown in place of the choice. */
export const whyNotGrant = (state: State, escalation: Pick<Escalation, 'kind' | 'payload' | 'found' | 'sessionId'>): string | undefined => {
	const folder = state.sessions[escalation.sessionId]?.cwd ?? '/';
	if (escalation.kind !== 'approval' && escalation.kind !== 'permission') {
		return 'Only an approval can be remembered.';
	}

	const risk = riskOf(escalation, folder);
	if (!risk || risk.level === 'high') {
		return `It cannot be remembered: ${risk?.because ?? 'its risk is not known'}.`;
	}

	const {why} = planParts(escalation, folder);
	return why === undefined ? undefined : `It cannot be remembered: ${why}.`;
};

/** Why a grant holds no more; `undefined` while it does. */
export const whyNotHolding = (state: State, grant: Grant, nowMs: number): string | undefined => {
	if (grant.revoked) {
		return `revoked by ${grant.revoked.by}`;
	}

	if (nowMs >= grant.expiresAtMs) {
		return 'expired';
	}

	if (grant.maxUses !== undefined && grant.uses >= grant.maxUses) {
		return 'used up';
	}

	const run = state.runs[grant.runId];
	return grant.scope === 'run' && (!run || isOver(run)) ? 'its run ended' : undefined;
};

const isInScope = (state: State, {scope, agent, runId, rootId}: Grant, asker: Pick<Escalation, 'runId' | 'sessionId'>): boolean => {
	const session = state.sessions[asker.sessionId];
	const isInReach = scope === 'always' || (scope === 'run' ? asker.runId === runId : session?.rootId === rootId);
	return session?.agent === agent && isInReach;
};

const isSamePlan = (grant: Grant, escalation: Escalation, parts: readonly PlanPart[]): boolean => {
	const {argv = [], tool} = escalation.payload ?? {};
	const isSameCommand =
		parts.length === grant.parts.length &&
		parts.every((part, at) => isSamePart(part, grant.parts[at]!)) &&
		(parts.length === 1 || isSame(argv, grant.argv));
	return isSameCommand && tool === grant.tool && escalation.found?.cwd === grant.cwd;
};

/** The grant that answers a request; `undefined` when a person has to. What the asker says about itself never counts. */
export const grantFor = (state: State, escalation: Escalation, nowMs: number): Grant | undefined => {
	const grants = Object.values(state.grants);
	if (grants.length === 0 || whyNotGrant(state, escalation) !== undefined) {
		return undefined;
	}

	const {parts = []} = planParts(escalation, state.sessions[escalation.sessionId]!.cwd) as {parts?: readonly PlanPart[]};
	return grants.find(
		grant =>
			whyNotHolding(state, grant, nowMs) === undefined && isInScope(state, grant, escalation) && isSamePlan(grant, escalation, parts),
	);
};

/** The grant that an approval makes. Only for a request that `whyNotGrant` lets pass. */
export const grantOf = (
	state: State,
	escalation: Escalation,
	{
		id,
		scope,
		by,
		nowMs,
		lifetimeMs = defaultGrantMs,
		maxUses,
	}: {
		readonly id: string;
		readonly scope: Grant['scope'];
		readonly by: string;
		readonly nowMs: number;
		readonly lifetimeMs?: number | undefined;
		readonly maxUses?: number | undefined;
	},
): Grant => {
	const {agent, rootId, cwd} = state.sessions[escalation.sessionId]!;
	const {parts = []} = planParts(escalation, cwd) as {parts?: readonly PlanPart[]};
	const {argv = [], tool} = escalation.payload ?? {};
	return {
		id,
		scope,
		agent,
		runId: escalation.runId,
		rootId,
		...(tool !== undefined && {tool}),
		argv,
		parts,
		cwd: escalation.found!.cwd,
		escalationId: escalation.id,
		by,
		madeAtMs: nowMs,
		expiresAtMs: nowMs + lifetimeMs,
		...(maxUses !== undefined && {maxUses}),
		uses: 0,
	};
};
