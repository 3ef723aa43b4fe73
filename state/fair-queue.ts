import {type Lane, lanes} from './lane.js';
import {createRootQueue, type Gate, type Ready, type RootQueue} from './root-queue.js';

/** How many of 15 slots each lane gets while all of them have work. */
export const laneWeights: Readonly<Record<Lane, number>> = {urgent: 8, high: 4, normal: 2, low: 1};

/** Of five slots of a lane at most one goes to a retry while new work waits: a failing task never starves a new one. */
const freshPerRetry = 4;

/** A run that waited this long is old: of four claims one goes to the oldest of the old, whatever its lane. */
export const ageingMs = 10 * 60_000;
const claimsPerAged = 4;

export type FairReady = Ready & {readonly lane: Lane; readonly isRetry: boolean};

/**
 * Who is served next: weighted fair queuing over the lanes (stride scheduling), inside a lane fair between root sessions, then first come
 * first served. A lane without work gives its share to the others and gets no credit for it.
 */
export type FairQueue = {
	readonly size: number;
	sizeOf(lane: Lane): number;
	has(id: string): boolean;
	/** Everybody who waits, in no order that means anything. */
	ids(): readonly string[];
	add(run: FairReady): void;
	remove(id: string): void;
	/** The run to serve next among those the gate lets through, if any. It stays until `serve`. */
	next(gate: Gate, nowMs: number): FairReady | undefined;
	/** Takes the run out and charges its lane and its root. */
	serve(id: string): void;
	/** Takes a charge back: the claim was rolled back. */
	refund(served: {readonly lane: Lane; readonly rootId: string}): void;
};

type LaneQueue = {readonly fresh: RootQueue; readonly retries: RootQueue; pass: number; freshServed: number};

export const createFairQueue = (): FairQueue => {
	const queues = Object.fromEntries(
		lanes.map(lane => [lane, {fresh: createRootQueue(), retries: createRootQueue(), pass: 0, freshServed: 0}]),
	) as Record<Lane, LaneQueue>;
	const runs = new Map<string, FairReady>();
	let virtualTime = 0;
	let sinceAged = 0;

	const nextOfLane = ({fresh, retries, freshServed}: LaneQueue, gate: Gate): Ready | undefined => {
		const [first, second] = freshServed >= freshPerRetry ? [retries, fresh] : [fresh, retries];
		return first.next(gate) ?? second.next(gate);
	};

	/** The longest waiting run, if it is old enough and it is its turn. Insertion order is order of arrival. */
	const aged = (gate: Gate, nowMs: number): FairReady | undefined => {
		if (sinceAged + 1 < claimsPerAged) {
			return undefined;
		}

		for (const run of runs.values()) {
			if (nowMs - run.sinceMs < ageingMs) {
				return undefined;
			}

			if (gate.allowsGroup(run.group) && gate.allowsRoot(run.rootId)) {
				return run;
			}
		}

		return undefined;
	};

	/** The lanes that have work, the one served least for its weight first. */
	const serviceOrder = (): readonly Lane[] => {
		const waiting: Lane[] = [];
		for (const lane of lanes) {
			if (sizeOf(lane) === 0) {
				continue;
			}

			let at = waiting.length;
			while (at > 0 && queues[waiting[at - 1]!].pass > queues[lane].pass) {
				at -= 1;
			}

			waiting.splice(at, 0, lane);
		}

		return waiting;
	};

	const queueOf = (run: FairReady): RootQueue => (run.isRetry ? queues[run.lane].retries : queues[run.lane].fresh);

	const sizeOf = (lane: Lane): number => queues[lane].fresh.size + queues[lane].retries.size;

	return {
		get size() {
			return runs.size;
		},
		sizeOf,
		has: id => runs.has(id),
		ids: () => [...runs.keys()],
		add(run) {
			const queue = queues[run.lane];
			if (sizeOf(run.lane) === 0) {
				queue.pass = Math.max(queue.pass, virtualTime);
			}

			runs.set(run.id, run);
			queueOf(run).add(run);
		},
		remove(id) {
			const run = runs.get(id);
			if (run) {
				runs.delete(id);
				queueOf(run).remove(run);
			}
		},
		next(gate, nowMs) {
			const old = aged(gate, nowMs);
			if (old) {
				return old;
			}

			for (const lane of serviceOrder()) {
				const found = nextOfLane(queues[lane], gate);
				if (found) {
					return runs.get(found.id);
				}
			}

			return undefined;
		},
		serve(id) {
			const run = runs.get(id);
			if (!run) {
				return;
			}

			runs.delete(id);
			queueOf(run).serve(run);
			const queue = queues[run.lane];
			virtualTime = Math.max(virtualTime, queue.pass);
			queue.pass = Math.max(queue.pass, virtualTime) + 1 / laneWeights[run.lane];
			queue.freshServed = run.isRetry ? 0 : queue.freshServed + 1;
			sinceAged = sinceAged + 1 >= claimsPerAged ? 0 : sinceAged + 1;
		},
		refund({lane, rootId}) {
			queues[lane].pass -= 1 / laneWeights[lane];
			queues[lane].fresh.refund(rootId);
		},
	};
};
