import type {Recorded} from '../store-port.js';
import type {GatewayContext} from './context.js';
import {factsAfter, type Gap, gapBefore} from './event-page.js';

/** Where followed facts go. */
export type FactSink = {
	/** Facts that became true together. */
	take(batch: readonly Recorded[]): void;
	/** The journal does not reach back to the cursor: these are missing. */
	skip(gap: Gap): void;
	/** Resolves once what was taken has left, so that replaying a long journal does not pile it up in memory. */
	drained(): Promise<void>;
	/** It cannot be gone on: the follower has to come back with its cursor. */
	fail(): void;
};

/** More than this many batches while older ones are replayed: the follower is too slow to ever catch up. */
const mostEarly = 10_000;

/** Facts that share a sequence number, together. */
async function* batchesOf(facts: AsyncIterable<Recorded>): AsyncIterable<readonly [Recorded, ...Recorded[]]> {
	let batch: [Recorded, ...Recorded[]] | undefined;
	for await (const recorded of facts) {
		if (batch && batch[0].seq === recorded.seq) {
			batch.push(recorded);
			continue;
		}

		if (batch) {
			yield batch;
		}

		batch = [recorded];
	}

	if (batch) {
		yield batch;
	}
}

/**
 * Tells a sink every durable fact from now on, after those behind `afterSeq` when it is given: each once, in order. Facts that come while
 * older ones are still being read wait their turn. Returns how to end it.
 */
export const followFacts = (
	context: Pick<GatewayContext, 'orchestrator' | 'readFacts' | 'log'>,
	afterSeq: number | undefined,
	sink: FactSink,
): (() => void) => {
	const early: Array<readonly Recorded[]> = [];
	let isLive = afterSeq === undefined;
	let isOver = false;
	const unsubscribe = context.orchestrator.subscribe(batch => {
		if (isLive) {
			sink.take(batch);
		} else if (early.push(batch) > mostEarly) {
			early.length = 0;
			sink.fail();
		}
	});

	const replay = async (from: number): Promise<void> => {
		let lastSeq: number | undefined;
		for await (const batch of batchesOf(factsAfter(context, from))) {
			if (isOver) {
				return;
			}

			const gap = lastSeq === undefined ? gapBefore(batch[0].seq, from) : undefined;
			if (gap) {
				sink.skip(gap);
			}

			lastSeq = batch[0].seq;
			sink.take(batch);
			await sink.drained();
		}

		isLive = true;
		for (const batch of early.splice(0)) {
			sink.take(batch.filter(({seq}) => seq > (lastSeq ?? from)));
		}
	};

	if (afterSeq !== undefined) {
		replay(afterSeq).catch((error: unknown) => {
			context.log('Could not read older facts for a stream.', error);
			sink.fail();
		});
	}

	return () => {
		isOver = true;
		unsubscribe();
	};
};
