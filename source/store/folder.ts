import {constants} from 'node:fs';
import {access, lstat, mkdir, readdir, rm, stat, statfs} from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import {ExpectedError, exitCodes, systemErrorCode} from '../errors.js';
import {journalFolder} from './segment.js';

const refuse = (folder: string, why: string, hint: string, cause?: unknown): ExpectedError =>
	new ExpectedError(`Could not use ${folder} as the state folder: ${why}`, {hint, exitCode: exitCodes.cannotCreate, cause});

const elsewhere = 'Choose another state folder.';

/** File systems whose locks are not to be trusted between machines, by the number that statfs(2) gives them. */
const networkFileSystems = new Map([
	[0x69_69, 'NFS'],
	[0x51_7b, 'SMB'],
	[0xff_53_4d_42, 'CIFS'],
	[0xfe_53_4d_42, 'SMB2'],
	[0x53_46_41_4f, 'AFS'],
	[0x00_c3_64_00, 'Ceph'],
]);

/** The name of the network file system with that number of statfs(2), or `undefined` for one on this machine. */
export const networkFileSystem = (type: number): string | undefined => networkFileSystems.get(type >>> 0);

const create = async (folder: string): Promise<void> => {
	try {
		await mkdir(folder, {recursive: true, mode: 0o700});
	} catch (error) {
		const isInTheWay = ['EEXIST', 'ENOTDIR'].includes(systemErrorCode(error) ?? '');
		const why = isInTheWay ? 'it, or a part of its path, is not a folder' : (error as Error).message;
		throw refuse(folder, why, elsewhere, error);
	}
};

const checkOwner = async (folder: string): Promise<void> => {
	const uid = process.geteuid?.();
	const [link, target] = await Promise.all([lstat(folder), stat(folder)]);
	if (!target.isDirectory()) {
		throw refuse(folder, 'it is not a folder', elsewhere);
	}

	if (uid === undefined) {
		return;
	}

	if (target.uid !== uid) {
		throw refuse(folder, `it belongs to user ${target.uid}, and you are ${uid}`, elsewhere);
	}

	if (link.isSymbolicLink() && link.uid !== uid && link.uid !== 0) {
		throw refuse(folder, `it is a symbolic link that belongs to user ${link.uid}, and you are ${uid}`, elsewhere);
	}

	if ((target.mode & 0o022) !== 0) {
		const mode = (target.mode & 0o777).toString(8).padStart(4, '0');
		throw refuse(folder, `other users may write to it (mode ${mode})`, `Run: chmod 700 ${folder}`);
	}
};

const checkContents = async (folder: string): Promise<void> => {
	for (const name of ['journal', 'snapshot.json', 'snapshot.prev.json', 'lock.db']) {
		const isLink = await lstat(path.join(folder, name)).then(
			found => found.isSymbolicLink(),
			() => false,
		);
		if (isLink) {
			throw refuse(folder, `${name} in it is a symbolic link, which a rewrite would replace`, `Link the whole folder instead of ${name}.`);
		}
	}
};

/**
 * Makes sure that a folder can hold a store: creates it (0700) with its journal folder, or refuses with an `ExpectedError` that says
 * exactly why: not a folder, not writable, not ours, writable for others, on a network file system, or with links for files.
 */
export const prepareFolder = async (folder: string): Promise<void> => {
	await create(folder);
	await checkOwner(folder);
	try {
		await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
	} catch (error) {
		const why = systemErrorCode(error) === 'EROFS' ? 'it is on a read-only file system' : 'you may not write to it';
		throw refuse(folder, why, elsewhere, error);
	}

	const network = networkFileSystem((await statfs(folder)).type);
	if (network !== undefined) {
		throw refuse(folder, `it is on a network file system (${network}), where locks cannot be trusted`, 'Choose a folder on this machine.');
	}

	await checkContents(folder);
	await create(journalFolder(folder));
};

/** Removes what a killed writer left half written. Only the holder of the lock may. */
export const dropTemporaries = async (folder: string): Promise<void> => {
	for (const place of [folder, journalFolder(folder)]) {
		const names = await readdir(place);
		await Promise.all(names.filter(name => name.endsWith('.tmp')).map(async name => rm(path.join(place, name), {force: true})));
	}
};
