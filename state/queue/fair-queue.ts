import {type Lane, lanes} from './lane.js';
import {createLaneQueue, type LaneQueue} from './lane-queue.js';
import type {Ready} from './ready.js';
import type {Gate} from './root-queue.js';
import type {Waiting} from './run-line.js';

/** How many of 15 slots each lane gets while all of them have work. */
export const laneWeights: Readonly<Record<Lane, number>> = {urgent: 8, high: 4, normal: 2, low: 1};

/** A run that waited this long is old: of four claims one goes to the oldest of the old, whatever its lane. */
export const ageingMs = 10 * 60_000;
const claimsPerAged = 4;

export type FairReady = Ready;

/** A claim as far as its charge is concerned. */
export type Served = {readonly lane: Lane; readonly rootId: string; readonly isRetry?: boolean};

/**
 * Who is served next: what the operator put first, then weighted fair queuing over the lanes (stride scheduling), inside a lane fair between
 * root sessions, and of one root by order of arrival. A lane without work gives its share to the others and gets no credit for it.
 */
export type FairQueue = {
	readonly size: number;
	sizeOf(lane: Lane): number;
	has(id: string): boolean;
	/** Everybody who waits, in no order that means anything. */
	ids(): readonly string[];
	/** A run that waits already takes its new place instead. */
	add(run: FairReady): void;
	remove(id: string): void;
	/** The run to serve next among those the gate lets through, if any. It stays until `serve`. */
	next(gate: Gate, nowMs: number): FairReady | undefined;
	/** Takes the run out and charges its lane and its root. */
	serve(id: string): void;
	/** Takes a charge back: the claim was rolled back. */
	refund(served: Served): void;
	/** The runs that would be served if everything were let through and nobody came: the first `limit` of them, in that order. */
	peekOrder(limit: number, nowMs: number): readonly FairReady[];
};

const open: Gate = {allowsGroup: () => true, allowsRoot: () => true};

const isLetThrough = (gate: Gate, {group, rootId}: Ready): boolean => gate.allowsGroup(group) && gate.allowsRoot(rootId);

const older = (a: Waiting | undefined, b: Waiting | undefined): Waiting | undefined =>
	!a || (b && (b.run.sinceMs < a.run.sinceMs || (b.run.sinceMs === a.run.sinceMs && b.run.order < a.run.order))) ? b : a;

export const createFairQueue = (): FairQueue => {
	const laneQueues = lanes.map(lane => createLaneQueue({stride: 1 / laneWeights[lane]}));
	const queues = Object.fromEntries(lanes.map((lane, index) => [lane, laneQueues[index]!])) as Readonly<Record<Lane, LaneQueue>>;
	const entries = new Map<string, Waiting>();
	/** What the operator put before every lane, in the order in which he did. */
	let front = new Map<string, Waiting>();
	let virtualTime = 0;
	let sinceAged = 0;

	const firstOfFront = (gate: Gate): Waiting | undefined => {
		for (const entry of front.values()) {
			if (isLetThrough(gate, entry.run)) {
				return entry;
			}
		}

		return undefined;
	};

	const isTurnOfTheOld = (): boolean => sinceAged + 1 >= claimsPerAged;

	const aged = (gate: Gate, nowMs: number): Waiting | undefined => {
		let oldest: Waiting | undefined;
		for (const queue of isTurnOfTheOld() ? laneQueues : []) {
			oldest = older(oldest, queue.oldest(gate, nowMs - ageingMs));
		}

		return oldest;
	};

	/** The lane with work that was served least for its weight, but for those asked already: a bit each. */
	const leastServed = (asked: number): number => {
		let least = -1;
		let leastPass = Number.POSITIVE_INFINITY;
		for (let at = 0; at < laneQueues.length; at += 1) {
			const {load, share} = laneQueues[at]!;
			if (share.pass < leastPass && load.waiting > 0 && (asked & (1 << at)) === 0) {
				least = at;
				leastPass = share.pass;
			}
		}

		return least;
	};

	const inTurn = (gate: Gate): Waiting | undefined => {
		let asked = 0;
		for (let at = leastServed(asked); at !== -1; at = leastServed(asked)) {
			const found = laneQueues[at]!.next(gate);
			if (found) {
				return found;
			}

			asked |= 1 << at;
		}

		return undefined;
	};

	const choose = (gate: Gate, nowMs: number): Waiting | undefined =>
		(front.size > 0 ? firstOfFront(gate) : undefined) ?? aged(gate, nowMs) ?? inTurn(gate);

	const isNext = ({share}: LaneQueue): boolean => {
		const least = laneQueues[leastServed(0)];
		return !least || share.pass <= least.share.pass;
	};

	/** A run put first, or served for its age, is charged; unless its lane was next anyway it does not move the time the others are measured by. */
	const serve = (entry: Waiting): void => {
		const {id, lane, isFirst = false} = entry.run;
		const queue = queues[lane];
		const isTurn = !isFirst && !isTurnOfTheOld();
		const movesTime = isTurn || isNext(queue);
		virtualTime = movesTime ? Math.max(virtualTime, queue.share.pass) : virtualTime;
		queue.serve(entry, {isTurn, virtualTime});
		if (isFirst) {
			front.delete(id);
		} else {
			sinceAged = (sinceAged + 1) % claimsPerAged;
		}
	};

	const remove = (id: string): void => {
		const entry = entries.get(id);
		if (entry) {
			entries.delete(id);
			front.delete(id);
			queues[entry.run.lane].remove(entry);
		}
	};

	/** Nobody competes: what any lane had before counts no longer. */
	const startOver = (): void => {
		virtualTime = 0;
		for (const queue of laneQueues) {
			queue.startOver();
		}
	};

	return {
		get size() {
			return entries.size;
		},
		sizeOf: lane => queues[lane].load.waiting + queues[lane].load.first,
		has: id => entries.has(id),
		ids: () => [...entries.keys()],
		add(run) {
			remove(run.id);
			if (entries.size === 0) {
				startOver();
			}

			const entry: Waiting = {run, isWaiting: true};
			entries.set(run.id, entry);
			if (run.isFirst) {
				front.set(run.id, entry);
			}

			queues[run.lane].add(entry, virtualTime);
		},
		remove,
		next: (gate, nowMs) => choose(gate, nowMs)?.run,
		serve(id) {
			const entry = entries.get(id);
			if (entry) {
				entries.delete(id);
				serve(entry);
			}
		},
		refund({lane, rootId, isRetry = false}) {
			queues[lane].refund(rootId, isRetry);
			sinceAged = (sinceAged + claimsPerAged - 1) % claimsPerAged;
		},
		peekOrder(limit, nowMs) {
			// Serves for real and undoes it: what is shown cannot differ from what would be done.
			const before = {front: new Map(front), virtualTime, sinceAged};
			const served: Array<{readonly entry: Waiting; readonly undo: () => void}> = [];
			for (let entry = choose(open, nowMs); entry && served.length < limit; entry = choose(open, nowMs)) {
				served.push({entry, undo: queues[entry.run.lane].mark(entry)});
				serve(entry);
			}

			for (const {undo} of served.toReversed()) {
				undo();
			}

			({front, virtualTime, sinceAged} = before);
			return served.map(({entry}) => entry.run);
		},
	};
};
