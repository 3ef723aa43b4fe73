import {systemErrorCode} from '../errors.js';
import type {Recorded} from '../store-port.js';
import {damagedStore} from './failure.js';
import {decodeRecord, type JournalRecord, type Position} from './record.js';
import {listSegments, readLines, type Segment} from './segment.js';

/** Records of one segment in order, their chain checked from the second on; none when it was compacted away meanwhile. */
async function* readSegment({file}: Segment): AsyncGenerator<JournalRecord> {
	let after: Position | undefined;
	try {
		for await (const lines of readLines(file)) {
			for (const line of lines) {
				const record = decodeRecord(line.bytes, after);
				if (typeof record === 'string') {
					throw damagedStore(`Could not read facts: line ${line.number} of ${file} is damaged (${record})`);
				}

				after = record;
				yield record;
			}
		}
	} catch (error) {
		if (systemErrorCode(error) !== 'ENOENT') {
			throw error;
		}
	}
}

/**
 * Facts of the records above `afterSeq` up to `untilSeq`, in order, from disk. What was compacted away is not told.
 * Rejects with an `ExpectedError` at a damaged line.
 */
export async function* readFacts({
	folder,
	afterSeq,
	untilSeq,
}: {
	folder: string;
	afterSeq: number;
	untilSeq: number;
}): AsyncGenerator<Recorded> {
	const segments = await listSegments(folder);
	const first = segments.findLastIndex(({firstSeq}) => firstSeq <= afterSeq + 1);
	for (const segment of segments.slice(Math.max(first, 0))) {
		if (segment.firstSeq > untilSeq) {
			return;
		}

		for await (const {seq, facts} of readSegment(segment)) {
			if (seq > untilSeq) {
				return;
			}

			if (seq > afterSeq) {
				yield* facts.map(fact => ({seq, fact}));
			}

			if (seq === untilSeq) {
				return;
			}
		}
	}
}
