import {rename, rm} from 'node:fs/promises';
import path from 'node:path';
import type {Repair} from '../store-port.js';
import {copyDurably, freeName, replaceDurably, syncFolder, withFile} from './disk.js';
import {snapshotFormat} from './migrate.js';
import {origin} from './record.js';
import type {TornTail} from './replay.js';
import {journalFolder, listSegments} from './segment.js';
import {findSnapshot, snapshotFile, writeSnapshot} from './snapshot.js';

/** Something to do to the folder before facts are added to it. Nothing is ever thrown away: what is taken out is kept beside. */
export type Mend =
	| {readonly kind: 'create'}
	| {readonly kind: 'migrate'; readonly fromFormat: number}
	| {readonly kind: 'set-aside'; readonly file: string; readonly why: string}
	| ({readonly kind: 'cut'} & TornTail);

/** The first snapshot of a store is empty: it carries the format, so that an older program refuses the folder from its first day. */
const create = async (folder: string): Promise<undefined> => {
	await writeSnapshot({folder, position: origin, state: {}});
};

const migrate = async (folder: string, fromFormat: number): Promise<Repair | undefined> => {
	const snapshot = await findSnapshot(snapshotFile(folder));
	if (snapshot.kind !== 'sound') {
		return undefined;
	}

	const kept = await freeName(n => path.join(folder, `snapshot.format-${fromFormat}-${n}.json`));
	await copyDurably(snapshotFile(folder), kept);
	await writeSnapshot({folder, position: snapshot.position, state: snapshot.saved, keepPrevious: false});
	return {what: `The state was brought from format ${fromFormat} to format ${snapshotFormat}.`, kept};
};

const setAside = async (folder: string, file: string, why: string): Promise<Repair> => {
	const kept = await freeName(n => path.join(folder, `snapshot.corrupt-${n}.json`));
	await rename(file, kept);
	await syncFolder(folder);
	return {what: `${file} was damaged (${why}); it was set aside, and the state was rebuilt from the journal.`, kept};
};

const keepTail = async ({file, offset, bytes}: TornTail): Promise<Repair> => {
	const tail = await withFile(file, 'r', async handle => {
		const {buffer, bytesRead} = await handle.read(Buffer.alloc(bytes), 0, bytes, offset);
		return buffer.subarray(0, bytesRead);
	});
	const kept = await freeName(n => file.replace(/\.jsonl$/, `.${n}.torn`));
	await replaceDurably({file: kept, text: tail});
	return {what: `The journal ended in an unfinished record, as after a crash: the last ${bytes} bytes were cut off ${file}.`, kept};
};

const cut = async (tail: TornTail): Promise<Repair | undefined> => {
	const repair = tail.bytes > 0 ? await keepTail(tail) : undefined;
	if (tail.offset === 0) {
		await rm(tail.file);
	} else {
		await withFile(tail.file, 'r+', async handle => handle.truncate(tail.offset));
	}

	return repair;
};

const perform = async (folder: string, mend: Mend): Promise<Repair | undefined> => {
	switch (mend.kind) {
		case 'create': {
			return create(folder);
		}

		case 'migrate': {
			return migrate(folder, mend.fromFormat);
		}

		case 'set-aside': {
			return setAside(folder, mend.file, mend.why);
		}

		case 'cut': {
			return cut(mend);
		}
	}
};

/**
 * Makes certain that all that was just replayed is on disk: a killed writer may have left its last facts in memory only, and they
 * count from now on.
 */
const flushJournal = async (folder: string): Promise<void> => {
	const newest = (await listSegments(folder)).at(-1);
	if (newest) {
		await withFile(newest.file, 'r+', async handle => handle.sync());
	}

	await syncFolder(journalFolder(folder));
};

/** Does what a recovery asks for, durably, and tells what the operator should know. Only the holder of the lock may. */
export const mendFolder = async ({folder, mends}: {folder: string; mends: readonly Mend[]}): Promise<readonly Repair[]> => {
	const repairs: Repair[] = [];
	for (const mend of mends) {
		const repair = await perform(folder, mend);
		if (repair) {
			repairs.push(repair);
		}
	}

	await flushJournal(folder);
	return repairs;
};
