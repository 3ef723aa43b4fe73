import type {Journal, Sealed} from './journal.js';
import type {Position} from './record.js';
import {runCompaction} from './run-compaction.js';

/** How much is replayed on top of the snapshot at a start, or may be. */
export type TailSize = {readonly facts: number; readonly bytes: number};

/** Folds the journal into the snapshot, one compaction at a time. */
export type Compactor = {
	/** Seals the newest segment and folds all that is not in the snapshot yet. Joins a compaction that is under way. */
	compact(): Promise<void>;
	/** Starts a compaction if the tail has grown to the limit. */
	check(): void;
	/** Starts none by itself any more. */
	stop(): void;
	/** Resolves when no compaction is under way, however the last one ended. */
	settled(): Promise<void>;
};

/** A tenth of the limit is appended between two attempts, so that a full disk is not asked again for every fact. */
const attemptsPerLimit = 10;

/** What a compactor is made of. `position` and `tail` say where the journal stood when it was opened. */
export type CompactorOptions = {
	readonly folder: string;
	readonly journal: () => Journal;
	readonly position: Position;
	readonly tail: TailSize;
	/** At what size of the tail to start by itself, if ever. */
	readonly limit: TailSize | undefined;
	/** Hears why a compaction that started by itself failed. */
	readonly onFailure: (error: Error) => void;
};

/** A compactor for the journal in a folder. */
export const createCompactor = ({folder, journal, position, tail, limit, onFailure}: CompactorOptions): Compactor => {
	let folded: Sealed = {
		position: {...position, seq: tail.bytes === 0 ? position.seq : -1},
		written: {facts: -tail.facts, bytes: -tail.bytes},
	};
	let attemptedAt: TailSize = {facts: Number.NEGATIVE_INFINITY, bytes: Number.NEGATIVE_INFINITY};
	let running: Promise<void> | undefined;
	let isStopped = false;

	const run = async (): Promise<void> => {
		const sealed = await journal().seal();
		attemptedAt = sealed.written;
		if (sealed.position.seq > folded.position.seq) {
			await runCompaction({folder, upTo: sealed.position});
			folded = sealed;
		}
	};

	const compact = async (): Promise<void> => {
		running ??= run().finally(() => {
			running = undefined;
		});
		return running;
	};

	const isDue = ({facts, bytes}: TailSize): boolean => {
		const {written} = journal();
		const hasGrown = (size: TailSize, part: number): boolean =>
			written.facts - size.facts >= facts / part || written.bytes - size.bytes >= bytes / part;
		return hasGrown(folded.written, 1) && hasGrown(attemptedAt, attemptsPerLimit);
	};

	return {
		compact,
		check() {
			if (limit && !running && !isStopped && isDue(limit)) {
				compact().catch(onFailure);
			}
		},
		stop() {
			isStopped = true;
		},
		async settled() {
			await running?.catch(() => {});
		},
	};
};
