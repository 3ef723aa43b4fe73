import {createState, emptySavedState, type SavedState, type State} from '../../state/state.js';
import {damagedStore} from './failure.js';
import type {Mend} from './mend.js';
import {snapshotFormat} from './migrate.js';
import {decodeRecord, origin, type Position} from './record.js';
import {replay} from './replay.js';
import {type Line, listSegments, readLines, type Segment} from './segment.js';
import {type FoundSnapshot, findSnapshot, previousSnapshotFile, snapshotFile} from './snapshot.js';

/** State as of the last durable fact, and what has to be done to the folder before facts are added to it. */
export type Recovered = {
	readonly state: State;
	readonly position: Position;
	/** What was replayed on top of the snapshot. */
	readonly tail: {readonly facts: number; readonly bytes: number};
	readonly mends: readonly Mend[];
};

type Base = {readonly position: Position; readonly saved: SavedState};

const whyNotUsed = (snapshot: FoundSnapshot): string => (snapshot.kind === 'damaged' ? `is damaged (${snapshot.why})` : 'is missing');

/** The last record that a segment claims to hold, without replaying it. */
const lastClaimedSeq = async (file: string): Promise<number> => {
	let last: Line | undefined;
	for await (const lines of readLines(file)) {
		last = lines.findLast(line => line.isEnded) ?? last;
	}

	const record = last && decodeRecord(last.bytes, undefined);
	return typeof record === 'object' ? record.seq : 0;
};

/** Snapshots are only ever made at the end of a segment. One that is not belongs to another journal, or is older than its files. */
const checkFits = async (base: Base, segments: readonly Segment[], tail: readonly Segment[]): Promise<void> => {
	const newest = segments.at(-1);
	const {seq} = base.position;
	if (newest && tail.length === 0 && (await lastClaimedSeq(newest.file)) > seq) {
		throw damagedStore(`Could not open the store: the snapshot ends at record ${seq}, in the middle of ${newest.file}`);
	}
};

const cannotRebuild = (folder: string, newest: FoundSnapshot, previous: FoundSnapshot, seq: number): Error =>
	damagedStore(
		`Could not open the store: ${snapshotFile(folder)} ${whyNotUsed(newest)}, and it cannot be rebuilt, because ${
			previous.kind === 'sound' ? '' : `${previousSnapshotFile(folder)} ${whyNotUsed(previous)} and `
		}the journal does not go on from record ${seq + 1}`,
	);

const mendsOf = (folder: string, newest: FoundSnapshot, previous: FoundSnapshot): readonly Mend[] => [
	...(newest.kind === 'sound' && newest.fromFormat < snapshotFormat ? [{kind: 'migrate', fromFormat: newest.fromFormat} as const] : []),
	...(newest.kind === 'damaged' ? [{kind: 'set-aside', file: snapshotFile(folder), why: newest.why} as const] : []),
	...(previous.kind === 'damaged' ? [{kind: 'set-aside', file: previousSnapshotFile(folder), why: previous.why} as const] : []),
];

/**
 * Rebuilds State from what is in a folder, and writes nothing: the newest snapshot and the journal after it; failing that snapshot,
 * the previous one and the segments kept for it; failing both, a journal that goes back to its beginning. Rejects with an
 * `ExpectedError` when acknowledged facts are damaged or missing, or a newer program wrote the folder.
 */
export const recover = async (folder: string): Promise<Recovered> => {
	const segments = await listSegments(folder);
	const newest = await findSnapshot(snapshotFile(folder));
	const previous: FoundSnapshot = newest.kind === 'sound' ? {kind: 'missing'} : await findSnapshot(previousSnapshotFile(folder));
	const nothing: Base = {position: origin, saved: emptySavedState()};
	const base = newest.kind === 'sound' ? newest : previous.kind === 'sound' ? previous : nothing;
	const tail = segments.filter(({firstSeq}) => firstSeq > base.position.seq);
	const isNew = newest.kind === 'missing' && previous.kind === 'missing' && segments.length === 0;
	const goesOn = tail[0]?.firstSeq === base.position.seq + 1;
	if (newest.kind !== 'sound' && !isNew && !goesOn) {
		throw cannotRebuild(folder, newest, previous, base.position.seq);
	}

	await checkFits(base, segments, tail);
	const state = createState(base.saved);
	const {position, facts, bytes, torn} = await replay({segments: tail, from: base.position, state, mayBeTorn: true});
	return {
		state,
		position,
		tail: {facts, bytes},
		mends: [
			...mendsOf(folder, newest, previous),
			...(torn ? [{kind: 'cut', ...torn} as const] : []),
			...(isNew ? [{kind: 'create'} as const] : []),
		],
	};
};
