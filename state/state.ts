import type {AgentProfile} from './agent/agent-profile.js';
import type {Launcher} from './agent/launcher.js';
import {bareRecord} from './bare-record.js';
import type {Escalation} from './escalation/escalation.js';
import type {Grant} from './escalation/grant.js';
import type {Policy} from './escalation/policy.js';
import {createIndex, type Index} from './index-of-state.js';
import type {Json} from './json.js';
import type {TokenBucket} from './queue/rate.js';
import type {Run} from './run/run.js';
import type {Alert} from './safety/alert.js';
import type {Breaker} from './safety/breaker.js';
import type {BudgetHold, Budgets} from './safety/budget.js';
import {defaultLimits, type LimitOverride, type Limits} from './safety/limits.js';
import type {ProviderPause} from './safety/provider.js';
import type {Usage} from './safety/usage.js';
import type {TypedMessage} from './session/message.js';
import type {ChildResult} from './session/outbox.js';
import type {Session} from './session/session.js';

/** A kept answer to a request that carried an idempotency key. */
export type KeptAnswer = {readonly requestHash: string; readonly answer: Json; readonly atMs: number};

/** The part of State that is saved: plain JSON. */
export type SavedState = {
	/** How many facts it adds up. */
	version: number;
	/** The newest moment any fact named. */
	lastAtMs: number;
	/** The next run's place in the order of arrival. */
	nextOrder: number;
	agents: Record<string, AgentProfile>;
	limits: Limits;
	limitOverrides: readonly LimitOverride[];
	budgets: Budgets;
	queuePausedBy?: string;
	/** Who asked that nothing new is taken. */
	drainingBy?: string;
	sessions: Record<string, Session>;
	runs: Record<string, Run>;
	messages: TypedMessage[];
	escalations: Record<string, Escalation>;
	/** What the operator allowed for longer than once. */
	grants: Record<string, Grant>;
	policies: readonly Policy[];
	breakers: Record<string, Breaker>;
	launchers: Record<string, Launcher>;
	answers: Record<string, KeptAnswer>;
	/** Token buckets: `starts`, `starts:AGENT`, `retries:ROOT`. */
	buckets: Record<string, TokenBucket>;
	/** Providers that told us to wait, or told it lately. */
	providers: Record<string, ProviderPause>;
	/** Sums by `UsageScope`. */
	usage: Record<string, Usage>;
	/** Budgets that are used up, by `SCOPE/MEASURE`. */
	budgetHolds: Record<string, BudgetHold>;
	alerts: Record<string, Alert>;
	/** What children left behind for their parents, by the child's run. */
	outbox: Record<string, ChildResult>;
	/** How often two sessions spoke to each other by themselves since the operator last spoke to one of them, by `pairKey`. */
	exchanges: Record<string, number>;
};

/**
 * What all facts so far add up to. Changed in place by `apply` alone; nobody keeps a reference into it across versions.
 * `index` is derived, never saved, and rebuilt on load.
 */
export type State = SavedState & {readonly index: Index};

export const emptySavedState = (): SavedState => ({
	version: 0,
	lastAtMs: 0,
	nextOrder: 1,
	agents: {},
	limits: defaultLimits,
	limitOverrides: [],
	budgets: {},
	sessions: {},
	runs: {},
	messages: [],
	escalations: {},
	grants: {},
	policies: [],
	breakers: {},
	launchers: {},
	answers: {},
	buckets: {},
	providers: {},
	usage: {},
	budgetHolds: {},
	alerts: {},
	outbox: {},
	exchanges: {},
});

/** State from what was saved (which it takes over), with its indexes built. */
export const createState = (saved: SavedState = emptySavedState()): State => {
	// What an older version did not save yet is empty.
	const whole = {...emptySavedState(), ...saved};
	const records = {
		agents: bareRecord(whole.agents),
		sessions: bareRecord(whole.sessions),
		runs: bareRecord(whole.runs),
		escalations: bareRecord(whole.escalations),
		grants: bareRecord(whole.grants),
		breakers: bareRecord(whole.breakers),
		launchers: bareRecord(whole.launchers),
		answers: bareRecord(whole.answers),
		buckets: bareRecord(whole.buckets),
		providers: bareRecord(whole.providers),
		usage: bareRecord(whole.usage),
		budgetHolds: bareRecord(whole.budgetHolds),
		alerts: bareRecord(whole.alerts),
		outbox: bareRecord(whole.outbox),
		exchanges: bareRecord(whole.exchanges),
	};
	return {...whole, ...records, index: createIndex(records)};
};

/** What to save of State. Shares its parts: serialise it before the next fact. */
export const savedState = ({index: _, ...saved}: State): SavedState => saved;
