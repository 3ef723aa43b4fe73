import {createRootQueue, type Gate, type RootQueue} from './root-queue.js';
import type {Waiting} from './run-line.js';
import {charge, createShare, giveBack, level, type Share} from './share.js';

/** Of five slots of a lane at most one goes to a retry while new work waits: a failing task never starves a new one. */
const freshPerRetry = 4;

/** The runs of one lane: new work, retries, and those the operator put first, who stand elsewhere and are only counted and charged here. */
export type LaneQueue = {
	/** How many of its runs wait for the lane's turn, and how many the operator put first. */
	readonly load: {readonly waiting: number; readonly first: number};
	readonly share: Readonly<Share>;
	add(entry: Waiting, virtualTime: number): void;
	remove(entry: Waiting): void;
	next(gate: Gate): Waiting | undefined;
	/** The longest waiting one that came before `beforeMs`, unless it is a retry and new work goes first. */
	oldest(gate: Gate, beforeMs: number): Waiting | undefined;
	/** Takes the run out and charges lane and root. It may be served for another reason than its turn. */
	serve(entry: Waiting, how: {readonly isTurn: boolean; readonly virtualTime: number}): void;
	/** Forgets what the lane has had and what is owed to it. */
	startOver(): void;
	refund(rootId: string, isRetry: boolean): void;
	/** Remembers how things are before a run is served; the answer undoes that. Several are undone the latest first. */
	mark(entry: Waiting): () => void;
};

/** `stride` is what one slot costs the lane: the inverse of its weight. */
export const createLaneQueue = ({stride}: {readonly stride: number}): LaneQueue => {
	const fresh = createRootQueue();
	const retries = createRootQueue();
	const share = createShare();
	/** Slots of new work since the last retry. */
	let freshServed = 0;
	const load = {waiting: 0, first: 0};

	const queueOf = (isRetry: boolean): RootQueue => (isRetry ? retries : fresh);

	const isTurnOfRetries = (): boolean => freshServed >= freshPerRetry;

	return {
		load,
		share,
		add(entry, virtualTime) {
			const {isFirst, isRetry} = entry.run;
			if (load.waiting === 0) {
				level(share, virtualTime);
			}

			if (isFirst) {
				load.first += 1;
			} else {
				load.waiting += 1;
				queueOf(isRetry).add(entry);
			}
		},
		remove(entry) {
			const {isFirst, isRetry} = entry.run;
			if (isFirst) {
				load.first -= 1;
			} else {
				load.waiting -= 1;
				queueOf(isRetry).remove(entry);
			}
		},
		next: gate => (isTurnOfRetries() ? (retries.next(gate) ?? fresh.next(gate)) : (fresh.next(gate) ?? retries.next(gate))),
		oldest(gate, beforeMs) {
			const first = fresh.size > 0 ? fresh.oldest(gate, beforeMs) : undefined;
			const mayRetry = retries.size > 0 && (fresh.size === 0 || isTurnOfRetries());
			const retry = mayRetry ? retries.oldest(gate, beforeMs) : undefined;
			return first && retry && retry.run.sinceMs < first.run.sinceMs ? retry : (first ?? retry);
		},
		serve(entry, {isTurn, virtualTime}) {
			const {isFirst, isRetry, rootId} = entry.run;
			if (isFirst) {
				load.first -= 1;
				queueOf(isRetry).charge(rootId);
			} else {
				load.waiting -= 1;
				queueOf(isRetry).serve(entry, isTurn);
			}

			freshServed = isRetry ? 0 : freshServed + 1;
			charge(share, stride, virtualTime);
		},
		startOver() {
			Object.assign(share, createShare());
		},
		refund(rootId, isRetry) {
			freshServed = isRetry ? freshPerRetry : Math.max(0, freshServed - 1);
			giveBack(share, stride);
			queueOf(isRetry).refund(rootId);
		},
		mark(entry) {
			const {isFirst, isRetry, rootId} = entry.run;
			const queue = queueOf(isRetry);
			const before = {share: {...share}, load: {...load}, freshServed, ledger: queue.ledgerOf(rootId)};
			return () => {
				Object.assign(share, before.share);
				Object.assign(load, before.load);
				({freshServed} = before);
				queue.undo(rootId, before.ledger, isFirst ? undefined : entry);
			};
		},
	};
};
