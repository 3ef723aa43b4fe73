import type {Fact} from '../../state/fact.js';
import {ExpectedError, exitCodes} from '../errors.js';
import {encodeBatch, nextBatch, type Waiter, type WaitingFacts} from './batch.js';
import {createFailStop, type FailureListener} from './fail-stop.js';
import type {Position} from './record.js';
import {createSegmentWriter, type SegmentWriter} from './segment-writer.js';

/** What was made durable since the journal was opened. */
export type Written = {readonly facts: number; readonly bytes: number};

/** Where a sealed segment ends, and all that was written up to there. */
export type Sealed = {readonly position: Position; readonly written: Written};

/** The append-only log of facts. */
export type Journal = {
	/** See `FactStore.append`. */
	append(facts: readonly Fact[]): Promise<number>;
	/** Closes the newest segment for good and tells where it ends; everything up to there is durable. */
	seal(): Promise<Sealed>;
	/** The newest durable record. */
	readonly seq: number;
	readonly written: Written;
	readonly failure: Error | undefined;
	onFailure(listener: FailureListener): () => void;
	/** Waits until everything appended is durable, and closes. Later appends reject. May be called twice. */
	close(): Promise<void>;
};

/** How far the journal got and who waits for it. Only one flush at a time moves it on. */
type Progress = {
	position: Position;
	written: Written;
	/** The size of the batch under way. */
	batchBytes: number;
	readonly facts: WaitingFacts[];
	readonly seals: Array<Waiter<Sealed>>;
};

/** One write and one flush for everything that arrived while the last were under way. */
const flushBatch = async (progress: Progress, writer: SegmentWriter, batch: readonly WaitingFacts[]): Promise<void> => {
	const {position: after, written} = progress;
	const {bytes, position} = encodeBatch(batch, after);
	progress.batchBytes = bytes.length;
	await writer.open(after.seq + 1);
	await writer.write(bytes);
	progress.position = position;
	progress.written = {facts: written.facts + batch.reduce((sum, {count}) => sum + count, 0), bytes: written.bytes + bytes.length};
	progress.facts.splice(0, batch.length);
	for (const [index, {resolve}] of batch.entries()) {
		resolve(after.seq + 1 + index);
	}
};

const sealSegment = async (progress: Progress, writer: SegmentWriter): Promise<void> => {
	await writer.seal();
	for (const {resolve} of progress.seals.splice(0)) {
		resolve({position: progress.position, written: progress.written});
	}
};

const flushAll = async (progress: Progress, writer: SegmentWriter, onBatch: () => void): Promise<void> => {
	while (progress.facts.length + progress.seals.length > 0) {
		if (progress.seals.length > 0) {
			await sealSegment(progress, writer);
		}

		const batch = nextBatch(progress.facts);
		if (batch.length > 0) {
			await flushBatch(progress, writer, batch);
			onBatch();
		}
	}
};

const rejectAll = (progress: Progress, error: Error): void => {
	for (const {reject} of [...progress.facts.splice(0), ...progress.seals.splice(0)]) {
		reject(error);
	}
};

const closedJournal = (folder: string): ExpectedError =>
	new ExpectedError(`Could not write to the journal in ${folder}: it is closed`, {exitCode: exitCodes.unavailable});

/** What a journal is made of; `onBatch` is called after each durable batch and must not throw. */
export type JournalOptions = {
	readonly folder: string;
	/** Where the journal ends now. */
	readonly position: Position;
	/** When to go on to a new segment. */
	readonly segmentBytes: number;
	/** How often a disk that failed is tried again. */
	readonly probeIntervalMs: number;
	readonly onBatch: () => void;
};

/**
 * A journal that goes on where it ends. A batch is whatever was appended while the last batch was being flushed: no timer.
 * The first error of the disk stops everything, see `createFailStop`.
 */
export const createJournal = ({folder, position, segmentBytes, probeIntervalMs, onBatch}: JournalOptions): Journal => {
	const progress: Progress = {position, written: {facts: 0, bytes: 0}, batchBytes: 0, facts: [], seals: []};
	const writer = createSegmentWriter({folder, segmentBytes});
	let flushing: Promise<void> | undefined;
	let isClosed = false;
	const restart = async (): Promise<void> => {
		await flushing;
		await writer.cut();
		await writer.open(progress.position.seq + 1);
	};

	const failStop = createFailStop({folder, probeIntervalMs, restart});
	const flush = async (): Promise<void> => {
		try {
			// Callers of the same turn share the first batch.
			await undefined;
			await flushAll(progress, writer, onBatch);
		} catch (error) {
			rejectAll(progress, failStop.trip(error, progress.batchBytes));
			await writer.cut().catch(() => {});
		}

		flushing = undefined;
	};

	const enqueue = async <Result>(add: (waiter: Waiter<Result>) => void): Promise<Result> => {
		const refusal = isClosed ? closedJournal(folder) : failStop.failure;
		if (refusal) {
			throw refusal;
		}

		return new Promise((resolve, reject) => {
			add({resolve, reject});
			flushing ??= flush();
		});
	};

	return {
		append: async facts => enqueue(waiter => progress.facts.push({...waiter, json: JSON.stringify(facts), count: facts.length})),
		seal: async () => enqueue(waiter => progress.seals.push(waiter)),
		get seq() {
			return progress.position.seq;
		},
		get written() {
			return progress.written;
		},
		get failure() {
			return failStop.failure;
		},
		onFailure: failStop.onFailure,
		async close() {
			isClosed = true;
			await flushing;
			await failStop.close();
			await (failStop.failure ? writer.cut().catch(() => {}) : writer.seal());
		},
	};
};
