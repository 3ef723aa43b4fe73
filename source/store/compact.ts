import {rm} from 'node:fs/promises';
import {createState, emptySavedState, savedState} from '../../state/state.js';
import {syncFolder} from './disk.js';
import {damagedStore} from './failure.js';
import {origin, type Position} from './record.js';
import {replay} from './replay.js';
import {journalFolder, listSegments, type Segment} from './segment.js';
import {type FoundSnapshot, findSnapshot, previousSnapshotFile, snapshotFile, writeSnapshot} from './snapshot.js';

/** The snapshot to build on: the newest, or the one before it if the newest was set aside or a crash came between two renames. */
const findBase = async (folder: string): Promise<FoundSnapshot> => {
	const newest = await findSnapshot(snapshotFile(folder));
	return newest.kind === 'missing' ? findSnapshot(previousSnapshotFile(folder)) : newest;
};

/** One generation of segments stays: those after the previous snapshot, from which the newest can be rebuilt. */
const removeBefore = async (folder: string, segments: readonly Segment[], seq: number): Promise<void> => {
	const old = segments.filter((_, index) => (segments[index + 1]?.firstSeq ?? Number.POSITIVE_INFINITY) <= seq + 1);
	if (old.length > 0) {
		await Promise.all(old.map(async ({file}) => rm(file, {force: true})));
		await syncFolder(journalFolder(folder));
	}
};

/**
 * Folds the sealed segments up to `upTo` into a new snapshot, and only when that is durable removes the segments that not even the
 * previous snapshot needs. A kill at any moment leaves a folder that recovers to the same State.
 */
export const compactFolder = async ({folder, upTo}: {folder: string; upTo: Position}): Promise<void> => {
	const found = await findBase(folder);
	if (found.kind === 'damaged') {
		throw damagedStore(`Could not compact the journal: the snapshot in ${folder} is damaged (${found.why})`, {
			hint: 'Restart: the snapshot is then set aside and rebuilt.',
		});
	}

	const base = found.kind === 'sound' ? found : {position: origin, saved: emptySavedState()};
	const segments = await listSegments(folder);
	const state = createState(base.saved);
	const {position} = await replay({
		segments: segments.filter(({firstSeq}) => firstSeq > base.position.seq && firstSeq <= upTo.seq),
		from: base.position,
		state,
		mayBeTorn: false,
	});
	if (position.seq !== upTo.seq || position.crc !== upTo.crc) {
		throw damagedStore(`Could not compact the journal in ${folder}: its files end at record ${position.seq} instead of ${upTo.seq}`);
	}

	await writeSnapshot({folder, position, state: savedState(state)});
	await removeBefore(folder, segments, base.position.seq);
};
