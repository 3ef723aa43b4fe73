import path from 'node:path';
import type {State} from '../../state/state.js';
import {ExpectedError, exitCodes} from '../errors.js';
import type {OpenedStore} from '../store-port.js';
import {exists} from './disk.js';
import {createFactStore, type StoreLimits} from './fact-store.js';
import {dropTemporaries, prepareFolder} from './folder.js';
import {type Lock, type Role, takeLock} from './lock.js';
import {mendFolder} from './mend.js';
import {recover} from './recover.js';

const readOnlyAttempts = 5;

const asExpected = (folder: string, error: unknown): Error =>
	error instanceof ExpectedError
		? error
		: new ExpectedError(`Could not open the store in ${folder}: ${error instanceof Error ? error.message : String(error)}`, {
				exitCode: exitCodes.ioError,
				cause: error,
			});

/** Which store to open, and as whom. */
export type StoreOptions = StoreLimits & {readonly folder: string; readonly role: Role};

/**
 * Opens the store in a folder, which is created when missing: takes the lock, rebuilds State, mends what a crash left.
 * Rejects with an `ExpectedError`: `exitCodes.locked` names the holder, `cannotCreate` the folder's fault, `ioError` the damaged
 * place, `config` a newer format; the folder is then as it was.
 */
export const openStore = async ({folder: given, role, ...options}: StoreOptions): Promise<OpenedStore> => {
	const folder = path.resolve(given);
	let lock: Lock | undefined;
	try {
		await prepareFolder(folder);
		lock = await takeLock({folder, role});
		await dropTemporaries(folder);
		const {state, position, tail, mends} = await recover(folder);
		const repairs = await mendFolder({folder, mends});
		return {store: createFactStore({folder, lock, position, tail, ...options}), state, repairs};
	} catch (error) {
		lock?.release();
		throw asExpected(folder, error);
	}
};

/**
 * State as the folder holds it now, without the lock and without writing anything: for exports and a look beside a running console.
 * A tail that is just being written is not told. Rejects with an `ExpectedError` as `openStore` does.
 */
export const openStoreReadOnly = async ({folder: given}: {folder: string}): Promise<{readonly state: State}> => {
	const folder = path.resolve(given);
	if (!(await exists(path.join(folder, 'journal')))) {
		throw new ExpectedError(`Could not read the store in ${folder}: there is none`, {
			hint: 'Name the state folder of an agent-tui that has run before.',
			exitCode: exitCodes.unavailable,
		});
	}

	for (let attempt = 1; ; attempt += 1) {
		try {
			return {state: (await recover(folder)).state};
		} catch (error) {
			// A compaction under way may have taken files away between two looks; a second look sees a whole folder again.
			if (attempt === readOnlyAttempts) {
				throw asExpected(folder, error);
			}
		}
	}
};
