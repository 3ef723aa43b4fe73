import {brotliCompressSync, brotliDecompressSync, constants} from 'node:zlib';

/** The rows that scrolled off a screen, oldest first, in as little memory as is cheap: packed text, compressed in slabs. */
export type History = {
	/** Rows added so far, forgotten ones included: the number of the next row. */
	readonly nextRow: number;
	/** The number of the oldest row still kept; equals `nextRow` when nothing is. */
	readonly firstRow: number;
	/** Bytes held. */
	readonly byteLength: number;
	/** Adds a row of UTF-8, which must not hold a line feed. The bytes are copied. */
	add(row: Uint8Array): void;
	/** The row of that number, or '' for one that is not kept. */
	row(number: number): string;
	/** Forgets every row; the numbers go on. */
	clear(): void;
};

/** Rows in one piece of memory. `firstRow` is the number of its first row. */
type Slab = {readonly firstRow: number; readonly rows: number; readonly compressed: Uint8Array};

const smallestSlab = 4 * 1024;
const fullSlab = 64 * 1024;
const lineFeed = 0x0a;

/** The slab being filled: it doubles until it is full, so that a quiet terminal stays small. */
const createOpenSlab = () => {
	let buffer = Buffer.allocUnsafeSlow(smallestSlab);
	let length = 0;
	let rows = 0;

	const makeRoom = (needed: number): void => {
		let size = buffer.length;
		while (size < length + needed) {
			size *= 2;
		}

		const larger = Buffer.allocUnsafeSlow(size);
		buffer.copy(larger, 0, 0, length);
		buffer = larger;
	};

	return {
		get rows() {
			return rows;
		},
		get length() {
			return length;
		},
		get capacity() {
			return buffer.length;
		},
		hasRoomFor: (needed: number): boolean => length === 0 || length + needed <= fullSlab,
		add(row: Uint8Array): void {
			if (length + row.length + 1 > buffer.length) {
				makeRoom(row.length + 1);
			}

			buffer.set(row, length);
			length += row.length;
			buffer[length++] = lineFeed;
			rows++;
		},
		bytes: (): Buffer => buffer.subarray(0, length),
		empty(): void {
			length = 0;
			rows = 0;
			if (buffer.length > fullSlab) {
				buffer = Buffer.allocUnsafeSlow(fullSlab);
			}
		},
	};
};

const rowsOf = (bytes: Buffer): readonly string[] => bytes.toString('utf8').split('\n');

/**
 * Nearly the fastest that Node has: less than the time of deflate's first level, and smaller. Copied, as what zlib returns is a part of a far
 * larger piece of memory, all of which would stay.
 */
const compress = (bytes: Buffer): Uint8Array =>
	Uint8Array.from(
		brotliCompressSync(bytes, {
			params: {
				[constants.BROTLI_PARAM_QUALITY]: 1,
				[constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MIN_WINDOW_BITS + 6,
				[constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
			},
		}),
	);

/** Keeps the last `maxRows` rows. */
export const createHistory = ({maxRows}: {readonly maxRows: number}): History => {
	const open = createOpenSlab();
	let sealed: Slab[] = [];
	let nextRow = 0;
	let clearedUpTo = 0;
	let readSlab: {readonly slab: Slab | undefined; readonly nextRow: number; readonly rows: readonly string[]} | undefined;

	const firstRow = (): number => Math.max(clearedUpTo, nextRow - maxRows);

	const seal = (): void => {
		sealed.push({firstRow: nextRow - open.rows, rows: open.rows, compressed: compress(open.bytes())});
		open.empty();
		const first = firstRow();
		const kept = sealed.findIndex(slab => slab.firstRow + slab.rows > first);
		sealed = kept > 0 ? sealed.slice(kept) : sealed;
	};

	/** The rows of one slab; the last one read stays at hand, as a reader goes row by row. */
	const read = (slab: Slab | undefined): readonly string[] => {
		const isAtHand = readSlab !== undefined && readSlab.slab === slab && (slab !== undefined || readSlab.nextRow === nextRow);
		if (!isAtHand) {
			readSlab = {slab, nextRow, rows: rowsOf(slab === undefined ? open.bytes() : brotliDecompressSync(slab.compressed))};
		}

		return readSlab!.rows;
	};

	return {
		get nextRow() {
			return nextRow;
		},
		get firstRow() {
			return firstRow();
		},
		get byteLength() {
			return sealed.reduce((sum, slab) => sum + slab.compressed.length, open.capacity);
		},
		add(row) {
			if (!open.hasRoomFor(row.length + 1)) {
				seal();
			}

			open.add(row);
			nextRow++;
		},
		row(number) {
			if (number < firstRow() || number >= nextRow) {
				return '';
			}

			const openFrom = nextRow - open.rows;
			if (number >= openFrom) {
				return read(undefined)[number - openFrom] ?? '';
			}

			const slab = sealed.find(candidate => number < candidate.firstRow + candidate.rows);
			return slab === undefined ? '' : (read(slab)[number - slab.firstRow] ?? '');
		},
		clear() {
			sealed = [];
			open.empty();
			readSlab = undefined;
			clearedUpTo = nextRow;
		},
	};
};
