import type {Fact} from '../state/fact.js';
import type {State} from '../state/state.js';

/** A fact with its place in the journal. Facts that were appended together share a sequence number. */
export type Recorded = {readonly seq: number; readonly fact: Fact};

/** Something that was mended on the way in, for the operator to read once. */
export type Repair = {readonly what: string; readonly kept: string | undefined};

/** Where facts are kept. The journal is the truth; everything else can be rebuilt from it. */
export type FactStore = {
	/**
	 * Makes facts durable, all or none. Resolves with their sequence number after they reached the disk; concurrent appends share one
	 * flush and resolve in order. Rejects with a `StoreFailure` once the store has failed: nothing was kept, and nothing will be.
	 */
	append(facts: readonly Fact[]): Promise<number>;
	/** Facts with a sequence number above `afterSeq`, in order, from disk. Segments already compacted away are not told. */
	read(afterSeq: number): AsyncIterable<Recorded>;
	/** The newest durable sequence number. */
	readonly seq: number;
	/** Set by the first error of the disk; from then on every append rejects. */
	readonly failure: Error | undefined;
	/** Hears the first failure, and `undefined` when the disk took facts again. */
	onFailure(listener: (failure: Error | undefined) => void): () => void;
	/** Folds sealed journal segments into the snapshot, off the event loop. */
	compact(): Promise<void>;
	/** Waits for what is under way, and gives the lock back. */
	close(): Promise<void>;
};

/** What opening a store yields: State as of the last durable fact, and what had to be mended. */
export type OpenedStore = {readonly store: FactStore; readonly state: State; readonly repairs: readonly Repair[]};
