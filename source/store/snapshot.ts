import path from 'node:path';
import {Low} from 'lowdb';
import {emptySavedState, type SavedState} from '../../state/state.js';
import {ExpectedError, exitCodes} from '../errors.js';
import {checksumText, readChecksum} from './checksum.js';
import {createDurableFile, DamagedFile} from './durable-file.js';
import {migrate, snapshotFormat} from './migrate.js';
import type {Position} from './record.js';

/** What lowdb keeps: State as of the journal's record `seq`, whose checksum is `crc`. */
type SnapshotData = {
	readonly format: number;
	readonly seq: number;
	readonly crc: string;
	/** Parts that did not exist yet when it was written are missing. */
	readonly state: Partial<SavedState>;
};

/** A snapshot as it was found. `fromFormat` is the format it was written in. */
export type FoundSnapshot =
	| {readonly kind: 'missing'}
	| {readonly kind: 'damaged'; readonly why: string}
	| {readonly kind: 'sound'; readonly position: Position; readonly saved: SavedState; readonly fromFormat: number};

/** The newest snapshot in a store's folder. */
export const snapshotFile = (folder: string): string => path.join(folder, 'snapshot.json');

/** The one before it, from which State can be rebuilt together with the segments that are kept for it. */
export const previousSnapshotFile = (folder: string): string => path.join(folder, 'snapshot.prev.json');

const newerFormat = (file: string, format: number): ExpectedError =>
	new ExpectedError(
		`Could not open ${file}: it was written by a newer agent-tui (format ${format}; this one understands ${snapshotFormat} and older)`,
		{hint: 'Update agent-tui, or give it another state folder. Nothing was changed.', exitCode: exitCodes.config},
	);

const readData = async (file: string): Promise<(Record<string, unknown> & {readonly format: number}) | undefined> => {
	const nothing: Record<string, unknown> = {};
	const database = new Low(createDurableFile<Record<string, unknown>>({file}), nothing);
	await database.read();
	if (database.data === nothing) {
		return undefined;
	}

	const {data} = database;
	const {format} = data;
	if (typeof format !== 'number' || !Number.isSafeInteger(format) || format < 0) {
		throw new DamagedFile('it does not name its format');
	}

	if (format > snapshotFormat) {
		throw newerFormat(file, format);
	}

	if (format > 0 && readChecksum(data['check']) === undefined) {
		throw new DamagedFile('it has no checksum');
	}

	return {...data, format};
};

const understand = (data: Record<string, unknown> & {readonly format: number}): FoundSnapshot => {
	const {seq, crc, state} = migrate(data);
	const checksum = readChecksum(crc);
	const hasPosition = typeof seq === 'number' && Number.isSafeInteger(seq) && seq >= 0 && checksum !== undefined;
	if (!hasPosition || typeof state !== 'object' || state === null) {
		throw new DamagedFile('it lacks its place in the journal or its state');
	}

	return {
		kind: 'sound',
		position: {seq, crc: checksum},
		saved: {...emptySavedState(), ...(state as Partial<SavedState>)},
		fromFormat: data.format,
	};
};

/** Reads a snapshot and writes nothing. Throws an `ExpectedError` when a newer program wrote it. */
export const findSnapshot = async (file: string): Promise<FoundSnapshot> => {
	try {
		const data = await readData(file);
		return data ? understand(data) : {kind: 'missing'};
	} catch (error) {
		if (error instanceof DamagedFile) {
			return {kind: 'damaged', why: error.message};
		}

		throw error;
	}
};

/** Replaces the newest snapshot durably; the one it replaces becomes the previous one unless `keepPrevious` is false. */
export const writeSnapshot = async ({
	folder,
	position,
	state,
	keepPrevious = true,
}: {
	folder: string;
	position: Position;
	state: Partial<SavedState>;
	keepPrevious?: boolean;
}): Promise<void> => {
	const adapter = createDurableFile<SnapshotData>({
		file: snapshotFile(folder),
		...(keepPrevious && {keepPrevious: previousSnapshotFile(folder)}),
	});
	const data = {format: snapshotFormat, seq: position.seq, crc: checksumText(position.crc), state};
	await new Low<SnapshotData>(adapter, data).write();
};
