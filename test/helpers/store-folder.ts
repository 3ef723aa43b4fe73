import {cp, mkdtemp, readdir, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import type {Fact} from '../../state/fact.js';
import {type SavedState, type State, savedState} from '../../state/state.js';

/** A folder that is gone again at the end of the block: `await using folder = await createStoreFolder()`. */
export type StoreFolder = AsyncDisposable & {
	/** Does not exist yet: opening a store creates it. */
	readonly path: string;
	/** A copy of what is in it, to be harmed. */
	copy(): Promise<StoreFolder>;
};

export const createStoreFolder = async (): Promise<StoreFolder> => {
	const parent = await mkdtemp(path.join(tmpdir(), 'store-'));
	const folder = path.join(parent, 'state');
	return {
		path: folder,
		async copy() {
			const copied = await createStoreFolder();
			await cp(folder, copied.path, {recursive: true});
			return copied;
		},
		async [Symbol.asyncDispose]() {
			await rm(parent, {recursive: true, force: true});
		},
	};
};

/** The simplest fact there is; `by` tells one from another, and State keeps the last. */
export const paused = (by: string, atMs = 0): Fact => ({type: 'queue.paused', by, atMs});

/** A fact that State remembers by id, however many follow. */
export const created = (id: string, {label = id}: {label?: string} = {}): Fact => ({
	type: 'session.created',
	session: {id, agent: 'shell', label, cwd: '/tmp', createdAtMs: 0, rootId: id, depth: 0, runIds: []},
	atMs: 0,
});

/** The saved part of State, detached from it. */
export const frozen = (state: State): SavedState => structuredClone(savedState(state));

/** The paths of the journal's segments, oldest first. */
export const segmentsOf = async (folder: string): Promise<readonly string[]> =>
	(await readdir(path.join(folder, 'journal')))
		.filter(name => name.endsWith('.jsonl'))
		.sort()
		.map(name => path.join(folder, 'journal', name));

/** Every file below a folder with its bytes, to see that nothing was written. */
export const contentsOf = async (folder: string): Promise<Record<string, string>> => {
	const entries = await readdir(folder, {recursive: true, withFileTypes: true});
	const files = entries.filter(entry => entry.isFile()).map(entry => path.join(entry.parentPath, entry.name));
	return Object.fromEntries(await Promise.all(files.map(async file => [file, await readFile(file, 'base64')] as const)));
};
