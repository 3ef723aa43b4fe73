import type {RetryPolicy} from '../run/retry.js';
import type {Budget} from '../safety/budget.js';

/** A configured program that can run in a session. */
export type AgentProfile = {
	readonly name: string;
	/** Which adapter knows how to start it. */
	readonly adapter: string;
	/** For adapter `command`: program and arguments; `{prompt}` stands for the text of the run. For others: the program to use instead. */
	readonly argv?: readonly string[];
	/** Arguments added to those of the adapter. */
	readonly args?: readonly string[];
	/** Added to the allow-listed environment. */
	readonly env?: Readonly<Record<string, string>>;
	/** One line for lists. */
	readonly description: string;
	readonly model?: string;
	/** Whose models it uses: agents of one provider share its breaker and its pauses. */
	readonly provider?: string;
	/** What it can do; a run's demands must be among these or its launcher's. */
	readonly tags?: readonly string[];
	/** Without one a failed run is not tried again, unless the run asks for it. */
	readonly retry?: RetryPolicy;
	/** For each of its sessions, instead of the general one. */
	readonly budget?: Budget;
	/** How long one attempt may work; instead of the limit `runTimeoutMs`. */
	readonly runTimeoutMs?: number;
	/** How long it may be silent before it is called stuck; instead of the limit `stuckAfterMs`. */
	readonly stuckAfterMs?: number;
	/** Whether it proves that it took its prompt; one that does and does not within `acceptanceTimeoutMs` is taken back. */
	readonly provesAcceptance?: boolean;
	/**
	 * How it takes what its children left behind when it did not wait for it: typed when it is idle, as its next message, or not at all.
	 * `queue` when absent, but `none` for shells and plain commands.
	 */
	readonly resultDelivery?: 'type' | 'queue' | 'none';
	/** Agents it may spawn children of; `*` is any. Its own kind when absent; any for what runs any command by itself anyway. */
	readonly maySpawn?: readonly string[];
	/** Name of the policy that answers its requests first; `ask` when absent. */
	readonly policy?: string;
};
