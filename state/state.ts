import type {AgentProfile} from './agent-profile.js';
import {bareRecord} from './bare-record.js';
import type {Breaker} from './breaker.js';
import type {Escalation} from './escalation.js';
import {createIndex, type Index} from './index-of-state.js';
import type {Json} from './json.js';
import type {Launcher} from './launcher.js';
import {defaultLimits, type Limits} from './limits.js';
import type {TypedMessage} from './message.js';
import type {Run} from './run.js';
import type {Session} from './session.js';

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
	queuePausedBy?: string;
	sessions: Record<string, Session>;
	runs: Record<string, Run>;
	messages: TypedMessage[];
	escalations: Record<string, Escalation>;
	breakers: Record<string, Breaker>;
	launchers: Record<string, Launcher>;
	answers: Record<string, KeptAnswer>;
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
	sessions: {},
	runs: {},
	messages: [],
	escalations: {},
	breakers: {},
	launchers: {},
	answers: {},
});

/** State from what was saved (which it takes over), with its indexes built. */
export const createState = (saved: SavedState = emptySavedState()): State => ({
	...saved,
	agents: bareRecord(saved.agents),
	sessions: bareRecord(saved.sessions),
	runs: bareRecord(saved.runs),
	escalations: bareRecord(saved.escalations),
	breakers: bareRecord(saved.breakers),
	launchers: bareRecord(saved.launchers),
	answers: bareRecord(saved.answers),
	index: createIndex(saved),
});

/** What to save of State. Shares its parts: serialise it before the next fact. */
export const savedState = ({index: _, ...saved}: State): SavedState => saved;
