import {Worker} from 'node:worker_threads';
import {ExpectedError, exitCodes} from '../errors.js';
import type {CompactionOrder} from './compaction-worker.js';

/**
 * Where the compiled worker is. A worker cannot run TypeScript, so that code which runs from its sources (tests do) uses what the
 * last build left in `dist`.
 */
const workerFile = (): URL =>
	import.meta.url.endsWith('.ts')
		? new URL('../../dist/source/store/compaction-worker.js', import.meta.url)
		: new URL('compaction-worker.js', import.meta.url);

/** Compacts in a worker thread, so that the event loop does not wait. Rejects with an `ExpectedError`; nothing is lost then. */
export const runCompaction = async (order: CompactionOrder): Promise<void> => {
	const worker = new Worker(workerFile(), {workerData: order, execArgv: []});
	try {
		await new Promise<void>((resolve, reject) => {
			worker.once('error', reject);
			worker.once('exit', code => {
				if (code === 0) {
					resolve();
				} else {
					reject(new Error(`the worker ended with code ${code}`));
				}
			});
		});
	} catch (error) {
		const why = error instanceof Error ? error.message : String(error);
		throw new ExpectedError(`Could not compact the journal in ${order.folder}: ${why}`, {
			hint: 'No fact is lost; it is tried again later. A full disk is the usual reason.',
			exitCode: exitCodes.ioError,
			cause: error,
		});
	}
};
