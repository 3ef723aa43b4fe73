import {closeSync, openSync, rmSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {hostname} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {DatabaseSync} from 'node:sqlite';
import {setTimeout as delay} from 'node:timers/promises';
import {ExpectedError, exitCodes, systemErrorCode} from '../errors.js';
import {replaceDurably} from './disk.js';

/** What kind of process may hold a store. */
export type Role = 'console' | 'agentd';

/** Who holds a store. `startedAtMs` is the moment its process started. */
export type Holder = {readonly pid: number; readonly host: string; readonly startedAtMs: number; readonly role: Role};

/** A lock that is held. `release` may be called twice. */
export type Lock = {release(): void};

const busy = 5;
const attempts = 15;
const betweenAttemptsMs = 20;

const lockFile = (folder: string): string => path.join(folder, 'lock.db');

const holderFile = (folder: string): string => path.join(folder, 'holder.json');

const isBusy = (error: unknown): boolean => error instanceof Error && 'errcode' in error && error.errcode === busy;

/**
 * Only ever created here, never opened and closed again: POSIX drops a process's locks on a file when the process closes any
 * descriptor of it. SQLite knows that about its own descriptors.
 */
const createLockFile = (folder: string): void => {
	try {
		closeSync(openSync(lockFile(folder), 'wx', 0o600));
	} catch (error) {
		if (systemErrorCode(error) !== 'EEXIST') {
			throw error;
		}
	}
};

/** Runs statements on a fresh connection, and tells whether the lock let them. */
const tryStatements = (database: DatabaseSync, statements: string): boolean => {
	try {
		database.exec(statements);
		return true;
	} catch (error) {
		database.close();
		if (isBusy(error)) {
			return false;
		}

		throw error;
	}
};

/** Nothing is ever written to the database, not even a rollback journal, so that a full disk can be opened too. */
const tryLock = (folder: string): DatabaseSync | undefined => {
	const database = new DatabaseSync(lockFile(folder), {timeout: 0});
	return tryStatements(database, 'PRAGMA journal_mode=MEMORY; PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE') ? database : undefined;
};

const isHeld = (folder: string): boolean => {
	let database: DatabaseSync;
	try {
		database = new DatabaseSync(lockFile(folder), {timeout: 0, readOnly: true});
	} catch {
		return false;
	}

	const isFree = tryStatements(database, 'SELECT count(*) FROM sqlite_schema');
	if (isFree) {
		database.close();
	}

	return !isFree;
};

const readHolderFile = async (folder: string): Promise<Holder | undefined> => {
	try {
		const holder = JSON.parse(await readFile(holderFile(folder), 'utf8')) as Partial<Holder>;
		const isWhole =
			Number.isSafeInteger(holder.pid) &&
			typeof holder.host === 'string' &&
			Number.isFinite(holder.startedAtMs) &&
			(holder.role === 'console' || holder.role === 'agentd');
		return isWhole ? (holder as Holder) : undefined;
	} catch {
		return undefined;
	}
};

/** Who holds the store in a folder now; `undefined` when nobody does, whatever a killed holder left behind. */
export const readHolder = async (folder: string): Promise<Holder | undefined> => (isHeld(folder) ? readHolderFile(folder) : undefined);

const lockedBy = (folder: string, holder: Holder | undefined): ExpectedError => {
	const who = holder
		? `${holder.role} (process ${holder.pid} on ${holder.host}, started ${new Date(holder.startedAtMs).toISOString()})`
		: 'another process';
	return new ExpectedError(`Could not open the store in ${folder}: it is held by ${who}`, {
		hint: holder?.role === 'agentd' ? 'Connect to that agentd, or stop it first.' : 'Use that console, or close it first.',
		exitCode: exitCodes.locked,
	});
};

/** Names us beside the lock, for messages only: on a full disk the lock is held all the same. */
const writeHolder = async (folder: string, role: Role): Promise<void> => {
	const holder: Holder = {pid: process.pid, host: hostname(), startedAtMs: Math.round(Date.now() - process.uptime() * 1000), role};
	try {
		await replaceDurably({file: holderFile(folder), text: `${JSON.stringify(holder)}\n`});
	} catch {
		rmSync(holderFile(folder), {force: true});
	}
};

/**
 * Takes the one writer's place in a folder: a lock of the kernel's, gone with the process that held it however that ended.
 * Rejects with an `ExpectedError` (`exitCodes.locked`) that names the holder. A few quick attempts bridge a holder's last moments
 * and another's look at the lock.
 */
export const takeLock = async ({folder, role}: {folder: string; role: Role}): Promise<Lock> => {
	createLockFile(folder);
	let database = tryLock(folder);
	for (let attempt = 1; !database && attempt < attempts; attempt += 1) {
		await delay(betweenAttemptsMs);
		database = tryLock(folder);
	}

	if (!database) {
		throw lockedBy(folder, await readHolderFile(folder));
	}

	const held = database;
	await writeHolder(folder, role);
	return {
		release() {
			if (held.isOpen) {
				rmSync(holderFile(folder), {force: true});
				held.close();
			}
		},
	};
};
