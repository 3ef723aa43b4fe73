import {createFairQueue, type FairQueue, laneWeights} from '../../state/queue/fair-queue.js';
import {type Lane, lanes} from '../../state/queue/lane.js';
import type {BenchRow} from './bench-row.js';
import {percentile} from './percentile.js';
import {arrival, serveNext} from './scheduler-load.js';

const slotCount = 15_000;
const goalOffPercent = 1;
const goalSlots = 16;
const lowCount = 2000;

const fillLanes = (queue: FairQueue, busy: readonly Lane[], count: number): void => {
	for (let n = 0; n < count; n += 1) {
		for (const lane of busy) {
			queue.add(arrival(lane));
		}
	}
};

/** Serves a slot; the lane it went to gets a new run at once, so that it stays full. */
const serveAndRefill = (queue: FairQueue): Lane => {
	const {lane} = serveNext(queue);
	queue.add(arrival(lane));
	return lane;
};

const measureShares = (): BenchRow => {
	const queue = createFairQueue();
	fillLanes(queue, lanes, 100);
	const served = Array.from({length: slotCount}, () => serveAndRefill(queue));
	const weightSum = lanes.reduce((sum, lane) => sum + laneWeights[lane], 0);
	const shares = lanes.map(lane => ({
		lane,
		share: served.filter(other => other === lane).length / slotCount,
		due: laneWeights[lane] / weightSum,
	}));
	const offPercent = Math.max(...shares.map(({share, due}) => Math.abs(share / due - 1) * 100));
	return {
		figure: `scheduler: shares of ${slotCount.toLocaleString('en')} slots, all lanes full`,
		goal: `within ${goalOffPercent} %`,
		result: `${shares.map(({lane, share}) => `${lane} ${(share * 100).toFixed(2)} %`).join(', ')}; at most ${offPercent.toFixed(2)} % off`,
		met: offPercent <= goalOffPercent,
	};
};

/** Slots each low run waits, the other lanes being full; one at a time arrives, each after another number of slots. */
const lowWaits = (busy: readonly Lane[]): readonly number[] => {
	const queue = createFairQueue();
	fillLanes(queue, busy, 100);
	return Array.from({length: lowCount}, (_, round) => {
		for (let n = 0; n < round % 23; n += 1) {
			serveAndRefill(queue);
		}

		queue.add(arrival('low'));
		let slots = 1;
		for (let {lane} = serveNext(queue); lane !== 'low'; {lane} = serveNext(queue)) {
			queue.add(arrival(lane));
			slots += 1;
		}

		return slots;
	});
};

const measureLowWait = (title: string, busy: readonly Lane[]): BenchRow => {
	const waits = lowWaits(busy);
	const p99 = percentile(waits, 99);
	return {
		figure: `scheduler: wait of a low run under constant ${title} load`,
		goal: `p99 ≤ ${goalSlots} slots`,
		result: `p99 ${p99} slots, longest ${percentile(waits, 100)}; strict priorities: never served`,
		met: p99 <= goalSlots,
	};
};

/** How the queue shares out its slots, in virtual time: it is the same on every machine. */
export const schedulerFairness = (): readonly BenchRow[] => [
	measureShares(),
	measureLowWait('urgent', ['urgent']),
	measureLowWait('urgent, high and normal', ['urgent', 'high', 'normal']),
];
