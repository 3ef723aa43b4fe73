import {applyAll} from '../../state/apply.js';
import type {State} from '../../state/state.js';
import {damagedStore} from './failure.js';
import {decodeRecord, type JournalRecord, type Position, provesDurable} from './record.js';
import {type Line, readLines, type Segment} from './segment.js';

/** The end of the newest segment that is no record: from `offset` on, `bytes` long. With zero of both the file is empty. */
export type TornTail = {readonly file: string; readonly offset: number; readonly bytes: number};

/** What a replay came to: the place it reached, how much it read, and a tail that was never acknowledged. */
export type Replayed = {
	readonly position: Position;
	readonly facts: number;
	readonly bytes: number;
	readonly torn: TornTail | undefined;
};

const damagedLine = (file: string, line: Line, why: string): Error =>
	damagedStore(`Could not replay the journal: line ${line.number} of ${file} is damaged (${why}), and what follows it was acknowledged`);

const applyRecord = (state: State, record: JournalRecord, file: string): void => {
	try {
		applyAll(state, record.facts);
	} catch (error) {
		throw damagedStore(`Could not replay the journal: record ${record.seq} of ${file} does not fit the state before it`, {cause: error});
	}
};

type BadLine = {readonly line: Line; readonly why: string};

/** Replays one segment up to its end or its first bad line. Lines after a bad one are only asked whether they prove that it counted. */
const replaySegment = async ({
	file,
	after,
	state,
	mayBeTorn,
}: {
	file: string;
	after: Position;
	state: State;
	mayBeTorn: boolean;
}): Promise<Replayed> => {
	let position = after;
	let facts = 0;
	let end = 0;
	let bad: BadLine | undefined;
	for await (const lines of readLines(file)) {
		for (const line of lines) {
			end = line.offset + line.bytes.length + (line.isEnded ? 1 : 0);
			if (bad) {
				if (provesDurable(line.bytes, position.seq + 1)) {
					throw damagedLine(file, bad.line, bad.why);
				}

				continue;
			}

			const record = line.isEnded ? decodeRecord(line.bytes, position) : 'it is not finished';
			if (typeof record !== 'string') {
				applyRecord(state, record, file);
				position = {seq: record.seq, crc: record.crc};
				facts += record.facts.length;
			} else if (mayBeTorn) {
				bad = {line, why: record};
			} else {
				throw damagedLine(file, line, record);
			}
		}
	}

	const offset = bad?.line.offset ?? end;
	const isTorn = mayBeTorn && (offset < end || end === 0);
	return {position, facts, bytes: offset, torn: isTorn ? {file, offset, bytes: end - offset} : undefined};
};

/**
 * Makes the facts of segments true in State, in order, and checks that they continue `from` without a gap. Only the end of the last
 * segment may be torn, and only when `mayBeTorn`; any other damage rejects with an `ExpectedError` that names file and line.
 */
export const replay = async ({
	segments,
	from,
	state,
	mayBeTorn,
}: {
	segments: readonly Segment[];
	from: Position;
	state: State;
	mayBeTorn: boolean;
}): Promise<Replayed> => {
	let total: Replayed = {position: from, facts: 0, bytes: 0, torn: undefined};
	for (const {file, firstSeq} of segments) {
		const nextSeq = total.position.seq + 1;
		if (firstSeq !== nextSeq) {
			throw damagedStore(`Could not replay the journal: record ${nextSeq} should come next, but ${file} begins with record ${firstSeq}`);
		}

		const isLast = file === segments.at(-1)!.file;
		const {position, facts, bytes, torn} = await replaySegment({file, after: total.position, state, mayBeTorn: mayBeTorn && isLast});
		total = {position, facts: total.facts + facts, bytes: total.bytes + bytes, torn};
	}

	return total;
};
