import {rm} from 'node:fs/promises';
import path from 'node:path';
import {withFile} from './disk.js';
import {StoreFailure} from './failure.js';

const leastProbeBytes = 16 * 1024;
const mostProbeBytes = 256 * 1024;

/** Hears the first failure, and `undefined` when the disk took facts again. Must not throw. */
export type FailureListener = (failure: Error | undefined) => void;

/** The switch that the first error of the disk throws, and that only a disk that takes bytes again puts back. */
export type FailStop = {
	readonly failure: StoreFailure | undefined;
	/** Stops everything because of an error, while `bytes` bytes were being written. */
	trip(cause: unknown, bytes: number): StoreFailure;
	onFailure(listener: FailureListener): () => void;
	/** Gives up waiting for the disk. */
	close(): Promise<void>;
};

/**
 * Writes and flushes a file as large as twice what did not fit (within reason), so that the store does not go back and forth at the edge of a full
 * disk.
 */
const probe = async (folder: string, bytes: number): Promise<void> => {
	const file = path.join(folder, 'probe.tmp');
	try {
		await withFile(file, 'w', async handle => {
			await handle.writeFile(Buffer.alloc(Math.min(Math.max(2 * bytes, leastProbeBytes), mostProbeBytes)));
			await handle.sync();
		});
	} finally {
		await rm(file, {force: true});
	}
};

/** What a fail-stop is made of: `restart` makes the journal ready again, and rejects when the disk is still not. */
export type FailStopOptions = {readonly folder: string; readonly probeIntervalMs: number; readonly restart: () => Promise<void>};

/**
 * A fail-stop over the journal in `folder`. Once tripped it tries every `probeIntervalMs` whether the disk takes bytes again, then
 * calls `restart`, and is put back when that succeeds.
 */
export const createFailStop = ({folder, probeIntervalMs, restart}: FailStopOptions): FailStop => {
	const listeners = new Set<FailureListener>();
	let failure: StoreFailure | undefined;
	let timer: NodeJS.Timeout | undefined;
	let trying: Promise<void> = Promise.resolve();
	let isClosed = false;

	const change = (next: StoreFailure | undefined): void => {
		failure = next;
		for (const listener of listeners) {
			listener(next);
		}
	};

	const tryAgainLater = (bytes: number): void => {
		timer = setTimeout(() => {
			trying = probe(folder, bytes)
				.then(restart)
				.then(
					() => {
						change(undefined);
					},
					() => {
						if (!isClosed) {
							tryAgainLater(bytes);
						}
					},
				);
		}, probeIntervalMs).unref();
	};

	return {
		get failure() {
			return failure;
		},
		trip(cause, bytes) {
			const tripped = new StoreFailure({folder, cause});
			tryAgainLater(bytes);
			change(tripped);
			return tripped;
		},
		onFailure(listener) {
			listeners.add(listener);
			return () => {
				listeners.delete(listener);
			};
		},
		async close() {
			isClosed = true;
			clearTimeout(timer);
			await trying;
		},
	};
};
