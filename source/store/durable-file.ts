import {readFile} from 'node:fs/promises';
import type {Adapter} from 'lowdb';
import {systemErrorCode} from '../errors.js';
import {readSeal, seal} from './checksum.js';
import {replaceDurably} from './disk.js';

const key = 'check';

/** A file that was read but does not hold what was once written there; the message continues "… because". */
export class DamagedFile extends Error {
	override readonly name = 'DamagedFile';
}

const parseObject = (bytes: Buffer): Record<string, unknown> => {
	if (bytes.length === 0) {
		throw new DamagedFile('it is empty');
	}

	let value: unknown;
	try {
		value = JSON.parse(bytes.toString());
	} catch (error) {
		throw new DamagedFile('it is not JSON', {cause: error});
	}

	if (typeof value !== 'object' || value === null || Array.isArray(value)) {
		throw new DamagedFile('it is not a JSON object');
	}

	return value as Record<string, unknown>;
};

/**
 * A lowdb adapter that survives a power cut, which lowdb's own does not: unique temporary file → fsync → rename → fsync of the folder.
 * The last member, `check`, is a checksum of the rest: `read` throws `DamagedFile` when it is false, and leaves it to the caller to
 * judge an object without one. The file that is replaced is kept as `keepPrevious`.
 */
export const createDurableFile = <Data extends object>({file, keepPrevious}: {file: string; keepPrevious?: string}): Adapter<Data> => ({
	async read() {
		const bytes = await readFile(file).catch((error: unknown) => {
			if (systemErrorCode(error) === 'ENOENT') {
				return undefined;
			}

			throw error;
		});
		if (bytes === undefined) {
			return null;
		}

		if (readSeal({bytes, key})?.isTrue === false) {
			throw new DamagedFile('its checksum does not match');
		}

		return parseObject(bytes) as Data;
	},
	async write(data) {
		const {text} = seal({open: JSON.stringify(data).slice(0, -1), key});
		await replaceDurably({file, text, ...(keepPrevious !== undefined && {keepPrevious})});
	},
});
