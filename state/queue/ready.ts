import type {Lane} from './lane.js';

/** What the queue needs to know of a run that may start as soon as there is room. */
export type Ready = {
	readonly id: string;
	readonly lane: Lane;
	/** Runs of one class are let through or blocked together: agent and demands. */
	readonly group: string;
	readonly rootId: string;
	/** Place in the order of arrival; it stays the same when the run comes back. */
	readonly order: number;
	readonly sinceMs: number;
	readonly isRetry: boolean;
	/** The operator put it before everything else. */
	readonly isFirst?: boolean;
};
