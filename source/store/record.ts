import type {Fact} from '../../state/fact.js';
import {readSeal, seal} from './checksum.js';

/** A place in the journal: the number of a record and its checksum, with which the next record's checksum begins. */
export type Position = {readonly seq: number; readonly crc: number};

/** Where a journal begins. */
export const origin: Position = {seq: 0, crc: 0};

/** One line of the journal: facts that were appended together. */
export type JournalRecord = {readonly seq: number; readonly facts: readonly Fact[]; readonly crc: number};

const key = 'c';

/**
 * The line (with its end) of the record that follows `after`. `durableSeq`, given for the first record of a batch, says which record
 * was known to be on disk when this one was written: after a crash it tells an unfinished tail from damaged history.
 */
export const encodeRecord = ({
	after,
	factsJson,
	durableSeq,
}: {
	after: Position;
	factsJson: string;
	durableSeq: number | undefined;
}): {readonly line: string; readonly position: Position} => {
	const seq = after.seq + 1;
	const durable = durableSeq === undefined ? '' : `"d":${durableSeq},`;
	const {text, crc} = seal({open: `{"s":${seq},${durable}"f":${factsJson}`, key, seed: after.crc});
	return {line: `${text}\n`, position: {seq, crc}};
};

const parse = (line: Buffer): Record<string, unknown> | undefined => {
	try {
		const value: unknown = JSON.parse(line.toString());
		return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
	} catch {
		return undefined;
	}
};

/**
 * The record on a line that follows `after`, or a few words on why it is none. With an `after` of `undefined` the line is the first
 * that is looked at, so that its checksum cannot be recomputed and is taken at its word.
 */
export const decodeRecord = (line: Buffer, after: Position | undefined): JournalRecord | string => {
	const sealed = readSeal({bytes: line, key, seed: after?.crc ?? 0});
	if (!sealed) {
		return 'it does not end as a record does';
	}

	if (after && !sealed.isTrue) {
		return 'its checksum does not match';
	}

	const {s: seq, f: facts} = parse(line) ?? {};
	if (typeof seq !== 'number' || !Array.isArray(facts)) {
		return 'it is not a record';
	}

	return after && seq !== after.seq + 1 ? `record ${after.seq + 1} was expected, not ${seq}` : {seq, facts, crc: sealed.crc};
};

/**
 * Whether a later line proves that record `seq` had reached the disk. Only its plain words count, not its checksum, which cannot be
 * recomputed behind a damaged line: when in doubt, facts are not thrown away.
 */
export const provesDurable = (line: Buffer, seq: number): boolean => {
	const {s: ownSeq, d: durableSeq} = parse(line) ?? {};
	return typeof ownSeq === 'number' && typeof durableSeq === 'number' && ownSeq > seq && durableSeq >= seq && durableSeq < ownSeq;
};
