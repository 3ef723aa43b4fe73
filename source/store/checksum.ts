import {crc32} from 'node:zlib';

/** How a checksum is written: eight lower-case hexadecimal digits. */
export const checksumText = (crc: number): string => crc.toString(16).padStart(8, '0');

/** The number behind eight lower-case hexadecimal digits, or `undefined` for any other text. */
export const readChecksum = (text: unknown): number | undefined =>
	typeof text === 'string' && /^[\da-f]{8}$/.test(text) ? Number.parseInt(text, 16) : undefined;

/**
 * Closes the text of a JSON object with a last member that holds the CRC-32 of everything before it.
 * `open` is the object without its closing brace, at least one member long; `seed` chains the checksum to an earlier one.
 */
export const seal = ({open, key, seed = 0}: {open: string; key: string; seed?: number}): {readonly text: string; readonly crc: number} => {
	const crc = crc32(open, seed);
	return {text: `${open},"${key}":"${checksumText(crc)}"}`, crc};
};

/** The checksum that sealed bytes claim, and whether it is theirs; `undefined` when they carry no seal of that key at all. */
export const readSeal = ({
	bytes,
	key,
	seed = 0,
}: {
	bytes: Buffer;
	key: string;
	seed?: number;
}): {readonly crc: number; readonly isTrue: boolean} | undefined => {
	const opening = `,"${key}":"`;
	const start = bytes.length - opening.length - 10;
	const suffix = start < 0 ? '' : bytes.toString('latin1', start);
	const crc = suffix.startsWith(opening) && suffix.endsWith('"}') ? readChecksum(suffix.slice(opening.length, -2)) : undefined;
	return crc === undefined ? undefined : {crc, isTrue: crc32(bytes.subarray(0, start), seed) === crc};
};
