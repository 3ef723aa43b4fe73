import type {Recorded} from '../store-port.js';
import type {GatewayContext} from './context.js';
import {type WireEvent, wireEvent} from './wire-event.js';

/** A stretch of the journal that is not kept any more. */
export type Gap = {readonly from_seq: number; readonly to_seq: number};

export type EventPage = {
	readonly events: readonly WireEvent[];
	/** Where to go on: events above this were not read yet. */
	readonly next_cursor: number;
	readonly has_more: boolean;
	/** Set when the oldest of what was asked for was compacted away. */
	readonly gap?: Gap;
};

type Source = Pick<GatewayContext, 'orchestrator' | 'readFacts'>;

async function* inMemory(facts: readonly Recorded[]): AsyncIterable<Recorded> {
	yield* facts;
}

/** Every durable fact above a sequence number: from memory where that reaches back far enough, else from disk. */
export const factsAfter = ({orchestrator, readFacts}: Source, afterSeq: number): AsyncIterable<Recorded> => {
	const recent = orchestrator.recent();
	const [oldest] = recent;
	// The oldest batch in memory may be cut; everything behind it is whole.
	return oldest !== undefined && oldest.seq <= afterSeq ? inMemory(recent.filter(({seq}) => seq > afterSeq)) : readFacts(afterSeq);
};

/** What is missing between a cursor and the first fact found behind it. */
export const gapBefore = (firstSeq: number | undefined, afterSeq: number): Gap | undefined =>
	firstSeq !== undefined && firstSeq > afterSeq + 1 ? {from_seq: afterSeq + 1, to_seq: firstSeq - 1} : undefined;

/** The events behind a cursor, oldest first. A page never ends between facts that share a sequence number. */
export const eventPage = async (
	source: Source,
	{cursor, limit, isWanted}: {readonly cursor: number; readonly limit: number; readonly isWanted: (event: WireEvent) => boolean},
): Promise<EventPage> => {
	const events: WireEvent[] = [];
	let lastSeq = cursor;
	let firstSeq: number | undefined;
	let hasMore = false;
	for await (const recorded of factsAfter(source, cursor)) {
		firstSeq ??= recorded.seq;
		const isFull = events.length >= limit && recorded.seq !== lastSeq;
		if (isFull) {
			hasMore = true;
			break;
		}

		lastSeq = recorded.seq;
		const event = wireEvent(source.orchestrator.getState(), recorded);
		if (event && isWanted(event)) {
			events.push(event);
		}
	}

	const gap = gapBefore(firstSeq, cursor);
	return {events, next_cursor: lastSeq, has_more: hasMore, ...(gap && {gap})};
};

/** The newest events, oldest first, and the cursor behind them. */
export const newestEvents = async (
	source: Source,
	{last, isWanted}: {readonly last: number; readonly isWanted: (event: WireEvent) => boolean},
): Promise<EventPage> => {
	const pageOf = async (facts: AsyncIterable<Recorded>): Promise<EventPage> => {
		const events: WireEvent[] = [];
		let lastSeq = 0;
		for await (const recorded of facts) {
			lastSeq = recorded.seq;
			const event = wireEvent(source.orchestrator.getState(), recorded);
			if (event && isWanted(event)) {
				events.push(event);
				events.splice(0, events.length - last);
			}
		}

		return {events, next_cursor: lastSeq, has_more: false};
	};

	const inRecent = await pageOf(inMemory(source.orchestrator.recent()));
	return inRecent.events.length === last ? inRecent : pageOf(source.readFacts(0));
};
