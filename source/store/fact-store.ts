import type {FactStore} from '../store-port.js';
import {createCompactor, type TailSize} from './compactor.js';
import {createJournal, type Journal} from './journal.js';
import type {Lock} from './lock.js';
import {readFacts} from './read-facts.js';
import type {Position} from './record.js';

/** What a store may be told to do otherwise. */
export type StoreLimits = {
	/** When to compact by itself, or `false` for never; 100,000 facts or 32 MB of tail, so that a start takes about a second at most. */
	readonly autoCompact?: TailSize | boolean;
	/** When to go on to a new segment; 16 MB. */
	readonly segmentBytes?: number;
	/** How often a disk that failed is tried again; 2,000 ms. */
	readonly probeIntervalMs?: number;
	/** Hears why a compaction that started by itself failed. No fact is lost, and it is tried again later. */
	readonly onCompactionFailure?: (error: Error) => void;
};

const defaultTailLimit: TailSize = {facts: 100_000, bytes: 32 * 1024 * 1024};

const tailLimit = (autoCompact: TailSize | boolean): TailSize | undefined => {
	if (autoCompact === false) {
		return undefined;
	}

	return autoCompact === true ? defaultTailLimit : autoCompact;
};

/** The store over a recovered folder whose lock is held: the journal goes on after `position`, `tail` is not in the snapshot yet. */
export const createFactStore = ({
	folder,
	lock,
	position,
	tail,
	autoCompact = true,
	segmentBytes = 16 * 1024 * 1024,
	probeIntervalMs = 2000,
	onCompactionFailure = () => {},
}: StoreLimits & {
	readonly folder: string;
	readonly lock: Lock;
	readonly position: Position;
	readonly tail: TailSize;
}): FactStore => {
	const journal: Journal = createJournal({
		folder,
		position,
		segmentBytes,
		probeIntervalMs,
		onBatch: () => compactor.check(),
	});
	const compactor = createCompactor({
		folder,
		journal: () => journal,
		position,
		tail,
		limit: tailLimit(autoCompact),
		onFailure: onCompactionFailure,
	});
	compactor.check();
	return {
		append: journal.append,
		read: afterSeq => readFacts({folder, afterSeq, untilSeq: journal.seq}),
		get seq() {
			return journal.seq;
		},
		get failure() {
			return journal.failure;
		},
		onFailure: journal.onFailure,
		compact: compactor.compact,
		async close() {
			compactor.stop();
			await journal.close();
			await compactor.settled();
			lock.release();
		},
	};
};
